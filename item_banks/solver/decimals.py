"""Questions in words about decimals."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

from item_banks.solver.numbers import nearest
from item_banks.solver.reading import Rule


def _largest(digits: str) -> Fraction:
    return max(Fraction("{}.{}{}".format(*each)) for each in permutations(digits.split(", ")))


def _worth(digit: Fraction, parts: str) -> Fraction:
    """What a digit behind the point is worth, from what stands behind it: 3 and ".038"."""
    return digit / int("1" + "0" * parts.index(str(digit)))


DECIMALS = (
    Rule(r"Round to one decimal place.\n#", lambda number: nearest(number, Fraction(1, 10))),
    Rule(r"Round to two decimal places.\n#", lambda number: nearest(number, Fraction(1, 100))),
    Rule(r"How much is the digit # worth\? Write a decimal.\n\d+(\.\d+)", _worth),
    Rule(r"Write the largest decimal: one digit before the point, two after.\nDigits: (.+)", _largest),
)
