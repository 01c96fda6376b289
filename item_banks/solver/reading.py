"""Reads questions in words. Each topic has rules: a pattern of the whole page, and what it asks for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from item_banks.schema import Item
from item_banks.solver.expressions import notation, value

_NUMBER = r"(\d[\d,]*(?:\.\d+)?)"

SAYS = r"(\d+ \d+/\d+|\d+/\d+|\d+)"
"""In a pattern: a number that may have a fraction in words, as "2 1/2"; `said` reads it."""

LARGEST = object()
"""What a rule gives if the largest of the choices is asked for."""


@dataclass(frozen=True)
class Rule:
    """A page that `pattern` reads is solved by `solve`, which gets the groups: numbers as Fraction, texts as they are.

    In the pattern, # is any number and ... any text within a line.
    """

    pattern: str
    solve: Callable[..., Any]

    def read(self, page: str) -> Any:
        """The answer to the page, or None if it is not of this kind."""
        beginning, pattern = _compiled(self.pattern)
        match = pattern.fullmatch(page) if page.startswith(beginning) else None
        return None if match is None else self.solve(*map(_number, match.groups()))


@cache
def _compiled(pattern: str) -> tuple[str, re.Pattern[str]]:
    """What every page of a pattern begins with, which is quicker to compare, and the pattern itself."""
    beginning = re.match(r"(?:[A-Za-z ](?![?*+{]))*", pattern)
    return beginning[0] if beginning else "", re.compile(pattern.replace("#", _NUMBER).replace("...", r"[^\n]*?"))


def _number(text: str | None) -> Any:
    if text is not None and re.fullmatch(_NUMBER, text):
        return Fraction(text.replace(",", ""))
    return text


def said(text: Fraction | str) -> Fraction:
    """The number behind a group that SAYS has found, or a number with a minus sign."""
    return value(text) if isinstance(text, str) else text


def lines(item: Item, *, pictures: bool = True) -> list[str]:
    """The page as text: the instruction and each block of the prompt, pictures in words."""
    shown = [block for block in item.prompt if pictures or block.kind != "picture"]
    return [item.instruction, *(notation(block) for block in shown)]


def same(answer: str, expected: object) -> bool:
    """Whether an answer is the expected number or text. "1 1/2", "3/2" and "1.5" are the same number.

    A function as `expected` says of each number whether it would do.
    """
    if isinstance(expected, str):
        return answer == expected
    try:
        number = value(answer)
        return bool(expected(number)) if callable(expected) else number == expected
    except ValueError:
        return False


def solves_equivalence(item: Item) -> bool:
    """Whether the answer is another fraction of the value of the only one shown."""
    if item.instruction not in _EQUIVALENCE:
        return False
    (shown,) = [notation(block) for block in item.prompt]
    if item.response.choices:
        right = [each.value for each in item.response.choices if value(each.value) == value(shown)]
        return right == [item.answer]
    return value(shown) == value(item.answer) and shown != item.answer


_EQUIVALENCE = ("Write another fraction that is equal to this one.", "Which fraction is equal to this one?")
