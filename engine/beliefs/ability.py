"""The continuous model: a pupil's level in a skill grows with practice, from item response theory.

The log odds of success on an item are  level(skill) + u - difficulty(item) + growth x exposure,  with
u = the pupil's general ability + a deviation in this skill. What is known of u is a Gaussian for each of nine growth
rates (assumed-density filtering, Opper 1998; expectation propagation over skills, Minka 2001): every skill sends
the ability one message, so that an answer costs O(rates) however many skills there are. An item of several skills
is right when all of its parts are (noisy AND).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from engine.beliefs.records import Detail
from engine.beliefs.traits import Traits
from engine.knowledge_tracing import FORGETTING_GAP_HOURS
from engine.population import CLASSES, GROWTH_RATES, Population

_NODES: Final = tuple(
    math.sqrt(2.0) * x for x in (-2.6519613568352334, -1.6735516287674714, -0.8162878828589647, 0.0,
                                 0.8162878828589647, 1.6735516287674714, 2.6519613568352334)
)  # fmt: skip
_WEIGHTS: Final = tuple(
    w / math.sqrt(math.pi) for w in (0.0009717812450995, 0.0545155828191270, 0.4256072526101278, 0.8102646175568073,
                                     0.4256072526101278, 0.0545155828191270, 0.0009717812450995)
)  # fmt: skip
_QUADRATURE: Final = tuple(zip(_NODES, _WEIGHTS, strict=True))
"""Gauss-Hermite quadrature for a standard normal variable, seven points."""

CARELESS: Final = 0.04
"""Wrong although able, in any format: fitted freely beside difficulties it collapses."""
LOWEST_PRECISION: Final = -0.3
"""An answer that contradicts can flatten a belief; never by more than this share of what was assumed before."""
MOST_PRACTICE: Final = 60.0
"""Opportunities that a level is put down to at most."""
LEAST_KEPT: Final = 0.4
"""Share of what practice added that remains however long the pause."""
_ROOT_HALF: Final = math.sqrt(0.5)


class Gaussian(NamedTuple):
    """A level in logits: mean and standard deviation."""

    mean: float
    sd: float

    def above(self, level: float) -> float:
        """P(the level is reached)."""
        return normal_cdf((self.mean - level) / self.sd)


class Levels(NamedTuple):
    """A pupil's level in one skill, given each growth rate; logits on an average typed item.

    Attributes:
        assumed: precision and shift of u without the skill's own answers.
        means: of the level now.
        sds: its standard deviations.
    """

    assumed: Sequence[tuple[float, float]]
    means: Sequence[float]
    sds: Sequence[float]


class Reading(NamedTuple):
    """How an answer is read.

    Attributes:
        difficulty: of the item, in logits.
        guess: P(right although not able); 0 for "I don't know".
        correct: the verdict.
        others: P(the rest of the item goes right), for skills that this model does not trace.
    """

    difficulty: float
    guess: float
    correct: bool
    others: float = 1.0


class AbilityModel:
    """The continuous model with what is assumed of pupils in general."""

    def __init__(self, population: Population) -> None:
        self._ability = population.ability_sd**-2
        self._variance = population.deviation_sd**2
        self._log_weights = tuple(map(math.log, population.growth_weights))
        self.spread = math.hypot(population.ability_sd, population.deviation_sd)

    def rates(self, traits: Traits) -> list[float]:
        """P(growth rate) of this pupil, for each of `GROWTH_RATES`."""
        return normalised([a + b for a, b in zip(self._log_weights, traits.growth, strict=True)])

    def practice_behind(self, traits: Traits, rates: Sequence[float], gained: float) -> float:
        """About how many full opportunities have brought a level about that lies so far above an average start."""
        ability = sum(
            w * shift / (self._ability + precision)
            for w, shift, precision in zip(rates, traits.shift, traits.precision, strict=True)
        )
        mean_rate = sum(w * rate for w, rate in zip(rates, GROWTH_RATES, strict=True))
        return min(MOST_PRACTICE, max(0.0, gained - ability) / mean_rate)

    def levels(self, traits: Traits, start: float, detail: Detail) -> Levels:
        """The level in a skill now, given each growth rate.

        Args:
            traits: of the pupil.
            start: an average pupil's level without practice, in logits.
            detail: the belief about the skill.
        """
        assumed, means, sds = self._assumed(traits, detail), [], []
        for (precision, shift), own, own_shift, rate in zip(
            assumed, detail.precision, detail.shift, GROWTH_RATES, strict=True
        ):
            total = precision + own
            means.append(start + (shift + own_shift) / total + rate * detail.exposure)
            sds.append(1.0 / math.sqrt(total))
        return Levels(assumed, means, sds)

    def learn_from(
        self, traits: Traits, levels: Sequence[Levels], details: Sequence[Detail], reading: Reading
    ) -> tuple[Traits, list[Detail], list[float]]:
        """Traits and beliefs after one answer, and the answer's probability given each growth rate.

        Each skill's likelihood takes the other skills' chances as they were before the answer, which is exact
        where the skills are independent.

        Args:
            traits: of the pupil.
            levels: of each skill of the item.
            details: beliefs about the same skills.
            reading: of the answer.
        """
        precision, shift = list(traits.precision), list(traits.shift)
        after, likelihood = [], [1.0] * len(GROWTH_RATES)
        for n, (detail, level) in enumerate(zip(details, levels, strict=True)):
            others = _others(levels, n, reading)
            sites = []
            for g, (assumed, mean, sd) in enumerate(zip(level.assumed, level.means, level.sds, strict=True)):
                likelihood[g], gained, variance = _moments(mean, sd, reading, others[g])
                middle = (assumed[1] + detail.shift[g]) / (assumed[0] + detail.precision[g]) + gained
                sites.append(_site(assumed, middle, variance))
            changed = detail._replace(precision=tuple(s[0] for s in sites), shift=tuple(s[1] for s in sites))
            if detail.linked:
                self._send(detail, changed, precision, shift)
            after.append(changed)
        growth = tuple(a + math.log(b) for a, b in zip(traits.growth, likelihood, strict=True))
        return traits._replace(precision=tuple(precision), shift=tuple(shift), growth=growth), after, likelihood

    def faded(self, traits: Traits, detail: Detail, kept: float) -> tuple[Traits, Detail]:
        """Traits and belief after a pause in which evidence lost weight; `kept` is the share that remains."""
        changed = detail._replace(
            precision=tuple(x * kept for x in detail.precision), shift=tuple(x * kept for x in detail.shift)
        )
        if not detail.linked:
            return traits, changed
        precision, shift = list(traits.precision), list(traits.shift)
        self._send(detail, changed, precision, shift)
        return traits._replace(precision=tuple(precision), shift=tuple(shift)), changed

    def _assumed(self, traits: Traits, detail: Detail) -> list[tuple[float, float]]:
        if not detail.linked:
            return [(0.0, 0.0)] * len(GROWTH_RATES)
        found, variance, least = [], self._variance, self._ability
        for all_precision, all_shift, own, own_shift in zip(
            traits.precision, traits.shift, detail.precision, detail.shift, strict=True
        ):
            share = 1.0 + variance * own
            # Rounded sums can fall short of the message taken out.
            ability = max(least, least + all_precision - own / share)
            precision = ability / (1.0 + variance * ability)
            found.append((precision, precision * (all_shift - own_shift / share) / ability))
        return found

    def _send(self, before: Detail, after: Detail, precision: list[float], shift: list[float]) -> None:
        """Replace the skill's message in the ability's sums."""
        for g in range(len(GROWTH_RATES)):
            old, new = 1.0 + self._variance * before.precision[g], 1.0 + self._variance * after.precision[g]
            precision[g] += after.precision[g] / new - before.precision[g] / old
            shift[g] += after.shift[g] / new - before.shift[g] / old


def growth_kept(night: float, hours: float) -> float:
    """Share of what practice added that outlasts a pause, if a night leaves `night` of it.

    What is lost grows with the logarithm of the days (Wixted & Ebbesen 1991); within 8 hours it is nothing.
    """
    if hours <= FORGETTING_GAP_HOURS:
        return 1.0
    return max(LEAST_KEPT, 1.0 - (1.0 - night) * math.log2(1.0 + max(1.0, hours / 24.0)))


def detached(level: Gaussian, start: float, known: float, exposure: float = 0.0) -> Detail:
    """A whole belief made of marginals: the same level for every growth rate, and no longer tied to the ability.

    Args:
        level: now.
        start: an average pupil's level without practice.
        known: P(known).
        exposure: full opportunities to learn that have brought the level about.
    """
    precision = level.sd**-2
    return Detail(
        precision=(precision,) * len(GROWTH_RATES),
        shift=tuple(precision * (level.mean - start - rate * exposure) for rate in GROWTH_RATES),
        exposure=exposure,
        known=(known,) * len(CLASSES),
        linked=False,
    )


def mixed(weights: Sequence[float], levels: Levels) -> Gaussian:
    """Mean and spread of a level whose growth rate is not known."""
    mean = second = 0.0
    for weight, m, sd in zip(weights, levels.means, levels.sds, strict=True):
        mean += weight * m
        second += weight * (sd * sd + m * m)
    return Gaussian(mean, math.sqrt(max(1e-4, second - mean * mean)))


def chance(mean: float, sd: float, difficulty: float) -> float:
    """P(success) at an item of this difficulty, guessing and carelessness aside; mean and sd of the level."""
    at = difficulty - mean
    return sum(w / (1.0 + math.exp(at - sd * x)) for x, w in _QUADRATURE)


def success(level: Gaussian, difficulty: float) -> float:
    """P(success), to within .01 of `chance` at a third of its cost (MacKay 1992, probit approximation)."""
    return 1.0 / (1.0 + math.exp((difficulty - level.mean) / logistic_scale(level.sd * level.sd)))


def logistic_scale(variance: float) -> float:
    """By how much a logistic is stretched when its argument varies (probit approximation)."""
    return math.sqrt(1.0 + math.pi / 8.0 * variance)


def normal_cdf(x: float) -> float:
    """P(a standard normal variable is below x)."""
    return 0.5 * math.erfc(-x * _ROOT_HALF)


def normalised(logs: Sequence[float]) -> list[float]:
    """Probabilities from their logarithms, up to a constant."""
    top = max(logs)
    weights = [math.exp(x - top) for x in logs]
    total = sum(weights)
    return [w / total for w in weights]


def _others(levels: Sequence[Levels], n: int, reading: Reading) -> list[float]:
    """P(all of the item but skill n goes right), for each growth rate."""
    found = [reading.others] * len(GROWTH_RATES)
    for m, level in enumerate(levels):
        if m != n:
            chances = (chance(mean, sd, reading.difficulty) for mean, sd in zip(level.means, level.sds, strict=True))
            found = [a * b for a, b in zip(found, chances, strict=True)]
    return found


def _moments(mean: float, sd: float, reading: Reading, others: float) -> tuple[float, float, float]:
    """P(the answer), and by how much the mean level moves and the variance that remains after it."""
    guess, gain = reading.guess, (1.0 - reading.guess - CARELESS) * others
    at = reading.difficulty - mean
    total = first = second = 0.0
    for x, w in _QUADRATURE:
        step = sd * x
        p = guess + gain / (1.0 + math.exp(at - step))
        if not reading.correct:
            p = 1.0 - p
        p *= w
        total += p
        p *= step
        first += p
        second += p * step
    first /= total
    return total, first, second / total - first * first


def _site(assumed: tuple[float, float], mean: float, variance: float) -> tuple[float, float]:
    """The Gaussian that turns what was assumed into this mean and variance: (precision, shift)."""
    precision = max(1.0 / variance, (1.0 + LOWEST_PRECISION) * assumed[0])
    return precision - assumed[0], precision * mean - assumed[1]
