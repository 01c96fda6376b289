"""Questions in words about lengths, money, time, mass and units."""

from __future__ import annotations

import re
from fractions import Fraction

from item_banks.solver.reading import Rule

_METRIC = {"km": 1_000_000, "m": 1000, "dm": 100, "cm": 10, "mm": 1, "kg": 1000, "g": 1, "L": 1000, "cL": 10, "mL": 1}
_CUSTOMARY = {"yd": 36, "ft": 12, "in": 1, "lb": 16, "oz": 1, "gal": 4, "qt": 1}
_TIMES = {"h": 3600, "min": 60, "s": 1}
_UNITS = _METRIC | _CUSTOMARY | _TIMES
_TIME = r"(\d+:\d\d)"
_SHOWS = (
    r"What does the scale show\?\nThe scale shows \w+.\n"
    r"A scale from # to # with # equal steps. The pointer is # steps? after [\d,]+."
)


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


QUANTITIES = (
    Rule(r"How much do both cost together\?\nA \w+ costs [$]# and a \w+ costs [$]#.", lambda a, b: a + b),
    Rule(r"How much change is there\?\n\w+ buys a \w+ for [$]# and pays with [$]#.", lambda price, paid: paid - price),
    Rule(r"How much change is there\?\n...costs [$]#. \w+ pays with [$]#.", lambda price, paid: paid - price),
    Rule(
        r"How much money is it\?\nWrite it as an amount of money, not in cents.\nCoins: (...)\.",
        lambda coins: Fraction(sum(_numbers(coins)), 100),
    ),
    Rule(r"How many cm long is the strip\?\n... from mark # to mark #.", lambda start, end: end - start),
    Rule(r"How many cm is the difference\?\n... # cm ..., ... # cm \w+.", lambda first, second: abs(first - second)),
    Rule(r"How many cents are the coins worth together\?\nCoins: (...)\.", lambda coins: sum(_numbers(coins))),
    Rule(
        r"How many coins do you need\?\nYou want # cents and have only coins of # cents.",
        lambda total, coin: total / coin,
    ),
    Rule(r"How many minutes past the hour is it\?\n...The long hand points to #.", lambda mark: 5 * mark),
    Rule(
        r"What time is it\?\nA clock. The short hand is between # and #. The long hand points to #.",
        lambda hour, _, mark: f"{int(hour)}:{5 * int(mark):02d}",
    ),
    Rule(rf"How many minutes does it last\?\n... {_TIME} ... {_TIME}.", _lasts),
    Rule(rf"When is it over\?\n... {_TIME} ... # minutes.", _later),
    Rule(_SHOWS, lambda low, high, steps, mark: low + (high - low) / steps * mark),
    Rule(r"How many g or mL are missing\?\n... holds # (?:g|mL) ... 1 (?:kg|liter).", lambda there: 1000 - there),
    Rule(r"Write the missing number.\n# ([a-zL]+) = \? ([a-zL]+)", _convert),
    Rule(
        r"Write the missing number.\n# ([a-zL]+) # ([a-zL]+) = \? ([a-zL]+)",
        lambda n, unit, rest, small, wanted: _convert(n, unit, wanted) + _convert(rest, small, wanted),
    ),
)
