"""Reads a bank of words: `bank.yaml` with the sentences for every word, and one file per pattern or list."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import yaml

from item_banks.reading.parts import Parts, Strings, skill_of
from item_banks.reading.reader import BankError, Reader
from item_banks.schema import Bank, Skill, Word
from item_banks.words.diagnosis import ERROR_CLASSES, PATTERN_ERRORS
from item_banks.words.items import SORTED_TOGETHER, pattern_of, sorts
from item_banks.words.sentences import occurrences
from item_banks.words.templates import FORMATS, Misspelling, add_templates

WORDS = "bank.yaml"
_HEAD = ("id", "subject", "language", "title")
BANK_NEEDS = (*_HEAD, "strings", "feedback", "unreadable", "choose")
BANK_MAY = ("sound_spellings", "weak_spellings", "vowels", "silent_letters", "keyboard", "voice", "unfit", "real_words")
SKILL_NEEDS = ("id", "title", "child_title", "grade", "uk_year", "strand", "kind", "rule")
SKILL_MAY = ("ccss", "prerequisites", "pattern_error", "contrast", "lesson", "sort")
WORD_NEEDS = ("word", "graphemes", "sounds", "gap", "sentence", "meaning")
WORD_LISTS = ("parts", "family", "homophones", "slips")
WORD_MAY = ("band", "variant", *WORD_LISTS)
FEEDBACK = ("correct", "capital", "homophone", "variant", "slip_again", "sorted", "sort_again", *ERROR_CLASSES)

Wanted = list[tuple[Reader, yaml.Node, Skill, str]]
"""Words that a list names and that have their home in another file: where that stands, the list, and the home."""


def read_word_bank(folder: Path) -> Bank:
    """The bank whose files are in `folder`. Raises BankError with every problem of all its files."""
    parts = Parts()
    reader = Reader(folder / WORDS)
    root = reader.mapping(reader.root, needs=BANK_NEEDS, may=BANK_MAY)
    head = {name: reader.text(root[name]) for name in _HEAD if name in root}
    if head.get("language", folder.name) != folder.name:
        reader.complain(root["language"], f"the folder's name says {folder.name!r}; write the same language here")
    strings = reader.strings(reader.root)
    needed = [f"feedback.{each}" for each in FEEDBACK]
    needed += [f"strings.{prefix}{form}" for form in FORMATS for prefix in ("", "field_")]
    needed.append("strings.unsorted")
    for key in needed:
        if key not in strings:
            reader.complain(reader.root, f"the sentence {key.replace('.', ': ')} is missing; add it")
    problems = list(_problems(reader))
    files = sorted(file for file in folder.glob("*.yaml") if file.name != WORDS)
    readers: list[Reader] = []
    wanted: Wanted = []
    for file in files:
        try:
            readers.append(Reader(file))
        except BankError as error:
            problems += error.problems
            continue
        _word_list(readers[-1], head.get("subject", "?"), parts, wanted)
        readers[-1].let_go()
    if not any(each.problems for each in readers):  # a word whose parts do not fit together can't be made into items
        _bring_home(parts, strings, wanted)
    problems += [problem for each in readers for problem in _problems(each)]
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


def _word_list(reader: Reader, subject: str, parts: Parts, wanted: Wanted) -> None:
    """Read one file into `parts`, and the words it names from other files into `wanted`."""
    root = reader.mapping(reader.root, needs=("skill", "words"), may=("reserved", "refers"))
    if "skill" not in root or "words" not in root:
        return
    skill = _skill(reader, root["skill"], subject)
    if skill is None or not parts.is_new(reader, root["skill"], skill.id):
        return
    parts.skills[skill.id] = skill
    reserved = set(reader.texts(root["reserved"])) if "reserved" in root else set()
    for node in reader.sequence(root["words"]):
        word = _word(reader, node)
        if word is not None and parts.is_new(reader, node, key := f"{skill.id}/{word.word}"):
            parts.words[key] = replace(word, reserved=word.word in reserved)
            reserved.discard(word.word)
    for name in sorted(reserved):
        reader.complain(root["reserved"], f"{name!r} is no word of this file; correct it")
    mine = [word for key, word in parts.words.items() if key.startswith(f"{skill.id}/")]
    for letters in skill.sort:
        fitting = [word for word in mine if pattern_of(word) == letters and sorts(skill, word) and not word.reserved]
        if len(fitting) < SORTED_TOGETHER:
            reader.complain(
                root["skill"],
                f"fewer than {SORTED_TOGETHER} words to practise have {letters!r} in their gap; sort by others",
            )
    for node in reader.sequence(root["refers"]) if "refers" in root else []:
        wanted.append((reader, node, skill, reader.text(node)))


def _skill(reader: Reader, node: yaml.Node, subject: str) -> Skill | None:
    entry = reader.mapping(node, needs=SKILL_NEEDS, may=SKILL_MAY)
    if any(name not in entry for name in SKILL_NEEDS):
        return None
    titles = {name: reader.text(entry[name]) for name in ("title", "child_title")}
    skill = skill_of(reader, entry, subject, titles)
    if skill is None:
        return None
    error = reader.text(entry["pattern_error"]) if "pattern_error" in entry else ""
    if error and error not in PATTERN_ERRORS:
        reader.complain(entry["pattern_error"], f"{error!r} is not known; write one of {', '.join(PATTERN_ERRORS)}")
    contrast = reader.texts(entry["contrast"]) if "contrast" in entry else ()
    if len(contrast) not in (0, 2):
        reader.complain(entry["contrast"], "a contrast has two words; write [one, other]")
    lesson = reader.text(entry["lesson"]) if "lesson" in entry else ""
    sort = reader.texts(entry["sort"]) if "sort" in entry else ()
    if len(sort) == 1:
        reader.complain(entry["sort"], "there is nothing to sort into one group; write [one, other]")
    return replace(skill, pattern_error=error, contrast=contrast, lesson=lesson, sort=sort)


def _word(reader: Reader, node: yaml.Node) -> Word | None:
    entry = reader.mapping(node, needs=WORD_NEEDS, may=WORD_MAY)
    if any(name not in entry for name in WORD_NEEDS):
        return None
    lists = {name: reader.texts(entry[name]) if name in entry else () for name in WORD_LISTS}
    word = Word(
        word=reader.text(entry["word"]),
        graphemes=reader.texts(entry["graphemes"]),
        sounds=reader.texts(entry["sounds"], empty=True),
        gap=reader.integers(entry["gap"]),
        sentence=reader.text(entry["sentence"]),
        meaning=reader.text(entry["meaning"]),
        band=reader.integer(entry["band"]) if "band" in entry else 0,
        variant=reader.text(entry["variant"]) if "variant" in entry else "",
        parts=lists["parts"],
        family=lists["family"],
        homophones=lists["homophones"],
        slips=lists["slips"],
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
    for name in ("family", "homophones", "slips"):
        if word.word in getattr(word, name):
            found.append((name, f"it holds {word.word!r} itself; name the others"))
    return found


def _bring_home(parts: Parts, strings: Strings, wanted: Wanted) -> None:
    """Make the templates of every word, for its own file and for the lists that name it."""
    misspelling = Misspelling.as_in(strings, parts.words.values())
    for key, word in list(parts.words.items()):
        home = parts.skills[key.partition("/")[0]]
        add_templates(parts, home, word, misspelling)
    for reader, node, skill, key in wanted:
        home_id, _, name = key.partition("/")
        if key not in parts.words:
            reader.complain(node, f"{key!r} is no word of this bank; write SKILL/word")
        elif f"{skill.id}/{name}" in parts.words:
            reader.complain(node, f"{name!r} is in this file too; remove one")
        else:
            add_templates(parts, skill, parts.words[key], misspelling, home=home_id)
            parts.sources[f"{skill.id}/{name}"] = parts.sources[key]
