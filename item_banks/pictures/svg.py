"""The few shapes that all pictures are made of. Colours are attributes: pages allow no styles of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from html import escape
from typing import Any

Show = Callable[[object], str]
"""Writes a value as pupils of a bank read it."""

INK, BLUE, WASH, SUN, HAIR, PAPER = "#20303c", "#1f5f8b", "#cfe3f1", "#ffd166", "#8a99a5", "#fff"
WIDTH = 300
"""Of a picture, in pixels: it fits a phone without being scaled."""


@dataclass(frozen=True)
class Picture:
    """A drawing, and the values of the sentence that says in words what there is to see."""

    svg: str
    values: Mapping[str, Any] = field(default_factory=dict)


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


def text(x: float, y: float, content: str, size: int = 14, anchor: str = "middle", fill: str = INK) -> str:
    """A short text with its baseline at y."""
    where = f'x="{number(x)}" y="{number(y)}" font-size="{size}" text-anchor="{anchor}"'
    return f'<text {where} fill="{fill}">{escape(content)}</text>'


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
