"""Judges the responses of math items that have a form of their own: money, remainders, times, points, orders, steps."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from item_banks.numbers import plain_number, read_number, read_pair, read_quotient, read_time, without_unit
from item_banks.responses import BETWEEN, mark_at
from item_banks.schema import Item, Piece

_CENT_SIGNS = re.compile(r"(\d+) ?(?:¢|c|ct|cents?|p|pence)", re.IGNORECASE)
_CENTS = 100
_CARDS = re.compile(r"\s*[;<>]\s*")


@dataclass(frozen=True)
class Judgement:
    """What a response is worth. `right` is None where it can't be marked or is near: it is asked again, and `why`
    is the key of the sentence that says what is wanted. `said` holds the misconceptions' own answers that it equals.
    """

    right: bool | None
    text: str
    codes: tuple[str, ...] = ()
    why: Literal["unreadable", "form", "incomplete", "unit"] = "unreadable"
    steps: tuple[Piece, ...] = ()


def judge(item: Item, text: str) -> Judgement:
    """Judge a cleaned response to an item whose kind is in `KINDS`."""
    return KINDS[item.response.kind](item, text)


def _same(item: Item, text: str, given: object, read: Callable[[str], object]) -> Judgement:
    """Right if what was read is the answer read the same way, else what the misconceptions have in common with it."""
    if given == read(item.answer):
        return Judgement(True, text)
    return Judgement(False, text, tuple(code for code, wrong in item.misconceptions.items() if given == read(wrong)))


def _money(item: Item, text: str) -> Judgement:
    if cents := _CENT_SIGNS.fullmatch(text):
        return _same(item, text, Fraction(int(cents[1]), _CENTS), _exact)
    bare, meant = without_unit(text, item.rules.unit)
    given = read_number(bare, item.rules.decimal, item.rules.group)
    if given is None:
        return Judgement(None, text)
    if not meant:
        return Judgement(None, text, why="unit")
    judged = _same(item, text, given, _exact)
    places = re.fullmatch(rf".*\d{re.escape(item.rules.decimal)}(\d*)", bare.strip())
    # 3.5 for 3.50: the amount is right, and it is not how anybody writes money.
    return Judgement(None, text, why="form") if judged.right and places and len(places[1]) == 1 else judged


def _remainder(item: Item, text: str) -> Judgement:
    given = read_quotient(text)
    if given is not None:
        return _same(item, text, given, read_quotient)
    number = read_number(text, item.rules.decimal, item.rules.group)
    return Judgement(None, text) if number is None else Judgement(None, text, why="incomplete")


def _clock(item: Item, text: str) -> Judgement:
    given = read_time(text)
    if given is None:
        return Judgement(None, text, why="incomplete" if text.isdecimal() else "unreadable")
    judged = _same(item, text, given[:2], _time)
    return Judgement(None, text, why="form") if judged.right and not given[2] else judged


def _pair(item: Item, text: str) -> Judgement:
    given = read_pair(text)
    if given == (0, 0) and item.response.kind == "point":
        given = None  # where the sliders stand before anybody has touched them
    return Judgement(None, text) if given is None else _same(item, text, given, read_pair)


def _line(item: Item, text: str) -> Judgement:
    scale, at = item.response.scale, mark_at(text)
    if scale is None or at is None:
        given = read_number(text, item.rules.decimal, item.rules.group)
        return Judgement(None, text) if given is None else _same(item, text, given, _exact)
    if at == 0 or at > scale.steps:
        return Judgement(None, text)  # where the slider stands before anybody has touched it
    low, high = Fraction(scale.low), Fraction(scale.high)
    value = low + (high - low) * at / scale.steps
    return _same(item, plain_number(value), value, _exact)


def _cards(item: Item, text: str) -> Judgement:
    """An order: each card once."""
    cards = {each.label: each.value for each in item.response.choices} | {
        each.value: each.value for each in item.response.choices
    }
    given = [cards.get(each, each) for each in _CARDS.split(text)]
    shown = BETWEEN.join(given)
    if sorted(given) != sorted(each.value for each in item.response.choices):
        return Judgement(None, shown, why="incomplete" if "" in given or set(given) <= set(cards) else "unreadable")
    return _same(item, shown, shown, str)


def _groups(item: Item, text: str) -> Judgement:
    """A group for each card, in the order in which the cards stand."""
    groups = {each.value for each in item.response.groups}
    given = _CARDS.split(text)
    if len(given) > len(item.response.choices) or not set(given) <= {*groups, ""}:
        return Judgement(None, text)
    if len(given) < len(item.response.choices) or "" in given:
        return Judgement(None, text, why="incomplete")
    shown = BETWEEN.join(given)
    return _same(item, shown, shown, str)


def _steps(item: Item, text: str) -> Judgement:
    """Each step is marked on its own. Notes in small fields help the pupil and are not marked."""
    expected = item.answer.split(BETWEEN)
    notes = {cell.part for row in item.response.rows for cell in row if cell.small}
    needed = [part for part in range(1, len(expected) + 1) if part not in notes]
    given = _spread(item, [each.strip() for each in text.split(BETWEEN.strip())], expected, needed)
    if len(given) != len(expected):
        return Judgement(None, text)
    values = {part: read_number(given[part - 1], item.rules.decimal, item.rules.group) for part in needed}
    if any(value is None for value in values.values()):
        blank = any(not given[part - 1] for part in needed)
        return Judgement(None, BETWEEN.join(given), why="incomplete" if blank else "unreadable")
    wrong = {part for part in needed if values[part] != _exact(expected[part - 1])}
    steps = tuple(Piece(each, part in wrong) for part, each in enumerate(given, 1))
    shown = BETWEEN.join(given)
    if not wrong:
        return Judgement(True, shown, steps=steps)

    def read(line: str) -> list[Fraction | None]:
        others = line.split(BETWEEN)
        return [_exact(others[part - 1]) for part in needed]

    codes = [code for code, other in item.misconceptions.items() if [values[part] for part in needed] == read(other)]
    return Judgement(False, shown, tuple(codes), steps=steps)


def _spread(item: Item, given: list[str], expected: list[str], needed: list[int]) -> list[str]:
    """A result written as one number, its digits put into the columns of the method; anything else as it is."""
    if not item.response.columns or len(given) > 1 or len(needed) == 1:
        return given
    value = read_number(given[0], item.rules.decimal, item.rules.group)
    digits = plain_number(value)[::-1] if value is not None else ""
    if not digits.isdigit() or len(digits) > len(needed):
        return given
    filled = dict(zip(needed, digits.ljust(len(needed), "0"), strict=True))
    return [filled.get(part, "") for part in range(1, len(expected) + 1)]


def _exact(answer: str) -> Fraction | None:
    """The value of an answer as items hold it: with a decimal point in every language."""
    return read_number(answer, ".", ",")


def _time(answer: str) -> tuple[int, int] | None:
    found = read_time(answer)
    return found[:2] if found else None


KINDS: Mapping[str, Callable[[Item, str], Judgement]] = {
    "money": _money,
    "remainder": _remainder,
    "clock": _clock,
    "hands": _clock,
    "pair": _pair,
    "point": _pair,
    "line": _line,
    "order": _cards,
    "group": _groups,
    "steps": _steps,
}
