"""Shapes with what is true of them: equal sides, right angles, fold lines, the way around, the parts of an area."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import asin, cos, hypot, pi, sin
from typing import Any

from item_banks.pictures.svg import (
    BLUE,
    INK,
    PAPER,
    SMALLEST,
    SUN,
    WASH,
    WIDTH,
    Picture,
    Show,
    drawing,
    line,
    listed,
    path,
    rect,
    text,
)
from item_banks.pictures.svg import number as coordinate

Point = tuple[float, float]

_CELL = 140.0
_SHAPES: dict[str, tuple[Sequence[Point], str, bool]] = {
    "square": (((30, 15), (110, 15), (110, 95), (30, 95)), "1111", True),
    "rectangle": (((15, 25), (125, 25), (125, 90), (15, 90)), "1212", True),
    "rhombus": (((15, 55), (70, 20), (125, 55), (70, 90)), "1111", False),
    "parallelogram": (((40, 20), (130, 20), (100, 90), (10, 90)), "1212", False),
    "quadrilateral": (((40, 20), (125, 35), (110, 95), (10, 80)), "0000", False),
    "triangle": (((50, 20), (125, 90), (15, 90)), "000", False),
    "pentagon": (((70, 12), (120, 48), (101, 95), (39, 95), (20, 48)), "00000", False),
}
"""Corners; for each side how many strokes mark it (sides with equally many are equal); whether angles are right."""


def marked_shapes(show: Show, *names: str) -> Picture:
    """Shapes beside each other, equal sides with equally many strokes, right angles with a small square."""
    parts = []
    for n, name in enumerate(names):
        corners, strokes, right = _SHAPES[name]
        at = [(x + n * _CELL, y) for x, y in corners]
        sides = list(pairwise([*at, at[0]]))
        parts.append(path(_outline(at), INK, 2, WASH))
        marks = "".join(_strokes(a, b, int(many)) for (a, b), many in zip(sides, strokes, strict=True))
        marks += "".join(_right_angle(a, b, c) for (a, b), (_, c) in pairwise([*sides, sides[0]])) if right else ""
        parts.append(path(marks, BLUE, 1.5) if marks else "")
        parts.append(text(n * _CELL + 70, 118, show(name)))
    return Picture(drawing(_CELL * len(names), 126, *parts), {"names": listed(names)})


def _outline(corners: Iterable[Point]) -> str:
    return f"M{'L'.join(f'{coordinate(x)} {coordinate(y)}' for x, y in corners)}z"


def _strokes(a: Point, b: Point, many: int) -> str:
    """Short strokes across the middle of a side."""
    length = hypot(b[0] - a[0], b[1] - a[1])
    along, middle = ((b[0] - a[0]) / length, (b[1] - a[1]) / length), ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
    places = [(n - (many - 1) / 2) * 5 for n in range(many)]
    at = [(middle[0] + along[0] * far, middle[1] + along[1] * far) for far in places]
    return "".join(line(x - along[1] * 5, y + along[0] * 5, x + along[1] * 5, y - along[0] * 5) for x, y in at)


def _right_angle(a: Point, corner: Point, b: Point) -> str:
    """A small square in a corner whose sides lead to a and b."""

    def toward(point: Point) -> Point:
        far = hypot(point[0] - corner[0], point[1] - corner[1])
        return (point[0] - corner[0]) * 10 / far, (point[1] - corner[1]) * 10 / far

    (x1, y1), (x2, y2), (x, y) = toward(a), toward(b), corner
    return line(x + x1, y + y1, x + x1 + x2, y + y1 + y2) + line(x + x1 + x2, y + y1 + y2, x + x2, y + y2)


def way_around(show: Show, *sides: Any) -> Picture:
    """A shape with the length of each side, and below it all of its sides in one row, with their sum."""
    lengths = [float(each) for each in sides]
    corners = _fitted(_on_a_circle(lengths))
    parts = [path(_outline(corners), INK, 2, WASH)]
    for length, (a, b) in zip(sides, pairwise([*corners, corners[0]]), strict=True):
        across, down, far = b[0] - a[0], b[1] - a[1], hypot(b[0] - a[0], b[1] - a[1])
        x, y = (a[0] + b[0]) / 2 + 14 * down / far, (a[1] + b[1]) / 2 - 14 * across / far
        parts.append(text(x, y + 5, show(length)))
    left, unit = 10.0, (WIDTH - 20) / sum(lengths)
    for n, (side, length) in enumerate(zip(sides, lengths, strict=True)):
        parts.append(rect(left, 178, length * unit, 26, SUN if n % 2 else PAPER, INK))
        parts.append(text(left + length * unit / 2, 197, show(side)))
        left += length * unit
    total = sum(sides)
    parts += [path(f"M10 212v6h{WIDTH - 20}v-6", INK, 1.5), text(WIDTH / 2, 234, show(total))]
    return Picture(drawing(WIDTH, 240, *parts), {"sides": listed(sides), "total": total})


def way_around_regular(show: Show, many: int, side: Any) -> Picture:
    """The same for a shape whose sides are all equal."""
    return way_around(show, *[side] * int(many))


def _on_a_circle(sides: Sequence[float]) -> list[Point]:
    """The corners of a shape with these sides, on the circle that takes all of them. No side may be longer than the
    others together."""
    longest = max(sides)

    def missing(radius: float) -> float:
        """What is left of a whole turn when every side has its angle; where the middle of the circle is outside of
        the shape, the longest side goes round the other way."""
        angles = [2 * asin(min(1.0, side / (2 * radius))) for side in sides]
        return 2 * pi - sum(angles) if inside else 2 * max(angles) - sum(angles)

    inside = True
    inside = missing(longest / 2) <= 0
    low, high = longest / 2, longest * len(sides) * 20
    for _ in range(60):
        radius = (low + high) / 2
        too_small = missing(radius) < 0 if inside else missing(radius) > 0
        low, high = (radius, high) if too_small else (low, radius)
    turn, corners = 0.0, []
    for side in sides:
        corners.append((radius * sin(turn), -radius * cos(turn)))
        angle = 2 * asin(min(1.0, side / (2 * radius)))
        turn += angle if inside or side != longest else 2 * pi - angle
    return corners


def _fitted(corners: Sequence[Point]) -> list[Point]:
    """Turned until the first side lies at the top, and as large as there is room."""
    (x1, y1), (x2, y2) = corners[0], corners[1]
    length = hypot(x2 - x1, y2 - y1)
    c, s = (x2 - x1) / length, (y2 - y1) / length
    turned = [(x * c + y * s, y * c - x * s) for x, y in corners]
    xs, ys = [x for x, _ in turned], [y for _, y in turned]
    scale = min((WIDTH - 80) / (max(xs) - min(xs)), 124 / (max(ys) - min(ys)))
    return [(40 + (x - min(xs)) * scale, 22 + (y - min(ys)) * scale) for x, y in turned]


def joined_rectangles(show: Show, long: Any, wide: Any, long2: Any, wide2: Any) -> Picture:
    """Two rectangles that share a piece of a side, with their unit squares."""
    unit = min((WIDTH - 70) / float(long + long2), 130.0 / float(max(wide, wide2)))
    base = 24 + unit * max(wide, wide2)
    x2 = 34 + unit * long
    parts = [rect(34, base - unit * wide, unit * long, unit * wide)]
    parts.append(rect(x2, base - unit * wide2, unit * long2, unit * wide2, SUN, INK))
    squares = _squares(34, base, unit, long, wide) + _squares(x2, base, unit, long2, wide2)
    parts.append(path(squares, INK, 0.5))
    parts += [text(34 + unit * long / 2, base + 17, show(long)), text(x2 + unit * long2 / 2, base + 17, show(long2))]
    parts.append(text(28, base - unit * wide / 2 + 5, show(wide), SMALLEST, "end"))
    parts.append(text(x2 + unit * long2 + 6, base - unit * wide2 / 2 + 5, show(wide2), SMALLEST, "start"))
    values = {"long": long, "wide": wide, "long2": long2, "wide2": wide2}
    return Picture(drawing(WIDTH, base + 24, *parts), values)


def _squares(x: float, base: float, unit: float, long: int, wide: int) -> str:
    upright = "".join(line(x + unit * n, base, x + unit * n, base - unit * wide) for n in range(1, int(long)))
    return upright + "".join(line(x, base - unit * n, x + unit * long, base - unit * n) for n in range(1, int(wide)))
