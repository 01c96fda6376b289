"""What is assumed of a pupil before the first answer: how able, how quick, and which of two models holds.

The grids are part of the stored learner's meaning and therefore constants; what is fitted are weights on them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

GROWTH_RATES: Final = (0.004, 0.03, 0.08, 0.14, 0.21, 0.30, 0.42, 0.60, 0.85)
"""Continuous model: logits that a pupil gains at one full opportunity."""
PACES: Final = (0.04, 0.1, 0.17, 0.6, 1.3, 2.5)
"""Two-state model: a pupil's chance to learn, as a multiple of the skill's `learn`."""
PRIOR_SHIFTS: Final = (-1.3, 0.0, 1.3)
"""Two-state model: logits by which a pupil's prior differs from the skill's."""
CLASSES: Final = tuple((pace, shift) for pace in PACES for shift in PRIOR_SHIFTS)
MAX_LOG_ODDS: Final = 8.0
"""No log of other pupils may make one model certain: this pupil may be different."""


class PopulationError(ValueError):
    """An assumption about pupils in general is outside its limits."""


@dataclass(frozen=True, slots=True)
class Population:
    """The distribution of pupils.

    Attributes:
        ability_sd: of pupils' general ability, in logits.
        deviation_sd: of a pupil's level in one skill around that ability, in logits.
        growth_weights: probabilities of `GROWTH_RATES`.
        class_weights: probabilities of `CLASSES`.
        unready_growth: how much of an opportunity counts while a prerequisite is not met; continuous model.
        unready_learning: the same in the two-state model.
        log_odds: that learning is two-state rather than continuous, before a pupil's first answer.
        growth_kept: share of what practice added that outlasts a night; continuous model.

    Raises:
        PopulationError: a spread is not positive, weights do not add up to 1, or a share is outside (0, 1].
    """

    ability_sd: float
    deviation_sd: float
    growth_weights: tuple[float, ...]
    class_weights: tuple[float, ...]
    unready_growth: float
    unready_learning: float
    log_odds: float
    growth_kept: float = 0.95

    def __post_init__(self) -> None:
        for name in ("ability_sd", "deviation_sd"):
            if not 0.05 <= getattr(self, name) <= 5.0:
                raise PopulationError(f"{name} is {getattr(self, name)!r}. Give logits from 0.05 to 5.")
        for name, length in (("growth_weights", len(GROWTH_RATES)), ("class_weights", len(CLASSES))):
            weights = getattr(self, name)
            if len(weights) != length or min(weights) <= 0.0 or abs(math.fsum(weights) - 1.0) > 1e-6:
                raise PopulationError(f"{name} are {weights!r}. Give {length} positive numbers that add up to 1.")
        for name in ("unready_growth", "unready_learning", "growth_kept"):
            if not 0.0 < getattr(self, name) <= 1.0:
                raise PopulationError(f"{name} is {getattr(self, name)!r}. Give a share above 0, at most 1.")
        if not abs(self.log_odds) <= MAX_LOG_ODDS:
            raise PopulationError(f"log_odds are {self.log_odds!r}. Give at most {MAX_LOG_ODDS} either way.")

    def to_row(self) -> dict[str, Any]:
        """As JSON can hold it. A value that older sets do not state is left out where it is theirs, so that their
        version stays the same."""
        row = asdict(self)
        if self.growth_kept == Population.__dataclass_fields__["growth_kept"].default:
            del row["growth_kept"]
        return {name: list(value) if isinstance(value, tuple) else value for name, value in row.items()}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Population:
        """Read what `to_row` wrote."""
        given: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in row.items()}
        return cls(**given)


def shares(weights: Sequence[float]) -> tuple[float, ...]:
    """Weights scaled to add up to 1, rounded as they are stored; what rounding leaves goes to the greatest."""
    total = math.fsum(weights)
    rounded = [max(1e-5, round(w / total, 5)) for w in weights]
    rounded[rounded.index(max(rounded))] += 1.0 - math.fsum(rounded)
    return tuple(rounded)


def _outer(paces: Sequence[float], shifts: Sequence[float]) -> tuple[float, ...]:
    return shares([p * s for p in paces for s in shifts])


EXPERT_POPULATION: Final = Population(
    ability_sd=1.0,
    deviation_sd=0.8,
    growth_weights=shares([3, 2, 3, 5, 8, 9, 7, 3, 1]),
    class_weights=_outer([3, 3, 3, 5, 5, 2], [1, 2, 1]),
    unready_growth=0.5,
    unready_learning=0.5,
    log_odds=0.0,
)
"""Wide, because it has to serve every district: a tenth of the pupils hardly gain, others gain half a logit an item."""
