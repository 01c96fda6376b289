"""What a pupil's answers say of the pupil as a learner, and how that is stored."""

from __future__ import annotations

import math
from math import floor
from typing import Final, NamedTuple

from engine.population import CLASSES, GROWTH_RATES
from engine.predictor import NEW_LEARNER


class Traits(NamedTuple):
    """What a pupil's answers say of the pupil as a learner, apart from what is assumed of all.

    Attributes:
        precision: for each growth rate, what the linked skills together say about general ability, as the
            precision of a Gaussian (1 / logits²).
        shift: precision times mean of the same.
        growth: log likelihood of each growth rate, the greatest being 0.
        classes: log likelihood of each class of two-state learners, the greatest being 0.
        evidence: log Bayes factor of the two-state against the continuous model.
        predictor: the predictor's state of the pupil (`engine.predictor.NEW_LEARNER`); None where it was not followed
            from the first answer.
    """

    precision: tuple[float, ...] = (0.0,) * len(GROWTH_RATES)
    shift: tuple[float, ...] = (0.0,) * len(GROWTH_RATES)
    growth: tuple[float, ...] = (0.0,) * len(GROWTH_RATES)
    classes: tuple[float, ...] = (0.0,) * len(CLASSES)
    evidence: float = 0.0
    predictor: tuple[float, ...] | None = None


MAX_EVIDENCE: Final = 20.0
"""Log odds that no row of answers exceeds: a pupil can change, and no model is quite right."""
_THOUSAND: Final = 1000


def settled_traits(traits: Traits) -> Traits:
    """As they are stored: three decimals, log likelihoods from the greatest down, nothing beyond doubt."""
    return Traits(
        tuple([floor(x * 1000.0 + 0.5) / 1000.0 for x in traits.precision]),
        tuple([floor(x * 1000.0 + 0.5) / 1000.0 for x in traits.shift]),
        _relative(traits.growth),
        _relative(traits.classes),
        round(max(-MAX_EVIDENCE, min(MAX_EVIDENCE, traits.evidence)), 3),
        traits.predictor and tuple([round(x, 3) for x in traits.predictor]),
    )


def _relative(logs: tuple[float, ...]) -> tuple[float, ...]:
    top = max(logs)
    return tuple([floor((x - top) * 1000.0 + 0.5) / 1000.0 if x - top > -MAX_EVIDENCE else -MAX_EVIDENCE for x in logs])


def pack_traits(traits: Traits) -> list[int]:
    """Traits as whole thousandths, in the order of their fields."""
    state = traits.predictor or ()
    numbers = (*traits.precision, *traits.shift, *traits.growth, *traits.classes, traits.evidence, *state)
    return [round(x * _THOUSAND) for x in numbers]


def unpack_traits(numbers: list[int]) -> Traits:
    """Read what `pack_traits` wrote.

    Raises:
        ValueError: there are more or fewer numbers than the models have.
    """
    rates = len(GROWTH_RATES)
    own = 3 * rates + len(CLASSES) + 1
    if len(numbers) not in (own, own + len(NEW_LEARNER)):
        raise ValueError(f"{len(numbers)} traits")
    values = [float(n) / _THOUSAND for n in numbers]
    if not all(map(math.isfinite, values)):
        raise ValueError("traits that are no numbers")
    return Traits(
        tuple(values[:rates]),
        tuple(values[rates : 2 * rates]),
        tuple(values[2 * rates : 3 * rates]),
        tuple(values[3 * rates : own - 1]),
        values[own - 1],
        tuple(values[own:]) or None,
    )
