"""A bank as teachers look through it: its skills, and any item of them at any seed, with all that may be told of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from item_banks.generators.problem import pictures_of
from item_banks.marking import Mark, answer_in_words, mark
from item_banks.responses import parts
from item_banks.schema import Bank, Block, Item, ItemTemplate, Skill

MOST_SEED = 2**31
"""Seeds of items that pupils get are below it."""


@dataclass(frozen=True)
class Strand:
    """The skills of one strand in one grade."""

    title: str
    skills: tuple[Skill, ...]


@dataclass(frozen=True)
class Preview:
    """One item as a pupil sees it, and what is told after it.

    `answer` and `mistakes` are in the pupil's notation: code, the wrong answer that it gives, what the pupil is told.
    `tried` is the mark of the teacher's own try, None before one; `typed` holds its fields. `pictures`: see
    `pictures_of`.
    """

    skill: Skill
    templates: tuple[ItemTemplate, ...]
    item: Item
    answer: str
    mistakes: tuple[tuple[str, str, str], ...]
    tried: Mark | None
    typed: str
    fields: dict[str, str]
    pictures: Mapping[str, Block]


def grades(bank: Bank) -> list[tuple[int, list[Strand]]]:
    """The skills of a bank by grade and strand; within them in the bank's order."""
    found = []
    by_grade = sorted(bank.skills.values(), key=lambda skill: skill.grade)
    for grade, skills in groupby(by_grade, key=lambda skill: skill.grade):
        strands: dict[str, list[Skill]] = {}
        for skill in skills:
            strands.setdefault(skill.strand, []).append(skill)
        found.append((grade, [Strand(title, tuple(of_it)) for title, of_it in strands.items()]))
    return found


def preview(bank: Bank, skill_id: str, template_id: str, seed: int, tried: str = "") -> Preview | None:
    """The item of a template and a seed; without a template of that skill its first one. None for no skill.

    `tried` is a response to be marked as a pupil's would be.
    """
    skill = bank.skills.get(skill_id)
    templates = tuple(each for each in bank.templates.values() if each.skill == skill_id and not each.twin_of)
    if skill is None or not templates:
        return None
    template = next((each for each in templates if each.id == template_id), templates[0])
    item = bank.draw(template.id, seed % MOST_SEED)
    mistakes = tuple(
        (code, answer_in_words(item, wrong), item.strings[code]) for code, wrong in item.misconceptions.items()
    )
    return Preview(
        skill,
        templates,
        item,
        answer_in_words(item),
        mistakes,
        mark(item, tried) if tried else None,
        tried,
        parts(item.response.kind, tried),
        pictures_of(bank, item),
    )
