"""Choices that follow from a name and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")


class Draws:
    """A stream of choices that is the same for a name on every platform and in every release of Python.

    `random.Random` promises that only for `random()`, not for its choices; an item must look the same years later.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._count = 0

    def below(self, limit: int) -> int:
        """A whole number from 0 to limit - 1. The bias of the remainder is below 2**-240.

        Raises ValueError for a limit below 1, which a range with its ends exchanged leads to.
        """
        if limit < 1:
            raise ValueError("a range holds nothing; write the smaller number first")
        self._count += 1
        digest = sha256(f"{self._name}#{self._count}".encode()).digest()
        return int.from_bytes(digest, "big") % limit

    def between(self, first: int, last: int) -> int:
        """A whole number from first to last, both included."""
        return first + self.below(last - first + 1)

    def one_of(self, values: Sequence[T]) -> T:
        """One of the values."""
        return values[self.below(len(values))]

    def shuffled(self, values: Sequence[T]) -> tuple[T, ...]:
        """The values in another order (Fisher and Yates)."""
        result = list(values)
        for last in range(len(result) - 1, 0, -1):
            other = self.below(last + 1)
            result[last], result[other] = result[other], result[last]
        return tuple(result)
