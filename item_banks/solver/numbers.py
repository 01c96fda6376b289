"""Questions about numbers themselves: places, order, rounding, sequences."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from typing import Any

from item_banks.solver.reading import Rule


def _worth(digit: Fraction, number: Fraction) -> int:
    text = str(int(number))
    return int(digit) * int("1" + "0" * (len(text) - 1 - text.index(str(digit))))


def _arranged(digits: str, choose: Any) -> int:
    found = [int("".join(each)) for each in permutations(digits.replace(", ", ""))]
    return int(choose(found))


def nearest(number: Fraction, place: Fraction) -> Fraction:
    """The multiple of a place that lies nearest; from halfway the upper one."""
    below = max(n * place for n in (number // place,))
    return below if number - below < below + place - number else below + place


def _gap(shown: str) -> Fraction:
    """The number at the "?" of a list with equal steps."""
    terms = [None if each == "?" else Fraction(each) for each in shown.replace(",", "").split()]
    at = terms.index(None)
    known = [(place, term) for place, term in enumerate(terms) if term is not None]
    (p, a), (q, b) = known[0], known[-1]
    step = (b - a) / (q - p)
    if any(term != a + step * (place - p) for place, term in known):
        raise ValueError("the steps are not equal")
    return a + step * (at - p)


def _next(kind: str, number: Fraction) -> int:
    """The first number after one whose last digit is of a kind."""
    return next(n for n in range(int(number) + 1, int(number) + 9) if (str(n)[-1] in "02468") is (kind == "even"))


_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


def _roman(text: str) -> int:
    """Roman numerals, read from the right: a letter smaller than the largest so far is taken away."""
    total = largest = 0
    for letter in reversed(text):
        worth = _ROMAN[letter]
        total += worth if worth >= largest else -worth
        largest = max(largest, worth)
    return total


PLACE_VALUE = (
    Rule(r"Which number is it\?\n([IVXLC]+)", _roman),
    Rule(
        r"Calculate. Write the answer with our digits.\n([IVXLC]+) \+ ([IVXLC]+) =",
        lambda one, other: _roman(one) + _roman(other),
    ),
    Rule(r"Both missing numbers are the same. Write one of them.\n# = \? \+ \?", lambda number: number / 2),
    Rule(r"How many whole pairs are there\?\n# [^\n]*", lambda number: number // 2),
    Rule(r"Which (even|odd) number comes next after #\?", _next),
    Rule(r"How much is the digit # worth\?\n#", _worth),
    Rule(r"Write the number.\n# tens and # ones", lambda tens, ones: 10 * tens + ones),
    Rule(r"Use each digit once. Write the largest number you can.\nDigits: (.+)", lambda of: _arranged(of, max)),
    Rule(r"Use each digit once. Write the smallest number you can.\nDigits: (.+)", lambda of: _arranged(of, min)),
    Rule(r"Round to the nearest #.\n#", lambda place, number: nearest(number, place)),
    Rule(r"How many times as much is the first number\?\n# and #", lambda first, second: first / second),
    Rule(r"Write the missing number.\n((?:[\d,.]+, |\?, )+(?:[\d,.]+|\?))", _gap),
)
