"""Fraction bars, bar models, arrays and groups."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, sqrt
from typing import Any

from item_banks.pictures.svg import (
    BLUE,
    HAIR,
    INK,
    PAPER,
    SUN,
    WASH,
    WIDTH,
    Picture,
    Show,
    breadth,
    circle,
    drawing,
    listed,
    number,
    path,
    rect,
    text,
)

_BAR = WIDTH - 20
_DOTS = 24
_ROW_OF_FOUR = 16  # dots in a ring that stand four beside each other
_FEW = 30  # parts of a bar between which there is room for full lines


def fraction_bars(show: Show, *pairs: int) -> Picture:
    """Bars of equal length, each cut into parts of which some are shaded: parts, shaded, parts, shaded ...

    More shaded than a bar has parts go on in further bars of the same kind.
    """
    rows: list[tuple[int, int]] = []
    for parts, shaded in zip(pairs[::2], pairs[1::2], strict=True):
        left = int(shaded)
        rows.append((int(parts), min(left, int(parts))))
        while (left := left - int(parts)) > 0:
            rows.append((int(parts), min(left, int(parts))))
    bars = [_bar(8 + 38 * n, parts, shaded) for n, (parts, shaded) in enumerate(rows)]
    words = listed(f"{shaded}/{parts}" for parts, shaded in zip(pairs[::2], pairs[1::2], strict=True))
    return Picture(drawing(WIDTH, 8 + 38 * len(rows), *bars), {"fractions": words})


def _bar(y: float, parts: int, shaded: int) -> str:
    width = _BAR / parts
    cuts = "".join(f"M{number(10 + n * width)} {number(y)}v30" for n in range(1, parts))
    filled = rect(10, y, shaded * width, 30, SUN, SUN) if shaded else ""
    thin = 1 if parts <= _FEW else 0.4
    return filled + rect(10, y, _BAR, 30, "none", INK) + (path(cuts, INK, thin) if cuts else "")


def part_of_part(show: Show, columns: int, taken: int, rows: int, taken_rows: int) -> Picture:
    """A rectangle cut into columns, of which some are shaded, and then into rows: of so many rows the shaded pieces are
    darker. It is a part of a part."""
    columns, taken, rows, taken_rows = (int(each) for each in (columns, taken, rows, taken_rows))
    across, down = 224 / columns, 120 / rows
    cuts = "".join(f"M{number(8 + n * across)} 8v120" for n in range(1, columns))
    cuts += "".join(f"M8 {number(8 + n * down)}h224" for n in range(1, rows))
    parts = [rect(8, 8, taken * across, 120, WASH, WASH), rect(8, 8, taken * across, taken_rows * down, SUN, SUN)]
    parts += [rect(8, 8, 224, 120, "none", INK), path(cuts, INK, 1 if columns * rows <= 2 * _FEW else 0.5)]
    values = {"columns": columns, "taken": taken, "rows": rows, "taken_rows": taken_rows}
    return Picture(drawing(240, 136, *parts), values)


def shaded_bar(show: Show, parts: int, shaded: int) -> Picture:
    """One bar cut into equal parts, of which some are shaded; its words count the parts and name no fraction."""
    return Picture(drawing(WIDTH, 46, _bar(8, int(parts), int(shaded))), {"parts": parts, "shaded": shaded})


def cut_bar(show: Show, marked: int, *others: int) -> Picture:
    """A bar cut into parts of these lengths, which need not be equal; the first one is shaded."""
    lengths = [int(each) for each in (marked, *others) if each]
    unit, x, cuts = _BAR / sum(lengths), 10.0, ""
    for length in lengths[:-1]:
        x += length * unit
        cuts += f"M{number(x)} 8v36"
    filled = rect(10, 8, lengths[0] * unit, 36, SUN, SUN)
    svg = drawing(WIDTH, 52, filled, rect(10, 8, _BAR, 36, "none", INK), path(cuts, INK, 2))
    return Picture(svg, {"parts": len(lengths), "lengths": listed(lengths), "marked": marked})


def bar_model(show: Show, whole: Any, *parts: Any) -> Picture:
    """A bar for the whole above bars for its parts, as long as they are worth. "?" is the one that is missing."""
    known = sum((Fraction(each) for each in parts if each != "?"), Fraction(0))
    total = Fraction(whole) if whole != "?" else known
    missing = total - known
    shares = [missing if part == "?" else Fraction(part) for part in parts]
    room = [breadth(show(part)) + 14 for part in parts]  # for a number, however small its part is
    widths = [
        max(least, float(share / total) * _BAR) if total else _BAR for share, least in zip(shares, room, strict=True)
    ]
    x, pieces = 10.0, []
    for part, wide in zip(parts, widths, strict=True):
        width = wide * _BAR / sum(widths)
        pieces.append(rect(x, 48, width, 34, PAPER if part == "?" else WASH, BLUE))
        pieces.append(text(x + width / 2, 71, show(part)))
        x += width
    top = rect(10, 8, x - 10, 34, PAPER if whole == "?" else SUN, BLUE) + text(x / 2 + 5, 31, show(whole))
    words = listed(parts)
    return Picture(drawing(WIDTH, 90, top, *pieces), {"whole": whole, "parts": words})


def times_bars(show: Show, times: int, size: Any) -> Picture:
    """One bar, and below it a bar of so many equal ones."""
    width = _BAR / int(times)
    row = [
        rect(10 + n * width, 48, width, 34) + text(10 + (n + 0.5) * width, 71, show(size)) for n in range(int(times))
    ]
    one = rect(10, 8, width, 34, SUN) + text(10 + width / 2, 31, show(size))
    return Picture(drawing(WIDTH, 90, one, *row), {"times": times, "size": size})


def array(show: Show, rows: int, columns: int, split: int = 0) -> Picture:
    """Dots in rows and columns; the columns up to `split` have another colour."""
    gap = min(_DOTS, _BAR / int(columns))
    left, right = (_dots(gap, int(rows), columns_) for columns_ in (range(int(split)), range(int(split), int(columns))))
    dots = [path(left, SUN, gap * 0.66), path(right, BLUE, gap * 0.66)]
    return Picture(drawing(20 + gap * columns, 12 + gap * rows, *dots), {"rows": rows, "columns": columns})


def _dots(gap: float, rows: int, columns: range) -> str:
    """The data of a path that draws a dot in each row of each column: a stroke without length has round ends."""
    places = [(10 + gap * (c + 0.5), 6 + gap * (r + 0.5)) for r in range(rows) for c in columns]
    return "".join(f"M{number(x)} {number(y)}h0" for x, y in places) or "M0 0"


def groups(show: Show, count: int, size: int) -> Picture:
    """So many rings with so many dots in each."""
    count, size = int(count), int(size)
    across = min(max(count, 1), 5)
    side = min(92.0, _BAR / across)
    row = 4 if size <= _ROW_OF_FOUR else ceil(sqrt(size))
    step = side / (1.31 * row)  # from one dot to the next
    parts = []
    for n in range(count):
        x, y = 10 + side * (n % across + 0.5), 4 + side * (n // across + 0.5)
        parts.append(circle(x, y, side * 0.47, PAPER, HAIR))
        parts += [
            circle(
                x + (d % row - (min(row, size) - 1) / 2) * step,
                y + (d // row - (size - 1) // row / 2) * step,
                step * 0.4,
            )
            for d in range(size)
        ]
    height = 8 + side * -(-count // across)
    return Picture(drawing(20 + side * across, height, *parts), {"count": count, "size": size})


def hundred(show: Show, shaded: int) -> Picture:
    """A square of a hundred small squares, of which some are shaded, column by column."""
    shaded = int(shaded)
    full, rest = divmod(shaded, 10)
    lines = "".join(f"M{10 + 14 * n} 6v140M10 {6 + 14 * n}h140" for n in range(11))
    filled = rect(10, 6, 14 * full, 140, SUN, SUN) if full else ""
    filled += rect(10 + 14 * full, 6, 14, 14 * rest, SUN, SUN) if rest else ""
    grid = f'<path d="{lines}" stroke="{INK}" stroke-width="1" fill="none"/>'
    return Picture(drawing(160, 152, filled, grid), {"shaded": shaded})
