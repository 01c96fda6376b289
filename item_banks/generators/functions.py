"""The functions that formulas of a bank may call. Numbers are int or Fraction; texts are language-free."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import floor, gcd, lcm
from typing import Any

from item_banks.generators import column_bugs, decimal_bugs, plots, roman
from item_banks.generators.orders import ORDERS
from item_banks.numbers import Money, as_mixed, plain_number
from item_banks.written import column_difference, column_product, column_sum, digits, division_told

Number = int | Fraction


def digit(number: Number, place: Number) -> int:
    """The digit of a number at a place (1, 10, 100, 1/10): digit(345, 10) is 4."""
    if isinstance(place, int):
        return int(number // place % 10)
    return floor(number / place) % 10


def digit_sum(number: int) -> int:
    """All digits added."""
    return sum(digits(number))


def first_digit(number: int) -> int:
    """The digit that a number begins with."""
    return digits(number)[-1]


def once(number: int, wanted: int) -> bool:
    """Whether a number has a digit exactly once."""
    return digits(number).count(wanted) == 1


def expanded(number: int) -> tuple[object, ...]:
    """A number as the sum of what its digits are worth: 305 as "300 + 5"."""
    parts = [part * 10**place for place, part in enumerate(digits(number)) if part]
    pieces: list[object] = []
    for part in reversed(parts):
        pieces += [" + "] if pieces else []
        pieces.append(part)
    return tuple(pieces)


def different(*values: Any) -> bool:
    """Whether no two values are equal."""
    return len(set(values)) == len(values)


def round_to(number: Number, place: Number) -> Number:
    """The nearest multiple of a place, halves up: round_to(345, 10) is 350."""
    return _tidy(floor(Fraction(number) / place + Fraction(1, 2)) * Fraction(place))


def floor_to(number: Number, place: Number) -> Number:
    """The multiple of a place at or below a number."""
    return _tidy(floor(Fraction(number) / place) * Fraction(place))


def cat(*parts: Any) -> str:
    """The parts written behind each other: cat(3, 45) is "345"."""
    return "".join(_text(part) for part in parts)


def whole(text: Any) -> int:
    """The whole number that a text of digits or a number is."""
    return int(text)


def frac(top: int, bottom: int) -> str:
    """A fraction as it is written, not shortened."""
    return f"{top}/{bottom}"


def simplest(value: Number) -> str:
    """A fraction in lowest terms, or a whole number."""
    return str(Fraction(value))


def mixed(top: int, bottom: int) -> str:
    """A fraction as a mixed number: mixed(11, 4) is "2 3/4"."""
    ones, rest = divmod(top, bottom)
    return " ".join([str(ones)] * (ones > 0) + [f"{rest}/{bottom}"] * (rest > 0)) or "0"


def bottom(fraction: str) -> int:
    """The bottom number of a fraction as it is written."""
    return int(fraction.rpartition("/")[2])


def case(key: Any, *pairs: Any) -> Any:
    """The value behind a key: case(n, 3, "triangle", 4, "square"). For any other key the last value, if it stands
    alone; else ValueError."""
    table = dict(zip(pairs[::2], pairs[1::2], strict=False))
    if key not in table and len(pairs) % 2:
        return pairs[-1]
    if key not in table:
        raise ValueError(f"no case for {key!r}")
    return table[key]


def pick(index: int, *values: Any) -> Any:
    """The value at an index, from 0."""
    return values[index]


def entry(values: tuple[Any, ...], index: int) -> Any:
    """One of the values of a list that the bank has for its place, counted from 0."""
    return values[index]


def sign(left: Number, right: Number) -> str:
    """What stands between two numbers: "<", "=" or ">"."""
    return "<" if left < right else ">" if left > right else "="


def repeat(text: str, times: int) -> str:
    """A text several times."""
    return text * times


def clock(minutes: int) -> str:
    """A time of day on a twelve-hour clock from minutes since midnight: clock(785) is "1:05"."""
    hours, rest = divmod(minutes, 60)
    return f"{(hours - 1) % 12 + 1}:{rest:02d}"


def factors(number: int) -> int:
    """How many factors a whole number has; a prime has 2."""
    return sum(number % each == 0 for each in range(1, number + 1))


def factors_of(number: int) -> tuple[object, ...]:
    """All factors of a whole number, smallest first."""
    return listed(*[each for each in range(1, number + 1) if number % each == 0])


def smallest_factor(number: int) -> int:
    """The smallest factor above 1, which is a prime."""
    return next(each for each in range(2, number + 1) if number % each == 0)


def multiples(step: int, count: int) -> tuple[object, ...]:
    """The first multiples of a number: multiples(5, 3) is "5, 10, 15"."""
    return listed(*[step * each for each in range(1, count + 1)])


def repeated(value: int, times: int) -> tuple[object, ...]:
    """A number added to itself: repeated(4, 3) is "4 + 4 + 4"."""
    return listed(*[value] * times, between=" + ")


def power(base: int, exponent: int) -> tuple[object, ...]:
    """A power written out: power(4, 3) is "4 × 4 × 4"."""
    return listed(*[base] * exponent, between=" × ")


def middle(*values: Number) -> Number:
    """The median of an odd number of values."""
    return sorted(values)[len(values) // 2]


def coins(first: int, second: int, third: int, *values: int) -> tuple[object, ...]:
    """A handful of coins, largest first: so many of each of three values (25, 10 and 5 if none are given)."""
    kinds = values or (25, 10, 5)
    return listed(*[value for count, value in zip((first, second, third), kinds, strict=True) for _ in range(count)])


def in_order(*values: Number) -> tuple[object, ...]:
    """Values from the smallest to the largest, with commas between them."""
    return listed(*sorted(values))


def sequence(start: Number, step: Number, length: int, blank: int) -> tuple[object, ...]:
    """Equal steps from a start with one number left out (counted from 0): "5, 10, ?, 20"."""
    pieces: list[object] = []
    for place in range(length):
        pieces += [", "] if place else []
        pieces.append("?" if place == blank else start + place * step)
    return tuple(pieces)


def listed(*values: Any, between: str = ", ") -> tuple[object, ...]:
    """Values with commas (or something else) between them, as locale numbers."""
    pieces: list[object] = []
    for value in values:
        pieces += [between] if pieces else []
        pieces.append(value)
    return tuple(pieces)


def money(cents: int) -> Money:
    """So many cents as an amount of money: money(345) is $3.45."""
    return Money(int(cents))


def quotient(number: int, divisor: int) -> str:
    """Quotient and remainder as they are written: quotient(29, 4) is "7 r 1"."""
    return f"{number // divisor} r {number % divisor}"


def point(along: int, up: int) -> str:
    """A point of a grid: point(3, 4) is "(3, 4)"."""
    return f"({along}, {up})"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else plain_number(value)


def _tidy(value: Fraction) -> Number:
    return value.numerator if value.denominator == 1 else value


def _exports(module: Any) -> dict[str, Callable[..., Any]]:
    return {name: getattr(module, name) for name in dir(module) if callable(getattr(module, name)) and name[0] != "_"}


_NAMED: tuple[Callable[..., Any], ...] = (
    *(digit, digit_sum, first_digit, once, expanded, different, round_to, floor_to, cat, whole),
    *(
        frac,
        bottom,
        simplest,
        mixed,
        as_mixed,
        case,
        pick,
        entry,
        sign,
        repeat,
        clock,
        factors,
        factors_of,
        smallest_factor,
    ),
    *(multiples, repeated, power, middle, sequence, listed, in_order, coins, money, quotient, point),
    *(column_sum, column_difference, column_product, division_told),
    *ORDERS,
    *(abs, min, max, sum, gcd, lcm, len, Fraction),
)

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **_exports(column_bugs),
    **_exports(decimal_bugs),
    **_exports(plots),
    **_exports(roman),
    **{each.__name__: each for each in _NAMED},
}
"""Name in a formula -> function."""
