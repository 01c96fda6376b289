"""Questions in words about multiplying and dividing."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

from item_banks.solver.reading import Rule


def _divisors(number: Fraction) -> list[int]:
    n = int(number)
    low = [each for each in range(1, isqrt(n) + 1) if n % each == 0]
    return sorted({*low, *(n // each for each in low)})


def _prime(number: Fraction) -> bool:
    return len(_divisors(number)) == 2


def _beyond(step: Fraction, limit: Fraction) -> Fraction:
    found = step
    while found <= limit:
        found += step
    return found


def _greatest(a: Fraction, b: Fraction) -> int:
    return max(each for each in _divisors(a) if b % each == 0)


def _least(a: Fraction, b: Fraction) -> Fraction:
    found = a
    while found % b:
        found += a
    return found


def _power(base: Fraction, times: str) -> Fraction:
    result = Fraction(1)
    for _ in range(_EXPONENTS.index(times) + 2):
        result *= base
    return result


_EXPONENTS = "²³⁴⁵"


OPERATIONS = (
    Rule(r"What is the greatest common factor\?\n# and #", _greatest),
    Rule(r"What is the least common multiple\?\n# and #", _least),
    Rule(r"Calculate.\n#([²³⁴⁵]) =", _power),
    Rule(r"Calculate.\n# × #² \+ # =", lambda a, b, c: a * b * b + c),
    Rule(r"How many are there altogether\?\n# rows of ..., # ... in each row", lambda rows, each: rows * each),
    Rule(r"How many are there altogether\?\nThere are # ...\. .*?# .*?\.", lambda groups, each: groups * each),
    Rule(r"How many are there altogether\?\nA bus makes # trips. ...# people ...", lambda trips, each: trips * each),
    Rule(r"How many are there altogether\?\n... reads # pages a day for # days.", lambda pages, days: pages * days),
    Rule(r"How many does each one get\?\n# ... equally (?:by|to|into) # .*", lambda whole, shares: whole / shares),
    Rule(r"How many groups are there\?\n# ... of #.", lambda whole, size: whole / size),
    Rule(r"Divide. What is the remainder\?\n# ÷ #", lambda whole, divisor: whole % divisor),
    Rule(r"How many whole times does it fit\?\n# ÷ #", lambda whole, divisor: whole // divisor),
    Rule(r"How many factors does this number have\?\n#", lambda number: len(_divisors(number))),
    Rule(r"Write its largest factor that is smaller than itself.\n#", lambda number: _divisors(number)[-2]),
    Rule(r"Which of these numbers is prime\?", lambda: _prime),
    Rule(r"Write the smallest multiple of # above #.", _beyond),
)
