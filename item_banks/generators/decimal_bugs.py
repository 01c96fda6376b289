"""What children do with decimals and with clock time instead of using the value of each place.

Sources: Resnick et al. (1989), "Conceptual bases of arithmetic errors: the case of decimal fractions"; Steinle & Stacey
(1998-2004); Williams & Ryan (2007), "Children's mathematics 4-15". Decimals are exact fractions.
"""

from __future__ import annotations

from fractions import Fraction as _Fraction

from item_banks.numbers import plain_number as _plain

_Number = int | _Fraction


def places(number: _Number) -> int:
    """How many digits a decimal has behind the point."""
    return len(_plain(number).partition(".")[2])


def without_point(number: _Number) -> int:
    """The digits of a decimal as a whole number: 0.35 -> 35."""
    return int(_plain(number).replace(".", ""))


def right_align(a: _Number, b: _Number) -> _Number:
    """a + b with the last digits under each other, the point of the longer one kept: 2.35 + 1.4 = 2.49."""
    return _Fraction(without_point(a) + without_point(b), 10 ** max(places(a), places(b)))


def right_align_minus(a: _Number, b: _Number) -> _Number | None:
    """a - b with the last digits under each other."""
    difference = without_point(a) - without_point(b)
    return _Fraction(difference, 10 ** max(places(a), places(b))) if difference > 0 else None


def split_at_point(a: _Number, b: _Number) -> str:
    """Wholes and decimal parts are added by themselves: 2.7 + 1.5 = 3.12."""
    (whole_a, _, part_a), (whole_b, _, part_b) = _plain(a).partition("."), _plain(b).partition(".")
    return f"{int(whole_a) + int(whole_b)}.{int(part_a or 0) + int(part_b or 0)}"


def longest(*numbers: _Number) -> _Number | None:
    """The number with the most decimal places, of several the largest; None if all have as many.

    Who thinks that a longer decimal is larger compares 0.35 and 0.8 like 35 and 8.
    """
    if len({places(each) for each in numbers}) == 1:
        return None
    return max(numbers, key=lambda each: (places(each), each))


def shortest(*numbers: _Number) -> _Number | None:
    """The number with the fewest decimal places, of several the largest; None if all have as many."""
    if len({places(each) for each in numbers}) == 1:
        return None
    return min(numbers, key=lambda each: (places(each), -each))


def point_like_addition(a: _Number, b: _Number) -> _Number:
    """a x b with as many decimal places as the longer factor, as in a sum: 0.3 x 0.2 = 0.6."""
    return _Fraction(without_point(a) * without_point(b), 10 ** max(places(a), places(b)))


def from_base_100(minutes: int) -> int:
    """Minutes since midnight, read from the digits of a time as if an hour had 100 of them: 3:40 -> 340."""
    return minutes // 60 * 100 + minutes % 60
