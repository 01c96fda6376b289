"""Pupils' responses as columns: what fitting and evaluation read. Needs numpy, which no process of the web loads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.beliefs.skills import member_of
from engine.curriculum import Curriculum
from engine.knowledge_tracing import FORGETTING_GAP_HOURS

Indices = NDArray[np.int64]
Times = NDArray[np.float64]
UNKNOWN_FORMAT: Final = ""


@dataclass(frozen=True)
class Responses:
    """Responses sorted by learner and then by time.

    Attributes:
        learner: index of the learner, one number a response; ascending.
        item: index of the item.
        right: 1 or 0.
        hours: when it was given, in hours since any moment; None where no times are known.
        skill_start: where the skills of each response begin in `skill`; one longer than the others.
        skill: indices of skills; a response has one or several.
        learners, items, skills: ids, in the order of their indices.
        formats: the response format of each item; "" where it is not known.
    """

    learner: Indices
    item: Indices
    right: NDArray[np.int8]
    hours: Times | None
    skill_start: Indices
    skill: Indices
    learners: tuple[str, ...]
    items: tuple[str, ...]
    skills: tuple[str, ...]
    formats: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.right)

    def of_learners(self, wanted: NDArray[np.bool_]) -> Responses:
        """The responses of some learners only; ids keep their indices.

        Args:
            wanted: one flag for each learner.
        """
        kept = wanted[self.learner]
        lengths = np.diff(self.skill_start)
        return Responses(
            learner=self.learner[kept],
            item=self.item[kept],
            right=self.right[kept],
            hours=None if self.hours is None else self.hours[kept],
            skill_start=np.concatenate(([0], np.cumsum(lengths[kept]))),
            skill=self.skill[np.repeat(kept, lengths)],
            learners=self.learners,
            items=self.items,
            skills=self.skills,
            formats=self.formats,
        )


@dataclass(frozen=True)
class Opportunities:
    """Responses seen from their skills: one row for each response and skill, sorted by skill, learner and time.

    Attributes:
        skill: index of the skill.
        response: index of the response in `Responses`.
        item: index of the item.
        right: 1 or 0.
        gap: 1 where a pause in which something may be forgotten lies before the row: more than 8 hours, or, where
            no times are known and `every_gap` was asked for, any.
        sequence_start: where each learner's rows of one skill begin; one longer, ending with the number of rows.
    """

    skill: Indices
    response: Indices
    item: Indices
    right: NDArray[np.int8]
    gap: NDArray[np.int8]
    sequence_start: Indices

    @classmethod
    def of(
        cls, responses: Responses, *, every_gap: bool = False, curriculum: Curriculum | None = None
    ) -> Opportunities:
        """Sort responses by skill.

        Args:
            responses: of any number of learners.
            every_gap: whether something may be forgotten before every opportunity where no times are known.
            curriculum: tells which skills are lists: their members are learned one by one, so that each makes a
                sequence of its own.
        """
        response = np.repeat(np.arange(len(responses)), np.diff(responses.skill_start))
        member = np.zeros(len(response), dtype=np.int64)
        if curriculum is not None:
            member = np.where(
                _listed(responses, curriculum)[responses.skill], _members(responses, curriculum)[response], 0
            )
        order = np.lexsort((response, member, responses.learner[response], responses.skill))
        response, skill, member = response[order], responses.skill[order], member[order]
        learner = responses.learner[response]
        new = np.ones(len(response), dtype=np.bool_)
        new[1:] = (skill[1:] != skill[:-1]) | (learner[1:] != learner[:-1]) | (member[1:] != member[:-1])
        if responses.hours is None:
            gap = np.full(len(response), every_gap)
        else:
            gap = np.diff(responses.hours[response], prepend=np.inf) > FORGETTING_GAP_HOURS
        return cls(
            skill=skill,
            response=response,
            item=responses.item[response],
            right=responses.right[response],
            gap=(gap & ~new).astype(np.int8),
            sequence_start=np.append(np.flatnonzero(new), len(new)),
        )


def _listed(responses: Responses, curriculum: Curriculum) -> NDArray[np.bool_]:
    """Whether each skill is a list."""
    known = (curriculum.skills.get(s) for s in responses.skills)
    return np.array([skill is not None and skill.kind == "list" for skill in known], dtype=np.bool_)


def _members(responses: Responses, curriculum: Curriculum) -> Indices:
    """The member that each response's item asks for, as a number."""
    by_id = {item.id: item for item in curriculum.items}
    names = [member_of(by_id[i]) if i in by_id else i for i in responses.items]
    number = {name: n for n, name in enumerate(dict.fromkeys(names))}
    found: Indices = np.array([number[name] for name in names], dtype=np.int64)[responses.item]
    return found
