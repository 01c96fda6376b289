"""Data as dots above a number line: what can be read from so many dots at each mark, from the first mark on."""

from __future__ import annotations

from fractions import Fraction

from item_banks.numbers import as_mixed

Number = int | Fraction


def dots_to(mark: int, *counts: int) -> int:
    """How many dots stand at the marks up to one, counted from 0."""
    return sum(counts[: mark + 1])


def dots_from(mark: int, *counts: int) -> int:
    """How many dots stand at the marks from one on."""
    return sum(counts[mark:])


def bars_before(bar: int, *counts: int) -> int:
    """How much the bars before one hold together, counted from 0."""
    return sum(counts[:bar])


def bar_sums(first: int, end: int, *counts: int) -> tuple[object, ...]:
    """What the bars from one on, and before another, hold: "4 + 7 + 3"."""
    pieces: list[object] = []
    for count in counts[first:end]:
        pieces += [" + "] if pieces else []
        pieces.append(count)
    return tuple(pieces)


def first_mark(*counts: int) -> int:
    """The first mark that has a dot."""
    return next(mark for mark, count in enumerate(counts) if count)


def last_mark(*counts: int) -> int:
    """The last mark that has a dot."""
    return max(mark for mark, count in enumerate(counts) if count)


def fullest_mark(*counts: int) -> int:
    """The mark with most dots; -1 where two have as many."""
    most = max(counts)
    return counts.index(most) if counts.count(most) == 1 else -1


def used_marks(*counts: int) -> int:
    """How many marks have a dot."""
    return sum(count > 0 for count in counts)


def dots_total(low: Number, step: Number, *counts: int) -> Fraction:
    """All values added, each as often as it has dots."""
    return sum((count * (Fraction(low) + mark * Fraction(step)) for mark, count in enumerate(counts)), Fraction(0))


def dot_sums(low: Number, step: Number, *counts: int) -> tuple[object, ...]:
    """The values with their dots as products: "2 × 1/4 + 3 × 1/2"."""
    pieces: list[object] = []
    for mark, count in enumerate(counts):
        if count:
            pieces += [" + "] if pieces else []
            pieces += [count, " × ", as_mixed(Fraction(low) + mark * Fraction(step))]
    return tuple(pieces)
