"""Questions in words about fractions."""

from __future__ import annotations

from math import ceil, floor

from item_banks.solver.reading import LARGEST, Rule

_RED = r"Which fraction of them is red\?\n"


FRACTIONS = (
    Rule(
        r"Write the shaded part as a fraction.\nA bar cut into # equal parts. # of them (?:is|are) shaded.",
        lambda parts, shaded: shaded / parts,
    ),
    Rule(_RED + r"There are # balloons. # of them are red.", lambda every, red: red / every),
    Rule(_RED + r"There are # red ... and # ...", lambda red, others: red / (red + others)),
    Rule(_RED + r"There are # flags. # of them are green, all ...", lambda every, green: (every - green) / every),
    Rule(r"How much is it\?\n(\d+)/(\d+) of #", lambda top, bottom, number: number * top / bottom),
    Rule(
        r"Which fraction is at the arrow\?\nA number line ... Each whole has # ... The arrow is # ... after 0.",
        lambda spaces, mark: mark / spaces,
    ),
    Rule(r"Which (?:fraction|number|decimal) is the largest\?(?:\n...)?", lambda: LARGEST),
    Rule(
        r"Write the largest whole number that makes it true.\n\?/(\d+) < (\d+)/(\d+)",
        lambda bottom, top, other: ceil(top * bottom / other) - 1,
    ),
    Rule(
        r"Write the smallest whole number that makes it true.\n(\d+)/(\d+) < \?/(\d+)",
        lambda top, other, bottom: floor(top * bottom / other) + 1,
    ),
    Rule(r"How much is each share\?...\n# (?:children|friends) share # ...", lambda shares, whole: whole / shares),
    Rule(r"How much is each share\?...\n# (?:meters|liters) ... into # ...", lambda whole, shares: whole / shares),
)
