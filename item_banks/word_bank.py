"""Reads a bank of words: `bank.yaml` with the sentences for every word, and one file per pattern or list."""

from __future__ import annotations

from pathlib import Path

import yaml

from item_banks.parts import Parts, skill_of
from item_banks.reader import BankError, Reader
from item_banks.schema import Bank, ItemTemplate, Word
from item_banks.sentences import occurrences
from item_banks.spelling_diagnosis import ERROR_CLASSES

WORDS = "bank.yaml"
FORMATS = ("dictation", "missing")
_HEAD = ("id", "subject", "language", "title")
BANK_NEEDS = (*_HEAD, "strings", "feedback", "unreadable")
SKILL_NEEDS = ("id", "title", "child_title", "grade", "uk_year", "strand", "kind", "rule")
WORD_NEEDS = ("word", "graphemes", "sounds", "gap", "sentence", "meaning")


def read_word_bank(folder: Path) -> Bank:
    """The bank whose files are in `folder`. Raises BankError with every problem of all its files."""
    parts = Parts()
    reader = Reader(folder / WORDS)
    root = reader.mapping(reader.root, needs=BANK_NEEDS, may=("sound_spellings",))
    head = {name: reader.text(root[name]) for name in _HEAD if name in root}
    if head.get("language", folder.name) != folder.name:
        reader.complain(root["language"], f"the folder's name says {folder.name!r}; write the same language here")
    strings = reader.strings(reader.root)
    needed = [f"feedback.{each}" for each in ("correct", *ERROR_CLASSES)]
    needed += [f"strings.{prefix}{form}" for form in FORMATS for prefix in ("", "field_")]
    for key in needed:
        if key not in strings:
            reader.complain(reader.root, f"the sentence {key.replace('.', ': ')} is missing; add it")
    problems = list(_problems(reader))
    files = sorted(file for file in folder.glob("*.yaml") if file.name != WORDS)
    for file in files:
        try:
            problems += _word_list(file, head.get("subject", "?"), parts)
        except BankError as error:
            problems += error.problems
    if problems:
        raise BankError(problems)
    parts.check_prerequisites()
    return parts.bank(folder, head, strings, [folder / WORDS, *files])


def _problems(reader: Reader) -> tuple[str, ...]:
    try:
        reader.finish()
    except BankError as error:
        return error.problems
    return ()


def _word_list(file: Path, subject: str, parts: Parts) -> tuple[str, ...]:
    """Read one file into `parts`; its problems."""
    reader = Reader(file)
    root = reader.mapping(reader.root, needs=("skill", "words"), may=())
    if "skill" not in root or "words" not in root:
        return _problems(reader)
    entry = reader.mapping(root["skill"], needs=SKILL_NEEDS, may=("ccss", "prerequisites"))
    if any(name not in entry for name in SKILL_NEEDS):
        return _problems(reader)
    titles = {name: reader.text(entry[name]) for name in ("title", "child_title")}
    skill = skill_of(reader, entry, subject, titles)
    if skill is None or not parts.is_new(reader, entry["id"], skill.id):
        return _problems(reader)
    parts.skills[skill.id] = skill
    for node in reader.sequence(root["words"]):
        word = _word(reader, node)
        if word is not None and parts.is_new(reader, node, f"{skill.id}/{word.word}"):
            parts.words[f"{skill.id}/{word.word}"] = word
            _templates(skill.id, skill.kind == "list", word, parts)
    return _problems(reader)


def _word(reader: Reader, node: yaml.Node) -> Word | None:
    entry = reader.mapping(node, needs=WORD_NEEDS, may=())
    if any(name not in entry for name in WORD_NEEDS):
        return None
    word = Word(
        word=reader.text(entry["word"]),
        graphemes=reader.texts(entry["graphemes"]),
        sounds=reader.texts(entry["sounds"], empty=True),
        gap=reader.integers(entry["gap"]),
        sentence=reader.text(entry["sentence"]),
        meaning=reader.text(entry["meaning"]),
    )
    for name, what in _mistakes(word):
        reader.complain(entry[name], what)
    return word


def _mistakes(word: Word) -> list[tuple[str, str]]:
    """What does not fit together in a word: the entry, and what is wrong with it."""
    found = []
    if "".join(word.graphemes) != word.word:
        found.append(
            ("graphemes", f"these join to {''.join(word.graphemes)!r}, not {word.word!r}; correct one of them")
        )
    if len(word.sounds) != len(word.graphemes):
        numbers = f"{len(word.sounds)} sounds for {len(word.graphemes)} graphemes"
        found.append(("sounds", f'{numbers}; write one each, "" for a silent one'))
    if not word.gap or not all(0 <= index < len(word.graphemes) for index in word.gap):
        found.append(("gap", f"indexes of graphemes go from 0 to {len(word.graphemes) - 1}; name the pattern's"))
    times = occurrences(word.sentence, word.word)
    if times != 1:
        found.append(("sentence", f"it has {word.word!r} {times} times; write one with it once"))
    if occurrences(word.meaning, word.word):
        found.append(("meaning", f"it gives {word.word!r} away; say it in other words"))
    return found


def _templates(skill: str, is_list: bool, word: Word, parts: Parts) -> None:
    for form in FORMATS:
        name = f"{skill}/{word.word}/{form}"
        parts.templates[name] = ItemTemplate(
            id=name,
            skill=skill,
            skills=(skill,),
            format=form,
            generator=form,
            options={"word": word.word},
            member=word.word if is_list else None,
        )
        parts.sources[name] = parts.sources[f"{skill}/{word.word}"]
