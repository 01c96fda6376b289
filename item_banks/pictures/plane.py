"""The plane with four quadrants, and what an inequality allows on a line."""

from __future__ import annotations

from functools import cache
from typing import Any

from item_banks.pictures.svg import (
    BLUE,
    HAIR,
    INK,
    PAPER,
    SMALLEST,
    WIDTH,
    Picture,
    Show,
    circle,
    drawing,
    line,
    number,
    path,
    text,
)

LEFT, BOTTOM, SIDE = 28.0, 250.0, 240.0
"""Where the square of a grid begins, and how long its sides are: the page's script places a marker by these too."""
_NAMED = 12  # lines of a grid that can all be named


def plane_points(show: Show, size: int, *pairs: Any) -> Picture:
    """A plane from -size to size both ways, with points named A, B, C ...: along, up, along, up ..."""
    size = int(size)
    points = [(int(x), int(y)) for x, y in zip(pairs[::2], pairs[1::2], strict=True)]
    unit = SIDE / (2 * size)
    places = [(LEFT + unit * (x + size), BOTTOM - unit * (y + size)) for x, y in points]
    dots = [
        circle(x, y, 6)
        + text(x + (13 if along >= 0 else -13), y - 8 if 0 <= up < size else y + 22, "ABCDEF"[n], 18, halo=PAPER)
        for n, ((x, y), (along, up)) in enumerate(zip(places, points, strict=True))
    ]
    along, up = points[0]
    svg = drawing(WIDTH, BOTTOM + 26, plane(-size, size), *dots)
    return Picture(svg, {"size": size, "low": -size, "along": along, "up": up})


@cache
def plane(low: int, high: int) -> str:
    """The lines and numbers of a grid from low to high both ways, with its axes through zero."""
    unit = SIDE / (high - low)
    x0, y0 = LEFT - unit * low, BOTTOM + unit * low
    lines = "".join(
        line(LEFT + unit * n, BOTTOM - SIDE, LEFT + unit * n, BOTTOM)
        + line(LEFT, BOTTOM - unit * n, LEFT + SIDE, BOTTOM - unit * n)
        for n in range(high - low + 1)
    )
    axes = path(line(LEFT - (6 if low else 0), y0, LEFT + SIDE + 8, y0), INK, 2.5)
    axes += path(line(x0, BOTTOM + (6 if low else 0), x0, BOTTOM - SIDE - 6), INK, 2.5)
    every = 1 if high - low < _NAMED else 2
    named = [n for n in range(low, high + 1) if n % every == 0]
    along = "".join(text(x0 + unit * n, y0 + 18, _signed(n), halo=_ground(low)) for n in named if n or not low)
    up = "".join(text(x0 - 7, y0 - unit * n + 6, _signed(n), SMALLEST, "end", halo=_ground(low)) for n in named if n)
    return path(lines, HAIR, 0.8) + axes + along + up


def _signed(value: int) -> str:
    return str(value).replace("-", "−")


def _ground(low: int) -> str:
    """Numbers beside axes in the middle stand on the lines of the grid."""
    return PAPER if low else ""


def ray(show: Show, low: int, at: int, right: int, closed: int) -> Picture:
    """A number line of ten steps from `low`, on which all numbers to one side of `at` are marked; the ring at their
    end is filled if it belongs to them."""
    low, at = int(low), int(at)
    unit = (WIDTH - 40) / 10
    x = 20 + unit * (at - low)
    ticks = "".join(line(20 + unit * n, 34, 20 + unit * n, 46) for n in range(11))
    names = [text(20 + unit * n, 66, show(low + n)) for n in range(0, 11, 2)]
    end = WIDTH - 6 if right else 6
    head = -12 if right else 12
    arrow = path(f"M{number(x)} 20H{end}m{head} -7L{end} 20l{head} 7", BLUE, 4)
    ring = circle(x, 20, 7, BLUE if closed else PAPER, BLUE)
    svg = drawing(WIDTH, 74, path(line(6, 40, WIDTH - 6, 40) + ticks, INK, 2), arrow, ring, *names)
    case = ("right" if right else "left") + ("_closed" if closed else "_open")
    return Picture(svg, {"at": at, "case": case})
