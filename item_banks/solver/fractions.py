"""Questions in words about fractions."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from item_banks.solver.reading import LARGEST, Rule

_RED = r"Which fraction of them is red\?\n"


def _drawn(line: str) -> Fraction:
    """The place of the arrow on "0–|–▼–|–1": each dash is one space."""
    return Fraction(line.partition("▼")[0].count("–"), line.count("–"))


FRACTIONS = (
    Rule(r"Write the shaded part as a fraction.\n(■+)(□+)", lambda on, off: Fraction(len(on), len(on + off))),
    Rule(_RED + r"There are # balloons. # of them are red.", lambda every, red: red / every),
    Rule(_RED + r"There are # red ... and # ...", lambda red, others: red / (red + others)),
    Rule(_RED + r"There are # flags. # of them are green, all ...", lambda every, green: (every - green) / every),
    Rule(r"How much is it\?\n(\d+)/(\d+) of #", lambda top, bottom, number: number * top / bottom),
    Rule(
        r"Which fraction is at the arrow\?\nThe line from 0 to # is cut into # ...\nThe arrow ... # after 0.",
        lambda end, spaces, mark: mark * end / spaces,
    ),
    Rule(r"Which fraction is at the arrow\?\n(0[–|▼]+1)", _drawn),
    Rule(r"Which (?:fraction|number|decimal) is the largest\?(?:\n...)?", lambda: LARGEST),
    Rule(
        r"Write the largest whole number that makes it true.\n\?/(\d+) < (\d+)/(\d+)",
        lambda bottom, top, other: ceil(top * bottom / other) - 1,
    ),
    Rule(
        r"Write the smallest whole number that makes it true.\n(\d+)/(\d+) < \?/(\d+)",
        lambda top, other, bottom: floor(top * bottom / other) + 1,
    ),
    Rule(r"How much does each one get\?...\n# (?:children|friends) share # ...", lambda shares, whole: whole / shares),
    Rule(r"How much does each one get\?...\n# (?:metres|litres) ... into # ...", lambda whole, shares: whole / shares),
)
