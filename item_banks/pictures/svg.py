"""The few shapes that all pictures are made of. Colours are attributes: pages allow no styles of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from html import escape
from typing import Any

Box = tuple[float, float, float, float]
Show = Callable[[object], str]
"""Writes a value as pupils of a bank read it."""

INK, BLUE, WASH, SUN, HAIR, PAPER = "#20303c", "#1f5f8b", "#cfe3f1", "#ffd166", "#8a99a5", "#fff"
WIDTH = 300
"""Of a picture, in pixels: it fits a phone without being scaled."""
SMALLEST = 17
"""Pixels: no text of a picture is smaller. A phone shows 296 of 300 pixels, so that it still has 16 there."""
_WIDTHS = {"1": 402, ".": 205, ",": 205, ":": 205, "-": 368, "−": 602, " ": 280, "/": 377, "(": 300, ")": 300, "°": 352}
_WIDTHS |= {"2": 549, "3": 574, "4": 614, "5": 583, "6": 598, "7": 510, "8": 615, "9": 598}
_WIDTHS |= {"%": 927, "m": 841, "w": 654, "f": 311, "i": 278, "j": 254, "l": 239, "r": 340, "t": 324, "'": 160}
_DIGIT, _SMALL, _CAPITAL = 648, 576, 840
"""Thousandths of the size of a text: how wide the characters of the page's typeface are, others as wide as the widest
of their kind."""


@dataclass(frozen=True)
class Picture:
    """A drawing, and the values of the sentence that says in words what there is to see."""

    svg: str
    values: Mapping[str, Any] = field(default_factory=dict)


def breadth(content: str, size: int = SMALLEST) -> float:
    """How wide a text is at most, in pixels."""
    return sum(_WIDTHS.get(each) or _width(each) for each in content) * size / 1000


def _width(character: str) -> int:
    return _CAPITAL if character.isupper() else _SMALL if character.islower() else _DIGIT


def room(x: float, y: float, content: str, size: int = SMALLEST, anchor: str = "middle") -> Box:
    """The room that `text` takes there: left, top, right and bottom, without what reaches below the baseline."""
    wide = breadth(content, size)
    left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
    return left, y - 0.7 * size, left + wide, y


def meet(one: Box, other: Box) -> bool:
    """Whether two rooms have a place in common."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def listed(values: Iterable[Any], between: str = ", ") -> tuple[Any, ...]:
    """Values with something between them, as sentences of a bank take them."""
    return tuple(piece for n, each in enumerate(values) for piece in ((between, each) if n else (each,)))


def decimal_mark(show: Show) -> str:
    """The mark in 0.5 as pupils of a bank write it."""
    return show(Fraction(1, 2))[1]


def drawing(width: float, height: float, *parts: str) -> str:
    """An SVG image of a size in pixels; on narrow pages it shrinks."""
    size = f'viewBox="0 0 {number(width)} {number(height)}" width="{number(width)}" height="{number(height)}"'
    return f'<svg {size} aria-hidden="true" focusable="false">{"".join(parts)}</svg>'


def number(value: float) -> str:
    """A coordinate, to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")


def text(
    x: float, y: float, content: str, size: int = SMALLEST, anchor: str = "middle", fill: str = INK, halo: str = ""
) -> str:
    """A short text with its baseline at y; on lines it can be read with a `halo` of the colour of the ground."""
    where = f'x="{number(x)}" y="{number(y)}" font-size="{size}" text-anchor="{anchor}"'
    around = f' stroke="{halo}" stroke-width="5" paint-order="stroke"' if halo else ""
    return f'<text {where} fill="{fill}"{around}>{escape(content)}</text>'


def stacked(x: float, y: float, value: Fraction, size: int = SMALLEST) -> str:
    """A number with its fraction upright, its bar at y: for places where 1 1/4 would be too wide in one line."""
    ones, rest = divmod(value, 1)
    if not rest:
        return text(x, y + 6, str(ones), size)
    wide = max(breadth(str(rest.numerator)), breadth(str(rest.denominator)))
    left = x + (breadth(str(ones)) + 2) / 2 if ones else x
    whole = text(left - wide / 2 - 2, y + 6, str(ones), size, "end") if ones else ""
    parts = text(left, y - 4, str(rest.numerator), size) + text(left, y + 16, str(rest.denominator), size)
    return whole + parts + path(line(left - wide / 2 - 1, y, left + wide / 2 + 1, y), INK, 1.5)


def rect(x: float, y: float, width: float, height: float, fill: str = WASH, stroke: str = BLUE) -> str:
    """A rectangle with its outline."""
    where = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
    return f'<rect {where} fill="{fill}" stroke="{stroke}"/>'


def path(d: str, stroke: str = INK, width: float = 1.5, fill: str = "none") -> str:
    """A path; its data is written by the caller."""
    return f'<path d="{d}" fill="{fill}" stroke="{stroke}" stroke-width="{number(width)}" stroke-linecap="round"/>'


def circle(x: float, y: float, radius: float, fill: str = BLUE, stroke: str = BLUE) -> str:
    """A disc with its outline."""
    return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="{fill}" stroke="{stroke}"/>'


def line(x1: float, y1: float, x2: float, y2: float) -> str:
    """A straight piece of a path's data."""
    return f"M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}"
