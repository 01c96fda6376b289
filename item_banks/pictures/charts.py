"""Bar charts, picture graphs, tables, coins and points on a grid."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from item_banks.pictures.plane import BOTTOM, LEFT, SIDE, named_points, plane, rooms_of_numbers
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
    listed,
    path,
    rect,
    text,
)

_LINES = 7  # of a chart that can have their numbers beside them


def bar_chart(show: Show, step: int, *rows: Any) -> Picture:
    """Upright bars over their names, beside a scale in equal steps: name, value, name, value ..."""
    names, values = rows[::2], [int(each) for each in rows[1::2]]
    step = int(step)
    top = -(-max(values) // step)
    height = min(24.0, 144 / top)
    every = max(1, -(-top // _LINES))
    base = 14 + height * top
    lines = "".join(line(40, base - height * n, WIDTH - 6, base - height * n) for n in range(top + 1))
    labels = [text(36, base - height * n + 6, show(n * step), SMALLEST, "end") for n in range(0, top + 1, every)]
    width = (WIDTH - 50) / len(values)
    bars = [
        rect(46 + width * n + width * 0.15, base - height * value / step, width * 0.7, height * value / step)
        + text(46 + width * (n + 0.5), base + 20, show(name))
        for n, (name, value) in enumerate(zip(names, values, strict=True))
    ]
    words = _listed(names, values)
    return Picture(drawing(WIDTH, base + 28, path(lines, HAIR, 1), *labels, *bars), {"step": step, "rows": words})


def picture_graph(show: Show, key: int, *rows: Any) -> Picture:
    """Rows of equal signs behind their names; each sign stands for `key`, half a sign for half of it."""
    names, signs = rows[::2], [Fraction(each) for each in rows[1::2]]
    parts = []
    for n, (name, count) in enumerate(zip(names, signs, strict=True)):
        y = 22 + 30 * n
        parts.append(text(6, y + 5, show(name), SMALLEST, "start"))
        parts += [circle(104 + 20 * each, y, 8, SUN, INK) for each in range(int(count))]
        if count % 1:
            x = 104 + 20 * int(count)
            parts.append(path(f"M{x} {y - 8}a8 8 0 0 0 0 16z", INK, 1, SUN))
    y = 26 + 30 * len(signs)
    legend = circle(18, y, 8, SUN, INK) + text(32, y + 5, f"= {show(key)}", SMALLEST, "start")
    return Picture(drawing(WIDTH, y + 18, *parts, legend), {"key": key, "rows": _listed(names, signs)})


def table(show: Show, across: int, *cells: Any) -> Picture:
    """A table with so many columns. An empty text is an empty cell, "?" the one that is asked for."""
    across = int(across)
    width = min(92.0, (WIDTH - 12) / across)
    parts = []
    for n, cell in enumerate(cells):
        x, y = 6 + width * (n % across), 6 + 32 * (n // across)
        parts.append(rect(x, y, width, 32, WASH if n % across == 0 else PAPER))
        parts.append(text(x + width / 2, y + 22, show(cell)) if cell != "" else "")
    rows = -(-len(cells) // across)
    words = tuple(
        piece for n, each in enumerate(cells) for piece in ([", " if n % across else "; "] if n else []) + [each]
    )
    return Picture(drawing(12 + width * across, 12 + 32 * rows, *parts), {"cells": words})


def coins(show: Show, *values: int) -> Picture:
    """Coins with their values on them; what is worth more is drawn larger, as far as that says anything."""
    parts, x, y = [], 8.0, 30.0
    for value in values:
        radius = {1: 15, 5: 17, 10: 15, 20: 19, 25: 20, 50: 23}.get(int(value), 24)
        if x + 2 * radius > WIDTH - 4:
            x, y = 8.0, y + 52
        parts.append(circle(x + radius, y, radius, SUN, INK) + text(x + radius, y + 6, show(value)))
        x += 2 * radius + 6
    words = listed(values)
    return Picture(drawing(WIDTH, y + 30, *parts), {"coins": words})


def coin_row(show: Show, *pairs: int) -> Picture:
    """Coins of several kinds: value, how many, value, how many ..."""
    return coins(show, *[value for value, many in zip(pairs[::2], pairs[1::2], strict=True) for _ in range(int(many))])


def grid_points(show: Show, size: int, *pairs: Any) -> Picture:
    """A grid from 0 to `size` both ways, with points named A, B, C ...: along, up, along, up ..."""
    size = int(size)
    points = list(zip(pairs[::2], pairs[1::2], strict=True))
    unit = SIDE / size
    places = [(LEFT + unit * int(x), BOTTOM - unit * int(y)) for x, y in points]
    along, up = points[0]
    svg = drawing(WIDTH, BOTTOM + 24, plane(0, size), named_points(places, rooms_of_numbers(0, size)))
    return Picture(svg, {"size": size, "along": along, "up": up})


def _listed(names: tuple[Any, ...], values: Any) -> tuple[Any, ...]:
    rows = listed(zip(names, values, strict=True))
    return tuple(piece for row in rows for piece in ((row[0], " ", row[1]) if isinstance(row, tuple) else (row,)))
