"""Which answers are honest tries: fast guessing is recognised by its times and by its luck. Pure.

An answer that comes faster than the question can be read is no try, *if* such answers are right no more often than
chance makes them (Wise & Kong 2005, response-time effort; Wise 2017, rapid guessing). Whoever is quick and right knows
it. One or two quick slips are nobody's habit and count; and each verdict is final, so that a count never falls.
Nothing of this is ever said to a pupil.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.haste import is_quick

WINDOW: Final = 8
"""How many of the latest quick answers are looked at together."""
HABIT: Final = 3
"""From so many quick answers on they can be a habit."""
LUCK: Final = 0.15
"""How far above chance the share of right ones may lie by mere luck."""
TYPED_CHANCE: Final = 0.05


@dataclass(frozen=True)
class Try:
    """One answer. `response_format` is the engine's ("typed", "choice4", ...), `seconds` None where unknown."""

    response_format: str
    correct: bool
    seconds: float | None

    @property
    def chance(self) -> float:
        """P(right) without reading the question."""
        return 1 / int(self.response_format[6:]) if self.response_format.startswith("choice") else TYPED_CHANCE

    @property
    def quick(self) -> bool:
        """Whether it came faster than the question can be read."""
        return is_quick(self.response_format, self.seconds)


def is_honest(answer: Try, earlier: Sequence[Try]) -> bool:
    """Whether an answer counts as a try, given those before it (oldest first; only quick ones matter)."""
    if not answer.quick:
        return True
    quick = [*(each for each in earlier if each.quick), answer][-WINDOW:]
    chance = sum(each.chance for each in quick) / len(quick)
    right = sum(each.correct for each in quick) / len(quick)
    return len(quick) < HABIT or right > chance + LUCK
