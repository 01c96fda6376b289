"""Marks a response to an item, from the item alone, so that it is marked the same by every later release."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from item_banks.marking_math import KINDS, judge
from item_banks.numbers import has_form, read_fraction, read_number, without_unit
from item_banks.responses import BETWEEN
from item_banks.schema import Choice, Item, Piece
from item_banks.words.diagnosis import Diagnosis, diagnose

Groups = tuple[tuple[Choice, tuple[tuple[Choice, bool], ...]], ...]
"""Groups of an item, each with its cards, and whether a response had the card elsewhere."""

Verdict = Literal["correct", "incorrect", "unreadable"]

KEPT_LENGTH = 200
"""Characters of a response that are stored. A longer one is nobody's answer and is not marked."""

PART = "{part}"
"""In a sentence of feedback, the place of the letters that the response did not have."""

_TYPED = ("number", "money", "line")
_DECIMAL = re.compile(r"-?\d+\.\d+")
_PLACE = re.compile(r"\d+(\.\d+|/[1-9]\d*)?")
_REMAINDER = re.compile(r"^(\d+) r (\d+)$")
_HIDDEN = ("Cc", "Cf", "Cs")  # control, invisible formatting, and lone halves of a pair, which no database takes
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ＇`´", "'"))


@dataclass(frozen=True)
class Mark:
    """What a response is worth and what to tell the pupil.

    `response` is the cleaned text, at most KEPT_LENGTH characters, as stored and shown. "unreadable" means nothing
    that can be marked: no evidence, the pupil is asked again with `message`. `feedback` is a child's sentence.
    `solution` is for after the item, also when the pupil gave it up. `differences` join to the correct spelling.
    `misconceptions` are the codes of those that lead to this response, in spelling the class of the error.
    `steps` are the parts of a written method as given, each marked on its own.
    """

    verdict: Verdict
    response: str
    misconceptions: tuple[str, ...] = ()
    feedback: str = ""
    solution: str = ""
    differences: tuple[Piece, ...] = ()
    message: str = ""
    steps: tuple[Piece, ...] = ()


def mark(item: Item, response: str) -> Mark:
    """Mark a response. Never raises, whatever the text is."""
    text = clean(response)
    if not text or len(text) > KEPT_LENGTH:
        return _unreadable(item, text)
    return _MARKERS[item.response.kind](item, text)


def clean(response: str) -> str:
    """The response without invisible characters, outer spaces and runs of spaces."""
    if response.isascii() and response.isprintable():
        return " ".join(response.split())
    seen = (each for each in response if each.isspace() or unicodedata.category(each) not in _HIDDEN)
    return " ".join("".join(seen).split())


def answer_in_words(item: Item, answer: str = "") -> str:
    """An answer as items hold it, in words as in `response_in_words`; without one, the right answer."""
    return response_in_words(item, as_typed(item, answer or item.answer))


def response_in_words(item: Item, response: str) -> str:
    """A response as the pupil saw it: of choices, cards and groups their labels, a remainder in the bank's words."""
    spec = item.response
    if spec.kind == "remainder":
        return _REMAINDER.sub(rf"\1 {item.strings.get('rest', 'r')} \2", response)
    if spec.kind == "line":
        return _at_mark(item, response)
    labels = {choice.value: choice.label for choice in (*spec.choices, *spec.groups)}
    given = [labels.get(part, part) for part in response.split(BETWEEN)]
    if spec.kind == "group":
        given = [f"{card.label}: {group}" for card, group in zip(spec.choices, given, strict=False)]
    return BETWEEN.join(given)


def _at_mark(item: Item, response: str) -> str:
    """A place on a line as the item writes numbers: "6/8" where it asks for a fraction, "1 3/4" for a mixed number."""
    asked, scale = "".join(block.mathml or "" for block in item.prompt), item.response.scale
    if "<mfrac>" not in asked or scale is None or not _PLACE.fullmatch(response):
        return as_typed(item, response)
    place, step = Fraction(response), (Fraction(scale.high) - Fraction(scale.low)) / scale.steps
    if place.denominator == 1:
        return str(place)
    if "<mrow><mn>" in asked and place > 1:
        return f"{place // 1} {place % 1}"
    parts = place * step.denominator
    return f"{parts}/{step.denominator}" if parts.denominator == 1 else str(place)


def sorted_out(item: Item, response: str) -> Groups:
    """Each group of an item with the cards that belong in it; without a response nothing was elsewhere."""
    cards = list(zip(item.response.choices, item.answer.split(BETWEEN), strict=True))
    given = response.split(BETWEEN) if response else [right for _, right in cards]
    marked = [(card, right, was != right) for (card, right), was in zip(cards, given, strict=False)]
    return tuple(
        (group, tuple((card, elsewhere) for card, right, elsewhere in marked if right == group.value))
        for group in item.response.groups
    )


def as_typed(item: Item, answer: str) -> str:
    """An answer as items hold it, written as a pupil would type it: with the decimal mark of the item's place."""
    decimal = item.response.kind in _TYPED and _DECIMAL.fullmatch(answer)
    return answer.replace(".", item.rules.decimal) if decimal else answer


def _mark_number(item: Item, text: str) -> Mark:
    def value(of: str) -> Fraction | None:
        return read_number(of, item.rules.decimal, item.rules.group)

    bare, unit_meant = without_unit(text, item.rules.unit)
    given = value(bare)
    if given is None:
        return _unreadable(item, text)
    if not unit_meant:
        return _unreadable(item, text, "unit")
    if given == _canonical(item.answer):
        return _correct(item, text)
    return _incorrect(item, text, [code for code, wrong in item.misconceptions.items() if given == _canonical(wrong)])


def _canonical(answer: str) -> Fraction | None:
    """The value of an answer as items hold it: with a decimal point in every language."""
    return read_number(answer, ".", ",")


def _mark_fraction(item: Item, text: str) -> Mark:
    given = read_fraction(text) or _decimal_fraction(item, text)
    if given is None:
        return _unreadable(item, text)
    right = Fraction(*given) == _canonical(item.answer)
    if right and item.rules.form and has_form(text, item.rules.form):
        return _correct(item, text)
    if given == read_fraction(item.rules.given):
        return _unreadable(item, text, "same")
    if right:
        return _unreadable(item, text, "form") if item.rules.form else _correct(item, text)
    known = [c for c, wrong in item.misconceptions.items() if given == read_fraction(wrong)]
    if not known and _lacks_bottom(item, text):
        return _unreadable(item, text)
    return _incorrect(item, text, known)


def _lacks_bottom(item: Item, text: str) -> bool:
    """Whether only the top of a fraction was filled in, as by a child who typed both numbers there."""
    value = _canonical(item.answer)
    whole_possible = item.rules.form == "any" or value is None or value.denominator == 1
    return item.response.kind == "fraction" and text.strip().isdecimal() and not whole_possible


def _decimal_fraction(item: Item, text: str) -> tuple[int, int] | None:
    """A decimal as the fraction that it is, where the item takes any form."""
    value = read_number(text, item.rules.decimal, item.rules.group) if item.rules.form == "any" else None
    return None if value is None else (value.numerator, value.denominator)


def _mark_judged(item: Item, text: str) -> Mark:
    """A response of a form of its own: see `item_banks.marking_math`."""
    judged = judge(item, text)
    if judged.right is None:
        return _unreadable(item, judged.text, judged.why)
    if judged.right:
        return replace(_correct(item, judged.text), steps=judged.steps)
    return replace(_incorrect(item, judged.text, list(judged.codes)), steps=judged.steps)


def _mark_choice(item: Item, text: str) -> Mark:
    if text not in [choice.value for choice in item.response.choices]:
        return _unreadable(item, text)
    if text == item.answer:
        return _correct(item, text)
    return _incorrect(item, text, [code for code, wrong in item.misconceptions.items() if text == wrong])


def _mark_spelling(item: Item, text: str) -> Mark:
    """A word, or the letters of it that are missing; for these the whole word is accepted too."""
    if not any(each.isalpha() for each in text):
        return _unreadable(item, text)
    word = "".join(item.rules.graphemes)
    given, *right = (_spelling(each, item) for each in (text, item.answer, word, item.rules.variant) if each)
    spelled = text if _is_whole_word(given, item) else f"{item.rules.before}{text}{item.rules.after}"
    if given in right or _spelling(spelled, item) in right:
        return _correct(item, text)
    diagnosis = diagnose(
        item.rules.graphemes,
        spelled.translate(_APOSTROPHES),
        pattern=item.rules.pattern,
        pattern_error=item.rules.pattern_error,
        alternatives=item.rules.alternatives,
        silent=item.rules.silent,
        keyboard=item.rules.keyboard,
    )
    # A name written without its capital is "correct" for the diagnosis, which knows no case.
    error = "capital" if diagnosis.error_class == "correct" else diagnosis.error_class
    return Mark(
        "incorrect",
        text,
        misconceptions=(error,),
        feedback=item.strings[error].replace(PART, _part(diagnosis)),
        solution=item.strings["solution"],
        differences=diagnosis.pieces,
    )


def _part(diagnosis: Diagnosis) -> str:
    """The letters of the word that the response did not have, as a child reads them: "igh", or "ll … y"."""
    return " … ".join(piece.text for piece in diagnosis.pieces if piece.wrong)


def _is_whole_word(given: str, item: Item) -> bool:
    """Whether a response to missing letters tries the whole word; a dictation always does."""
    before, after = _spelling(item.rules.before, item), _spelling(item.rules.after, item)
    framed = len(given) > len(before) + len(after) and given.startswith(before) and given.endswith(after)
    return framed and bool(before or after)


def _spelling(text: str, item: Item) -> str:
    plain = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES)
    return plain if item.rules.case_sensitive else plain.casefold()


def _correct(item: Item, text: str) -> Mark:
    return Mark("correct", text, feedback=item.strings["correct"], solution=item.strings["solution"])


def _incorrect(item: Item, text: str, codes: list[str]) -> Mark:
    feedback = item.strings[codes[0]] if codes else item.strings["other"]
    return Mark("incorrect", text, tuple(codes), feedback, item.strings["solution"])


def _unreadable(item: Item, text: str, why: str = "unreadable") -> Mark:
    solution, message = item.strings["solution"], item.strings.get(why, item.strings["unreadable"])
    return Mark("unreadable", text[:KEPT_LENGTH], solution=solution, message=message)


_MARKERS: Mapping[str, Callable[[Item, str], Mark]] = {
    "number": _mark_number,
    "fraction": _mark_fraction,
    "mixed": _mark_fraction,
    **dict.fromkeys(KINDS, _mark_judged),
    "choice": _mark_choice,
    "text": _mark_spelling,
}
