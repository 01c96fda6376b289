"""The skills, their prerequisites, and the items that exercise them."""

from __future__ import annotations

import heapq
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

CHOICES: Final = {f"choice{k}": k for k in range(2, 7)}
PRODUCTION_FORMATS: Final = frozenset({"typed", "order", "place"})
"""Formats in which the pupil makes the answer, so that guessing hardly helps."""
RESPONSE_FORMATS: Final = PRODUCTION_FORMATS | CHOICES.keys()
SKILL_KINDS: Final = frozenset({"rule", "list"})


class CurriculumError(ValueError):
    """A curriculum contradicts itself, or was asked for something that it does not hold.

    The message names the id concerned and says what to do.
    """


@dataclass(frozen=True, slots=True)
class Skill:
    """One thing to learn.

    A "rule" carries over to items never seen. A "list" (words, facts) does not: each member is learned alone.
    """

    id: str
    prerequisites: tuple[str, ...] = ()
    kind: str = "rule"


@dataclass(frozen=True, slots=True)
class ItemRef:
    """What the engine knows of an item: the skills that it needs, and how it is answered.

    `member` is the word or fact of a list skill; without one, an item of a list skill stands for itself.
    """

    id: str
    skills: tuple[str, ...]
    response_format: str
    member: str | None = None


@dataclass(frozen=True)
class Curriculum:
    """A prerequisite graph of skills with their items, checked once and immutable after that.

    Skills without items are allowed; they are never offered and block nothing.

    Attributes:
        skills: by id. Their order is the author's teaching order.
        items: every item, in any order.
        order: ids of all skills, each after its prerequisites, otherwise in the author's order.

    Raises:
        CurriculumError: a cycle, an unknown or repeated id, an unknown format or kind, an item without skills.
    """

    skills: Mapping[str, Skill]
    items: Sequence[ItemRef]
    order: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _by_skill: Mapping[str, tuple[ItemRef, ...]] = field(init=False, repr=False, compare=False)
    _by_id: Mapping[str, ItemRef] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        skills, items = dict(self.skills), tuple(self.items)
        _check_skills(skills)
        object.__setattr__(self, "skills", skills)
        object.__setattr__(self, "items", items)
        object.__setattr__(self, "order", _teaching_order(skills))
        object.__setattr__(self, "_by_id", _index_by_id(items, skills))
        object.__setattr__(self, "_by_skill", _index_by_skill(items, skills))

    def items_of(self, skill_id: str) -> tuple[ItemRef, ...]:
        """The items that exercise a skill; empty if it has none.

        Raises:
            CurriculumError: the curriculum has no such skill.
        """
        try:
            return self._by_skill[skill_id]
        except KeyError:
            raise CurriculumError(
                f"Skill {skill_id!r} is not in this curriculum. Use an id of the bank's current version."
            ) from None

    def item(self, item_id: str) -> ItemRef:
        """The item with this id.

        Raises:
            CurriculumError: the curriculum has no such item.
        """
        try:
            return self._by_id[item_id]
        except KeyError:
            raise CurriculumError(
                f"Item {item_id!r} is not in this curriculum. Use the bank version that it was presented from."
            ) from None

    def to_json(self) -> str:
        """The curriculum as JSON text; `from_json` reads it back to an equal one."""
        skills = [{"id": s.id, "prerequisites": list(s.prerequisites), "kind": s.kind} for s in self.skills.values()]
        return json.dumps({"skills": skills, "items": [_item_json(i) for i in self.items]}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Curriculum:
        """Read what `to_json` wrote.

        Raises:
            CurriculumError: not JSON, a field is missing or of a wrong type, or the content is contradictory.
        """
        try:
            data = json.loads(text)
            skills = [
                Skill(str(s["id"]), _ids(s.get("prerequisites", [])), str(s.get("kind", "rule")))
                for s in data["skills"]
            ]
            items = [
                ItemRef(str(i["id"]), _ids(i["skills"]), str(i["response_format"]), i.get("member"))
                for i in data["items"]
            ]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CurriculumError(
                f"The curriculum can't be read ({error!r}). Write it with Curriculum.to_json."
            ) from error
        if len({s.id for s in skills}) < len(skills):
            twice = next(s.id for n, s in enumerate(skills) if s.id in {t.id for t in skills[:n]})
            raise CurriculumError(f"Skill {twice!r} stands in the curriculum twice. Give each skill its own id.")
        return cls({s.id: s for s in skills}, items)


def _item_json(item: ItemRef) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": item.id,
        "skills": list(item.skills),
        "response_format": item.response_format,
    }
    if item.member is not None:
        row["member"] = item.member
    return row


def _ids(value: list[str]) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(f"expected a list of ids, not {value!r}")
    return tuple(str(each) for each in value)


def _check_skills(skills: Mapping[str, Skill]) -> None:
    for key, skill in skills.items():
        if key != skill.id:
            raise CurriculumError(f"Skill {skill.id!r} is filed under {key!r}. File it under its own id.")
        if skill.kind not in SKILL_KINDS:
            raise CurriculumError(
                f"Skill {skill.id!r} has the unknown kind {skill.kind!r}. Use one of {sorted(SKILL_KINDS)}."
            )
        for prerequisite in skill.prerequisites:
            if prerequisite not in skills:
                raise CurriculumError(
                    f"Skill {skill.id!r} needs {prerequisite!r}, which does not exist. "
                    "Add that skill or remove the prerequisite."
                )


def _teaching_order(skills: Mapping[str, Skill]) -> tuple[str, ...]:
    """Kahn's topological sort; of the skills that are free, the author's first comes first."""
    rank = {skill_id: n for n, skill_id in enumerate(skills)}
    names = list(skills)
    dependents: dict[str, list[str]] = {skill_id: [] for skill_id in skills}
    waiting = {skill.id: len(set(skill.prerequisites)) for skill in skills.values()}
    for skill in skills.values():
        for prerequisite in set(skill.prerequisites):
            dependents[prerequisite].append(skill.id)
    free = [rank[skill_id] for skill_id, count in waiting.items() if count == 0]
    heapq.heapify(free)
    order: list[str] = []
    while free:
        done = names[heapq.heappop(free)]
        order.append(done)
        for dependent in dependents[done]:
            waiting[dependent] -= 1
            if waiting[dependent] == 0:
                heapq.heappush(free, rank[dependent])
    if len(order) < len(skills):
        path = " -> ".join(_find_cycle(skills, set(order)))
        raise CurriculumError(f"Skills need each other in a circle: {path}. Remove one of these prerequisites.")
    return tuple(order)


def _find_cycle(skills: Mapping[str, Skill], sorted_out: set[str]) -> list[str]:
    """Walk back along prerequisites that could not be sorted until a skill comes round again."""
    here = next(skill_id for skill_id in skills if skill_id not in sorted_out)
    path: list[str] = []
    while here not in path:
        path.append(here)
        here = next(p for p in skills[here].prerequisites if p not in sorted_out)
    return [*path[path.index(here) :], here]


def _index_by_id(items: Sequence[ItemRef], skills: Mapping[str, Skill]) -> dict[str, ItemRef]:
    by_id: dict[str, ItemRef] = {}
    for item in items:
        if item.id in by_id:
            raise CurriculumError(f"Item {item.id!r} stands in the curriculum twice. Give each item its own id.")
        if not item.skills:
            raise CurriculumError(f"Item {item.id!r} names no skill. Name at least one.")
        if len(set(item.skills)) < len(item.skills):
            raise CurriculumError(f"Item {item.id!r} names a skill twice. Name each skill once.")
        if item.response_format not in RESPONSE_FORMATS:
            raise CurriculumError(
                f"Item {item.id!r} has the unknown format {item.response_format!r}. "
                f"Use one of {sorted(RESPONSE_FORMATS)}."
            )
        for skill_id in item.skills:
            if skill_id not in skills:
                raise CurriculumError(
                    f"Item {item.id!r} names the skill {skill_id!r}, which does not exist. "
                    "Add that skill or correct the item."
                )
        by_id[item.id] = item
    return by_id


def _index_by_skill(items: Sequence[ItemRef], skills: Mapping[str, Skill]) -> dict[str, tuple[ItemRef, ...]]:
    by_skill: dict[str, list[ItemRef]] = {skill_id: [] for skill_id in skills}
    for item in items:
        for skill_id in item.skills:
            by_skill[skill_id].append(item)
    return {skill_id: tuple(found) for skill_id, found in by_skill.items()}
