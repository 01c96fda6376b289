"""Data above a number line."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from item_banks.numbers import as_mixed
from item_banks.pictures.svg import INK, WIDTH, Picture, Show, circle, drawing, line, path, stacked

_EDGE, _DOT, _RISE = 26, 7, 18


def line_plot(show: Show, low: Any, step: Any, *counts: int) -> Picture:
    """A line plot: so many dots above each mark of a line that begins at `low` and goes on in equal steps."""
    values = [Fraction(low) + n * Fraction(step) for n in range(len(counts))]
    apart = (WIDTH - 2 * _EDGE) / (len(counts) - 1)
    base = 14.0 + _RISE * max(map(int, counts))
    at = [_EDGE + apart * n for n in range(len(counts))]
    ticks = "".join(line(x, base - 5, x, base + 5) for x in at)
    dots = [circle(x, base - _RISE * (n + 0.6), _DOT) for x, many in zip(at, counts, strict=True) for n in range(many)]
    deep = any(value.denominator > 1 for value in values)
    names = [stacked(x, base + (27 if deep else 18), value) for x, value in zip(at, values, strict=True)]
    axis = path(line(_EDGE - 14, base, WIDTH - _EDGE + 14, base) + ticks, INK, 2)
    rows = tuple(
        piece
        for n, (many, value) in enumerate(zip(counts, values, strict=True))
        for piece in (*((", ",) if n else ()), many, " ", "above", " ", as_mixed(value))
    )
    return Picture(drawing(WIDTH, base + (48 if deep else 30), axis, *dots, *names), {"rows": rows})
