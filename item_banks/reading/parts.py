"""What the files of one bank define, collected while they are read, and the rules that hold across files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import get_args

import yaml

from item_banks.generators import GENERATORS
from item_banks.reading.reader import BankError, Reader, line
from item_banks.schema import Bank, ItemTemplate, Skill, SkillKind, Word

_VERSION_LENGTH = 12

Strings = dict[str, str | tuple[str, ...]]


class Parts:
    """Skills, templates and words of a bank on the way from its files to `Bank`."""

    def __init__(self) -> None:
        self.skills: dict[str, Skill] = {}
        self.templates: dict[str, ItemTemplate] = {}
        self.words: dict[str, Word] = {}
        self.sources: dict[str, tuple[str, int]] = {}

    def is_new(self, reader: Reader, node: yaml.Node, name: str) -> bool:
        """Whether an id is free; takes it if so and notes where it is defined."""
        if name in self.sources:
            file, at = self.sources[name]
            reader.complain(node, f"{name!r} is already defined in {file}:{at}; ids are used once")
            return False
        self.sources[name] = (str(reader.path), line(node))
        return True

    def check_prerequisites(self) -> None:
        """Raise BankError for each prerequisite that the bank lacks or that leads back to its own skill."""
        problems = []
        for skill in self.skills.values():
            file, at = self.sources[skill.id]
            for each in skill.prerequisites:
                if each not in self.skills:
                    problems.append(f"{file}:{at}: {skill.id} needs {each!r}, which this bank lacks; remove it")
            if skill.id in self._before(skill.id):
                problems.append(f"{file}:{at}: {skill.id} needs itself through its prerequisites; break the ring")
        if problems:
            raise BankError(problems)

    def sort_by_grade(self) -> None:
        """Put the skills into the order of their grades; within a grade they keep the order of the files."""
        self.skills = dict(sorted(self.skills.items(), key=lambda each: each[1].grade))

    def check_grades(self) -> None:
        """Raise BankError for each prerequisite that is taught in a later grade."""
        problems = []
        for skill in self.skills.values():
            file, at = self.sources[skill.id]
            for each in skill.prerequisites:
                if self.skills[each].grade > skill.grade:
                    problems.append(f"{file}:{at}: {skill.id} needs {each!r} of a later grade; remove it")
        if problems:
            raise BankError(problems)

    def _before(self, skill: str) -> set[str]:
        found: set[str] = set()
        waiting = list(self.skills[skill].prerequisites)
        while waiting:
            name = waiting.pop()
            if name in self.skills and name not in found:
                found.add(name)
                waiting.extend(self.skills[name].prerequisites)
        return found

    def bank(self, folder: Path, head: Mapping[str, str], strings: Strings, files: Sequence[Path]) -> Bank:
        """The finished bank; its version is a hash of the files' names and content."""
        return Bank(
            id=head["id"],
            subject=head["subject"],
            language=head["language"],
            title=head["title"],
            version=_version(files),
            folder=folder,
            skills=MappingProxyType(self.skills),
            templates=MappingProxyType(self.templates),
            strings=MappingProxyType(strings),
            generators=GENERATORS,
            words=MappingProxyType(self.words),
            sources=MappingProxyType(self.sources),
        )


def skill_of(reader: Reader, entry: Mapping[str, yaml.Node], subject: str, titles: Mapping[str, str]) -> Skill | None:
    """The skill that an entry with `id`, `grade`, `uk_year`, `strand`, `kind` describes; None if one is missing."""
    if any(name not in entry for name in ("id", "grade", "uk_year", "strand", "kind")):
        return None
    return Skill(
        id=reader.text(entry["id"]),
        subject=subject,
        title=titles["title"],
        child_title=titles["child_title"],
        grade=reader.integer(entry["grade"]),
        uk_year=reader.text(entry["uk_year"]),
        strand=reader.text(entry["strand"]),
        ccss=reader.texts(entry["ccss"]) if "ccss" in entry else (),
        prerequisites=reader.texts(entry["prerequisites"]) if "prerequisites" in entry else (),
        kind=_kind(reader, entry["kind"]),
        rule=reader.text(entry["rule"]) if "rule" in entry else "",
    )


def _kind(reader: Reader, node: yaml.Node) -> SkillKind:
    kind = reader.text(node)
    if kind == "rule":
        return "rule"
    if kind != "list":
        reader.complain(node, f"{kind!r} is no kind of skill; write one of {', '.join(get_args(SkillKind))}")
    return "list"


def _version(files: Sequence[Path]) -> str:
    digest = sha256()
    for file in files:
        digest.update(f"{file.name}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()[:_VERSION_LENGTH]
