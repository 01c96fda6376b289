"""Questions about tables, graphs and lists of data."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from statistics import median

from item_banks.solver.reading import Rule

_BARS = r"A bar chart. Each line is # more. (...)\."
_SIGNS = r"Rows of signs. Each sign stands for #. (...)\."


def _rows(text: str) -> dict[str, Fraction]:
    """What stands behind each name: "apples 3, pears 5"."""
    pairs = (each.rsplit(" ", 1) for each in re.split(r"[,;] ", text))
    return {name: Fraction(number) for name, number in pairs}


def _numbers(text: str) -> list[int]:
    return [int(each) for each in re.findall(r"\d+", text)]


def _more(first: str, second: str, key: Fraction, rows: str) -> Fraction:
    found = _rows(rows)
    return key * (found[first] - found[second])


def _of_list(measure: Callable[[list[int]], Fraction | int]) -> Callable[[str], Fraction]:
    return lambda listed: Fraction(measure(_numbers(listed)))


DATA = (
    Rule(r"How many more (\w+) than (\w+)\?\n" + _BARS, lambda x, y, line, rows: _more(x, y, Fraction(1), rows)),
    Rule(r"How many more (\w+) than (\w+)\?\n" + _SIGNS, _more),
    Rule(r"How many (\w+) are there\?\n" + _SIGNS, lambda name, key, rows: key * _rows(rows)[name]),
    Rule(r"How many are there altogether\?\nA table: (...)\.", lambda cells: sum(_numbers(cells))),
    Rule(r"How many signs must be drawn\?\nOne sign stands for # \w+. There are # \w+.", lambda key, n: n / key),
    Rule(r"What is the mean\?\n([\d, ]+)", _of_list(lambda data: Fraction(sum(data), len(data)))),
    Rule(r"What is the median\?\n([\d, ]+)", _of_list(lambda data: Fraction(median(data)))),
    Rule(r"What is the range\?\n([\d, ]+)", _of_list(lambda data: max(data) - min(data))),
)
