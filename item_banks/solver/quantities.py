"""Questions in words about lengths, money, time, mass, units and data."""

from __future__ import annotations

import re
from fractions import Fraction
from statistics import median

from item_banks.solver.reading import Rule

_LENGTHS = {"km": Fraction(1000), "m": Fraction(1), "cm": Fraction(1, 100)}
_AMOUNTS = {"kg": Fraction(1000), "g": Fraction(1), "L": Fraction(1000), "mL": Fraction(1)}
_TIMES = {"h": Fraction(3600), "min": Fraction(60), "s": Fraction(1)}
_UNITS = {**_LENGTHS, **_AMOUNTS, **_TIMES}
_TIME = r"(\d+:\d\d)"
_SHOWS = r"What does the scale show\?\nBetween # \w+ and # \w+ there are # equal steps.\n"


def _numbers(text: str) -> list[int]:
    return [int(each) for each in re.findall(r"\d+", text)]


def _minutes(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)


def _later(time: str, minutes: Fraction) -> str:
    hours, rest = divmod(_minutes(time) + int(minutes), 60)
    return f"{hours if hours <= 12 else hours - 12}:{rest:02d}"


def _lasts(start: str, end: str) -> int:
    return (_minutes(end) - _minutes(start)) % 720


def _convert(number: Fraction, unit: str, wanted: str) -> Fraction:
    return number * _UNITS[unit] / _UNITS[wanted]


def _rows(text: str) -> list[int]:
    """What each row of a table or picture shows."""
    return [line.count("●") or _numbers(line)[0] for line in text.split("\n")]


QUANTITIES = (
    Rule(r"How much do both cost together\?\nA \w+ costs [$]# and a \w+ costs [$]#.", lambda a, b: a + b),
    Rule(r"How much change is there\?\n\w+ buys a \w+ for [$]# and pays with [$]#.", lambda price, paid: paid - price),
    Rule(r"How much change is there\?\n...costs [$]#. \w+ pays with [$]#.", lambda price, paid: paid - price),
    Rule(
        r"How much money is it\?\nWrite it as an amount of money, not in cents.\nCoins: (...)\.",
        lambda coins: Fraction(sum(_numbers(coins)), 100),
    ),
    Rule(r"How many cm long is it\?\n...from # cm to # cm.", lambda start, end: end - start),
    Rule(r"How many cm is the difference\?\n... # cm ..., ... # cm \w+.", lambda first, second: abs(first - second)),
    Rule(r"How many cents are the coins worth together\?\nCoins in cents: (...)", lambda coins: sum(_numbers(coins))),
    Rule(r"How many coins do you need\?\n# cents, only with coins of # cents", lambda total, coin: total / coin),
    Rule(r"How many minutes past the hour is it\?\n...The long hand points to #.", lambda mark: 5 * mark),
    Rule(
        r"What time is it\?\nThe short hand is between # and #. The long hand points to #.",
        lambda hour, _, mark: f"{int(hour)}:{5 * int(mark):02d}",
    ),
    Rule(rf"How many minutes does it last\?\n... {_TIME} ... {_TIME}.", _lasts),
    Rule(rf"When is it over\?\n... {_TIME} ... # minutes.", _later),
    Rule(_SHOWS + r"...(?:is|mark) # after ...", lambda low, high, steps, mark: low + (high - low) / steps * mark),
    Rule(r"How many g or mL are missing\?\n... holds # (?:g|mL) ... 1 (?:kg|litre).", lambda there: 1000 - there),
    Rule(r"Write the missing number.\n# ([a-zL]+) = \? ([a-zL]+)", _convert),
    Rule(
        r"Write the missing number.\n# ([a-zL]+) # ([a-zL]+) = \? ([a-zL]+)",
        lambda n, unit, rest, small, wanted: _convert(n, unit, wanted) + _convert(rest, small, wanted),
    ),
    Rule(r"How many more of the first than of the second\?\n([\s\S]+)", lambda rows: _rows(rows)[0] - _rows(rows)[1]),
    Rule(r"How many are there altogether\?\n((?:[A-Z]\w+: \d+\n?)+)", lambda rows: sum(_rows(rows))),
    Rule(r"How many does the row stand for\?\nEach ★ stands for # ...\n...: (★+)", lambda key, row: key * len(row)),
    Rule(
        r"How many more in the first row than in the second\?\nEach ★ stands for # ...\n...: (★+)\n...: (★+)",
        lambda key, first, second: key * (len(first) - len(second)),
    ),
    Rule(r"How many signs must be drawn\?\nEach ★ stands for # \w+. ... # \w+.", lambda key, total: total / key),
    Rule(r"What is the mean\?\n([\d, ]+)", lambda data: Fraction(sum(_numbers(data)), len(_numbers(data)))),
    Rule(r"What is the median\?\n([\d, ]+)", lambda data: median(_numbers(data))),
    Rule(r"What is the range\?\n([\d, ]+)", lambda data: max(_numbers(data)) - min(_numbers(data))),
)
