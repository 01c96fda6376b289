"""Reads a bank of generated items: `skills.yaml`, which is in no language, and `<language>.yaml`, its sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from item_banks.generators import GENERATORS
from item_banks.parts import Parts, Strings, skill_of
from item_banks.reader import BankError, Reader
from item_banks.schema import Bank, ItemTemplate

SKILLS = "skills.yaml"
SKILL_NEEDS = ("id", "grade", "uk_year", "strand", "kind", "templates")
SKILL_MAY = ("ccss", "prerequisites")
TEMPLATE_NEEDS = ("id", "format", "generator")
TEMPLATE_MAY = ("options", "misconceptions", "few")
SENTENCES = ("id", "language", "title", "numbers", "fields", "feedback", "unreadable", "skills")
_FORMATS = ("number", "fraction", "choice")


def read_generated_bank(folder: Path, language: str) -> Bank:
    """The bank in `folder` with the sentences of `language`. Raises BankError."""
    strings, head = _sentences(folder / f"{language}.yaml", language)
    parts = Parts()
    reader = Reader(folder / SKILLS)
    root = reader.mapping(reader.root, needs=("subject", "skills"), may=())
    head["subject"] = reader.text(root["subject"]) if "subject" in root else "?"
    for node in reader.sequence(root["skills"]) if "skills" in root else []:
        _skill(reader, node, head["subject"], strings, parts)
    reader.finish()
    parts.check_prerequisites()
    bank = parts.bank(folder, head, strings, [folder / SKILLS, folder / f"{language}.yaml"])
    _prove(bank, folder / f"{language}.yaml")
    return bank


def _sentences(path: Path, language: str) -> tuple[Strings, dict[str, str]]:
    reader = Reader(path)
    root = reader.mapping(reader.root, needs=SENTENCES, may=("templates",))
    head = {name: reader.text(root[name]) for name in SENTENCES[:3] if name in root}
    if head.get("language", language) != language:
        reader.complain(root["language"], f"the file's name says {language!r}; write the same language here")
    strings = reader.strings(reader.root)
    reader.finish()
    return strings, head


def _skill(reader: Reader, node: yaml.Node, subject: str, strings: Strings, parts: Parts) -> None:
    entry = reader.mapping(node, needs=SKILL_NEEDS, may=SKILL_MAY)
    if "id" not in entry or not parts.is_new(reader, entry["id"], name := reader.text(entry["id"])):
        return
    titles = {}
    for title in ("title", "child_title"):
        value = strings.get(f"skills.{name}.{title}")
        if not isinstance(value, str):
            reader.complain(entry["id"], f"{name} has no {title}; add skills: {name}: {title} to each language")
        titles[title] = str(value)
    skill = skill_of(reader, entry, subject, titles)
    if skill is not None:
        parts.skills[name] = skill
    for template in reader.sequence(entry["templates"]) if "templates" in entry else []:
        _template(reader, template, name, strings, parts)


def _template(reader: Reader, node: yaml.Node, skill: str, strings: Strings, parts: Parts) -> None:
    entry = reader.mapping(node, needs=TEMPLATE_NEEDS, may=TEMPLATE_MAY)
    if any(name not in entry for name in TEMPLATE_NEEDS):
        return
    form, generator = reader.text(entry["format"]), reader.text(entry["generator"])
    name = f"{skill}/{reader.text(entry['id'])}"
    if form not in _FORMATS:
        reader.complain(entry["format"], f"{form!r} is no format; write one of {', '.join(_FORMATS)}")
    if generator not in GENERATORS:
        reader.complain(entry["generator"], f"{generator!r} is no generator; write one of {', '.join(GENERATORS)}")
    codes = reader.texts(entry["misconceptions"]) if "misconceptions" in entry else ()
    for code in codes:
        if f"skills.{skill}.misconceptions.{code}" not in strings:
            advice = f"add skills: {skill}: misconceptions: {code} to each language"
            reader.complain(entry["misconceptions"], f"{code!r} has no feedback; {advice}")
    options: dict[str, Any] = dict(reader.options(entry["options"])) if "options" in entry else {}
    if form == "choice" and "choices" not in options:
        reader.complain(node, "a choice needs to say among how many; add choices: 4 to its options")
        return
    if parts.is_new(reader, entry["id"], name):
        options["misconceptions"] = codes
        if "few" in entry:
            options["few"] = reader.text(entry["few"])
        parts.templates[name] = ItemTemplate(name, skill, (skill,), form, generator, options)


def _prove(bank: Bank, sentences: Path) -> None:
    """Draw one item of each template, so that a missing sentence or option is found now and not by a pupil."""
    problems = []
    for template in bank.templates.values():
        file, at = bank.sources[template.id]
        try:
            bank.draw(template.id, 0)
        except KeyError as error:
            problems.append(f"{file}:{at}: {template.id} lacks {error}; add it to its options or to {sentences.name}")
        except (TypeError, ValueError, IndexError) as error:
            problems.append(f"{file}:{at}: {template.id} can't be drawn: {error}")
    if problems:
        raise BankError(problems)
