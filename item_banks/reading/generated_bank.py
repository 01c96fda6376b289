"""Reads a bank of generated items: `skills/*.yaml`, in no language, and `<language>/*.yaml`, its sentences.

A topic has one file in each folder, under the same name; `<language>/bank.yaml` holds what all topics share.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from item_banks.generators import GENERATORS
from item_banks.reading.parts import Parts, Strings, skill_of
from item_banks.reading.reader import BankError, Reader
from item_banks.schema import Bank, ItemTemplate

SKILLS = "skills"
HEAD = "bank.yaml"
SKILL_NEEDS = ("id", "grade", "uk_year", "strand", "kind", "templates")
SKILL_MAY = ("ccss", "prerequisites", "picture", "stories")
TEMPLATE_NEEDS = ("id", "format", "generator")
TEMPLATE_MAY = ("options", "misconceptions", "few", "members")
HEAD_NEEDS = ("id", "subject", "language", "title", "numbers", "fields", "feedback", "unreadable", "speech")
HEAD_MAY = ("locale", "words", "names", "pictures", "steps", "values", "themes")
PACK_NEEDS = ("locale", "language", "title")
PACK_MAY = ("base", "translates", *HEAD_NEEDS[4:], *HEAD_MAY[1:])
SENTENCES = ("skills",)
SENTENCES_MAY = ("templates", "stories")
_FORMATS = (
    *("number", "fraction", "mixed", "money", "remainder", "clock", "pair", "steps"),
    *("choice", "order", "group", "line", "hands", "point"),
)


_CALL = re.compile(r"(\w+)\(([\w, ]+)\)")
OTHERS = "else"
"""Names the picture of all templates of a skill that have none of their own."""

Pictures = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Words:
    """What the files of one language hold: the head's texts, all sentences, the values of its place, and the files.

    `source` is the language that it translates or changes, "" where it does neither.
    """

    head: dict[str, str]
    strings: Strings
    values: Mapping[str, Any]
    files: tuple[Path, ...]
    source: str = ""


def read_generated_bank(folder: Path, language: str) -> Bank:
    """The bank in `folder` with the sentences of `language`. Raises BankError with what is wrong in all its files.

    That each template finds its options and sentences shows only when items are drawn: `check.prove` does that, and
    whoever opens a page need not wait for it.
    """
    words = read_words(folder, language)
    head, strings = words.head, words.strings
    problems: list[str] = []
    files = list(words.files)
    parts = Parts()
    for path in sorted((folder / SKILLS).glob("*.yaml")):
        files.append(path)
        _collect(problems, _skills, path, head["subject"], language, strings, parts)
    if problems:
        raise BankError(problems)
    parts.check_prerequisites()
    parts.check_grades()
    parts.sort_by_grade()
    return replace(
        parts.bank(folder, head, strings, files),
        locale=head.get("locale", language),
        values=words.values,
        source=words.source,
        themes={key.partition(".")[2]: str(name) for key, name in strings.items() if key.startswith("themes.")},
    )


def read_words(folder: Path, language: str) -> Words:
    """The sentences of a language. Raises BankError.

    A head that `translates` another language is a pack of that one's bank, with all sentences of its own; one with a
    `base` has only those that differ.
    """
    path = folder / language / HEAD
    reader = Reader(path)
    root = reader.mapping(reader.root)
    source = next((reader.text(root[name]) for name in ("translates", "base") if name in root), "")
    needs, may = (PACK_NEEDS, PACK_MAY) if source else (HEAD_NEEDS, HEAD_MAY)
    reader.mapping(reader.root, needs=needs, may=may)
    head = {name: reader.text(root[name]) for name in (*HEAD_NEEDS[:4], "locale") if name in root}
    if head.get("language", language) != language:
        reader.complain(root["language"], f"the folder's name says {language!r}; write the same language here")
    values = reader.options(root["values"]) if "values" in root else {}
    strings = reader.strings(reader.root)
    reader.finish()
    problems: list[str] = []
    files = sorted(file for file in (folder / language).glob("*.yaml") if file.name != HEAD)
    for file in files:
        _collect(problems, _sentences, file, strings)
    if problems:
        raise BankError(problems)
    words = Words(head, strings, values, (path, *files), source)
    return _pack(words, read_words(folder, source), complete="translates" in root) if source else words


def _pack(words: Words, source: Words, *, complete: bool) -> Words:
    """A pack of the bank that it translates (`complete`) or changes. Raises BankError for sentences nobody has."""
    strange = sorted(key for key in set(words.strings) - set(source.strings) if key.partition(".")[0] in _SHARED)
    if strange:
        folder = words.files[0].parent
        raise BankError([f"{folder}:1: {key!r} is no sentence of {words.source}; correct the name" for key in strange])
    strings = words.strings if complete else source.strings | words.strings
    files = words.files if complete else (*source.files, *words.files)
    return Words(source.head | words.head, strings, {**source.values, **words.values}, files, words.source)


_SHARED = ("skills", "templates", "stories", "words", "pictures", "unreadable", "fields", "steps", "themes")
"""Where a pack can have no sentence that the bank lacks."""


def _collect(problems: list[str], read: Any, *arguments: Any) -> None:
    try:
        read(*arguments)
    except BankError as error:
        problems += error.problems


def _sentences(path: Path, strings: Strings) -> None:
    reader = Reader(path)
    reader.mapping(reader.root, needs=SENTENCES, may=SENTENCES_MAY)
    found = reader.strings(reader.root)
    for key in sorted(set(found) & set(strings)):
        reader.complain(reader.root, f"{key!r} is in another file too; remove one")
    reader.finish()
    strings |= found


def _skills(path: Path, subject: str, language: str, strings: Strings, parts: Parts) -> None:
    reader = Reader(path)
    root = reader.mapping(reader.root, needs=("skills",), may=())
    for node in reader.sequence(root["skills"]) if "skills" in root else []:
        _skill(reader, node, subject, language, strings, parts)
    reader.finish()


def _skill(reader: Reader, node: yaml.Node, subject: str, language: str, strings: Strings, parts: Parts) -> None:
    entry = reader.mapping(node, needs=SKILL_NEEDS, may=SKILL_MAY)
    if "id" not in entry or not parts.is_new(reader, entry["id"], name := reader.text(entry["id"])):
        return
    titles = {}
    for title in ("title", "child_title"):
        value = strings.get(f"skills.{name}.{title}")
        if not isinstance(value, str):
            reader.complain(
                entry["id"], f"{name} has no {title} in {language}; add skills: {name}: {title} to its files"
            )
        titles[title] = str(value)
    skill = skill_of(reader, entry, subject, titles)
    if skill is not None:
        parts.skills[name] = skill
    shared = _pictures(reader, entry["picture"]) if "picture" in entry else {}
    for template in reader.sequence(entry["templates"]) if "templates" in entry else []:
        _template(reader, template, name, strings, parts, shared)
    for origin, told in reader.mapping(entry["stories"]).items() if "stories" in entry else ():
        _story(reader, told, f"{name}/{origin}", strings, parts)


def _story(reader: Reader, node: yaml.Node, origin: str, strings: Strings, parts: Parts) -> None:
    """A template with the numbers of another one, which ask their question in a story: `join(a, b)`."""
    found = _CALL.fullmatch(reader.text(node))
    template = parts.templates.get(origin)
    if found is None or template is None:
        reader.complain(node, f"{origin} and its story make no template; write `number: join(a, b)`, with its numbers")
    elif f"stories.{found[1]}.instruction" not in strings:
        reader.complain(node, f"there is no story {found[1]!r}; add stories: {found[1]} to each language")
    elif parts.is_new(reader, node, full := f"{origin}_story"):
        numbers = tuple(each.strip() for each in found[2].split(","))
        options = {**template.options, "story": found[1], "story_numbers": numbers, "story_of": origin}
        parts.templates[full] = replace(template, id=full, options=options)


def _template(reader: Reader, node: yaml.Node, skill: str, strings: Strings, parts: Parts, shared: Pictures) -> None:
    entry = reader.mapping(node, needs=TEMPLATE_NEEDS, may=TEMPLATE_MAY)
    if any(name not in entry for name in TEMPLATE_NEEDS):
        return
    name, form, generator = (reader.text(entry[each]) for each in TEMPLATE_NEEDS)
    if form not in _FORMATS:
        reader.complain(entry["format"], f"{form!r} is no format; write one of {', '.join(_FORMATS)}")
    if generator not in GENERATORS:
        reader.complain(entry["generator"], f"{generator!r} is no generator; write one of {', '.join(GENERATORS)}")
    options: dict[str, Any] = dict(reader.options(entry["options"])) if "options" in entry else {}
    if picture := shared.get(name, shared.get(OTHERS)):
        options.setdefault("picture", picture)
    options["misconceptions"] = _codes(reader, entry, skill, strings)
    if form == "choice" and "choices" not in options:
        reader.complain(node, "a choice needs to say among how many; add choices: 4 to its options")
        return
    if "few" in entry:
        options["few"] = reader.text(entry["few"])
    if "members" not in entry:
        if parts.is_new(reader, entry["id"], full := f"{skill}/{name}"):
            parts.templates[full] = ItemTemplate(full, skill, (skill,), form, generator, options)
        return
    options["members"] = reader.texts(entry["members"])
    for member in options["members"]:
        if parts.is_new(reader, entry["members"], full := f"{skill}/{member}/{name}"):
            own = options | {"member": member}
            parts.templates[full] = ItemTemplate(full, skill, (skill,), form, generator, own, member)


def _pictures(reader: Reader, node: yaml.Node) -> Pictures:
    """A skill's pictures for hints and solutions: one for all templates, several of which each takes the first that
    fits, or a mapping of templates to their own, with `else` for all others."""
    if isinstance(node, yaml.MappingNode):
        return {name: (reader.text(value),) for name, value in reader.mapping(node).items()}
    return {OTHERS: reader.texts(node) if isinstance(node, yaml.SequenceNode) else (reader.text(node),)}


def _codes(reader: Reader, entry: dict[str, yaml.Node], skill: str, strings: Strings) -> tuple[str, ...]:
    codes = reader.texts(entry["misconceptions"]) if "misconceptions" in entry else ()
    for code in codes:
        if f"skills.{skill}.misconceptions.{code}" not in strings:
            advice = f"add skills: {skill}: misconceptions: {code} to each language"
            reader.complain(entry["misconceptions"], f"{code!r} has no feedback; {advice}")
    return codes
