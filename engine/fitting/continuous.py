"""Fits the continuous model by expectation maximisation, with quadrature over ability, level and growth rate."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.beliefs.ability import CARELESS, LEAST_KEPT, normal_cdf
from engine.beliefs.mixture import READY, logit
from engine.curriculum import Curriculum
from engine.fitting.data import Answers, Floats, Ints, sigmoid
from engine.knowledge_tracing import FORGETTING_GAP_HOURS
from engine.parameters import EXPERT_FORMATS, EXPERT_LEVEL
from engine.population import EXPERT_POPULATION, GROWTH_RATES

_LEVELS: Final = np.linspace(-6.0, 6.0, 31)
_ABILITIES: Final = np.linspace(-3.0, 3.0, 11)
_RATES: Final = np.array(GROWTH_RATES)
SPREAD_WORTH: Final = 5.0
"""Pupils (or pupils' skills) that the experts' spread of ability is worth."""
MIN_SPREAD, MAX_SPREAD = 0.2, 3.0
NIGHT_SPREAD: Final = 0.1
"""How far what remains over night may lie from what the experts assume (standard deviation)."""
NIGHTS: Final = (0.7, 0.8, 0.88, 0.95, 0.995)
NIGHT_ROUNDS: Final = 20
_MOVING: Final = (
    "difficulty", "base", "growth", "unready", "ability_sd", "deviation_sd", "difficulty_sd", "_met", "_gain"
)  # fmt: skip
"""What a round changes."""
_SHARP: Final = 6.0
"""Turns a level into P(the standard is met) smoothly enough for a gradient."""


@dataclass(frozen=True)
class ContinuousFit:
    """What the continuous model has learned."""

    difficulty: Mapping[str, float]
    levels: Mapping[str, float]
    growth: Sequence[float]
    unready: float
    growth_kept: float
    ability_sd: float
    deviation_sd: float
    log_likelihood: float


class ContinuousFitter:
    """Items and skills by Fisher scoring, the population by its moments.

    An opportunity counts `unready` while a prerequisite is not met. An answer that needs several skills is right when
    all parts are (noisy AND). How much an opportunity counts, and how likely the other parts are, is plugged in from
    the round before, as the tutor does from answer to answer.
    """

    def __init__(self, curriculum: Curriculum, answers: Answers, rounds: int = 45) -> None:
        self._a, self._rounds = (a := answers.of_rules), rounds
        formats = [EXPERT_FORMATS[curriculum.item(i).response_format].guess for i in a.items]
        self._guess = np.array(formats)[a.item]
        self._full = self._gain = 1.0 - self._guess - CARELESS
        self._shared = np.flatnonzero(a.shared)
        self._needs = _prerequisites(curriculum, a)
        self._pairs = int(a.pair.max(initial=-1)) + 1
        self._by_pair = np.lexsort((a.before, a.pair))
        self._pair_starts = np.flatnonzero(a.before[self._by_pair] == 0)
        self._pair_learner = np.zeros(self._pairs, dtype=np.int64)
        self._pair_learner[a.pair] = a.learner
        self._pair_skill = np.zeros(self._pairs, dtype=np.int64)
        self._pair_skill[a.pair] = a.skill
        self.difficulty, self.base = np.zeros(len(a.items)), np.full(len(a.skills), EXPERT_LEVEL)
        self.growth = np.full(len(_RATES), 1.0 / len(_RATES))
        self.unready, self.ability_sd, self.deviation_sd, self.difficulty_sd = 0.5, 1.0, 0.9, 0.8
        self._met, self._likely = np.ones(len(a.item)), np.ones(len(a.item))
        self._gaps = np.flatnonzero(a.pause * 24.0 > FORGETTING_GAP_HOURS)
        self._nights = np.log2(1.0 + np.maximum(1.0, a.pause[self._gaps]))
        self.night = EXPERT_POPULATION.growth_kept

    def fitted(self) -> ContinuousFit:
        """Run until the likelihood stands still. Without any answer to a rule, what the experts assume.

        What a night takes is the best of a few values, each with everything else fitted to it for a while: growth and
        loss can stand in for each other, so that small steps get nowhere.
        """
        if not self._pairs:
            return self._found(0.0)
        start = self._parameters()
        if self._gaps.size:
            self.night = max(NIGHTS, key=lambda night: self._tried(night, start))
            self._set(start)
        return self._converged()

    def _tried(self, night: float, start: Mapping[str, object]) -> float:
        self._set(start)
        self.night, likelihood = night, 0.0
        for n in range(NIGHT_ROUNDS):
            likelihood = self._round(with_readiness=n % 2 == 0)
        return likelihood - 0.5 * ((night - EXPERT_POPULATION.growth_kept) / NIGHT_SPREAD) ** 2

    def _parameters(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in _MOVING}

    def _set(self, parameters: Mapping[str, object]) -> None:
        for name, value in parameters.items():
            setattr(self, name, value)

    def _converged(self) -> ContinuousFit:
        last = -np.inf
        for n in range(self._rounds):
            likelihood = self._round(with_readiness=n % 2 == 0)
            if n > 20 and abs(likelihood - last) < 0.05:
                break
            last = likelihood
        return self._found(likelihood - self._counted_again())

    def _found(self, likelihood: float) -> ContinuousFit:
        a = self._a
        return ContinuousFit(
            difficulty=dict(zip(a.items, self.difficulty.tolist(), strict=True)),
            levels={s: round(b, 4) for s, b in zip(a.skills, self.base.tolist(), strict=True)},
            growth=self.growth.tolist(),
            unready=round(float(self.unready), 4),
            growth_kept=round(float(self.night), 4),
            ability_sd=round(float(self.ability_sd), 4),
            deviation_sd=round(float(self.deviation_sd), 4),
            log_likelihood=float(likelihood),
        )

    def _exposure(self, night: float) -> tuple[Floats, Floats]:
        """Opportunities before each row as far as they have not been forgotten: all, and with prerequisites met."""
        if not self._gaps.size:
            return self._a.before, self._summed(self._met, np.zeros(len(self._met)))
        kept = np.zeros(len(self._met))
        kept[self._gaps] = np.log(np.maximum(LEAST_KEPT, 1.0 - (1.0 - night) * self._nights))
        return self._summed(np.ones(len(kept)), kept), self._summed(self._met, kept)

    def _summed(self, amounts: Floats, log_kept: Floats) -> Floats:
        """For each row the amounts of its pair's rows before, less what was lost since."""
        order, first = self._by_pair, self._pair_starts
        lengths = np.diff(np.append(first, len(order)))
        lost = np.cumsum(log_kept[order])
        lost -= np.repeat(lost[first], lengths)
        sums = np.cumsum(amounts[order] * np.exp(-lost))
        sums = sums - amounts[order] * np.exp(-lost)
        sums -= np.repeat(sums[first], lengths)
        found = np.empty(len(order))
        found[order] = sums * np.exp(lost)
        return found

    def _success(self, exposure: Floats) -> Floats:
        """P(success) for each answer, growth rate and level."""
        a = self._a
        at = self.base[a.skill] - self.difficulty[a.item]
        found: Floats = sigmoid(at[:, None, None] + _LEVELS + (exposure[:, None] * _RATES)[:, :, None])
        return found

    def _round(self, *, with_readiness: bool) -> float:
        a = self._a
        all_before, met = self._exposure(self.night)
        exposure = self.unready * all_before + (1.0 - self.unready) * met
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
        self._update(score, info, all_before - met)
        if self._shared.size:
            self._likely = (weight * able).sum((1, 2))
            self._gain = self._full * np.where(a.shared, a.others(self._likely), 1.0)
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

    def _counted_again(self) -> float:
        """Log likelihood that answers with several rows have put in more than once."""
        if not self._shared.size:
            return 0.0
        a, rows = self._a, self._shared
        together = self._likely * a.others(self._likely)
        p = (self._guess + self._full * together)[rows]
        logs = np.log(np.where(a.right[rows] > 0, p, 1.0 - p))
        count = np.bincount(a.answer)[a.answer[rows]]
        return float((logs * (count - 1) / count).sum())

    def _update(self, score: Floats, info: Floats, unmet: Floats) -> None:
        a = self._a
        by_rate_score, by_rate_info = score.sum(2), info.sum(2)
        one, two = by_rate_score.sum(1), by_rate_info.sum(1)
        penalty = self.difficulty_sd**-2
        slope = -np.bincount(a.item, one, len(a.items)) - penalty * self.difficulty
        curve = np.bincount(a.item, two, len(a.items)) + penalty
        self.difficulty = self.difficulty + slope / curve
        count = np.bincount(a.first_skill, minlength=len(a.skills))
        mean = np.bincount(a.first_skill, self.difficulty, len(a.skills)) / np.maximum(1, count)
        self.difficulty -= mean[a.first_skill]
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
