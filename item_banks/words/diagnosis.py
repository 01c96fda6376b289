"""What a misspelling says about the speller: which letters of the correct word differ, and what kind of error it is.

The classes follow teachers' practice of telling apart what a learner hears, what a rule asks, and what has to be
remembered (compare Masterson and Apel, 2010, "The Spelling Sensitivity Score", from which the score of each element
is taken: 3 right, 2 plausible, 1 implausible, 0 left out). Nothing here knows a language: which letters are the
pattern to be learned, which spellings sound alike and which keys are neighbours come from the bank.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from types import MappingProxyType
from typing import Literal

from item_banks.schema import Piece
from item_banks.words.alignment import Edit, align

ErrorClass = Literal[
    "correct", "rule", "word_part", "order", "silent", "sound_plausible", "omission", "addition", "slip", "other"
]
ERROR_CLASSES: tuple[ErrorClass, ...] = (
    "rule",
    "word_part",
    "order",
    "silent",
    "sound_plausible",
    "omission",
    "addition",
    "slip",
    "other",
)
"""The classes of a wrong answer; a bank has one feedback sentence for each (`feedback` in bank.yaml)."""

PATTERN_ERRORS = ("rule", "word_part")
"""What an error inside the taught pattern can be; where a skill names neither, it is classed by its sound."""

_LONG_ENOUGH = 4  # graphemes of a word in which a wrong key looks like an accident
_FEW = 4  # one grapheme of so many may be left out
_FAR = 2  # letters by which a response may be longer than twice the word and still be compared with it


@dataclass(frozen=True, slots=True)
class Element:
    """One grapheme and what was written for it. `score`: 3 right, 2 plausible, 1 implausible, 0 left out."""

    grapheme: str
    written: str
    score: int


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The correct word in pieces (`wrong`: the response differed here) and the class of the error.

    The pieces always join to the correct word: a misspelling is never shown again. The graphemes of `elements` join
    to the word too, and what was written for them to the response (in lower case).
    """

    pieces: tuple[Piece, ...]
    error_class: ErrorClass
    elements: tuple[Element, ...] = ()


def diagnose(
    graphemes: Sequence[str],
    response: str,
    *,
    pattern: Collection[int] = (),
    pattern_error: str = "",
    alternatives: Sequence[Collection[str]] = (),
    silent: Collection[int] = (),
    keyboard: Sequence[str] = (),
) -> Diagnosis:
    """Compare a response with the word that `graphemes` join to. Never raises, whatever the response is.

    `pattern`: indexes of the graphemes that show what is being taught; an error there is of the class
    `pattern_error` ("rule" or "word_part"), if that is given. `alternatives`: for each grapheme the other spellings
    of its sound (see `sound_alternatives`), "" among them where it is silent. `silent`: indexes of the graphemes with
    a letter that nobody hears. `keyboard`: its rows of letters, to recognise a finger that slipped. Upper and lower
    case, and composed and decomposed accents, are alike.
    """
    parts = tuple(_plain(grapheme) for grapheme in graphemes)
    word, typed = "".join(parts), _plain(response).strip()
    if typed == word:
        return Diagnosis(_pieces(graphemes, frozenset()), "correct", _all(graphemes, parts, 3))
    if len(typed) > 2 * len(word) + _FAR:
        written = (typed, *("" for _ in parts[1:])) if parts else ()
        elements = tuple(
            Element(grapheme, letters, int(bool(letters))) for grapheme, letters in zip(graphemes, written, strict=True)
        )
        return Diagnosis(_pieces(graphemes, frozenset(range(len(parts)))), "other", elements)
    alignment = align(parts, typed, _known(tuple(map(tuple, alternatives))))
    edits, taught = alignment.edits, frozenset(pattern)
    touched = frozenset(index for edit in edits for index in _concerned(edit, taught))
    slipped = len(edits) == 1 and _is_slip(parts, edits[0], tuple(keyboard))
    error = _in_pattern(parts, edits, taught, pattern_error) if not slipped else None
    error = error or _elsewhere(parts, edits, frozenset(silent), slipped)
    return Diagnosis(_pieces(graphemes, touched), error, _elements(graphemes, alignment.written, edits))


def sound_alternatives(
    sounds: Sequence[str],
    spellings: Mapping[str, Sequence[str]],
    *,
    weak: Mapping[str, Sequence[str]] = MappingProxyType({}),
    vowels: Collection[str] = (),
) -> tuple[tuple[str, ...], ...]:
    """The spellings a learner may try for each sound of a word, in the order of the word's graphemes.

    `spellings` is the bank's `sound_spellings`; a sound it does not list has no alternatives. `weak` adds those of
    vowels that are not the first vowel of the word.
    """
    first = next((index for index, sound in enumerate(sounds) if sound in vowels), len(sounds))
    return tuple(
        (*spellings.get(sound, ()), *(weak.get(sound, ()) if index > first else ()))
        for index, sound in enumerate(sounds)
    )


@lru_cache(maxsize=4096)
def _known(alternatives: tuple[tuple[str, ...], ...]) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(map(_plain, others)) for others in alternatives)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).lower()


def _pieces(graphemes: Sequence[str], touched: Collection[int]) -> tuple[Piece, ...]:
    runs = groupby(enumerate(graphemes), key=lambda pair: pair[0] in touched)
    return tuple(Piece("".join(grapheme for _, grapheme in run), wrong) for wrong, run in runs)


def _all(graphemes: Sequence[str], written: Sequence[str], score: int) -> tuple[Element, ...]:
    return tuple(Element(grapheme, letters, score) for grapheme, letters in zip(graphemes, written, strict=True))


def _elements(graphemes: Sequence[str], written: Sequence[str], edits: Sequence[Edit]) -> tuple[Element, ...]:
    scores = [3] * len(graphemes)
    for edit in edits:
        for index in edit.graphemes:
            score = 2 if edit.kind == "sound" else 0 if not written[index] else 1
            scores[index] = min(scores[index], score)
    return tuple(Element(*each) for each in zip(graphemes, written, scores, strict=True))


def _concerned(edit: Edit, taught: frozenset[int]) -> tuple[int, ...]:
    """The graphemes to mark. A letter between two graphemes concerns the taught one alone, if only one is taught."""
    inside = tuple(index for index in edit.graphemes if index in taught)
    return inside if edit.kind == "between" and inside else edit.graphemes


def _in_pattern(
    parts: tuple[str, ...], edits: tuple[Edit, ...], taught: frozenset[int], pattern_error: str
) -> ErrorClass | None:
    """The class of an error that lies in what is being taught, with at most one more beside it."""
    kinds = {edit.kind for edit in edits}
    beside = sum(taught.isdisjoint(edit.graphemes) for edit in edits)
    if kinds == {"order"} or beside > 1 or beside == len(edits):
        return None
    if not (_is_near(parts, edits) or kinds <= {"sound", "silent"}):
        return None
    if pattern_error == "rule":
        return "rule"
    return "word_part" if pattern_error == "word_part" else None


def _elsewhere(parts: tuple[str, ...], edits: tuple[Edit, ...], silent: frozenset[int], slipped: bool) -> ErrorClass:
    kinds = {edit.kind for edit in edits}
    near = _is_near(parts, edits)
    if near and kinds == {"order"}:
        return "order"
    if kinds <= {"sound", "silent"}:
        if all(_lacks_silent(parts, edit, silent) for edit in edits):
            return "silent"
        return "addition" if all(_is_longer(parts, edit) for edit in edits) else "sound_plausible"
    if slipped:
        return "slip"
    missing = sum(edit.kind == "missing" for edit in edits)
    if missing and kinds <= {"missing", "silent", "sound"} and missing <= max(1, len(parts) // _FEW):
        return "omission"
    if near and all(edit.kind == "between" or _is_longer(parts, edit) for edit in edits):
        return "addition"
    return "other"


def _is_near(parts: tuple[str, ...], edits: tuple[Edit, ...]) -> bool:
    """Whether at most half of the letters differ."""
    return sum(edit.letters for edit in edits) <= max(1, sum(map(len, parts)) // 2)


def _lacks_silent(parts: tuple[str, ...], edit: Edit, silent: frozenset[int]) -> bool:
    index = edit.graphemes[0]
    return edit.kind == "silent" or (
        index in silent and _is_longer((edit.written,), Edit((0,), 0, "sound", parts[index]))
    )


def _is_longer(parts: tuple[str, ...], edit: Edit) -> bool:
    """Whether the grapheme is there, with letters too many."""
    part = parts[edit.graphemes[0]]
    return len(edit.written) > len(part) and (edit.written.startswith(part) or edit.written.endswith(part))


def _is_slip(parts: tuple[str, ...], edit: Edit, keyboard: tuple[str, ...]) -> bool:
    """Whether one letter was replaced by the key beside it, in a word long enough that it looks like an accident."""
    if edit.kind != "spelling" or edit.letters != 1 or len(parts) < _LONG_ENOUGH:
        return False
    meant = parts[edit.graphemes[0]]
    changed = [pair for pair in zip(meant, edit.written, strict=False) if pair[0] != pair[1]]
    return len(meant) == len(edit.written) and len(changed) == 1 and _are_neighbours(*changed[0], keyboard)


@lru_cache(maxsize=4096)
def _are_neighbours(one: str, other: str, keyboard: tuple[str, ...]) -> bool:
    places = {key: (row, column) for row, keys in enumerate(keyboard) for column, key in enumerate(keys)}
    if one not in places or other not in places:
        return False
    (row, column), (other_row, other_column) = places[one], places[other]
    # Each row of keys stands half a key further to the right than the one above.
    return abs(row - other_row) <= 1 and abs((column + row / 2) - (other_column + other_row / 2)) <= 1
