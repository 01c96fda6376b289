"""Puts numbers into the sentences of a bank, and reads expressions aloud."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction

from item_banks.numbers import Money, write_money, write_number
from item_banks.schema import Bank

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_SPEECH = re.compile(r"(?:(\d+) )?(\d+|\?)/(\d+|\?)|\d[\d.,]*\d|\d|[^\s\w,:]|\w+|[,:]")
_JOINS_BEFORE = re.compile(r"[\d/]$|\d[.,]$")
_JOINS_AFTER = re.compile(r"[\d/]|[.,]\d")

Show = Callable[[object], str]


def shower(bank: Bank) -> Show:
    """What writes values as pupils of a bank read them: numbers in its notation, tuples piece by piece, and the
    bank's `words` for texts that stand for a word ("triangle")."""
    decimal, group = bank.text("numbers.decimal"), bank.text("numbers.group")
    amount = str(bank.strings.get("numbers.money", "{amount}"))

    def show(value: object) -> str:
        if isinstance(value, int | Fraction):
            return write_number(value, decimal, group)
        if isinstance(value, Money):
            return write_money(value, amount, decimal, group)
        if isinstance(value, tuple):
            return "".join(show(each) for each in value)
        word = bank.strings.get(f"words.{value}", value)
        return str(word)

    return show


def fill(text: str, values: Mapping[str, object], show: Show = str) -> str:
    """The text with each {name} replaced. Only names are replaced, whatever else a bank's author writes in braces.

    Raises ValueError for a name that has no value.
    """

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise ValueError(f"{match[0]} in {text!r} has no value; use one of {', '.join(sorted(values))}")
        return show(values[match[1]])

    return _PLACEHOLDER.sub(value, text)


def mentions(text: str, answer: str) -> bool:
    """Whether a text contains the answer as a number or fraction of its own (12 is not in 112, 4/12 or 12.5)."""
    at = text.find(answer)
    while at >= 0:
        before, after = text[max(0, at - 2) : at], text[at + len(answer) : at + len(answer) + 2]
        if not _JOINS_BEFORE.search(before) and not _JOINS_AFTER.match(after):
            return True
        at = text.find(answer, at + 1)
    return False


def speak(bank: Bank, expression: str) -> str:
    """An expression in words for those who listen: "3/4 + ? = 1" is "3 over 4 plus what equals 1?"."""
    words = [_spoken(bank, match) for match in _SPEECH.finditer(expression)]
    if expression.rstrip().endswith("="):
        words.append(bank.text("speech.?"))
    elif " ? " in expression and not re.search("[=<>,]", expression):
        words = [bank.text("speech.sign") if word == bank.text("speech.?") else word for word in words]
    asks = "?" if "?" in expression or expression.rstrip().endswith("=") else ""
    return re.sub(r" ([,:;])", r"\1", " ".join(words)) + asks


def _spoken(bank: Bank, match: re.Match[str]) -> str:
    if match[2] is None:
        return _said(bank, match[0])
    fraction = f"{_said(bank, match[2])} {bank.text('speech./')} {_said(bank, match[3])}"
    return f"{match[1]} {bank.text('speech.and')} {fraction}" if match[1] else fraction


def _said(bank: Bank, token: str) -> str:
    found = bank.strings.get(f"speech.{token}", token)
    return found if isinstance(found, str) else token
