"""Protractors."""

from __future__ import annotations

from functools import cache
from math import cos, pi, sin

from item_banks.pictures.svg import BLUE, HAIR, INK, PAPER, WIDTH, Picture, Show, circle, drawing, line, path, text

_SOFT = "#566570"
"""Of the outer scale: lighter than the inner one, and dark enough to be read."""
_X, _Y, _RADIUS = WIDTH / 2, 158.0, 132.0


def protractor(show: Show, degrees: int, left: int = 0) -> Picture:
    """A protractor on an angle, one arm of which lies on 0 of the inner scale (right) or of the outer one (left)."""
    degrees = int(degrees)
    arms = (180, 180 - degrees) if left else (0, degrees)
    return Picture(_drawn(*arms), {"scale": "outer" if left else "inner", "degrees": degrees})


def protractor_between(show: Show, first: int, second: int) -> Picture:
    """A protractor on an angle, neither arm of which needs to lie on 0."""
    return Picture(_drawn(int(first), int(second)), {"first": first, "second": second})


def _drawn(*arms: int) -> str:
    rays = "".join(line(_X, _Y, *_at(arm, _RADIUS + 12)) for arm in arms)
    return drawing(WIDTH, _Y + 14, _marks(), path(rays, BLUE, 3), circle(_X, _Y, 4), _numbers())


def _at(degrees: float, radius: float) -> tuple[float, float]:
    return _X + radius * cos(degrees * pi / 180), _Y - radius * sin(degrees * pi / 180)


@cache
def _marks() -> str:
    """A half circle with a mark every five degrees."""
    outline = f"M{_X - _RADIUS:g} {_Y:g}A{_RADIUS:g} {_RADIUS:g} 0 0 1 {_X + _RADIUS:g} {_Y:g}z"
    marks = "".join(
        line(*_at(each, _RADIUS), *_at(each, _RADIUS - (12 if each % 10 == 0 else 6))) for each in range(0, 181, 5)
    )
    return path(outline, HAIR, 1.5, PAPER) + path(marks, INK, 1)


@cache
def _numbers() -> str:
    """The inner scale counts from the right, the outer one from the left."""
    numbers = ""
    for each in range(0, 181, 30):
        for shown, radius in ((180 - each, _RADIUS - 26), (each, _RADIUS - 56)):
            x, y = _at(each, radius)
            numbers += text(
                x, y + (6 if 0 < each < 180 else -4), str(shown), fill=INK if radius < 90 else _SOFT, halo=PAPER
            )
    return numbers
