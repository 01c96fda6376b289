"""What pupil and teacher want for the next item, beside what the tutor thinks of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Wishes:
    """Wishes for one choice. None of them changes what is believed of a pupil.

    Attributes:
        level: the pupil asks for something "easier" or "harder".
        topic: the pupil's own choice, one of `Tutor.topics`: it comes first while it can be practised.
        pinned: the teacher's: it comes first, ahead of its prerequisites, until it is mastered.
        paused: the teacher's: skills that are not practised for now. They hold nothing up.
        cap: items at most in one stretch of practice (without a gap of more than 8 hours).

    Raises:
        ValueError: the level is unknown, or the cap is negative.
    """

    level: Literal["easier", "harder"] | None = None
    topic: str | None = None
    pinned: str | None = None
    paused: frozenset[str] = frozenset()
    cap: int | None = None

    def __post_init__(self) -> None:
        if self.level not in ("easier", "harder", None):
            raise ValueError(f"The level wished for is {self.level!r}. Use 'easier', 'harder' or None.")
        if self.cap is not None and self.cap < 0:
            raise ValueError(f"The cap is {self.cap}. Give a number of items, or None.")


NO_WISHES: Final = Wishes()
