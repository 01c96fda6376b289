"""Nets of solids, and shapes that are put together from others."""

from __future__ import annotations

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
    number,
    path,
    rect,
    text,
)

_LARGEST = 150.0


def net(show: Show, long: Any, wide: Any, high: Any) -> Picture:
    """The six faces of a box laid out flat: bottom and top, with a side at each edge."""
    a, b, c = float(long), float(wide), float(high)
    scale = min((WIDTH - 40) / (a + 2 * c), 250 / (2 * b + 2 * c))
    w, d, h = a * scale, b * scale, c * scale
    x, y = (WIDTH - w - 2 * h) / 2 + h, 6.0
    faces = [
        rect(x, y, w, h, PAPER),
        rect(x - h, y + h, h, d, SUN),
        rect(x, y + h, w, d, WASH),
        rect(x + w, y + h, h, d, SUN),
        rect(x, y + h + d, w, h, PAPER),
        rect(x, y + 2 * h + d, w, d, WASH),
    ]
    names = [
        text(x + w / 2, y + 2 * h + 2 * d + 20, show(long)),
        text(x + w + 8, y + 2 * h + 1.5 * d + 6, show(wide), SMALLEST, "start"),
        text(x + w + 8, y + h / 2 + 6, show(high), SMALLEST, "start"),
    ]
    picture = drawing(WIDTH, y + 2 * h + 2 * d + 28, *faces, *names)
    return Picture(picture, {"long": long, "wide": wide, "high": high})


def net_of_pyramid(show: Show, side: Any, high: Any) -> Picture:
    """A square with a triangle on each side: what a pyramid is folded from. `high` is the height of a triangle."""
    a, b = float(side), float(high)
    scale = 244 / (a + 2 * b)
    w, h = a * scale, b * scale
    x = y = 6 + h
    mid = x + w / 2
    points = f"M{number(x)} {number(y)}L{number(mid)} 6L{number(x + w)} {number(y)}"
    points += f"L{number(x + w + h)} {number(mid)}L{number(x + w)} {number(y + w)}"
    points += f"L{number(mid)} {number(y + w + h)}L{number(x)} {number(y + w)}L6 {number(mid)}z"
    parts = [path(points, INK, 2, SUN), rect(x, y, w, w, WASH), text(mid, y + w - 8, show(side))]
    parts += [path(line(mid, 6, mid, y), BLUE, 1.5), text(mid + 5, y - 6, show(high), SMALLEST, "start", BLUE, SUN)]
    return Picture(drawing(256, 256, *parts), {"side": side, "high": high})


def house(show: Show, wide: Any, high: Any, roof: Any) -> Picture:
    """A rectangle with a triangle on top of it."""
    scale = min(150 / float(wide), 190 / (float(high) + float(roof)))
    w, h, r = (float(each) * scale for each in (wide, high, roof))
    x, y = 70.0, 8 + r
    outline = f"M{x} {number(y)}L{number(x + w / 2)} 8L{number(x + w)} {number(y)}"
    parts = [path(outline, INK, 2, SUN), rect(x, y, w, h, WASH, INK), path(line(x + w / 2, 8, x + w / 2, y), BLUE, 1.5)]
    parts += [text(x + w / 2, y + h + 20, show(wide)), text(x - 8, y + h / 2 + 6, show(high), SMALLEST, "end")]
    parts.append(text(x + w / 2 + 7, y - 7, show(roof), SMALLEST, "start", BLUE, SUN))
    return Picture(drawing(WIDTH, y + h + 28, *parts), {"wide": wide, "high": high, "roof": roof})


def trapezoid(show: Show, long: Any, short: Any, high: Any) -> Picture:
    """A shape with two parallel sides, and the line that cuts it into two triangles."""
    scale = min((WIDTH - 80) / float(long), _LARGEST / float(high))
    w, s, h = (float(each) * scale for each in (long, short, high))
    x, shift = 30.0, (w - s) * 0.4
    outline = f"M{x} {number(26 + h)}h{number(w)}L{number(x + shift + s)} 26h{number(-s)}z"
    cut = path(line(x + shift, 26, x + w, 26 + h), INK, 1)
    tall = path(line(x + shift, 26, x + shift, 26 + h), BLUE, 1.5)
    parts = [path(outline, INK, 2, WASH), cut, tall, text(x + shift + s / 2, 20, show(short))]
    parts += [
        text(x + w / 2, h + 46, show(long)),
        text(x + shift + 8, 32 + h * 0.7, show(high), SMALLEST, "start", BLUE, WASH),
    ]
    return Picture(drawing(WIDTH, h + 54, *parts), {"long": long, "short": short, "high": high})
