"""Questions in words about patterns, ratio, percent, negative numbers and letters."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction

from item_banks.solver.expressions import value
from item_banks.solver.reading import Rule, said

_APART = r"How large is the difference\?\n"


def _rule(x: Fraction, fx: Fraction, y: Fraction, fy: Fraction, z: Fraction) -> Fraction:
    if fx * y != fy * x:
        raise ValueError("no factor fits both pairs")
    return z * fx / x


_HOLDS: Mapping[str, Callable[[Fraction, Fraction], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "≤": operator.le,
    "≥": operator.ge,
}
_IN_WORDS = {"less than": "<", "more than": ">", "at most": "≤", "at least": "≥"}
_FAR = 1000


def _extreme(choose: Callable[[Iterable[int]], int]) -> Callable[..., int]:
    """The smallest or largest whole number that makes an inequality true, found by trying."""

    def found(sign: str, limit: Fraction, added: Fraction = Fraction(0)) -> int:
        return choose(x for x in range(_FAR) if _HOLDS[sign](x + added, limit))

    return found


def _shown_on_line(side: str, at: Fraction | str, ring: str) -> str:
    sign = {"right empty": ">", "right filled": "≥", "left empty": "<", "left filled": "≤"}[f"{side} {ring}"]
    return f"x {sign} {at}"


def _followed(start: Fraction, rule: str, numbers: Fraction) -> Fraction:
    """The number at a place of a row that begins with `start`, each next one by a rule such as "× 2 + 1"."""
    found = start
    for _ in range(int(numbers) - 1):
        for sign, by in re.findall(r"([×+−])\s(\d+)", rule):
            found = found * int(by) if sign == "×" else found + int(by) if sign == "+" else found - int(by)
    return found


def _beside(step: Fraction, other: Fraction, at: Fraction) -> Fraction:
    """Where one row is when the other has come to `at`, walked step by step."""
    here = there = Fraction(0)
    while here < at:
        here, there = here + step, there + other
    if here != at:
        raise ValueError("the row never gets there")
    return there


def _missing(left: Callable[[Fraction], Fraction], right: Callable[[Fraction, Fraction], Fraction]) -> int:
    """The whole number that makes two expressions equal for several values of x."""
    tried = [Fraction(x) for x in (1, 2, 7)]
    return next(n for n in range(_FAR) if all(left(x) == right(x, Fraction(n)) for x in tried))


_ROW = r"First number: #. Rule for the next one: ([^\n]*)\."
_SAME = r"Both sides are always equal. Write the missing number.\n"


def _continued(xs: str, ys: str) -> Callable[[Fraction], Fraction]:
    """The rule of a table whose columns have equal steps."""
    x, y = ([Fraction(each) for each in re.findall(r"\d+", row)] for row in (xs, ys))
    slope = (y[1] - y[0]) / (x[1] - x[0])
    if any(y[0] + slope * (at - x[0]) != value for at, value in zip(x, y, strict=True)):
        raise ValueError("the table has no rule with equal steps")
    return lambda at: y[0] + slope * (at - x[0])


def _rule_of(xs: str, ys: str) -> str:
    found = _continued(xs, ys)
    return f"y = {found(Fraction(1)) - found(Fraction(0))}x + {found(Fraction(0))}"


_TABLE = r"\nA table: x, ([\d, ]+); y, ([\d, ]+)\."


def _in_signs(sign: str) -> Callable[..., Fraction]:
    """A sum or difference of two numbers, then times a third."""
    return lambda a, b, c: c * (a + b if sign == "+" else a - b)


def _how_often(first: str, second: str) -> Fraction:
    return value(second) / value(first)


ALGEBRA = (
    Rule(r"What is the result\?\nAdd # and #. Then multiply by #.", _in_signs("+")),
    Rule(r"What is the result\?\nMultiply the sum of # and # by #.", _in_signs("+")),
    Rule(r"What is the result\?\nTake # away from #. Then multiply by #.", lambda b, a, c: _in_signs("−")(a, b, c)),
    Rule(r"What is the result\?\nMultiply the difference between # and # by #.", _in_signs("−")),
    Rule(r"Which one says the same\?\nAdd # and #. Then multiply by #.", _in_signs("+")),
    Rule(r"Which one says the same\?\n# times the sum of # and #.", lambda c, a, b: _in_signs("+")(a, b, c)),
    Rule(r"How many times as large as A is B\?\nA = (...)\nB = (...)", _how_often),
    Rule(r"How much more is B than A\?\nA = (...)\nB = (...)", lambda a, b: value(b) - value(a)),
    Rule(r"Calculate.\n\|(−?\d+)\| =", lambda number: abs(said(number))),
    Rule(r"Calculate.\n\|(−?\d+)\| \+ \|(−?\d+)\| =", lambda a, b: abs(said(a)) + abs(said(b))),
    Rule(r"The rule stays the same. What is y for x = #\?" + _TABLE, lambda at, xs, ys: _continued(xs, ys)(at)),
    Rule(r"Which rule fits all of the table\?" + _TABLE, _rule_of),
    Rule(r"Which x leads to this y\?\ny = #\ny = #x \+ #", lambda y, factor, start: (y - start) / factor),
    Rule(r"Write the missing number.\n(\d+)/(\d+) = \? ?%", lambda top, bottom: 100 * top / bottom),
    Rule(r"Write the missing number.\n# = \? ?%", lambda decimal: 100 * decimal),
    Rule(r"Write it as a fraction in lowest terms.\n#% = \?", lambda percent: percent / 100),
    Rule(r"What is the fourth number\?\n" + _ROW, lambda start, rule: _followed(start, rule, Fraction(4))),
    Rule(r"What is number # in the row\?\n" + _ROW, lambda number, start, rule: _followed(start, rule, number)),
    Rule(
        r"A is #. What is B\?\nA and B begin at 0. At each step A goes up by # and B by #.",
        lambda at, a, b: _beside(a, b, at),
    ),
    Rule(
        r"B is #. What is A\?\nA and B begin at 0. At each step A goes up by # and B by #.",
        lambda at, a, b: _beside(b, a, at),
    ),
    Rule(r"How many km is that in one hour\?\nA \w+ \w+ # km in # hours.", lambda way, hours: way / hours),
    Rule(
        r"How many hours does it take\?\nA \w+ \w+ # km in one hour. It must \w+ # km.",
        lambda speed, way: way / speed,
    ),
    Rule(r"How much does one kg cost\?\n# kg of \w+ cost [$]#.", lambda kg, price: price / kg),
    Rule(_SAME + r"#\(x \+ #\) = #x \+ \?", lambda a, b, c: _missing(lambda x: a * (x + b), lambda x, n: c * x + n)),
    Rule(_SAME + r"#x \+ #x = \?x", lambda a, b: _missing(lambda x: a * x + b * x, lambda x, n: n * x)),
    Rule(_SAME + r"#x − #x = \?x", lambda a, b: _missing(lambda x: a * x - b * x, lambda x, n: n * x)),
    Rule(_SAME + r"#x \+ # = #\(x \+ \?\)", lambda a, b, c: _missing(lambda x: a * x + b, lambda x, n: c * (x + n))),
    Rule(r"What is the smallest whole number that x can be\?\nx ([<>≤≥]) #", _extreme(min)),
    Rule(r"What is the largest whole number that x can be\?\nx ([<>≤≥]) #", _extreme(max)),
    Rule(
        r"What is the smallest whole number that x can be\?\nx \+ # ([<>≤≥]) #",
        lambda added, sign, limit: _extreme(min)(sign, limit, added),
    ),
    Rule(
        r"Which one says the same\?\n[^\n]*\bx\b[^\n]*That is (less than|more than|at most|at least) # \w+.",
        lambda words, limit: f"x {_IN_WORDS[words]} {limit}",
    ),
    Rule(
        r"What does the picture show\?\nA number line. All numbers to the (right|left) of (−?\d+) are marked. "
        r"The ring at −?\d+ is (filled|empty).",
        _shown_on_line,
    ),
    Rule(r"Write the missing number.\n# → #; # → #; # → \?", _rule),
    Rule(
        r"How many cups of water are needed\?\n# cups of rice need # cups ... cooks # ...",
        lambda a, b, c: b * c / a,
    ),
    Rule(
        r"How many are red\?\nA \w+ has # beads, ... For every # red there are # blue.",
        lambda n, r, b: n * r / (r + b),
    ),
    Rule(r"How many dollars is that\?\n# \w+ cost # dollars.\n\w+ buys # \w+.", lambda n, cost, m: cost / n * m),
    Rule(r"How much is it\?\n#% of #", lambda percent, whole: whole * percent / 100),
    Rule(r"What percent is it\?\n# out of #", lambda part, whole: part / whole * 100),
    Rule(_APART + r"...−#(?: degrees| m)... −# (?:degrees|m).", lambda low, high: abs(low - high)),
    Rule(_APART + r"...−#(?: degrees| m)... # (?:degrees|m).", lambda below, above: below + above),
    Rule(r"What is the value of the expression\?\n\w = #\n#\w \+ #", lambda x, a, b: a * x + b),
    Rule(r"What is the value of the expression\?\n\w = #\n#\w − #", lambda x, a, b: a * x - b),
    Rule(
        r"Which expression gives the whole price\?\n...costs? # dollars. ...costs? # dollars once.\nYou ... x \w+.",
        lambda each, once: f"{each}x + {once}",
    ),
    Rule(r"Find x.\nx \+ # = #", lambda p, q: q - p),
    Rule(r"Find x.\nx − # = #", lambda p, q: q + p),
    Rule(r"Find x.\n#x = #", lambda p, q: q / p),
    Rule(r"Find x.\nx ÷ # = #", lambda p, q: q * p),
)
