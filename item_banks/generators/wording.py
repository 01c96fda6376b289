"""Puts numbers into the sentences of a bank, and reads expressions aloud."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from babel import Locale, UnknownLocaleError

from item_banks.numbers import Money, write_money, write_number
from item_banks.schema import Bank, ItemTemplate

_PLACEHOLDER = re.compile(r"\{(\w+)((?:\|[^{}|]*)+)?\}")
_SPEECH = re.compile(r"(?:(\d+) )?(\d+|\?)/(\d+|\?)|\d[\d.,]*\d|\d|[^\s\w,:]|\w+|[,:]")
_JOINS_BEFORE = re.compile(r"[\d/]$|\d[.,]$")
_JOINS_AFTER = re.compile(r"[\d/]|[.,]\d")
_TIME = re.compile(r"(\d{1,2}):(\d\d)")
_QUOTIENT = re.compile(r"(\d+) r (\d+)")
_MORNING = 8  # a time before it in a story is one of the afternoon

Show = Callable[[object], str]


@dataclass(frozen=True)
class Notation:
    """Writes values as pupils of a bank read them: numbers in its notation, tuples piece by piece, and the bank's
    `words` for texts that stand for a word ("triangle").

    `money` is how an amount is written ("${amount}"), `divide` the sign for division, `rest` what stands before a
    remainder; with `afternoon`, times in stories are those of a clock with 24 hours. `plural` sorts a number into the
    language's forms, in CLDR's order of them.
    """

    decimal: str
    group: str
    money: str
    words: Mapping[str, str | tuple[str, ...]]
    plural: Callable[[Fraction], int]
    divide: str = "÷"
    rest: str = "r"
    afternoon: bool = False

    def __call__(self, value: object) -> str:
        if type(value) is int or isinstance(value, int | Fraction):
            return write_number(value, self.decimal, self.group)
        if isinstance(value, Money):
            return write_money(value, self.money, self.decimal, self.group)
        return self._listed(value) if isinstance(value, tuple) else self._text(str(value))

    def form(self, value: object, forms: Sequence[str]) -> str:
        """The form of a word that goes with a number: "shell" with 1, "shells" with others, in English."""
        at = self.plural(Fraction(value)) if isinstance(value, int | Fraction) else len(forms) - 1
        return forms[min(at, len(forms) - 1)]

    def _text(self, value: str) -> str:
        if self.afternoon and (time := _TIME.fullmatch(value)) and int(time[1]) < _MORNING:
            return f"{int(time[1]) + 12}:{time[2]}"
        if found := _QUOTIENT.fullmatch(value):
            return f"{self(int(found[1]))} {self.rest} {found[2]}"
        return self.signs(str(self.words.get(f"words.{value}", value)))

    def signs(self, text: str) -> str:
        """A piece of a calculation, with the signs that this place has for division and what is left."""
        return self.rest if text == "r" else text.replace("÷", self.divide)

    def _listed(self, pieces: tuple[object, ...]) -> str:
        """Decimals with commas inside have semicolons between them."""
        exact = self.decimal == "," and any(isinstance(each, Fraction) and each.denominator > 1 for each in pieces)
        return "".join("; " if exact and each == ", " else self(each) for each in pieces)


def shower(bank: Bank, template: ItemTemplate | None = None) -> Notation:
    """What writes values as pupils of a bank read them, in items of a template."""
    daytime = template is not None and "daytime" in template.options
    own = bank.strings.get
    return Notation(
        decimal=bank.text("numbers.decimal"),
        group=bank.text("numbers.group"),
        money=str(own("numbers.money", "{amount}")),
        words=bank.strings,
        plural=plural_of(bank.language),
        divide=str(own("numbers.divide", Notation.divide)),
        rest=str(own("numbers.rest", Notation.rest)),
        afternoon=daytime and own("numbers.hours") == "24",
    )


@cache
def plural_of(language: str) -> Callable[[Fraction], int]:
    """The place of a number's form among the forms of a language (Unicode CLDR); English has one and other.

    A language that nobody has described is taken to have these two as well.
    """
    try:
        rule = Locale.parse(language, sep="-").plural_form
    except (ValueError, UnknownLocaleError):
        return lambda value: int(value != 1)
    forms = [*sorted(rule.rules, key=_CLDR.index), "other"]
    return lambda value: forms.index(rule(float(value) if value.denominator > 1 else int(value)))


_CLDR = ("zero", "one", "two", "few", "many")


def fill(text: str, values: Mapping[str, object], show: Show = str) -> str:
    """The text with each {name} replaced, and each {name|shell|shells} by the form that goes with the number.

    Only names are replaced, whatever else a bank's author writes in braces. Raises ValueError for a name that has no
    value, and for forms where `show` knows no language.
    """

    if "{" not in text:
        return text
    return "".join(piece if isinstance(piece, str) else _filled(piece, text, values, show) for piece in _pieces(text))


class _Placeholder(NamedTuple):
    name: str
    forms: tuple[str, ...]


@cache
def _pieces(text: str) -> tuple[str | _Placeholder, ...]:
    """A sentence cut at its placeholders; the sentences of a bank are a few thousand, filled again and again."""
    pieces: list[str | _Placeholder] = []
    end = 0
    for match in _PLACEHOLDER.finditer(text):
        pieces += [text[end : match.start()], _Placeholder(match[1], tuple((match[2] or "").split("|")[1:]))]
        end = match.end()
    return (*pieces, text[end:])


def _filled(placeholder: _Placeholder, text: str, values: Mapping[str, object], show: Show) -> str:
    name, forms = placeholder
    if name not in values:
        raise ValueError(f"{{{name}}} in {text!r} has no value; use one of {', '.join(sorted(values))}")
    if not forms:
        return show(values[name])
    if not isinstance(show, Notation):
        raise ValueError(f"{{{name}}} in {text!r} has forms, and nothing here knows the language's")
    return show.form(values[name], forms)


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
    parts = bank.strings.get(f"speech./{match[3]}", f"{bank.text('speech./')} {_said(bank, match[3])}")
    fraction = f"{_said(bank, match[2])} {parts}"
    return f"{match[1]} {bank.text('speech.and')} {fraction}" if match[1] else fraction


def _said(bank: Bank, token: str) -> str:
    found = bank.strings.get(f"speech.{token}", token)
    return found if isinstance(found, str) else token
