"""Questions about tables, graphs and lists of data."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from fractions import Fraction
from statistics import mean, median, mode

from item_banks.solver.expressions import value
from item_banks.solver.reading import SAYS, Rule, said

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


_DOTS = r"\nEach dot is one [^\n]*\nDots above a line: (...)\."


def _plotted(rows: str) -> list[Fraction]:
    """Every dot as the number above which it stands: "2 above 1/4, 0 above 1/2, 1 above 3/4"."""
    found = (each.split(" above ") for each in rows.split(", "))
    return [value(number) for many, number in found for _ in range(int(many))]


def _dots(holds: Callable[[Fraction, Fraction], bool]) -> Callable[[Fraction | str, str], int]:
    """How many dots stand in some relation to the number that is asked about."""
    return lambda asked, rows: sum(holds(each, said(asked)) for each in _plotted(rows))


def _apart(rows: str) -> Fraction:
    return max(_plotted(rows)) - min(_plotted(rows))


def _mean_distance(data: list[int]) -> Fraction:
    middle = mean(map(Fraction, data))
    return mean(abs(each - middle) for each in data)


def _between_quartiles(data: list[int]) -> int:
    """The median of the upper half less that of the lower one; the median itself belongs to neither."""
    data = sorted(data)
    half = len(data) // 2
    return int(median(data[-half:]) - median(data[:half]))


_BARS_TOUCH = r"\n[^\n]*\nA histogram. (...)\."
_BOX = (
    r"\nA box plot. The line goes from # to #. The box goes from # to #. "
    r"The line in the box is at #\."
)
_PIE = r"\nA pie chart of # equal parts: (...)\."


def _bars(holds: Callable[[Fraction, Fraction], bool]) -> Callable[[Fraction, str], int]:
    """How much the bars hold that begin where `holds` is true of their beginning and the number asked about."""
    return lambda asked, rows: sum(
        int(many) for begins, many in re.findall(r"(\d+)–\d+: (\d+)", rows) if holds(Fraction(begins), asked)
    )


def _part_of_pie(name: str, children: Fraction, parts: Fraction, rows: str) -> Fraction:
    found = _rows(rows)
    if sum(found.values()) != parts:
        raise ValueError("the pieces are not the whole circle")
    return children * found[name] / parts


def _piece_of_pie(name: str, children: Fraction, rows: str) -> Fraction:
    """A piece with its percent or angle written in it."""
    whole = Fraction(360 if "°" in rows else 100)
    return _part_of_pie(name, children, whole, re.sub("[%°]", "", rows))


def _whole_pie(children: Fraction, name: str, parts: Fraction, rows: str) -> Fraction:
    return children / _part_of_pie(name, Fraction(1), parts, rows)


DATA = (
    Rule(r"How many children read for less than # minutes\?" + _BARS_TOUCH, _bars(operator.lt)),
    Rule(r"How many children read for # minutes or more\?" + _BARS_TOUCH, _bars(operator.ge)),
    Rule(
        r"How many children are counted altogether\?" + _BARS_TOUCH,
        lambda rows: _bars(operator.ge)(Fraction(0), rows),
    ),
    Rule(r"What is the median\?\nThe box plot [^\n]*" + _BOX, lambda lo, hi, q1, q3, middle: middle),
    Rule(
        r"What is the interquartile range, the length of the box\?\nThe box plot [^\n]*" + _BOX,
        lambda lo, hi, q1, q3, middle: q3 - q1,
    ),
    Rule(r"What is the range\?\nThe box plot [^\n]*" + _BOX, lambda lo, hi, q1, q3, middle: hi - lo),
    Rule(
        r"About how many children are in the box\?\nThe box plot shows how many minutes # children read.",
        lambda children: children / 2,
    ),
    Rule(r"How many children chose altogether\?\n# children chose (\w+)." + _PIE, _whole_pie),
    Rule(r"How many children chose (\w+)\?\n# children [^\n]*" + _PIE, _part_of_pie),
    Rule(r"How many children chose (\w+)\?\n# children [^\n]*\nA pie chart: (...)\.", _piece_of_pie),
    Rule(
        r"How many degrees does the piece for (\w+) have\?\n# of # children chose \w+.",
        lambda name, chose, children: chose / children * 360,
    ),
    Rule(r"What is the mean distance from the mean\?\n([\d, ]+)", _of_list(_mean_distance)),
    Rule(r"How far apart are the lower and the upper quartile\?\n([\d, ]+)", _of_list(_between_quartiles)),
    Rule(r"How many are # cm long\?" + _DOTS, _dots(operator.eq)),
    Rule(r"How many were measured altogether\?" + _DOTS, lambda rows: len(_plotted(rows))),
    Rule(r"How many are longer than # cm\?" + _DOTS, _dots(operator.gt)),
    Rule(r"How many cm longer is the longest than the shortest\?" + _DOTS, _apart),
    Rule(rf"How many are exactly {SAYS}\?" + _DOTS, _dots(operator.eq)),
    Rule(rf"How many are {SAYS} or more\?" + _DOTS, _dots(operator.ge)),
    Rule(rf"How many are more than {SAYS}\?" + _DOTS, _dots(operator.gt)),
    Rule(r"Which number has the most dots\?" + _DOTS, lambda rows: mode(_plotted(rows))),
    Rule(r"How far apart are the smallest and the largest\? Write a fraction." + _DOTS, _apart),
    Rule(
        rf"How much are all the dots above {SAYS} together\?" + _DOTS,
        lambda asked, rows: sum(each for each in _plotted(rows) if each == said(asked)),
    ),
    Rule(r"How much is it altogether\?" + _DOTS, lambda rows: sum(_plotted(rows))),
    Rule(r"It is all shared equally. How much does each one hold then\?" + _DOTS, lambda rows: mean(_plotted(rows))),
    Rule(r"How many more (\w+) than (\w+)\?\n" + _BARS, lambda x, y, line, rows: _more(x, y, Fraction(1), rows)),
    Rule(r"How many more (\w+) than (\w+)\?\n" + _SIGNS, _more),
    Rule(r"How many (\w+) are there\?\n" + _SIGNS, lambda name, key, rows: key * _rows(rows)[name]),
    Rule(r"How many are there altogether\?\nA table: (...)\.", lambda cells: sum(_numbers(cells))),
    Rule(r"How many signs must be drawn\?\nOne sign stands for # \w+. There are # \w+.", lambda key, n: n / key),
    Rule(r"What is the mean\?\n([\d, ]+)", _of_list(lambda data: Fraction(sum(data), len(data)))),
    Rule(r"What is the median\?\n([\d, ]+)", _of_list(lambda data: Fraction(median(data)))),
    Rule(r"What is the range\?\n([\d, ]+)", _of_list(lambda data: max(data) - min(data))),
)
