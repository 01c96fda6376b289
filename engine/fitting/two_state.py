"""Fits the two-state model by expectation maximisation: each skill alone, then the mix of learner classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.beliefs.mixture import logit
from engine.curriculum import Curriculum
from engine.fitting.data import Answers, Floats, Ints, sigmoid
from engine.knowledge_tracing import FORGETTING_GAP_HOURS
from engine.parameters import EXPERT_FORMATS, EXPERT_SKILL, MAX_GUESS, MAX_SLIP, SkillParameters
from engine.population import PACES, PRIOR_SHIFTS


@dataclass(frozen=True)
class TwoStateFit:
    """What the two-state model has learned."""

    skills: Mapping[str, SkillParameters]
    items: Mapping[str, tuple[float, float]]
    classes: Sequence[float]
    unready: float
    log_likelihood: float


class _Pace(NamedTuple):
    """How a skill comes and goes, or expected counts (of cases, of chances) of the same."""

    prior: float
    learn: float
    forget: float


class TwoStateFitter:
    """Baum-Welch for each skill with guess and slip by item, then the mix of learner classes by EM.

    What is known can be forgotten in a gap of more than 8 hours, as it is when answers are traced: else what nights
    take would be read as slips and slow learning.

    An answer that needs several skills is right when all are known (noisy AND): each skill is fitted with the chance
    that the others are known as the sweep before left it. Members of a list are traced one by one.
    """

    ROUNDS: Final = 100
    SWEEPS: Final = 3
    """Over all skills, where answers need several."""
    ITEM_WEIGHT: Final = 40.0
    """An item's guess and slip are shrunk to its format's with the weight of this many answers."""

    def __init__(self, curriculum: Curriculum, a: Answers) -> None:
        self._curriculum, self._a = curriculum, a
        self._formats = [curriculum.item(i).response_format for i in a.items]
        self._guess = np.array([EXPERT_FORMATS[f].guess for f in self._formats])
        self._slip = np.full(len(a.items), 0.1)
        self._by_skill = _places(a.skill, len(a.skills))
        self._items_of = _places(a.first_skill, len(a.skills))
        self._others, self._known = np.ones(len(a.item)), np.ones(len(a.item))
        self._gap = _gaps(a)

    def fitted(self) -> TwoStateFit:
        """Skill by skill, then the classes over all."""
        a, found = self._a, list[_Pace]()
        for _ in range(self.SWEEPS if a.shared.any() else 1):
            found = [self._fit_skill(k) for k in range(len(a.skills))]
            self._others = np.where(a.shared, a.others(self._known), 1.0)
        skills = {}
        for k, (prior, learn, forget) in enumerate(found):
            own = self._items_of[k]
            guess = float(self._guess[own].mean()) if len(own) else 0.2
            slip = float(self._slip[own].mean()) if len(own) else 0.1
            skills[a.skills[k]] = SkillParameters(
                *(round(x, 4) for x in (prior, learn, min(guess, MAX_GUESS), min(slip, MAX_SLIP), forget))
            )
        likelihood, unready, shift, classes = self._fit_classes(skills)
        moved = {
            s: SkillParameters(round(_moved(row.prior, shift), 4), row.learn, row.guess, row.slip, row.forget)
            for s, row in skills.items()
        }
        items = {
            i: (round(float(g), 4), round(float(s), 4))
            for i, g, s in zip(a.items, self._guess, self._slip, strict=True)
        }
        return TwoStateFit(moved, items, classes, unready, likelihood)

    def _fit_skill(self, k: int) -> _Pace:
        a, mine = self._a, self._by_skill[k]
        if not len(mine):
            return _Pace(EXPERT_SKILL.prior, EXPERT_SKILL.learn, EXPERT_SKILL.forget)
        pace = _Pace(0.4, 0.15, EXPERT_SKILL.forget)
        grid, mask = _padded(a.pair[mine], a.before[mine], mine)
        item, right, others, gap = a.item[grid], a.right[grid] > 0, self._others[grid], self._gap[grid]
        for _ in range(self.ROUNDS):
            guess, slip = self._guess[item], self._slip[item]
            right_if_known = guess + (1.0 - slip - guess) * others
            known, cases, chances = _smooth(guess, right_if_known, right, mask, gap, pace)
            before = pace
            pace = _Pace(
                prior=(cases.prior + 2.0) / (chances.prior + 5.0),
                learn=(cases.learn + 2.0) / (chances.learn + 14.0),
                forget=(cases.forget + 1.0) / (chances.forget + 41.0),
            )
            all_known = (
                known
                * others
                * np.where(right, (1.0 - slip) / right_if_known, slip / np.maximum(1.0 - right_if_known, 1e-12))
            )
            self._fit_items(self._items_of[k], item[mask], right[mask], all_known[mask])
            if sum(abs(now - then) for now, then in zip(pace, before, strict=True)) < 1e-4:
                break
        self._known[grid[mask]] = known[mask]
        return pace

    def _fit_items(self, own: Ints, item: Ints, right: NDArray[np.bool_], known: Floats) -> None:
        """Guess and slip of the items that name the skill first."""
        place = np.minimum(np.searchsorted(own, item), max(0, len(own) - 1))
        here = own[place] == item if len(own) else np.zeros(len(item), dtype=np.bool_)
        place, right, known, size = place[here], right[here], known[here], len(own)
        guessed, unknown = np.bincount(place, (1.0 - known) * right, size), np.bincount(place, 1.0 - known, size)
        slipped, knew = np.bincount(place, known * ~right, size), np.bincount(place, known, size)
        names = np.array([self._formats[n] for n in own.tolist()])
        for name in dict.fromkeys(names.tolist()):
            same = names == name
            expert = EXPERT_FORMATS[name].guess
            weight = 50.0 if expert < 0.1 else 80.0
            guess = (guessed[same].sum() + weight * expert) / (unknown[same].sum() + weight)
            slip = (slipped[same].sum() + 3.0) / (knew[same].sum() + 30.0)
            strength = self.ITEM_WEIGHT
            self._guess[own[same]] = np.clip(
                (guessed[same] + strength * guess) / (unknown[same] + strength), 0.005, MAX_GUESS
            )
            self._slip[own[same]] = np.clip(
                (slipped[same] + strength * slip) / (knew[same] + strength), 0.005, MAX_SLIP
            )

    def _fit_classes(self, skills: Mapping[str, SkillParameters]) -> tuple[float, float, float, list[float]]:
        """The best of a few values for what an opportunity counts without its prerequisites, and for the priors."""
        found: list[tuple[float, float, float, list[float]]] = []
        walk = _Walk.of(self._curriculum, self._a.of_rules)
        for unready in (0.1, 0.2, 0.35, 0.5, 0.7, 1.0):
            for shift in (-0.4, 0.0, 0.4):
                table = walk.likelihoods(skills, self._guess, self._slip, unready, shift)
                weights = np.full(table.shape[1], 1.0 / table.shape[1])
                likelihood = 0.0
                for _ in range(60):
                    joint = table + np.log(weights)
                    top = joint.max(1, keepdims=True)
                    share = np.exp(joint - top)
                    total = share.sum(1, keepdims=True)
                    weights = (share / total).sum(0) + 0.3
                    weights /= weights.sum()
                    likelihood = float((np.log(total) + top).sum())
                found.append((likelihood, unready, shift, weights.tolist()))
        return max(found)


@dataclass(frozen=True)
class _Walk:
    """Answers to rules, all learners abreast.

    Attributes:
        answers: the n-th answer of each learner, and which of these there are.
        item: of each answer.
        right: whether each answer was.
        skills: of each answer; places that an answer does not need hold the number of skills, which stands for
            something that everybody knows.
        gap: whether something may have been forgotten since the answer before, for each of these skills.
        needs: prerequisites of each skill.
    """

    answers: Ints
    real: NDArray[np.bool_]
    item: Ints
    right: NDArray[np.bool_]
    skills: Ints
    gap: NDArray[np.bool_]
    needs: Sequence[Sequence[int]]

    @classmethod
    def of(cls, curriculum: Curriculum, a: Answers) -> _Walk:
        place = {s: n for n, s in enumerate(a.skills)}
        needs = [[place[p] for p in curriculum.skills[s].prerequisites] for s in a.skills]
        if not len(a.answer):
            nothing = np.zeros((0, 1), dtype=np.int64)
            return cls(nothing, nothing > 0, nothing[:, 0], nothing[:, 0] > 0, nothing, nothing > 0, needs)
        first = np.flatnonzero(np.diff(a.answer, prepend=-1))
        column = np.arange(len(a.answer)) - np.repeat(first, np.bincount(a.answer))
        skills = np.full((len(first), int(column.max()) + 1), len(a.skills), dtype=np.int64)
        skills[a.answer, column] = a.skill
        gap = np.zeros(skills.shape, dtype=np.bool_)
        gap[a.answer, column] = _gaps(a)
        index = np.arange(len(first))
        answers, real = _padded(a.learner[first], index.astype(float), index)
        return cls(answers, real, a.item[first], a.right[first] > 0, skills, gap, [*needs, []])

    def likelihoods(
        self, skills: Mapping[str, SkillParameters], guess: Floats, slip: Floats, unready: float, shift: float
    ) -> Floats:
        """Log likelihood of every learner in every class."""
        pace = np.repeat(np.array(PACES), len(PRIOR_SHIFTS))
        offset = np.tile(np.array(PRIOR_SHIFTS), len(PACES)) + shift
        rows = list(skills.values())
        prior = np.array([logit(min(max(r.prior, 1e-3), 1 - 1e-3)) for r in rows])
        learn, forget = (np.array([*each, 0.0]) for each in ((r.learn for r in rows), (r.forget for r in rows)))
        known = np.ones((len(self.answers), len(rows) + 1, len(pace)))
        known[:, :-1] = sigmoid(prior[:, None] + offset)
        table = np.zeros((len(self.answers), len(pace)))
        for t in range(self.answers.shape[1]):
            who = np.flatnonzero(self.real[:, t])
            n = self.answers[who, t]
            item, right, k = self.item[n], self.right[n][:, None], self.skills[n]
            if_known = np.where(right, 1.0 - slip[item][:, None], slip[item][:, None])
            if_not = np.where(right, guess[item][:, None], 1.0 - guess[item][:, None])
            p = known[who[:, None], k] * (1.0 - forget[k] * self.gap[n])[..., None]
            together = p.prod(1)
            chance = together * if_known + (1.0 - together) * if_not
            table[who] += np.log(chance)
            rest = together[:, None] / p
            p = p * (rest * if_known[:, None] + (1.0 - rest) * if_not[:, None]) / chance[:, None]
            amount = unready + (1.0 - unready) * self._ready(known, who, k)
            known[who[:, None], k] = p + (1.0 - p) * np.minimum(0.9, pace * learn[k][..., None] * amount)
        return table

    def _ready(self, known: Floats, who: Ints, k: Ints) -> Floats:
        """P(all prerequisites are known) of each skill of each answer, in every class."""
        ready = np.ones((*k.shape, known.shape[2]))
        for j, row in enumerate(k.tolist()):
            for m, skill in enumerate(row):
                for need in self.needs[skill]:
                    ready[j, m] *= known[who[j], need]
        return ready


def _places(numbers: Ints, count: int) -> list[Ints]:
    """For each number below `count` where it stands, ascending."""
    order = np.argsort(numbers, kind="stable")
    return np.split(order, np.searchsorted(numbers[order], np.arange(1, count)))


def _padded(group: Ints, order: Floats, values: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Values as one row for each group, in order, with a mask of what is real."""
    rows = np.unique(group, return_inverse=True)[1]
    sort = np.lexsort((order, rows))
    rows, values = rows[sort], values[sort]
    first = np.flatnonzero(np.append(True, rows[1:] != rows[:-1]))
    column = np.arange(len(rows)) - np.repeat(first, np.diff(np.append(first, len(rows))))
    grid = np.zeros((len(first), int(column.max()) + 1), dtype=np.int64)
    mask = np.zeros(grid.shape, dtype=np.bool_)
    grid[rows, column], mask[rows, column] = values, True
    return grid, mask


def _gaps(a: Answers) -> NDArray[np.bool_]:
    """Before which rows something may have been forgotten."""
    return a.pause * 24.0 > FORGETTING_GAP_HOURS


def _smooth(
    guess: Floats,
    right_if_known: Floats,
    right: NDArray[np.bool_],
    mask: NDArray[np.bool_],
    gap: NDArray[np.bool_],
    pace: _Pace,
) -> tuple[Floats, _Pace, _Pace]:
    """Forward and backward over all learners abreast: P(known) at each answer, and expected counts of those who knew it
    at the start, learned and forgot it, each with how many could have."""
    if_known = np.where(right, right_if_known, 1.0 - right_if_known)
    if_not = np.where(right, guess, 1.0 - guess)
    filtered, learned, p = np.zeros(right.shape), np.zeros(right.shape), np.full(len(right), pace.prior)
    for t in range(right.shape[1]):
        p = np.where(gap[:, t], p * (1.0 - pace.forget), p)
        filtered[:, t] = p * if_known[:, t] / (p * if_known[:, t] + (1.0 - p) * if_not[:, t])
        p = learned[:, t] = filtered[:, t] + (1.0 - filtered[:, t]) * pace.learn
    smoothed, cases, chances = filtered.copy(), np.zeros(2), np.zeros(2)
    for t in range(right.shape[1] - 2, -1, -1):
        more, after = mask[:, t + 1], learned[:, t]
        # What is known after a gap was known before it; what is not may have been forgotten in it.
        lost = np.where(gap[:, t + 1], after * pace.forget / np.maximum(1.0 - after * (1.0 - pace.forget), 1e-12), 0.0)
        lost *= 1.0 - smoothed[:, t + 1]
        knew = smoothed[:, t + 1] + lost
        new = (1.0 - filtered[:, t]) * pace.learn * knew / after
        smoothed[:, t] = np.where(more, filtered[:, t] * knew / after, filtered[:, t])
        cases += new[more].sum(), lost[more].sum()
        chances += (1.0 - smoothed[:, t])[more].sum(), knew[more & gap[:, t + 1]].sum()
    start = smoothed[:, 0]
    counts = [[float(start.sum()), *cases.tolist()], [float(len(start)), *chances.tolist()]]
    return smoothed, _Pace(*counts[0]), _Pace(*counts[1])


def _moved(p: float, shift: float) -> float:
    return float(sigmoid(np.array(logit(min(max(p, 1e-3), 1 - 1e-3)) + shift)))
