"""Which items a word gives: each format asks for something that the word must have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from item_banks.reading.parts import Parts, Strings
from item_banks.responses import BETWEEN
from item_banks.schema import ItemTemplate, Skill, Word
from item_banks.words.items import mistakes, never_shown, sorts, spellings_of

_OFFERED: Mapping[str, Callable[[Word], bool]] = {
    "dictation": lambda _: True,
    "missing": lambda word: 0 < len(word.gap) < len(word.graphemes),
    "cloze": lambda word: bool(word.sentence),
    "build": lambda word: bool(word.parts),
    "family": lambda word: bool(word.family),
    "homophone": lambda word: bool(word.homophones),
}
_TWINS = {"cloze": "dictation", "proofread": "missing", "sort": "missing"}
FORMATS = (*_OFFERED, "proofread", "sort")
"""Every format of a word bank; a bank has an instruction and a name of the field for each."""


@dataclass(frozen=True)
class Misspelling:
    """How a bank may misspell a word on purpose (`items.mistakes`)."""

    strings: Strings
    spellings: frozenset[tuple[str, str, str]]
    refused: frozenset[str]

    @classmethod
    def as_in(cls, strings: Strings, words: Iterable[Word]) -> Misspelling:
        """As a bank of these words and sentences does."""
        listed = tuple(words)
        return cls(strings, spellings_of(listed), never_shown(strings, listed))

    def of(self, word: Word) -> tuple[str, ...]:
        """The misspellings of a word that may be shown."""
        return mistakes(word, self.strings, self.spellings, self.refused)


def add_templates(parts: Parts, skill: Skill, word: Word, misspelling: Misspelling, *, home: str = "") -> None:
    """Add the templates of a word to a skill; `home` is its skill if that is another."""
    forms = [form for form, offers in _OFFERED.items() if offers(word)]
    misspelled = misspelling.of(word) if "missing" in forms else ()
    if misspelled:
        forms.append("proofread")
    if not home and not word.reserved and sorts(skill, word):
        forms.append("sort")
    source = parts.sources[f"{home or skill.id}/{word.word}"]
    for form in forms:
        name = f"{skill.id}/{word.word}/{form}"
        options: dict[str, str | int] = {"word": word.word}
        if home:
            options["home"] = home
        if form == "homophone":
            options["choices"] = 1 + len(word.homophones)
        if form == "proofread":
            options["misspelled"] = BETWEEN.join(misspelled)
        parts.templates[name] = ItemTemplate(
            id=name,
            skill=skill.id,
            skills=(skill.id,),
            format=form,
            generator=form,
            options=options,
            member=word.word if skill.kind == "list" else None,
            twin_of=f"{skill.id}/{word.word}/{_TWINS[form]}" if form in _TWINS else "",
        )
        parts.sources[name] = source
