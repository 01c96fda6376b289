"""What judging and choosing need of each skill, worked out once for a curriculum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.curriculum import PRODUCTION_FORMATS, RESPONSE_FORMATS, Curriculum, ItemRef, Skill
from engine.parameters import ParameterSet, SkillParameters

FAIR_GUESS: Final = 1 / 3


@dataclass(frozen=True, slots=True)
class SkillModel:
    """One skill as it is judged.

    Attributes:
        deciding: formats whose answers decide: the production formats that the skill has; without any, its
            formats with a guess rate of at most 1/3; without those, all.
        proofs: unaided right answers needed in these formats: one, where the pupil produces the answer; two where
            it is chosen; four if only two-way choices are left.
        different_items: whether each has to be on another item than the one before.
        members: of a list skill, every member that the bank holds.
        undecided: those of them that no item in a deciding format asks for: what there is then decides.
    """

    skill: Skill
    parameters: SkillParameters
    deciding: frozenset[str]
    proofs: int
    different_items: bool
    members: frozenset[str]
    undecided: frozenset[str]

    @property
    def is_list(self) -> bool:
        """Whether each member is known or not by itself. A list without items has nothing to know one by one."""
        return bool(self.members)

    def decides(self, item: ItemRef) -> bool:
        """Whether an answer to one of the skill's items decides about mastery."""
        return item.response_format in self.deciding or (bool(self.undecided) and member_of(item) in self.undecided)


def skill_model(curriculum: Curriculum, parameters: ParameterSet, skill_id: str) -> SkillModel:
    """Work out how a skill is judged from the formats of its items."""
    skill, items = curriculum.skills[skill_id], curriculum.items_of(skill_id)
    formats = {item.response_format for item in items}
    production = formats & PRODUCTION_FORMATS
    fair = {name for name in formats if parameters.formats[name].guess <= FAIR_GUESS}
    deciding = frozenset(production or fair or formats or RESPONSE_FORMATS)
    listed = items if skill.kind == "list" else ()
    members = {member_of(item) for item in listed}
    return SkillModel(
        skill=skill,
        parameters=parameters.for_skill(skill_id),
        deciding=deciding,
        proofs=1 if production else 2 if fair else 4,
        different_items=not production and sum(i.response_format in deciding for i in items) > 1,
        members=frozenset(members),
        undecided=frozenset(members - {member_of(item) for item in listed if item.response_format in deciding}),
    )


def member_of(item: ItemRef) -> str:
    """The member of a list skill that an item asks for; an item without one stands for itself."""
    return item.member or item.id
