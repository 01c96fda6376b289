"""The plane with four quadrants, and what an inequality allows on a line."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from item_banks.pictures.svg import (
    BLUE,
    HAIR,
    INK,
    PAPER,
    SMALLEST,
    WIDTH,
    Box,
    Picture,
    Show,
    circle,
    drawing,
    line,
    meet,
    number,
    path,
    room,
    text,
)

Place = tuple[float, float]
Label = tuple[float, float, str, str]

LEFT, BOTTOM, SIDE = 28.0, 250.0, 240.0
"""Where the square of a grid begins, and how long its sides are: the page's script places a marker by these too."""
_DOT, _LETTER, _HALO = 6, 18, 2.5  # radius of a point, size of its name, and what its halo covers around it
_NEAR = ((13, -8), (-13, -8), (13, 22), (-13, 22), (18, 7), (-18, 7), (0, -12), (0, 26))
_BESIDE = (*_NEAR, (26, 7), (-26, 7), (0, -26), (24, -20), (-24, -20), (24, 34), (-24, 34), (0, 40))
"""Where the name of a point may stand beside it, best first."""
_NAMED = 12  # lines of a grid that can all be named


def plane_points(show: Show, size: int, *pairs: Any) -> Picture:
    """A plane from -size to size both ways, with points named A, B, C ...: along, up, along, up ..."""
    size = int(size)
    points = [(int(x), int(y)) for x, y in zip(pairs[::2], pairs[1::2], strict=True)]
    unit = SIDE / (2 * size)
    places = tuple((LEFT + unit * (x + size), BOTTOM - unit * (y + size)) for x, y in points)
    numbers = _numbers(-size, size, places)
    svg = drawing(
        WIDTH,
        BOTTOM + 26,
        _lines(-size, size),
        *(text(x, y, name, SMALLEST, anchor, halo=PAPER) for x, y, name, anchor in numbers),
        named_points(places, rooms_of_numbers(-size, size, places)),
    )
    along, up = points[0]
    return Picture(svg, {"size": size, "low": -size, "along": along, "up": up})


def named_points(places: Sequence[Place], taken: Sequence[Box] = ()) -> str:
    """Dots with the letters A, B, C ... beside them, where these cover neither each other nor what is `taken`."""
    dots = [_around(place) for place in places]
    letters: list[Box] = []
    drawn = []
    for name, (x, y) in zip("ABCDEF", places, strict=False):
        beside = [(x + across, y + down) for across, down in _BESIDE]
        others = (*taken, *dots, *letters)
        free = (at for at in beside if _inside(at) and not any(meet(_with_halo(*at, name), box) for box in others))
        at = next(free, next(filter(_inside, beside)))
        letters.append(_with_halo(*at, name))
        drawn.append(circle(x, y, _DOT) + text(*at, name, _LETTER, halo=PAPER))
    return "".join(drawn)


def rooms_of_numbers(low: int, high: int, points: Sequence[Place] = ()) -> list[Box]:
    """What the numbers beside the axes take of a grid with these points."""
    return [_room_of(number) for number in _numbers(low, high, points)]


def _room_of(label: Label) -> Box:
    x, y, name, anchor = label
    return room(x, y, name, anchor=anchor)


def _with_halo(x: float, y: float, name: str) -> Box:
    return _widened(room(x, y, name, _LETTER))


def _widened(box: Box) -> Box:
    left, top, right, bottom = box
    return left - _HALO, top - _HALO, right + _HALO, bottom + _HALO


def _around(place: Place) -> Box:
    x, y = place
    return x - _DOT - 1, y - _DOT - 1, x + _DOT + 1, y + _DOT + 1


def _inside(place: Place) -> bool:
    x, y = place
    return 8 < x < WIDTH - 8 and y > _LETTER


@cache
def plane(low: int, high: int) -> str:
    """The lines and numbers of a grid from low to high both ways, with its axes through zero."""
    numbers = (text(x, y, name, SMALLEST, anchor, halo=_ground(low)) for x, y, name, anchor in _numbers(low, high))
    return _lines(low, high) + "".join(numbers)


@cache
def _lines(low: int, high: int) -> str:
    unit = SIDE / (high - low)
    x0, y0 = LEFT - unit * low, BOTTOM + unit * low
    lines = "".join(
        line(LEFT + unit * n, BOTTOM - SIDE, LEFT + unit * n, BOTTOM)
        + line(LEFT, BOTTOM - unit * n, LEFT + SIDE, BOTTOM - unit * n)
        for n in range(high - low + 1)
    )
    axes = path(line(LEFT - (6 if low else 0), y0, LEFT + SIDE + 8, y0), INK, 2.5)
    axes += path(line(x0, BOTTOM + (6 if low else 0), x0, BOTTOM - SIDE - 6), INK, 2.5)
    return path(lines, HAIR, 0.8) + axes


def _numbers(low: int, high: int, points: Sequence[Place] = ()) -> list[Label]:
    """The numbers beside the axes with their places and anchors; one that a point would cover is on the other side,
    and left out where there is no room either."""
    unit = SIDE / (high - low)
    x0, y0 = LEFT - unit * low, BOTTOM + unit * low
    every = 1 if high - low < _NAMED else 2
    named = [n for n in range(low, high + 1) if n % every == 0]
    taken = [_around(each) for each in points]
    found: list[Label] = []
    for n in named:
        x, y, name = x0 + unit * n, y0 - unit * n, _signed(n)
        below_or_above: tuple[Label, ...] = ((x, y0 + 18, name, "middle"), (x, y0 - 8, name, "middle"))
        left_or_right: tuple[Label, ...] = ((x0 - 7, y + 6, name, "end"), (x0 + 7, y + 6, name, "start"))
        for sides in [below_or_above] * (n != 0 or not low) + [left_or_right] * (n != 0):
            free = [side for side in sides if not any(meet(_room_of(side), box) for box in taken)]
            found += free[:1]
            taken += [_widened(_room_of(side)) for side in free[:1]]
    return found


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
