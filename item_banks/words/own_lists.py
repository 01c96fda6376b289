"""A teacher's own list of words: read from what was pasted or uploaded, checked row by row, made into a bank.

Nothing here is kept or shown; a list with a single bad row is refused whole, with the row and the reason.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from types import MappingProxyType
from typing import Literal

from item_banks.reading.office_files import office_file
from item_banks.reading.parts import Parts
from item_banks.schema import Bank, Skill, Word
from item_banks.words.sentences import occurrences
from item_banks.words.templates import Misspelling, add_templates

MAX_WORDS = 100
MAX_LETTERS = 40
MAX_SENTENCE = 200
JOINT = "·"
"""Between the graphemes of a word, as a teacher sees and edits them."""

Reason = Literal[
    "empty", "too-many", "no-word", "too-long", "formula", "not-a-word", "twice", "unfit", "sentence", "long-sentence",
    "parts", "excel", "libreoffice", "no-text",
]  # fmt: skip
_HEADINGS = frozenset({"word", "words", "woord", "woorden"})
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_CELL = 10_000_000  # more than a request may hold
_INSIDE = frozenset("'’- ")


@dataclass(frozen=True)
class OwnWord:
    """One row of a teacher's list. `graphemes` join to the word; the sentence may be empty."""

    word: str
    sentence: str = ""
    graphemes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RowProblem:
    """Why a list is refused: the row as a spreadsheet counts it (0: the whole list), its text, and the reason."""

    row: int
    text: str
    reason: Reason


def not_text(data: bytes) -> tuple[RowProblem, ...]:
    """Why an uploaded file holds no rows to be read at all; empty where it may."""
    kind = office_file(data)
    if kind is None:
        return ()
    return (RowProblem(0, "", "no-text" if kind == "other" else kind),)


def decoded(data: bytes) -> str:
    """The text of an uploaded file: UTF-8 or UTF-16 with or without its mark, else Windows-1252, which takes all."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig")):
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                continue
    return data.decode("cp1252", errors="replace")


def read_list(text: str, unfit: Collection[str]) -> tuple[tuple[OwnWord, ...], tuple[RowProblem, ...]]:
    """The words of a list with a word and maybe a sentence in each row, and everything that is wrong with it."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    first = lines.partition("\n")[0]
    mark = next((mark for mark in ("\t", ";", ",") if mark in first), ",")
    rows = [(at, cells) for at, cells in enumerate(_cells(lines, mark), 1) if any(cell.strip() for cell in cells)]
    if rows and rows[0][1][0].strip().lower() in _HEADINGS:
        del rows[0]
    if not rows:
        return (), (RowProblem(0, "", "empty"),)
    if len(rows) > MAX_WORDS:
        return (), (RowProblem(0, str(len(rows)), "too-many"),)
    words, found = [], []
    seen: set[str] = set()
    for at, cells in rows:
        # A sentence that was not quoted may hold commas itself.
        entry = OwnWord(cells[0].strip(), (mark + " ").join(cell.strip() for cell in cells[1:] if cell.strip()))
        words.append(entry)
        reason = _wrong(entry, seen, unfit)
        if reason is not None:
            found.append(RowProblem(at, (entry.word or entry.sentence)[:MAX_LETTERS], reason))
        seen.add(entry.word.lower())
    return tuple(words), tuple(found)


def check_words(words: Sequence[OwnWord], unfit: Collection[str]) -> tuple[RowProblem, ...]:
    """What is wrong with a list that a teacher has edited, its graphemes too."""
    found = []
    seen: set[str] = set()
    if not words:
        return (RowProblem(0, "", "empty"),)
    if len(words) > MAX_WORDS:
        return (RowProblem(0, str(len(words)), "too-many"),)
    for at, entry in enumerate(words, 1):
        reason = _wrong(entry, seen, unfit)
        if reason is None and ("".join(entry.graphemes) != entry.word or "" in entry.graphemes):
            reason = "parts"
        if reason is not None:
            found.append(RowProblem(at, entry.word[:MAX_LETTERS], reason))
        seen.add(entry.word.lower())
    return tuple(found)


def _cells(text: str, mark: str) -> Iterable[list[str]]:
    # A single quotation mark that is never closed would swallow all rows after it.
    if text.count('"') % 2:
        text = text.replace('"', "")
    csv.field_size_limit(_LONGEST_CELL)
    return csv.reader(io.StringIO(text), delimiter=mark)


def _wrong(entry: OwnWord, seen: Collection[str], unfit: Collection[str]) -> Reason | None:
    word, sentence = entry.word, entry.sentence
    checks: tuple[tuple[bool, Reason], ...] = (
        (not word, "no-word"),
        (word.startswith(_FORMULA) or sentence.startswith(_FORMULA), "formula"),
        (len(word) > MAX_LETTERS, "too-long"),
        (not all(c.isalpha() or c in _INSIDE for c in word) or not word[:1].isalpha(), "not-a-word"),
        (word.lower() in seen, "twice"),
        (any(part in unfit for part in word.lower().split()), "unfit"),
        (len(sentence) > MAX_SENTENCE, "long-sentence"),
        (bool(sentence) and occurrences(sentence, word) != 1, "sentence"),
    )
    return next((reason for wrong, reason in checks if wrong), None)


class Segmenter:
    """Proposes the graphemes and sounds of a word, from those of the words of a bank.

    Letters belong together if the bank writes them as one grapheme at least every second time that they stand in a
    word; the sound is the grapheme's most frequent one there, at the end of a word apart from elsewhere.
    """

    def __init__(self, words: Iterable[Word]) -> None:
        units: Counter[str] = Counter()
        sounds: dict[tuple[str, bool], Counter[str]] = defaultdict(Counter)
        spelled = []
        for word in words:
            graphemes = tuple(grapheme.lower() for grapheme in word.graphemes)
            spelled.append("".join(graphemes))
            units.update(graphemes)
            for at, (grapheme, sound) in enumerate(zip(graphemes, word.sounds, strict=True)):
                sounds[grapheme, at == len(graphemes) - 1][sound] += 1
        text = "\n".join(spelled)
        self._units = {each for each, times in units.items() if len(each) > 1 and 2 * times >= text.count(each)}
        self._sounds = {key: found.most_common(1)[0][0] for key, found in sounds.items()}
        self._longest = max(map(len, self._units), default=1)

    def graphemes(self, word: str) -> tuple[str, ...]:
        """The graphemes of a word; they join to it."""
        found = []
        at = 0
        while at < len(word):
            sizes = range(min(self._longest, len(word) - at), 1, -1)
            size = next((size for size in sizes if word[at : at + size].lower() in self._units), 1)
            found.append(word[at : at + size])
            at += size
        return tuple(found)

    def sounds(self, graphemes: Sequence[str]) -> tuple[str, ...]:
        """A likely sound of each grapheme, "" where none is known."""
        last = len(graphemes) - 1
        keys = [(grapheme.lower(), at == last) for at, grapheme in enumerate(graphemes)]
        return tuple(self._sounds.get(key, self._sounds.get((key[0], not key[1]), "?")) for key in keys)


def bank_of(base: Bank, list_id: str, title: str, words: Sequence[OwnWord], segmenter: Segmenter) -> Bank:
    """The bank of a teacher's list: one list skill, with the sentences and sounds of `base` where it has them."""
    skill = Skill(
        id=own_skill_id(list_id), subject=base.subject, title=title, child_title=title, grade=0, uk_year="",
        strand="", kind="list",
    )  # fmt: skip
    parts = Parts()
    parts.skills[skill.id] = skill
    known = {word.word: word for word in base.words.values()}
    misspelling = Misspelling.as_in(dict(base.strings), known.values())
    for own in words:
        word = _word(own, known, segmenter)
        key = f"{skill.id}/{word.word}"
        parts.words[key] = word
        parts.sources[key] = (title, 0)
        add_templates(parts, skill, word, misspelling)
    content = "\0".join(f"{own.word}\1{own.sentence}\1{JOINT.join(own.graphemes)}" for own in words)
    return replace(
        base,
        id=own_bank_id(list_id),
        title=title,
        version=sha256(f"{base.version}\0{title}\0{content}".encode()).hexdigest()[:12],
        skills=MappingProxyType(parts.skills),
        templates=MappingProxyType(parts.templates),
        words=MappingProxyType(parts.words),
        sources=MappingProxyType(parts.sources),
    )


def own_bank_id(list_id: str) -> str:
    """The id of the bank of a teacher's list."""
    return f"words-{list_id}"


def own_skill_id(list_id: str) -> str:
    """The id of the only skill of a teacher's list."""
    return f"W.{list_id}"


def _word(own: OwnWord, known: Mapping[str, Word], segmenter: Segmenter) -> Word:
    ours = known.get(own.word)
    if ours is not None and own.graphemes in ((), ours.graphemes):
        return replace(ours, sentence=own.sentence or ours.sentence, parts=(), family=(), homophones=(), slips=())
    graphemes = own.graphemes or segmenter.graphemes(own.word)
    return Word(own.word, graphemes, segmenter.sounds(graphemes), (), own.sentence, "")
