"""Lengths that are letters: for a bracket that is multiplied, and for letters that are added."""

from __future__ import annotations

from typing import Any

from item_banks.pictures.svg import PAPER, SMALLEST, SUN, WIDTH, Picture, Show, drawing, rect, text


def letter_area(show: Show, high: Any, second: Any) -> Picture:
    """A rectangle that is x and another piece long, with the area of each piece in it: 4(x + 3)."""
    parts = [rect(46, 26, 130, 64), rect(176, 26, 100, 64, SUN)]
    parts += [text(111, 19, "x"), text(226, 19, show(second)), text(36, 64, show(high), SMALLEST, "end")]
    parts += [text(111, 64, f"{show(high)}x"), text(226, 64, show(high * second))]
    return Picture(drawing(WIDTH, 98, *parts), {"high": high, "first": "x", "second": second})


def letter_bars(show: Show, whole: str, first: str, second: str) -> Picture:
    """A bar of letters above the two that it is made of: 8x above 5x and 3x, or 5x + 13 above 5x and 13."""
    counts = [int(each.removesuffix("x")) for each in (first, second)]
    wide = (WIDTH - 20) * counts[0] / sum(counts)
    middles = (10 + wide / 2, (10 + wide + WIDTH - 10) / 2)
    parts = [rect(10, 8, WIDTH - 20, 34, PAPER), text(WIDTH / 2, 31, whole)]
    parts += [rect(10, 48, wide, 34), rect(10 + wide, 48, WIDTH - 20 - wide, 34, SUN)]
    parts += [text(middle, 71, each) for middle, each in zip(middles, (first, second), strict=True)]
    return Picture(drawing(WIDTH, 90, *parts), {"whole": whole, "first": first, "second": second})
