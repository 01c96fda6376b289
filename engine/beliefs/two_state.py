"""The two-state model: Bayesian knowledge tracing for eighteen classes of learners (Corbett & Anderson 1995).

A skill is known or it is not. Pupils differ in how quickly they learn and in how much they bring along; each class
is traced with its own pace and prior, and the answers tell how well each class explains the pupil.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul
from typing import Final

from engine.beliefs.ability import normalised
from engine.beliefs.traits import Traits
from engine.parameters import SkillParameters
from engine.population import CLASSES, Population

MAX_LEARN: Final = 0.9
"""Nobody is sure to learn at one opportunity."""
LEAST: Final = 1e-12
"""No answer is so surprising that it could not be given."""


class TwoStateModel:
    """The two-state model with what is assumed of pupils in general."""

    def __init__(self, population: Population) -> None:
        self._log_weights = tuple(map(math.log, population.class_weights))

    def classes(self, traits: Traits) -> list[float]:
        """P(class) of this pupil, for each of `CLASSES`."""
        return normalised([a + b for a, b in zip(self._log_weights, traits.classes, strict=True)])

    def learn_from(
        self,
        traits: Traits,
        beliefs: Sequence[Sequence[float]],
        guess: float,
        slip: float,
        correct: bool,
        others: float,
    ) -> tuple[Traits, list[tuple[float, ...]], list[float]]:
        """Traits and P(known) of each skill after one answer, and the answer's probability in each class.

        One likelihood for all skills of the item, noisy AND (see `knowledge_tracing.posterior_of_each`).

        Args:
            traits: of the pupil.
            beliefs: P(known) of each skill of the item, by class.
            guess: P(right although a skill is not known).
            slip: P(wrong although all are known).
            correct: the verdict.
            others: P(the rest of the item goes right), for skills that are traced elsewhere.
        """
        known, unknown = 1.0 - slip, guess
        if not correct:
            known, unknown = slip, 1.0 - guess
        together = beliefs[0] if len(beliefs) == 1 else [math.prod(each) for each in zip(*beliefs, strict=True)]
        likelihood = [unknown + (known - unknown) * others * p for p in together]
        after = []
        for belief in beliefs:
            rest: Sequence[float] = [others] * len(belief)
            if len(beliefs) > 1:
                rest = [others * (p / own if own else 0.0) for p, own in zip(together, belief, strict=True)]
            after.append(
                tuple(
                    [
                        p * (unknown + (known - unknown) * r) / q if q else p
                        for p, r, q in zip(belief, rest, likelihood, strict=True)
                    ]
                )
            )
        logs = [a + math.log(q if q > LEAST else LEAST) for a, q in zip(traits.classes, likelihood, strict=True)]
        return traits._replace(classes=tuple(logs)), after, likelihood


def priors(parameters: SkillParameters) -> tuple[float, ...]:
    """P(known) before the first opportunity, by class."""
    p = min(max(parameters.prior, 1e-4), 1.0 - 1e-4)
    odds = p / (1.0 - p)
    return tuple(_share(odds * math.exp(shift)) for _, shift in CLASSES)


def after_practice(known: Sequence[float], learn: float, amount: float) -> tuple[float, ...]:
    """P(known), by class, after an opportunity that counts by `amount`."""
    return tuple(
        [p + (1.0 - p) * min(MAX_LEARN, pace * learn * amount) for p, (pace, _) in zip(known, CLASSES, strict=True)]
    )


def expectation(weights: Sequence[float], values: Sequence[float]) -> float:
    """The mean of values over classes or growth rates."""
    total: float = sum(map(mul, weights, values))
    return total


def _share(odds: float) -> float:
    return odds / (1.0 + odds)
