"""Rectangles, triangles, boxes, polygons and angles, with what they measure."""

from __future__ import annotations

from fractions import Fraction
from math import cos, pi, sin
from typing import Any

from item_banks.numbers import as_mixed
from item_banks.pictures.svg import (
    BLUE,
    HAIR,
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
    number,
    path,
    rect,
    text,
)

_LARGEST = 130.0
_ROOMY = 100.0


def rectangle(show: Show, long: Any, wide: Any, squares: int = 0) -> Picture:
    """A rectangle with its sides; with `squares` its unit squares are drawn."""
    scale = min((WIDTH - 70) / float(long), _LARGEST / float(wide))
    w, h = float(long) * scale, float(wide) * scale
    lines = ""
    if squares:
        lines = "".join(line(40 + scale * n, 24, 40 + scale * n, 24 + h) for n in range(1, int(long)))
        lines += "".join(line(40, 24 + scale * n, 40 + w, 24 + scale * n) for n in range(1, int(wide)))
    parts = [rect(40, 24, w, h), path(lines, BLUE, 0.7) if lines else ""]
    parts += [text(40 + w / 2, 17, show(long)), text(34, 29 + h / 2, show(wide), SMALLEST, "end")]
    return Picture(drawing(WIDTH, h + 34, *parts), {"long": long, "wide": wide})


def l_shape(show: Show, long: int, high: int, cut_long: int, cut_high: int) -> Picture:
    """A rectangle without its upper right corner, with the sides that are needed."""
    scale = min((WIDTH - 80) / long, _LARGEST / high)
    w, h, a, b = (each * scale for each in (long, high, cut_long, cut_high))
    corners = f"M40 24h{w - a:.1f}v{b:.1f}h{a:.1f}v{h - b:.1f}h{-w:.1f}z"
    parts = [path(corners, BLUE, 1.5, WASH), text(32, 29 + h / 2, show(high), SMALLEST, "end")]
    parts += [text(40 + w / 2, 24 + h + 16, show(long)), text(40 + w - a / 2, 18 + b, show(cut_long))]
    parts.append(text(34 + w - a, 29 + b / 2, show(cut_high), SMALLEST, "end"))
    values = {"long": long, "high": high, "cut_long": cut_long, "cut_high": cut_high}
    return Picture(drawing(WIDTH, h + 48, *parts), values)


def triangle(show: Show, base: Any, high: Any) -> Picture:
    """A triangle with its base and height inside the rectangle of which it is half."""
    scale = min((WIDTH - 70) / float(base), _LARGEST / float(high))
    w, h = float(base) * scale, float(high) * scale
    top = 20 + w * 0.35
    parts = [
        rect(20, 8, w, h, PAPER, HAIR),
        path(f"M20 {8 + h:.1f}L{top:.1f} 8L{20 + w:.1f} {8 + h:.1f}z", INK, 2, WASH),
    ]
    parts.append(path(line(top, 8, top, 8 + h), BLUE, 1.5))
    beside = top + 8 if w > _ROOMY else 28 + w  # a narrow triangle leaves no room inside: the rectangle is as high
    parts += [text(20 + w / 2, h + 26, show(base)), text(beside, 16 + h / 2, show(high), SMALLEST, "start", BLUE)]
    return Picture(drawing(WIDTH, h + 34, *parts), {"base": base, "high": high})


def parallelogram(show: Show, base: Any, high: Any) -> Picture:
    """A parallelogram with its base and height."""
    scale = min((WIDTH - 110) / float(base), _LARGEST / float(high))
    w, h = float(base) * scale, float(high) * scale
    outline = f"M20 {8 + h:.1f}h{w:.1f}l40 {-h:.1f}h{-w:.1f}z"
    parts = [path(outline, INK, 2, WASH), path(line(60, 8, 60, 8 + h), BLUE, 1.5)]
    parts += [text(20 + w / 2, h + 26, show(base)), text(68, 16 + h / 2, show(high), SMALLEST, "start", BLUE)]
    return Picture(drawing(WIDTH, h + 34, *parts), {"base": base, "high": high})


def box(show: Show, long: Any, wide: Any, high: Any) -> Picture:
    """A box in three dimensions with its edges named."""
    w, h, d = 130.0, max(30.0, min(110.0, 130 * float(high) / float(long))), 46.0
    front = f"M62 {40 + h:.1f}h{w}v{-h:.1f}h{-w}z"
    top = f"M62 40l{d} -28h{w}l{-d} 28z"
    side = f"M{62 + w} {40 + h:.1f}l{d} -28v{-h:.1f}l{-d} 28z"
    parts = [path(front, INK, 1.5, WASH), path(top, INK, 1.5, PAPER), path(side, INK, 1.5, SUN)]
    edges = {"long": long, "wide": wide, "high": high}
    named = {name: as_mixed(edge) if isinstance(edge, Fraction) else edge for name, edge in edges.items()}
    parts += [text(62 + w / 2, h + 62, show(named["long"])), text(56, 46 + h / 2, show(named["high"]), SMALLEST, "end")]
    parts.append(text(70 + w + d / 2, h + 44, show(named["wide"]), SMALLEST, "start"))
    return Picture(drawing(WIDTH, h + 72, *parts), named)


def polygon(show: Show, corners: int, turn: int = 0, stretch: int = 0) -> Picture:
    """A shape with so many corners, turned by degrees; `stretch` above 0 makes its sides unequal."""
    corners = int(corners)
    points = []
    for n in range(corners):
        at = 2 * pi * n / corners + int(turn) * pi / 180
        far = 62 * (1 - 0.07 * int(stretch) * (n % 2))
        points.append(f"{number(80 + far * sin(at))} {number(76 - far * cos(at) * (1 - 0.05 * int(stretch)))}")
    return Picture(drawing(160, 150, path(f"M{'L'.join(points)}z", INK, 2, WASH)), {"corners": corners})


def polygons(show: Show, *corners: int) -> Picture:
    """Regular shapes beside each other, with so many corners each; those with an even number stand on a side."""
    outlines = []
    for n, many in enumerate(map(int, corners)):
        turn = pi / many if many % 2 == 0 else 0.0
        at = [2 * pi * each / many + turn for each in range(many)]
        points = "L".join(f"{number(75 + 150 * n + 62 * sin(each))} {number(74 - 62 * cos(each))}" for each in at)
        outlines.append(path(f"M{points}z", INK, 2, WASH))
    return Picture(drawing(150 * len(corners), 144, *outlines), {"corners": listed(map(str, corners))})


def angle(show: Show, degrees: int, whole: int = 0) -> Picture:
    """An angle between two rays; with `whole` it is the first part of a larger one."""
    largest = int(whole) or int(degrees)
    rays = [0, int(degrees)] + ([largest] if whole else [])
    d = "".join(line(150, 140, 150 + 110 * cos(each * pi / 180), 140 - 110 * sin(each * pi / 180)) for each in rays)
    at = int(degrees) * pi / 180
    bow = f"M190 140A40 40 0 0 0 {150 + 40 * cos(at):.1f} {140 - 40 * sin(at):.1f}"
    middle = at / 2
    label = text(150 + 62 * cos(middle), 144 - 62 * sin(middle), f"{show(degrees)}°") if whole else ""
    svg = drawing(WIDTH, 152, path(d, INK, 2.5), path(bow, BLUE, 2), label)
    return Picture(svg, {"degrees": degrees, "whole": largest})


def symmetry(show: Show, shape: str, folds: int = 0) -> Picture:
    """One of the shapes whose lines of symmetry pupils count; with `folds` these lines are drawn."""
    outlines = {
        "square": "M45 15h100v100h-100z",
        "long_rectangle": "M20 30h150v75h-150z",
        "equilateral": "M95 15L150 110.3H40z",
        "isosceles": "M95 8L130 115H60z",
        "lozenge": "M95 8L150 65L95 122L40 65z",
        "slanted": "M20 105h110l45 -75h-110z",
    }
    corners = {"regular_pentagon": 5, "regular_hexagon": 6, "regular_octagon": 8}.get(shape, 0)
    turns = [n * pi / corners for n in range(corners)] if corners else []
    lines = [(95 - 72 * sin(each), 66 + 72 * cos(each), 95 + 72 * sin(each), 66 - 72 * cos(each)) for each in turns]
    drawn = "".join(line(*each) for each in lines or _FOLDS[shape]) if folds else ""
    outline = _regular(corners) if corners else outlines[shape]
    svg = drawing(190, 136, path(outline, INK, 2, WASH), path(drawn, BLUE, 1.5) if drawn else "")
    return Picture(svg, {"shape": shape, "case": "folds" if folds else ""})


def _regular(corners: int) -> str:
    places = [2 * pi * n / corners for n in range(corners)]
    return f"M{'L'.join(f'{number(95 + 60 * sin(each))} {number(66 - 60 * cos(each))}' for each in places)}z"


_FOLDS: dict[str, tuple[tuple[float, float, float, float], ...]] = {
    "square": ((95, 5, 95, 125), (35, 65, 155, 65), (37, 7, 153, 123), (153, 7, 37, 123)),
    "long_rectangle": ((95, 20, 95, 115), (10, 67.5, 160, 67.5)),
    "equilateral": ((95, 5, 95, 120), (30, 116, 131, 57.6), (160, 116, 59, 57.6)),
    "isosceles": ((95, 2, 95, 125),),
    "lozenge": ((95, 2, 95, 128), (30, 65, 160, 65)),
    "slanted": (),
}
