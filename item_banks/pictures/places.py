"""Base-ten blocks, place-value charts, area models and numbers written under each other."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from item_banks.numbers import Money, plain_number
from item_banks.pictures.svg import (
    BLUE,
    INK,
    PAPER,
    SUN,
    WASH,
    WIDTH,
    Picture,
    Show,
    decimal_mark,
    drawing,
    line,
    listed,
    path,
    rect,
    text,
)

_FLAT, _ROD, _CUBE, _DIGIT = 50, 50, 8, 17


def blocks(show: Show, value: int) -> Picture:
    """A number below 1,000 as squares of a hundred, rods of ten and cubes of one."""
    hundreds, tens, ones = int(value) // 100, int(value) // 10 % 10, int(value) % 10
    parts = [_flat(8 + 56 * (n % 5), 6 + 56 * (n // 5)) for n in range(hundreds)]
    y = 6 + 56 * -(-hundreds // 5)
    parts += [rect(8 + 12 * n, y, _CUBE, _ROD) + path(_notches(8 + 12 * n, y), BLUE, 0.7) for n in range(tens)]
    x = 8 + 12 * tens + (10 if tens else 0)
    parts += [rect(x + 12 * (n % 5), y + 12 * (n // 5), _CUBE, _CUBE, SUN, INK) for n in range(ones)]
    return Picture(drawing(WIDTH, y + 56, *parts), {"value": value, "hundreds": hundreds, "tens": tens, "ones": ones})


def _flat(x: float, y: float) -> str:
    lines = "".join(f"M{x + 5 * n:g} {y:g}v50M{x:g} {y + 5 * n:g}h50" for n in range(1, 10))
    return rect(x, y, _FLAT, _FLAT) + path(lines, BLUE, 0.4)


def _notches(x: float, y: float) -> str:
    return "".join(f"M{x:g} {y + 5 * n:g}h8" for n in range(1, 10))


def place_chart(show: Show, *values: Any) -> Picture:
    """Numbers with their digits in columns, decimal mark under decimal mark."""
    rows = [_split(value) for value in values]
    left, right = max(len(whole) for whole, _ in rows), max(len(places) for _, places in rows)
    width = min(34.0, (WIDTH - 24) / (left + right))
    mark = decimal_mark(show)
    parts, marks = [], []
    for n, (whole, places) in enumerate(rows):
        y = 6 + 34 * n
        for c, digit in enumerate(whole.rjust(left) + places.ljust(right)):
            parts.append(rect(8 + c * width, y, width, 34, WASH if c < left else PAPER, BLUE))
            parts.append(text(8 + (c + 0.5) * width, y + 23, digit, 17) if digit != " " else "")
        marks.append(text(8 + left * width, y + 26, mark, 28) if places else "")
    return Picture(
        drawing(16 + (left + right) * width, 12 + 34 * len(rows), *parts, *marks), {"numbers": listed(values)}
    )


def _split(value: Any) -> tuple[str, str]:
    """The digits before and after the decimal mark; an amount of money has two after it."""
    if isinstance(value, Money):
        return str(value.cents // 100), f"{value.cents % 100:02d}"
    whole, _, places = plain_number(Fraction(value)).partition(".")
    return whole, places


def area_model(show: Show, rows: tuple[Any, ...], columns: tuple[Any, ...]) -> Picture:
    """A rectangle cut by the parts of two numbers, with the product of each piece: 20 + 3 by 10 + 4."""
    across = [each for each in columns if not isinstance(each, str)]
    down = [each for each in rows if not isinstance(each, str)]
    widths = [_share(n, across, WIDTH - 60) for n in range(len(across))]
    heights = [_share(n, down, 44 * len(down)) for n in range(len(down))]
    parts, y = [], 26.0
    for r, height in enumerate(heights):
        x = 48.0
        parts.append(text(24, y + height / 2 + 5, show(down[r])))
        for c, width in enumerate(widths):
            parts.append(rect(x, y, width, height, SUN if (r + c) % 2 else WASH))
            parts.append(text(x + width / 2, y + height / 2 + 5, show(across[c] * down[r])))
            x += width
        y += height
    x = 48.0
    for c, width in enumerate(widths):
        parts.append(text(x + width / 2, 18, show(across[c])))
        x += width
    return Picture(drawing(WIDTH, y + 8, *parts), {"rows": rows, "columns": columns})


def _share(n: int, values: list[Any], length: float) -> float:
    """Not to scale, or ones could not be read beside hundreds: a larger part is only somewhat longer."""
    weights = [len(str(each)) + 1 for each in values]
    return length * weights[n] / sum(weights)


def written(show: Show, sign: str, *values: Any) -> Picture:
    """Numbers under each other as they are written on paper, the last one below a line."""
    rows = [_split(value) for value in values]
    left, right = max(len(whole) for whole, _ in rows), max(len(places) for _, places in rows)
    point = 34 + _DIGIT * left
    width = point + (8 + _DIGIT * right if right else 0)
    parts = [text(14, 26 + 28 * (len(rows) - 2), sign, 20)]
    for n, (whole, places) in enumerate(rows):
        y = 26 + 28 * n + (8 if n == len(rows) - 1 else 0)
        parts += [text(point - _DIGIT * (len(whole) - c - 0.5), y, each, 20) for c, each in enumerate(whole)]
        parts += [text(point + 8 + _DIGIT * (c + 0.5), y, each, 20) for c, each in enumerate(places)]
        parts.append(text(point + 4, y, decimal_mark(show), 20) if places else "")
    y = 36 + 28 * (len(rows) - 2)
    parts.append(path(line(6, y, width + 4, y), INK, 2))
    words = listed(values[:-1], f" {sign} ")
    return Picture(drawing(width + 12, 48 + 28 * (len(rows) - 1), *parts), {"sum": words, "result": values[-1]})
