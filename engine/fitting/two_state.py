"""Fits the two-state model by expectation maximisation: each skill alone, then the mix of learner classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.beliefs.mixture import logit
from engine.curriculum import Curriculum
from engine.fitting.data import Answers, Floats, Ints, sigmoid
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


class TwoStateFitter:
    """Baum-Welch for each skill with guess and slip by item, then the mix of learner classes by EM."""

    ROUNDS: Final = 100
    ITEM_WEIGHT: Final = 40.0
    """An item's guess and slip are shrunk to its format's with the weight of this many answers."""

    def __init__(self, curriculum: Curriculum, a: Answers) -> None:
        self._curriculum, self._a = curriculum, a
        self._formats = [curriculum.item(i).response_format for i in a.items]
        self._guess = np.array([EXPERT_FORMATS[f].guess for f in self._formats])
        self._slip = np.full(len(a.items), 0.1)

    def fitted(self) -> TwoStateFit:
        """Skill by skill, then the classes over all."""
        skills = {}
        for k, skill_id in enumerate(self._a.skills):
            prior, learn = self._fit_skill(k)
            formats = [n for n, i in enumerate(self._a.items) if self._curriculum.item(i).skills[0] == skill_id]
            guess = float(self._guess[formats].mean()) if formats else 0.2
            slip = float(self._slip[formats].mean()) if formats else 0.1
            skills[skill_id] = SkillParameters(
                round(prior, 4), round(learn, 4), round(min(guess, MAX_GUESS), 4), round(min(slip, MAX_SLIP), 4), 1 / 41
            )
        likelihood, unready, shift, classes = self._fit_classes(skills)
        moved = {
            s: SkillParameters(round(_moved(row.prior, shift), 4), row.learn, row.guess, row.slip, row.forget)
            for s, row in skills.items()
        }
        items = {
            i: (round(float(g), 4), round(float(s), 4))
            for i, g, s in zip(self._a.items, self._guess, self._slip, strict=True)
        }
        return TwoStateFit(moved, items, classes, unready, likelihood)

    def _fit_skill(self, k: int) -> tuple[float, float]:
        a = self._a
        mine = np.flatnonzero(a.skill == k)
        prior, learn = 0.4, 0.15
        if not len(mine):
            return EXPERT_SKILL.prior, EXPERT_SKILL.learn
        grid, mask = _padded(a.pair[mine], a.before[mine], mine)
        item, right = a.item[grid], a.right[grid] > 0
        own = np.unique(a.item[mine])
        for _ in range(self.ROUNDS):
            known, prior_counts, learn_counts = _smooth(self._guess[item], self._slip[item], right, mask, prior, learn)
            before = prior, learn
            prior = (prior_counts[0] + 2.0) / (prior_counts[1] + 5.0)
            learn = (learn_counts[0] + 2.0) / (learn_counts[1] + 14.0)
            self._fit_items(own, item[mask], right[mask], known[mask])
            if abs(prior - before[0]) + abs(learn - before[1]) < 1e-4:
                break
        return float(prior), float(learn)

    def _fit_items(self, own: Ints, item: Ints, right: NDArray[np.bool_], known: Floats) -> None:
        size = len(self._a.items)
        guessed = np.bincount(item, (1.0 - known) * right, size)
        unknown = np.bincount(item, 1.0 - known, size)
        slipped, knew = np.bincount(item, known * ~right, size), np.bincount(item, known, size)
        for name in {self._formats[n] for n in own.tolist()}:
            same = np.array([n for n in own.tolist() if self._formats[n] == name])
            expert = EXPERT_FORMATS[name].guess
            weight = 50.0 if expert < 0.1 else 80.0
            guess = (guessed[same].sum() + weight * expert) / (unknown[same].sum() + weight)
            slip = (slipped[same].sum() + 3.0) / (knew[same].sum() + 30.0)
            strength = self.ITEM_WEIGHT
            self._guess[same] = np.clip(
                (guessed[same] + strength * guess) / (unknown[same] + strength), 0.005, MAX_GUESS
            )
            self._slip[same] = np.clip((slipped[same] + strength * slip) / (knew[same] + strength), 0.005, MAX_SLIP)

    def _fit_classes(self, skills: Mapping[str, SkillParameters]) -> tuple[float, float, float, list[float]]:
        """The best of a few values for what an opportunity counts without its prerequisites, and for the priors."""
        found: list[tuple[float, float, float, list[float]]] = []
        for unready in (0.1, 0.2, 0.35, 0.5, 0.7, 1.0):
            for shift in (-0.4, 0.0, 0.4):
                table = self._class_likelihoods(skills, unready, shift)
                weights = np.full(table.shape[1], 1.0 / table.shape[1])
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

    def _class_likelihoods(self, skills: Mapping[str, SkillParameters], unready: float, shift: float) -> Floats:
        """Log likelihood of every learner in every class, all learners abreast."""
        a = self._a
        learners, index = int(a.learner.max()) + 1, np.arange(len(a.learner))
        grid, mask = _padded(a.learner, index.astype(float), index)
        rows = list(skills.values())
        pace = np.repeat(np.array(PACES), len(PRIOR_SHIFTS))
        offset = np.tile(np.array(PRIOR_SHIFTS), len(PACES)) + shift
        prior = np.array([logit(min(max(r.prior, 1e-3), 1 - 1e-3)) for r in rows])
        learn = np.array([r.learn for r in rows])
        known = np.broadcast_to(sigmoid(prior[:, None] + offset), (learners, len(rows), len(pace))).copy()
        needs = [[a.skills.index(p) for p in self._curriculum.skills[s].prerequisites] for s in a.skills]
        table = np.zeros((learners, len(pace)))
        for t in range(grid.shape[1]):
            who = np.flatnonzero(mask[:, t])
            n = grid[who, t]
            k, guess, slip = a.skill[n], self._guess[a.item[n]][:, None], self._slip[a.item[n]][:, None]
            p, right = known[who, k], a.right[n][:, None] > 0
            if_known, if_not = np.where(right, 1.0 - slip, slip), np.where(right, guess, 1.0 - guess)
            chance = p * if_known + (1.0 - p) * if_not
            table[who] += np.log(chance)
            p = p * if_known / chance
            ready = np.ones_like(p)
            for j, skill in enumerate(k.tolist()):
                for need in needs[skill]:
                    ready[j] *= known[who[j], need]
            amount = unready + (1.0 - unready) * ready
            known[who, k] = p + (1.0 - p) * np.minimum(0.9, pace * learn[k][:, None] * amount)
        return table


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


def _smooth(
    guess: Floats, slip: Floats, right: NDArray[np.bool_], mask: NDArray[np.bool_], prior: float, learn: float
) -> tuple[Floats, tuple[float, float], tuple[float, float]]:
    """Forward and backward over all learners abreast: P(known) at each answer, and counts of (known at the start,
    learners) and of (learned, could have learned)."""
    if_known, if_not = np.where(right, 1.0 - slip, slip), np.where(right, guess, 1.0 - guess)
    length = right.shape[1]
    filtered, p = np.zeros(right.shape), np.full(len(right), prior)
    for t in range(length):
        filtered[:, t] = p * if_known[:, t] / (p * if_known[:, t] + (1.0 - p) * if_not[:, t])
        p = filtered[:, t] + (1.0 - filtered[:, t]) * learn
    smoothed, learned, could = filtered.copy(), 0.0, 0.0
    for t in range(length - 2, -1, -1):
        more = mask[:, t + 1]
        after = filtered[:, t] + (1.0 - filtered[:, t]) * learn
        ratio = smoothed[:, t + 1] / after
        new = (1.0 - filtered[:, t]) * learn * ratio
        smoothed[:, t] = np.where(more, filtered[:, t] * ratio, filtered[:, t])
        learned += float(new[more].sum())
        could += float((1.0 - smoothed[:, t])[more].sum())
    start = smoothed[:, 0]
    return smoothed, (float(start.sum()), float(len(start))), (learned, could)


def _moved(p: float, shift: float) -> float:
    return float(sigmoid(np.array(logit(min(max(p, 1e-3), 1 - 1e-3)) + shift)))
