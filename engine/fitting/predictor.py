"""Teaches the predictor from responses without leakage. Needs numpy and numba, which no process of the web loads.

Difficulties and tables are learned from some learners, and the coefficients from the features that *other* learners
get with them: four nested folds, so that no answer helped to make its own features.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine import predictor
from engine.fitting.compiled import compiled
from engine.fitting.responses import Indices, Responses
from engine.predictor import (
    AFTER_WRONG,
    COUNT,
    DEVIATION,
    DIFFICULTY,
    EASE,
    EXPERT_COEFFICIENTS,
    FAR,
    FEATURES,
    LAST_HERE,
    NEW_ITEM,
    NEW_LEARNER,
    NEW_SKILL,
    NEW_SKILL_TABLE,
    PRACTICE,
    PRACTICE_STEPS,
    SEEN,
    SKILL_DIFFICULTY,
    SKILL_SLOPE,
    SLOPE,
    PredictorParameters,
)

Floats = NDArray[np.float64]
FOLDS: Final = 4
BASE_RATE: Final = 0.65
ITEM_WORTH: Final = 4.0
"""Answers that an item's success rate is shrunk to the usual rate with."""
REACHED_BY: Final = 5
"""Learners who must have come as far as the coefficients are trusted."""
RIDGE: Final = 5.0
"""Pull of the coefficients towards Elo's own, in the units of one answer's information: what a few pupils' answers say
by chance stays small, and hundreds of pupils outweigh it."""

_surprise, _features = compiled(predictor.surprise), compiled(predictor.features)
_advance_skill, _advance_learner = compiled(predictor.advance_skill), compiled(predictor.advance_learner)


@dataclass(frozen=True)
class Tables:
    """What is learned of items and skills: rows as the predictor reads them, and the sums that they are made of.

    Attributes:
        items: by item index, columns as `predictor.NEW_ITEM`.
        skills: by skill index, columns as `predictor.NEW_SKILL_TABLE`.
        item_sums: for each item: residual and information at a first, after a wrong, after a right answer, and of
            the slope; then right answers and answers.
        skill_sums: for each skill: answers, then residual and information of the slope and of each practice step.
    """

    items: Floats
    skills: Floats
    item_sums: Floats
    skill_sums: Floats

    @classmethod
    def empty(cls, items: int, skills: int) -> Tables:
        """Before any answer."""
        item_sums = np.zeros((items, 10))
        item_sums[:, [1, 3, 5]], item_sums[:, 7] = 12.0, 8.0
        skill_sums = np.zeros((skills, 3 + 2 * PRACTICE_STEPS))
        skill_sums[:, 2], skill_sums[:, 4::2] = 30.0, 25.0
        return cls(np.zeros((items, len(NEW_ITEM))), np.zeros((skills, len(NEW_SKILL_TABLE))), item_sums, skill_sums)

    def settle(self) -> None:
        """Turn the sums into what the predictor reads."""
        sums = self.item_sums
        for column, at in ((AFTER_WRONG, 0), (AFTER_WRONG + 1, 2), (AFTER_WRONG + 2, 4), (SLOPE, 6)):
            self.items[:, column] = sums[:, at] / sums[:, at + 1]
        rate = (sums[:, 8] + ITEM_WORTH * BASE_RATE) / (sums[:, 9] + ITEM_WORTH)
        self.items[:, COUNT] = sums[:, 9]
        self.items[:, EASE] = np.where(sums[:, 9] > 0, np.log(rate / (1.0 - rate)), 0.0)
        self.skills[:, SKILL_SLOPE] = self.skill_sums[:, 1] / self.skill_sums[:, 2]
        self.skills[:, PRACTICE:] = self.skill_sums[:, 3::2] / self.skill_sums[:, 4::2]


@compiled
def _walk(
    learners: Any,  # in the order in which they are met
    start: Any,  # first response of each learner, and one beyond the last
    item: Any,
    right: Any,
    skill_start: Any,
    skill: Any,
    items: Any,  # tables
    skills: Any,
    item_sums: Any,
    skill_sums: Any,
    new_learner: Any,
    new_skill: Any,
    learn: bool,  # whether the tables learn; else features are written
    reach: Any,
    out: Any,
) -> None:
    """Go through learners' answers in order, as the predictor does online."""
    width = len(new_skill)
    states = np.zeros((len(skills), width))
    met = np.full(len(skills), -1)
    learner = np.zeros(len(new_learner))
    row, table = np.zeros(width), np.zeros(3)
    for n in learners:
        learner[:] = new_learner
        before = -1
        for t in range(start[n], start[n + 1]):
            a, b = skill_start[t], skill_start[t + 1]
            row[:] = 0.0
            table[:] = 0.0
            same = 1.0 if before >= 0 and skill_start[before + 1] - skill_start[before] == b - a else 0.0
            for j in range(a, b):
                k = skill[j]
                if met[k] != n:
                    met[k] = n
                    states[k] = new_skill
                if same > 0.0 and skill[skill_start[before] + j - a] != k:
                    same = 0.0
                row += states[k]
                step = min(int(states[k, SEEN]), PRACTICE_STEPS - 1)
                table[0] += skills[k, SKILL_DIFFICULTY]
                table[1] += skills[k, SKILL_SLOPE]
                table[2] += skills[k, PRACTICE + step]
            row /= b - a
            table /= b - a
            q, answer = item[t], float(right[t])
            error = _surprise(learner, row, items[q], table, answer)
            if learn:
                p = answer - error
                information = p * (1.0 - p)
                ability = learner[0] + row[DEVIATION]
                place = 4 if row[SEEN] == 0.0 else 2 if row[LAST_HERE] > 0.5 else 0
                item_sums[q, place] += error
                item_sums[q, place + 1] += information
                item_sums[q, 6] += error * ability
                item_sums[q, 7] += information * ability * ability
                items[q, DIFFICULTY] -= 0.7 / (1.0 + 0.15 * item_sums[q, 9]) * error
                item_sums[q, 8] += answer
                item_sums[q, 9] += 1.0
                for j in range(a, b):
                    k = skill[j]
                    step = min(int(states[k, SEEN]), PRACTICE_STEPS - 1)
                    skill_sums[k, 1] += error * ability
                    skill_sums[k, 2] += information * ability * ability
                    skill_sums[k, 3 + 2 * step] += error
                    skill_sums[k, 4 + 2 * step] += information
                    skills[k, SKILL_DIFFICULTY] -= 0.7 / (1.0 + 0.15 * skill_sums[k, 0]) * error
                    skill_sums[k, 0] += 1.0
            else:
                _features(learner, row, items[q], table, same, reach, out[t])
            for j in range(a, b):
                _advance_skill(states[skill[j]], learner[1], error, answer)
            _advance_learner(learner, error, answer)
            before = t


class PredictorFitter:
    """Learns the predictor's parameters from responses.

    Args:
        responses: of at least one learner, or of none: then Elo's own prediction is all there is.
        seed: of the order in which learners are met, and of the nested folds.
    """

    def __init__(self, responses: Responses, seed: int = 0) -> None:
        self._r = responses
        present = np.unique(responses.learner)
        self._learners = np.random.default_rng(seed).permutation(present)
        self._start = np.searchsorted(responses.learner, np.arange(len(responses.learners) + 1))

    def fitted(self) -> FittedPredictor:
        """Coefficients by nested folds; tables from everybody."""
        coefficients, reach = np.array(EXPERT_COEFFICIENTS), FAR
        if len(self._learners) >= FOLDS:
            reach = _reach(self._r)
            x = np.zeros((len(self._r), len(FEATURES)))
            fold = np.arange(len(self._learners)) % FOLDS
            for n in range(FOLDS):
                _step(
                    self._r, self._start, self._learners[fold == n], self._tables(self._learners[fold != n]), reach, x
                )
            coefficients = _ridge_logistic(x, self._r.right.astype(np.float64), coefficients)
        return FittedPredictor(coefficients, self._tables(self._learners), reach)

    def without_coefficients(self) -> FittedPredictor:
        """The tables only, at a fifth of the time: difficulties of items and skills."""
        return FittedPredictor(np.array(EXPERT_COEFFICIENTS), self._tables(self._learners), FAR)

    def _tables(self, learners: Indices) -> Tables:
        tables = Tables.empty(len(self._r.items), len(self._r.skills))
        _step(self._r, self._start, learners, tables, FAR, None)
        return tables


@dataclass(frozen=True)
class FittedPredictor:
    """Coefficients and tables, by index; `parameters` names them by id. For `reach` see `PredictorParameters`."""

    coefficients: Floats
    tables: Tables
    reach: tuple[float, float]

    def predict(self, responses: Responses) -> Floats:
        """P(right) of each response before it was given, of learners whom the tables may not have seen."""
        x = np.zeros((len(responses), len(FEATURES)))
        start = np.searchsorted(responses.learner, np.arange(len(responses.learners) + 1))
        _step(responses, start, np.unique(responses.learner), self.tables, self.reach, x)
        found: Floats = 1.0 / (1.0 + np.exp(-np.clip(x @ self.coefficients, -30.0, 30.0)))
        return found

    def parameters(self, responses: Responses) -> PredictorParameters:
        """What the online predictor needs, by id; items and skills never seen are left out."""
        t = self.tables
        seen_items, seen_skills = t.item_sums[:, 9] > 0, t.skill_sums[:, 0] > 0
        return PredictorParameters(
            tuple(round(float(c), 5) for c in self.coefficients),
            {responses.items[n]: _rounded(t.items[n]) for n in np.flatnonzero(seen_items).tolist()},
            {responses.skills[n]: _rounded(t.skills[n]) for n in np.flatnonzero(seen_skills).tolist()},
            self.reach,
        )


def _reach(r: Responses) -> tuple[float, float]:
    """How far several learners have come, in all and in one skill."""
    of_response = np.repeat(np.arange(len(r)), np.diff(r.skill_start))
    pairs, counts = np.unique(r.learner[of_response] * len(r.skills) + r.skill, return_counts=True)
    most = np.zeros(len(r.learners), dtype=np.int64)
    np.maximum.at(most, pairs // len(r.skills), counts)
    return tuple(float(np.sort(each)[-REACHED_BY:][0]) for each in (np.bincount(r.learner), most))  # type: ignore[return-value]


def _rounded(row: Floats) -> tuple[float, ...]:
    return tuple(round(float(x), 4) for x in row)


def _step(
    r: Responses, start: Indices, learners: Indices, tables: Tables, reach: tuple[float, float], out: Floats | None
) -> None:
    """Let the tables learn from these learners, or write their features."""
    _walk(
        learners,
        start,
        r.item,
        r.right,
        r.skill_start,
        r.skill,
        tables.items,
        tables.skills,
        tables.item_sums,
        tables.skill_sums,
        np.array(NEW_LEARNER),
        np.array(NEW_SKILL),
        out is None,
        np.array(reach),
        np.zeros((0, len(FEATURES))) if out is None else out,
    )
    if out is None:
        tables.settle()


def _ridge_logistic(x: Floats, y: Floats, towards: Floats, rounds: int = 15) -> Floats:
    """Logistic regression by Newton's method, pulled towards given coefficients."""
    w = towards.copy()
    for _ in range(rounds):
        p = 1.0 / (1.0 + np.exp(-np.clip(x @ w, -30.0, 30.0)))
        slope = x.T @ (y - p) - RIDGE * (w - towards)
        curve = (x * (p * (1.0 - p))[:, None]).T @ x + RIDGE * np.eye(len(w))
        step = np.linalg.solve(curve, slope)
        w = w + step * min(1.0, 5.0 / max(1e-12, float(np.abs(step).max())))
        if np.abs(step).max() < 1e-5:
            break
    return w
