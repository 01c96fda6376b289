"""Displays of data in which a length or a piece stands for many: histograms, box plots and pie charts."""

from __future__ import annotations

from fractions import Fraction
from math import cos, pi, sin
from typing import Any

from item_banks.pictures.svg import (
    HAIR,
    INK,
    PAPER,
    SMALLEST,
    SUN,
    WASH,
    WIDTH,
    Picture,
    Show,
    circle,
    drawing,
    line,
    number,
    path,
    rect,
    text,
)

_LINES = 7  # of a scale that can have their numbers beside them
_LEFT, _RIGHT = 44, WIDTH - 24
_TICKS, _NAMED = 20, 5  # spaces on the line below a box plot, and how many lie between two numbers
_MIDDLE, _TOP, _RADIUS = WIDTH / 2, 96.0, 70.0
_COLOURS = (SUN, WASH, PAPER)


def histogram(show: Show, step: int, start: Any, width: Any, *counts: int) -> Picture:
    """Bars that touch, over equal pieces of a line from `start` on, beside a scale in equal steps."""
    step, values = int(step), [int(each) for each in counts]
    top = -(-max(values) // step)
    height = min(24.0, 144 / top)
    every = max(1, -(-top // _LINES))
    base = 16 + height * top
    across = (_RIGHT - _LEFT) / len(values)
    lines = "".join(line(_LEFT, base - height * n, _RIGHT, base - height * n) for n in range(top + 1))
    labels = [text(_LEFT - 6, base - height * n + 6, show(n * step), SMALLEST, "end") for n in range(0, top + 1, every)]
    bars = [
        rect(_LEFT + across * n, base - height * value / step, across, height * value / step)
        for n, value in enumerate(values)
        if value
    ]
    edges = [start + n * width for n in range(len(values) + 1)]
    names = [text(_LEFT + across * n, base + 22, show(edge)) for n, edge in enumerate(edges)]
    words = tuple(
        piece
        for n, value in enumerate(values)
        for piece in (*((", ",) if n else ()), edges[n], "–", edges[n + 1], ": ", value)
    )
    axis = path(line(_LEFT, base, _RIGHT, base), INK, 2)
    return Picture(drawing(WIDTH, base + 30, path(lines, HAIR, 1), *labels, *bars, axis, *names), {"rows": words})


def box_plot(show: Show, low: Any, unit: Any, *five: Any) -> Picture:
    """The smallest value, lower quartile, median, upper quartile and largest value above a line that begins at `low`
    and goes on for twenty units; every fifth mark has its number."""
    apart = (WIDTH - 2 * 24) / _TICKS
    at = [24 + apart * float(Fraction(value - low) / Fraction(unit)) for value in five]
    least, first, median, third, most = at
    whiskers = line(least, 42, first, 42) + line(third, 42, most, 42) + line(least, 30, least, 54)
    whiskers += line(most, 30, most, 54)
    marks = "".join(
        line(24 + apart * n, 84 - (7 if n % _NAMED == 0 else 4), 24 + apart * n, 84 + (7 if n % _NAMED == 0 else 4))
        for n in range(_TICKS + 1)
    )
    parts = (
        path(whiskers, INK, 2),
        rect(first, 20, third - first, 44, WASH, INK),
        path(line(median, 20, median, 64), INK, 4),
        path(line(24, 84, WIDTH - 24, 84) + marks, INK, 1.5),
        *(text(24 + apart * n, 110, show(low + n * unit)) for n in range(0, _TICKS + 1, _NAMED)),
    )
    names = dict(zip(("least", "first", "median", "third", "most"), five, strict=True))
    return Picture(drawing(WIDTH, 118, *parts), names)


def pie_chart(show: Show, whole: int, sign: str, *rows: Any) -> Picture:
    """A circle cut into named pieces: name, share, name, share ... The shares add up to `whole`: with a `sign` ("%",
    "°") each is written in its piece, without one the rim has as many marks to count."""
    whole, shares = int(whole), [int(each) for each in rows[1::2]]
    parts, before = [], 0
    for n, (name, share) in enumerate(zip(rows[::2], shares, strict=True)):
        middle = 2 * pi * (before + share / 2) / whole
        parts.append(path(_piece(before, share, whole), INK, 1.5, _COLOURS[n % len(_COLOURS)]))
        if sign:
            x, y = _around(middle, 0.6 * _RADIUS)
            parts.append(text(x, y + 6, f"{show(share)}{sign}"))
        x, y = _around(middle, _RADIUS + 9)
        side = sin(middle)
        anchor = "middle" if abs(side) < _UPRIGHT else "start" if side > 0 else "end"
        parts.append(text(x, y + 6 - 7 * cos(middle), show(name), SMALLEST, anchor))
        before += share
    if not sign:
        rim = [(_around(2 * pi * n / whole, _RADIUS - 8), _around(2 * pi * n / whole, _RADIUS)) for n in range(whole)]
        parts.append(path("".join(line(*inner, *outer) for inner, outer in rim), INK, 1.5))
        parts.append(circle(_MIDDLE, _TOP, 2, INK, INK))
    words = tuple(
        piece
        for n, (name, share) in enumerate(zip(rows[::2], shares, strict=True))
        for piece in (*((", ",) if n else ()), name, " ", share, *((sign,) if sign else ()))
    )
    values = {"rows": words, "parts": whole} | ({} if sign else {"case": "marks"})
    return Picture(drawing(WIDTH, 2 * _TOP, *parts), values)


_UPRIGHT = 0.17
"""How far a name may be from straight above or below, so that it stands in the middle there."""


def _around(turned: float, radius: float) -> tuple[float, float]:
    """A place at an angle from the top, clockwise."""
    return _MIDDLE + radius * sin(turned), _TOP - radius * cos(turned)


def _piece(before: int, share: int, whole: int) -> str:
    """The outline of a piece; none of them is more than the whole circle less something."""
    (x1, y1), (x2, y2) = (_around(2 * pi * at / whole, _RADIUS) for at in (before, before + share))
    large = int(2 * share > whole)
    return (
        f"M{number(_MIDDLE)} {number(_TOP)}L{number(x1)} {number(y1)}"
        f"A{number(_RADIUS)} {number(_RADIUS)} 0 {large} 1 {number(x2)} {number(y2)}Z"
    )
