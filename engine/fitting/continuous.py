"""Fits the continuous model by expectation maximisation, with quadrature over ability, level and growth rate."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.beliefs.ability import CARELESS, normal_cdf
from engine.beliefs.mixture import READY, logit
from engine.curriculum import Curriculum
from engine.fitting.data import Answers, Floats, Ints, sigmoid
from engine.parameters import EXPERT_FORMATS, EXPERT_LEVEL
from engine.population import EXPERT_POPULATION, GROWTH_RATES

_LEVELS: Final = np.linspace(-6.0, 6.0, 31)
_ABILITIES: Final = np.linspace(-3.0, 3.0, 11)
_RATES: Final = np.array(GROWTH_RATES)
SPREAD_WORTH: Final = 5.0
"""Pupils (or pupils' skills) that the experts' spread of ability is worth."""
MIN_SPREAD, MAX_SPREAD = 0.2, 3.0
_SHARP: Final = 6.0
"""Turns a level into P(the standard is met) smoothly enough for a gradient."""


@dataclass(frozen=True)
class ContinuousFit:
    """What the continuous model has learned."""

    difficulty: Mapping[str, float]
    levels: Mapping[str, float]
    growth: Sequence[float]
    unready: float
    ability_sd: float
    deviation_sd: float
    log_likelihood: float


class ContinuousFitter:
    """Items and skills by Fisher scoring, the population by its moments.

    An opportunity counts `unready` while a prerequisite is not met. How much it counts is plugged in from the
    round before, as the tutor does from answer to answer.
    """

    def __init__(self, curriculum: Curriculum, a: Answers, rounds: int = 45) -> None:
        self._a, self._rounds = a, rounds
        formats = [EXPERT_FORMATS[curriculum.item(i).response_format].guess for i in a.items]
        self._guess = np.array(formats)[a.item]
        self._gain = 1.0 - self._guess - CARELESS
        self._needs = _prerequisites(curriculum, a)
        self._item_skill = np.zeros(len(a.items), dtype=np.int64)
        self._item_skill[a.item] = a.skill
        self._pairs = int(a.pair.max()) + 1
        self._by_pair = np.lexsort((a.before, a.pair))
        self._pair_starts = np.flatnonzero(a.before[self._by_pair] == 0)
        self._pair_learner = np.zeros(self._pairs, dtype=np.int64)
        self._pair_learner[a.pair] = a.learner
        self._pair_skill = np.zeros(self._pairs, dtype=np.int64)
        self._pair_skill[a.pair] = a.skill
        self.difficulty, self.base = np.zeros(len(a.items)), np.full(len(a.skills), EXPERT_LEVEL)
        self.growth = np.full(len(_RATES), 1.0 / len(_RATES))
        self.unready, self.ability_sd, self.deviation_sd, self.difficulty_sd = 0.5, 1.0, 0.9, 0.8
        self._met = np.ones(len(a.item))

    def fitted(self) -> ContinuousFit:
        """Run until the likelihood stands still."""
        last = -np.inf
        for n in range(self._rounds):
            likelihood = self._round(with_readiness=n % 2 == 0)
            if n > 20 and abs(likelihood - last) < 0.05:
                break
            last = likelihood
        a = self._a
        return ContinuousFit(
            difficulty=dict(zip(a.items, self.difficulty.tolist(), strict=True)),
            levels={s: round(b, 4) for s, b in zip(a.skills, self.base.tolist(), strict=True)},
            growth=self.growth.tolist(),
            unready=round(float(self.unready), 4),
            ability_sd=round(float(self.ability_sd), 4),
            deviation_sd=round(float(self.deviation_sd), 4),
            log_likelihood=float(likelihood),
        )

    def _exposure(self) -> tuple[Floats, Floats]:
        """Full opportunities before each answer, and those that came with the prerequisites met."""
        a = self._a
        order, first = self._by_pair, self._pair_starts
        met = np.zeros(len(a.item))
        sums = np.cumsum(self._met[order]) - self._met[order]
        met[order] = sums - np.repeat(sums[first], np.diff(np.append(first, len(order))))
        exposure: Floats = self.unready * a.before + (1.0 - self.unready) * met
        return exposure, met

    def _success(self, exposure: Floats) -> Floats:
        """P(success) for each answer, growth rate and level."""
        a = self._a
        at = self.base[a.skill] - self.difficulty[a.item]
        found: Floats = sigmoid(at[:, None, None] + _LEVELS + (exposure[:, None] * _RATES)[:, :, None])
        return found

    def _round(self, *, with_readiness: bool) -> float:
        a = self._a
        exposure, met = self._exposure()
        able = self._success(exposure)
        p = self._guess[:, None, None] + self._gain[:, None, None] * able
        logs = np.log(np.where(a.right[:, None, None] > 0, p, 1.0 - p))
        per_pair = np.add.reduceat(logs[self._by_pair], self._pair_starts, axis=0)
        likelihood, post, by_rate, ability2, deviation2 = self._posterior(per_pair)
        if with_readiness:
            self._update_readiness(post, exposure)
        weight = post[a.pair]
        slope = self._gain[:, None, None] * able * (1.0 - able)
        score = weight * slope * (a.right[:, None, None] - p) / (p * (1.0 - p))
        info = weight * slope * slope / (p * (1.0 - p))
        self._update(score, info, a.before - met)
        learners = len(by_rate)
        self.growth = (by_rate.sum(0) + 1.0) / (learners + len(_RATES))
        self.ability_sd = _spread(ability2, learners, EXPERT_POPULATION.ability_sd)
        self.deviation_sd = _spread(deviation2, self._pairs, EXPERT_POPULATION.deviation_sd)
        return likelihood

    def _posterior(self, per_pair: Floats) -> tuple[float, Floats, Floats, float, float]:
        """Log likelihood; P(rate, level) of each pair; P(rate) of each learner; sums of squares."""
        ability = _ABILITIES * self.ability_sd
        weights = np.exp(-0.5 * _ABILITIES**2)
        weights /= weights.sum()
        spread = np.exp(-0.5 * ((_LEVELS - ability[:, None]) / self.deviation_sd) ** 2)
        spread /= spread.sum(1, keepdims=True)
        top = per_pair.max(2, keepdims=True)
        likelihood = np.exp(per_pair - top)
        marginal = likelihood @ spread.T
        learners = int(self._pair_learner.max()) + 1
        joint = np.zeros((learners, len(_RATES), len(ability)))
        np.add.at(joint, self._pair_learner, np.log(marginal + 1e-300) + top)
        joint += np.log(self.growth)[:, None] + np.log(weights)
        highest = joint.max((1, 2), keepdims=True)
        share = np.exp(joint - highest)
        total = share.sum((1, 2), keepdims=True)
        share /= total
        ratio = share[self._pair_learner] / (marginal + 1e-300)
        post = likelihood * (ratio @ spread)
        distance = (_LEVELS - ability[:, None]) ** 2 * spread
        return (
            float((np.log(total) + highest).sum()),
            post,
            share.sum(2),
            float((share * ability**2).sum()),
            float((likelihood * (ratio @ distance)).sum()),
        )

    def _update_readiness(self, post: Floats, exposure: Floats) -> None:
        """P(all prerequisites are met) at each answer: of those that the learner practised at some time, by what is
        known of them; of the others, by what is assumed of pupils."""
        answer, skill, pair, practised = self._needs
        spread = np.hypot(self.ability_sd, self.deviation_sd)
        distance = (self.base[skill] - logit(READY)) / spread
        met = np.array([normal_cdf(x) for x in distance.tolist()])
        known = np.flatnonzero(pair >= 0)
        level = self.base[skill[known]][:, None, None] + _LEVELS
        gone = np.where(practised[known] >= 0, exposure[practised[known]], 0.0)
        level = level + (gone[:, None] * _RATES)[:, :, None]
        met[known] = (post[pair[known]] * sigmoid((level - logit(READY)) * _SHARP)).sum((1, 2))
        self._met = np.ones(len(self._a.item))
        np.multiply.at(self._met, answer, met)

    def _update(self, score: Floats, info: Floats, unmet: Floats) -> None:
        a = self._a
        by_rate_score, by_rate_info = score.sum(2), info.sum(2)
        one, two = by_rate_score.sum(1), by_rate_info.sum(1)
        penalty = self.difficulty_sd**-2
        slope = -np.bincount(a.item, one, len(a.items)) - penalty * self.difficulty
        curve = np.bincount(a.item, two, len(a.items)) + penalty
        self.difficulty = self.difficulty + slope / curve
        count = np.bincount(self._item_skill, minlength=len(a.skills))
        mean = np.bincount(self._item_skill, self.difficulty, len(a.skills)) / np.maximum(1, count)
        self.difficulty -= mean[self._item_skill]
        spread = float(((self.difficulty**2).sum() + (1.0 / curve).sum()) / len(a.items))
        self.difficulty_sd = min(1.5, max(0.2, spread**0.5))
        pull = 0.25
        gradient = np.bincount(a.skill, one, len(a.skills)) - pull * (self.base - EXPERT_LEVEL)
        self.base = self.base + 0.8 * gradient / (np.bincount(a.skill, two, len(a.skills)) + pull)
        effect = unmet[:, None] * _RATES
        gradient_u = float((by_rate_score * effect).sum()) - (self.unready - 0.5) / 0.3**2
        curve_u = float((by_rate_info * effect * effect).sum()) + 1.0 / 0.3**2
        self.unready = min(1.0, max(0.05, self.unready + gradient_u / curve_u))


def _spread(squares: float, count: int, expert: float) -> float:
    """A standard deviation, shrunk so that a few pupils who got everything right do not make all pupils extreme."""
    found = math.sqrt((squares + SPREAD_WORTH * expert**2) / (count + SPREAD_WORTH))
    return min(MAX_SPREAD, max(MIN_SPREAD, found))


def _prerequisites(curriculum: Curriculum, a: Answers) -> tuple[Ints, Ints, Ints, Ints]:
    """For each answer and prerequisite: the answer, the prerequisite, its pair, its latest answer (-1 for none)."""
    pairs = {(u, k): p for u, k, p in zip(a.learner.tolist(), a.skill.tolist(), a.pair.tolist(), strict=True)}
    needs = [[a.skills.index(p) for p in curriculum.skills[s].prerequisites] for s in a.skills]
    latest: dict[tuple[int, int], int] = {}
    rows: list[tuple[int, int, int, int]] = []
    for n, (u, k) in enumerate(zip(a.learner.tolist(), a.skill.tolist(), strict=True)):
        rows.extend((n, p, pairs.get((u, p), -1), latest.get((u, p), -1)) for p in needs[k])
        latest[u, k] = n
    found = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return found[:, 0], found[:, 1], found[:, 2], found[:, 3]
