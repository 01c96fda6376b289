"""Written methods as they stand on paper when they are done: with what was carried, exchanged and brought down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from item_banks.pictures.svg import BLUE, INK, Picture, Show, drawing, line, path, text
from item_banks.written import Step, carried, carried_times, digits, division, division_told, opened

_DIGIT, _LINE, _SIZE = 26, 28, 22


def column_add(show: Show, a: int, b: int) -> Picture:
    """a + b under each other, with what was carried above the columns."""
    notes = [str(each) if each else "" for each in carried(a, b)]
    right, parts = _under_each_other(max(len(str(a)), len(str(b)), len(str(a + b))), "+", notes, a, b)
    parts += _row(right, 4, str(a + b))
    return Picture(_paper(right, 4, parts), {"sum": (a, " + ", b), "notes": _told(notes), "result": a + b})


def column_subtract(show: Show, a: int, b: int) -> Picture:
    """a - b under each other: a digit that changed is crossed out, and what it became stands above it."""
    changed = [(now, now != was) for now, was in zip(opened(a, b), digits(a), strict=True)]
    notes = [str(now) if differs else "" for now, differs in changed]
    right, parts = _under_each_other(len(str(a)), "−", notes, a, b)
    crossed = "".join(
        line(right - _DIGIT * place - 20, 54, right - _DIGIT * place - 5, 40)
        for place, (_, differs) in enumerate(changed)
        if differs
    )
    parts += _row(right, 4, str(a - b)) + ([path(crossed, BLUE, 2)] if crossed else [])
    return Picture(_paper(right, 4, parts), {"sum": (a, " − ", b), "notes": _told(notes), "result": a - b})


def column_multiply(show: Show, a: int, b: int) -> Picture:
    """a × b under each other: above what was carried while a was multiplied by each digit of b (its ones undermost),
    below a row for each digit, and their sum."""
    rows = [(place, digit) for place, digit in enumerate(digits(b)) if digit]
    above = [[str(each) if each else "" for each in carried_times(a, digit)] for _, digit in reversed(rows)]
    right = 34.0 + _DIGIT * max(len(str(a * b)), len(str(a)))
    parts: list[str] = []
    for n, notes in enumerate(above):
        parts += _notes(right, n + 1, notes)
    first = len(above) + 1
    parts += _row(right, first, str(a)) + _row(right, first + 1, str(b)) + [_sign(first + 1, "×")]
    ruled, at = _ruled(right, first + 1), first + 2
    if len(rows) > 1:
        for place, digit in rows:
            parts += _row(right, at, str(a * digit * 10**place))
            at += 1
        parts.append(_sign(at - 1, "+"))
        ruled += _ruled(right, at - 1)
    parts += [*_row(right, at, str(a * b)), path(ruled, INK, 2)]
    told = [each for notes in reversed(above) for each in notes]
    return Picture(_paper(right, at, parts), {"sum": (a, " × ", b), "notes": _bare(told), "result": a * b})


def column_divide(show: Show, number: int, divisor: int) -> Picture:
    """A long division with each product taken away and each digit brought down; the quotient stands above, or behind
    the number where one divides with a colon."""
    steps, shown = division(number, divisor), str(number)
    left = 22.0 + _DIGIT * len(str(divisor))
    right = left + _DIGIT * len(shown)
    parts = _row(left - 12, 2, str(divisor)) + _row(right, 2, shown)
    at, ruled = 3, ""
    for n, step in enumerate(steps):
        end, begin = left + _DIGIT * (step.at + 1), left + _DIGIT * (step.at + 1 - len(str(step.now)))
        if n:
            parts += _row(end, at, str(step.now))
            at += 1
        parts += [*_row(end, at, str(step.fits * divisor)), text(begin - _DIGIT / 2, _y(at), "−", 18)]
        ruled += line(begin - 4, _y(at) + 7, end, _y(at) + 7)
        at += 1
    parts += _row(right, at, str(steps[-1].left))
    frame, wide = _bracket(parts, steps, left, right, behind=getattr(show, "divide", "÷") == ":")
    values = {"number": number, "divisor": divisor, "quotient": number // divisor, "rest": number % divisor}
    svg = drawing(wide + 10, _y(at) + 12, path(frame + ruled, INK, 2), *parts)
    return Picture(svg, values | {"steps": division_told(number, divisor)})


def _bracket(parts: list[str], steps: Sequence[Step], left: float, right: float, *, behind: bool) -> tuple[str, float]:
    """The lines that keep number and divisor apart, and how wide it all is; adds the quotient to the parts."""
    quotient = "".join(str(step.fits) for step in steps)
    if behind:
        parts.append(text(right + 14, _y(2), quotient, _SIZE, "start", BLUE))
        slashes = line(left - 8, _y(2) - 18, left - 12, _y(2) + 5) + line(right + 4, _y(2) - 18, right + 8, _y(2) + 5)
        return slashes, right + 14 + 14 * len(quotient)
    parts += [text(left + _DIGIT * (step.at + 0.5), _y(1), str(step.fits), _SIZE, fill=BLUE) for step in steps]
    return f"M{left - 9:g} {_y(2) + 5:g}q8 -12 0 -26H{right + 2:g}", right


def _under_each_other(width: int, sign: str, notes: Sequence[str], a: int, b: int) -> tuple[float, list[str]]:
    right = 34.0 + _DIGIT * width
    rows = _notes(right, 1, notes) + _row(right, 2, str(a)) + _row(right, 3, str(b))
    return right, [*rows, _sign(3, sign), path(_ruled(right, 3), INK, 2)]


def _y(row: int) -> float:
    return _LINE * row - 4.0


def _row(right: float, row: int, content: str) -> list[str]:
    """The digits of a number, the last one at the right."""
    return [
        text(right - _DIGIT * (n + 0.5), _y(row), each, _SIZE)
        for n, each in enumerate(reversed(content))
        if each != " "
    ]


def _notes(right: float, row: int, notes: Sequence[str]) -> list[str]:
    """Small digits above the columns, ones first."""
    return [text(right - _DIGIT * (n + 0.5), _y(row), each, 17, fill=BLUE) for n, each in enumerate(notes) if each]


def _sign(row: int, sign: str) -> str:
    return text(14, _y(row), sign, _SIZE)


def _ruled(right: float, row: int) -> str:
    return line(4, _y(row) + 8, right + 2, _y(row) + 8)


def _paper(right: float, rows: int, parts: Sequence[str]) -> str:
    return drawing(right + 8, _y(rows) + 12, *parts)


def _told(notes: Sequence[str]) -> tuple[Any, ...]:
    """The notes with the names of their columns: "tens 1, hundreds 1"."""
    named = [(f"above_{place}", " ", int(each)) for place, each in enumerate(notes) if each]
    return tuple(piece for n, note in enumerate(named) for piece in (*((", ",) if n else ()), *note)) or ("–",)


def _bare(notes: Sequence[str]) -> tuple[Any, ...]:
    found = [int(each) for each in notes if each]
    return tuple(piece for n, each in enumerate(found) for piece in (*((", ",) if n else ()), each)) or ("–",)
