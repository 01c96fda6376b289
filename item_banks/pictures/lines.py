"""Number lines, rulers, scales and clocks."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import ceil, cos, pi, sin
from typing import Any

from item_banks.pictures.svg import (
    BLUE,
    INK,
    PAPER,
    SUN,
    WIDTH,
    Picture,
    Show,
    breadth,
    circle,
    drawing,
    line,
    listed,
    path,
    rect,
    text,
)

_EDGE = 18
_ELSEWHERE = 9.6  # pixels of a character where a device writes in another typeface than the page's
_MOST_LABELS = 11
LONG_HAND = 68
"""It ends at the small marks; numbers stand on it."""
_AXIS = 84  # how far down a line lies below its jumps


def number_line(show: Show, low: Any, high: Any, steps: int, *jumps: Any) -> Picture:
    """A line from low to high in equal steps, with an arc from each jump's number to the next."""
    at = _placer(low, high)
    steps = int(steps)
    value = [Fraction(low) + (Fraction(high) - Fraction(low)) * n / steps for n in range(steps + 1)]
    every = _every(steps, max(breadth(show(_plain(each))) for each in value))
    ticks = "".join(line(at(each), _AXIS - 5, at(each), _AXIS + 5) for each in value)
    labels = [_inside(at(each), _AXIS + 24, show(_plain(each))) for each in value[::every]]
    arcs = [_arc(at(a), at(b)) for a, b in pairwise(jumps)]
    dots = [circle(at(each), _AXIS, 4, SUN, INK) for each in jumps]
    named = _apart([(at(each), show(_plain(Fraction(each)))) for each in jumps], 34, 16)
    parts = [path(line(_EDGE - 8, _AXIS, WIDTH - _EDGE + 8, _AXIS) + ticks), *labels, *arcs, *dots, *named]
    stops = listed(_plain(Fraction(each)) for each in jumps)
    return Picture(drawing(WIDTH, _AXIS + 32, *parts), {"low": low, "high": high, "steps": steps, "stops": stops})


def _inside(x: float, y: float, label: str) -> str:
    """A label at x, or as near to it as the edges of the drawing allow."""
    return text(_fitted(x, label), y, label)


def _fitted(x: float, label: str) -> float:
    half = max(breadth(label), _ELSEWHERE * len(label)) / 2 + 1
    return min(max(x, half), WIDTH - half)


def _apart(labels: Sequence[tuple[float, str]], *rows: float) -> list[str]:
    """Labels in the first of two rows in which there is room beside those that stand there already."""
    ends: dict[float, list[tuple[float, float]]] = {row: [] for row in rows}
    drawn = []
    for x, label in labels:
        middle, half = _fitted(x, label), breadth(label) / 2 + 3
        free = (row for row in rows if all(middle + half < low or high < middle - half for low, high in ends[row]))
        row = next(free, rows[-1])
        if (middle - half, middle + half) not in ends[row]:
            ends[row].append((middle - half, middle + half))
            drawn.append(text(middle, row, label))
    return drawn


def _every(steps: int, longest: float) -> int:
    """Of how many marks one is named, so that labels of so many pixels stand apart and both ends are named."""
    room = (WIDTH - 2 * _EDGE) / steps
    least = max(1, ceil((steps + 1) / _MOST_LABELS), ceil((longest + 4) / room))
    return next((every for every in range(least, steps) if steps % every == 0), steps)


def time_line(show: Show, *minutes: int) -> Picture:
    """Jumps from one time of day to the next, each with the minutes that it takes; all in minutes after midnight."""
    stops = [int(each) for each in minutes]
    at = _placer(stops[0], stops[-1])
    marks = "".join(line(at(each), _AXIS - 5, at(each), _AXIS + 5) for each in stops)
    times = [show(f"{(each // 60 - 1) % 12 + 1}:{each % 60:02d}") for each in stops]
    names = _apart([(at(each), time) for each, time in zip(stops, times, strict=True)], _AXIS + 24, _AXIS + 44)
    arcs = [_arc(at(a), at(b)) for a, b in pairwise(stops)]
    jumps = [text((at(a) + at(b)) / 2, 34, show(b - a)) for a, b in pairwise(stops)]
    dots = [circle(at(each), _AXIS, 4, SUN, INK) for each in stops]
    svg = drawing(
        WIDTH, _AXIS + 52, path(line(_EDGE, _AXIS, WIDTH - _EDGE, _AXIS) + marks), *arcs, *dots, *jumps, *names
    )
    return Picture(svg, {"times": listed(times), "jumps": listed(b - a for a, b in pairwise(stops))})


def fraction_line(show: Show, wholes: int, parts: int, *counts: int) -> Picture:
    """A line from 0 to some wholes, each cut into parts, with an arc from each count of parts to the next."""
    wholes, parts = int(wholes), int(parts)
    at = _placer(0, wholes * parts)
    ticks = "".join(
        line(at(n), _AXIS - (9 if n % parts == 0 else 5), at(n), _AXIS + (9 if n % parts == 0 else 5))
        for n in range(wholes * parts + 1)
    )
    labels = [text(at(n * parts), _AXIS + 28, show(n)) for n in range(wholes + 1)]
    arcs = [_arc(at(a), at(b)) for a, b in pairwise(counts)]
    dots = [circle(at(each), _AXIS, 4, SUN, INK) for each in counts]
    names = _apart([(at(each), f"{each}/{parts}") for each in counts if each], 34, 16)
    axis = path(line(_EDGE - 8, _AXIS, WIDTH - _EDGE + 8, _AXIS) + ticks)
    svg = drawing(WIDTH, _AXIS + 36, axis, *labels, *arcs, *dots, *names)
    return Picture(svg, {"high": wholes, "steps": parts, "stops": listed(f"{each}/{parts}" for each in counts)})


def arrow_line(show: Show, wholes: int, parts: int, at_step: int) -> Picture:
    """A line from 0 on, each whole cut into parts, of which only the wholes are named; an arrow points to one mark."""
    wholes, parts, at_step = int(wholes), int(parts), int(at_step)
    at = _placer(0, wholes)
    marks = [Fraction(n, parts) for n in range(wholes * parts + 1)]
    ticks = "".join(line(at(each), 40 if each % 1 else 34, at(each), 54 if each % 1 else 60) for each in marks)
    names = [text(at(n), 78, show(n)) for n in range(wholes + 1)]
    x = at(Fraction(at_step, parts))
    arrow = path(f"M{x:.1f} 36l-7 -13h14z", BLUE, 1, BLUE)
    svg = drawing(WIDTH, 84, path(line(_EDGE, 47, WIDTH - _EDGE, 47) + ticks), arrow, *names)
    return Picture(svg, {"high": wholes, "parts": parts, "step": at_step})


def scale_line(show: Show, low: Any, high: Any, steps: int, at_step: int) -> Picture:
    """A measuring scale of which only the ends are named, with a pointer at one step."""
    low, high, steps, at_step = Fraction(low), Fraction(high), int(steps), int(at_step)
    at = _placer(low, high)
    ticks = "".join(line(x := at(low + (high - low) * n / steps), 40, x, 54) for n in range(steps + 1))
    x = at(low + (high - low) * at_step / steps)
    pointer = path(f"M{x:.1f} 38l-7 -18h14z", BLUE, 1, BLUE)
    ends = _inside(at(low), 76, show(_plain(low))) + _inside(at(high), 76, show(_plain(high)))
    svg = drawing(WIDTH, 82, path(line(_EDGE, 47, WIDTH - _EDGE, 47) + ticks), pointer, ends)
    return Picture(svg, {"low": _plain(low), "high": _plain(high), "steps": steps, "step": at_step})


def ruler(show: Show, start: int, end: int, length: int = 20) -> Picture:
    """A ruler in centimetres with a strip above it from start to end."""
    at = _placer(0, length)
    ticks = "".join(line(at(n), 44, at(n), 54) for n in range(length + 1))
    labels = [text(at(n), 72, show(n)) for n in range(0, length + 1, 1 if length <= 12 else 2)]
    strip = rect(at(start), 16, at(end) - at(start), 22, SUN, INK)
    svg = drawing(WIDTH, 80, rect(4, 44, WIDTH - 8, 34, PAPER, INK), path(ticks), strip, *labels)
    return Picture(svg, {"start": start, "end": end})


def clock(show: Show, minutes: int) -> Picture:
    """A clock's face, at so many minutes after midnight."""
    hour, past = (int(minutes) // 60 - 1) % 12 + 1, int(minutes) % 60
    long_hand = path(_hand(past / 60, LONG_HAND), BLUE, 4)
    short_hand = path(_hand((hour % 12 + past / 60) / 12, 38), INK, 6)
    svg = drawing(160, 160, face(), long_hand, short_hand, circle(80, 80, 4, INK, INK), hours())
    on = {"long": past // 5 or 12, "extra": past % 5, "short": hour, "next": hour % 12 + 1}
    return Picture(svg, on | {"case": "hour" if past == 0 else "extra" if past % 5 else ""})


@cache
def face() -> str:
    """The face of a clock of 160 by 160 pixels, without hands and numbers."""
    ticks = "".join(_hand(n / 60, 72, 66 if n % 5 == 0 else 69) for n in range(60))
    return circle(80, 80, 74, PAPER, INK) + path(ticks, INK, 1)


@cache
def hours() -> str:
    """The numbers of the face, which the long hand passes below."""
    at = ((n, 80 + 56 * sin(n * pi / 6), 86 - 56 * cos(n * pi / 6)) for n in range(1, 13))
    return "".join(text(x, y, str(n), halo=PAPER) for n, x, y in at)


def _hand(turn: float, outer: float, inner: float = 0) -> str:
    x, y = sin(2 * pi * turn), -cos(2 * pi * turn)
    return line(80 + inner * x, 80 + inner * y, 80 + outer * x, 80 + outer * y)


def _arc(x1: float, x2: float) -> str:
    middle, high = (x1 + x2) / 2, _AXIS - 5 - min(34, abs(x2 - x1) / 2 + 10)
    return path(f"M{x1:.1f} {_AXIS - 7}Q{middle:.1f} {high:.1f} {x2:.1f} {_AXIS - 7}", BLUE, 2)


def _placer(low: Any, high: Any) -> Any:
    first, span = Fraction(low), Fraction(high) - Fraction(low)

    def at(value: Any) -> float:
        return _EDGE + float((Fraction(value) - first) / span) * (WIDTH - 2 * _EDGE)

    return at


def _plain(value: Fraction) -> int | Fraction:
    return value.numerator if value.denominator == 1 else value
