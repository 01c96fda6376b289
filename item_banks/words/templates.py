"""Which items a word gives: each format asks for something that the word must have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from item_banks.parts import Parts, Strings
from item_banks.schema import ItemTemplate, Skill, Word
from item_banks.words.items import alternatives_of, mistakes, sorts

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


def add_templates(
    parts: Parts, strings: Strings, skill: Skill, word: Word, known: Collection[str], *, home: str = ""
) -> None:
    """Add the templates of a word to a skill. `known` holds the words of the bank, `home` its skill if another."""
    forms = [form for form, offers in _OFFERED.items() if offers(word)]
    if "missing" in forms and mistakes(word, alternatives_of(strings, word), known):
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
