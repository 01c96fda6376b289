"""What a misspelling says about the speller: which letters of the correct word differ, and what kind of error it is.

The response is aligned to the graphemes of the word by a dynamic programme over (grapheme, letters of the
response), after Damerau (1964), "A technique for computer detection and correction of spelling errors": its four
single errors (a letter wrong, missing, extra, or two exchanged) are this module's edits, counted within graphemes
instead of letters so that *freind* differs from *friend* in one place. Nothing here knows a language: which letters
are the pattern to be learned and which spellings sound alike come from the bank.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from item_banks.schema import Piece

ErrorClass = Literal["correct", "rule", "order", "omission", "addition", "sound_plausible", "other"]
ERROR_CLASSES: tuple[ErrorClass, ...] = ("rule", "order", "omission", "addition", "sound_plausible", "other")
"""The classes of a wrong answer; a bank has one feedback sentence for each (`feedback` in bank.yaml)."""

_EDIT = 10  # one letter wrong, missing or extra
_PLAUSIBLE = 8  # another spelling of the same sound: likelier than unrelated letters that happen to fit
_TOUCH = 1  # among equal alignments, the one that disturbs fewer graphemes
_BETWEEN = 2  # a foreign letter stands between two graphemes; a repeated one belongs to its grapheme
_SPARE = 2  # letters by which a spelling of a grapheme may be longer than the grapheme


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The correct word in pieces (`wrong`: the response differed here) and the class of the error.

    The pieces always join to the correct word: a misspelling is never shown again.
    """

    pieces: tuple[Piece, ...]
    error_class: ErrorClass


@dataclass(frozen=True, slots=True)
class _Edit:
    """One difference: the graphemes it concerns, its size in letters, and how it came about."""

    graphemes: tuple[int, ...]
    letters: int
    kind: Literal["spelling", "sound", "order", "between"]


@dataclass(frozen=True, slots=True)
class _Path:
    cost: int
    edits: tuple[_Edit, ...]

    def then(self, cost: int, edit: _Edit | None = None) -> _Path:
        return _Path(self.cost + cost, self.edits if edit is None else (*self.edits, edit))


def diagnose(
    graphemes: Sequence[str],
    response: str,
    *,
    pattern: Collection[int] = (),
    alternatives: Sequence[Collection[str]] = (),
) -> Diagnosis:
    """Compare a response with the word that `graphemes` join to. Never raises, whatever the response is.

    `pattern`: indexes of the graphemes that show what is being taught; an error there is of class "rule".
    `alternatives`: for each grapheme the other spellings of its sound (see `sound_alternatives`); without them no
    response is called "sound_plausible". Upper and lower case, and composed and decomposed accents, are alike.
    """
    parts = tuple(_plain(grapheme) for grapheme in graphemes)
    word, typed = "".join(parts), _plain(response).strip()
    if typed == word:
        return Diagnosis(_pieces(graphemes, frozenset()), "correct")
    if len(typed) > 2 * len(word) + _SPARE:
        return Diagnosis(_pieces(graphemes, frozenset(range(len(parts)))), "other")
    edits = _align(parts, typed, tuple(frozenset(map(_plain, others)) for others in alternatives))
    taught = frozenset(pattern)
    touched = frozenset(index for edit in edits for index in _concerned(edit, taught))
    return Diagnosis(_pieces(graphemes, touched), _classify(word, typed, edits, taught))


def sound_alternatives(sounds: Sequence[str], spellings: Mapping[str, Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """The spellings a learner may try for each sound of a word, in the order of the word's graphemes.

    `spellings` is the bank's `sound_spellings`; a sound it does not list has no alternatives.
    """
    return tuple(tuple(spellings.get(sound, ())) for sound in sounds)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).lower()


def _pieces(graphemes: Sequence[str], touched: Collection[int]) -> tuple[Piece, ...]:
    runs = groupby(enumerate(graphemes), key=lambda pair: pair[0] in touched)
    return tuple(Piece("".join(grapheme for _, grapheme in run), wrong) for wrong, run in runs)


def _align(parts: tuple[str, ...], typed: str, alternatives: Sequence[frozenset[str]]) -> tuple[_Edit, ...]:
    """The cheapest account of how the typed letters came from the graphemes."""
    best: dict[tuple[int, int], _Path] = {(0, 0): _Path(0, ())}

    def offer(index: int, end: int, path: _Path) -> None:
        known = best.get((index, end))
        if known is None or path.cost < known.cost:
            best[index, end] = path

    for index in range(len(parts) + 1):
        for start in range(len(typed) + 1):
            here = best[index, start]
            if start < len(typed):
                neighbours = tuple(i for i in (index - 1, index) if 0 <= i < len(parts))
                offer(index, start + 1, here.then(_EDIT + _BETWEEN, _Edit(neighbours, 1, "between")))
            if index < len(parts):
                others = alternatives[index] if index < len(alternatives) else frozenset()
                for length in range(min(_longest(parts[index], others), len(typed) - start) + 1):
                    segment = typed[start : start + length]
                    offer(index + 1, start + length, _spelled(here, index, parts[index], segment, others))
            if index + 1 < len(parts):
                pair = parts[index : index + 2]
                end = start + len(pair[0]) + len(pair[1])
                if _exchanged(pair, typed[start:end]):
                    edit = _Edit((index, index + 1), 1, "order")
                    offer(index + 2, end, here.then(_EDIT + 2 * _TOUCH, edit))
    return best[len(parts), len(typed)].edits


def _longest(part: str, others: Collection[str]) -> int:
    return max([len(part) + _SPARE, *map(len, others)])


def _spelled(here: _Path, index: int, part: str, segment: str, others: Collection[str]) -> _Path:
    """The path on which one grapheme was written as `segment`."""
    if segment == part:
        return here.then(0)
    letters = _distance(part, segment)
    if sorted(part) == sorted(segment) and letters == 1:
        return here.then(_PLAUSIBLE + _TOUCH, _Edit((index,), 1, "order"))
    if segment in others:
        return here.then(_PLAUSIBLE + _TOUCH, _Edit((index,), letters, "sound"))
    foreign = _BETWEEN if len(segment) > len(part) and not set(segment) <= set(part) else 0
    return here.then(_EDIT * letters + _TOUCH + foreign, _Edit((index,), letters, "spelling"))


def _exchanged(pair: tuple[str, ...], segment: str) -> bool:
    """Whether two graphemes changed places, or two letters where they meet."""
    intended = "".join(pair)
    if segment == intended or sorted(segment) != sorted(intended):
        return False
    return segment == pair[1] + pair[0] or _distance(intended, segment) == 1


def _distance(intended: str, written: str) -> int:
    """Letters wrong, missing, extra or exchanged with a neighbour (optimal string alignment)."""
    table = [list(range(len(written) + 1))]
    for i, letter in enumerate(intended):
        row = [i + 1]
        for j, other in enumerate(written):
            cost = min(table[i][j + 1] + 1, row[j] + 1, table[i][j] + (letter != other))
            if i and j and letter == written[j - 1] and intended[i - 1] == other:
                cost = min(cost, table[i - 1][j - 1] + 1)
            row.append(cost)
        table.append(row)
    return table[-1][-1]


def _concerned(edit: _Edit, taught: frozenset[int]) -> tuple[int, ...]:
    """The graphemes to mark. A letter between two graphemes concerns the taught one alone, if only one is taught."""
    inside = tuple(index for index in edit.graphemes if index in taught)
    return inside if edit.kind == "between" and inside else edit.graphemes


def _classify(word: str, typed: str, edits: tuple[_Edit, ...], taught: frozenset[int]) -> ErrorClass:
    near = sum(edit.letters for edit in edits) <= max(1, len(word) // 2)
    if near and all(edit.kind == "order" for edit in edits):
        return "order"
    beside = sum(taught.isdisjoint(edit.graphemes) for edit in edits)
    if near and beside <= 1 and beside < len(edits):
        return "rule"
    if all(edit.kind == "sound" for edit in edits):
        return "sound_plausible"
    if near and _within(typed, word):
        return "omission"
    if near and _within(word, typed):
        return "addition"
    return "other"


def _within(shorter: str, longer: str) -> bool:
    """Whether the letters of one stand in the other in the same order."""
    letters = iter(longer)
    return all(letter in letters for letter in shorter)
