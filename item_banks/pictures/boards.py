"""What something is placed on: the line under a slider, the grid, the face of a clock. Pages move a marker on it."""

from __future__ import annotations

from item_banks.pictures.lines import LONG_HAND, face, hours
from item_banks.pictures.plane import BOTTOM, LEFT, SIDE, plane
from item_banks.pictures.svg import BLUE, INK, SUN, WIDTH, Show, circle, drawing, line, path, text
from item_banks.responses import Scale

LINE_WIDTH = 1000
"""Of the line's own coordinates: the middle of the slider's thumb moves from one end to the other."""


def board(kind: str, scale: Scale | None, show: Show) -> str:
    """The board for a kind of response; "" for a kind that needs none."""
    if kind == "line" and scale is not None:
        return _line(scale)
    if kind == "point" and scale is not None:
        low, high = int(scale.low), int(scale.high)
        zero = SIDE * low / (high - low)
        marker = f'<g class="marker">{circle(LEFT - zero, BOTTOM + zero, 8, SUN, INK)}</g>'
        return drawing(WIDTH, BOTTOM + 24, plane(low, high), marker)
    if kind == "hands":
        return drawing(160, 160, face(), _hand("long", LONG_HAND, 4, BLUE), _hand("short", 38, 6, INK), hours())
    return ""


def _line(scale: Scale) -> str:
    labelled = dict(scale.labels)
    at = [LINE_WIDTH * step / scale.steps for step in range(scale.steps + 1)]
    ticks = "".join(line(x, 0, x, 34 if step in labelled else 20) for step, x in enumerate(at))
    names = [text(at[step], 86, name, 54) for step, name in scale.labels]
    parts = path(line(0, 2, LINE_WIDTH, 2) + ticks, INK, 5) + "".join(names)
    return f'<svg viewBox="0 0 {LINE_WIDTH} 96" aria-hidden="true" focusable="false">{parts}</svg>'


def _hand(name: str, length: int, width: int, colour: str) -> str:
    return f'<g class="hand-{name}">{path(line(80, 80, 80, 80 - length), colour, width)}</g>'
