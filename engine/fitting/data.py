"""Pupils' answers as arrays, for fitting. Needs numpy, which no process of the web loads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.beliefs.skills import member_of
from engine.curriculum import Curriculum

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Log: TypeAlias = Sequence[Sequence[tuple[str, bool]]]
"""For each pupil the ids of the items in order, each with whether the unaided answer was right."""
Hours: TypeAlias = Sequence[Sequence[float]]
"""For each pupil when each of these answers was given, in hours since any moment."""


@dataclass(frozen=True)
class Answers:
    """Answers as arrays: a row for each answer and skill that it needs, sorted by learner and then by time.

    Attributes:
        answer: index of the answer; rows of an answer that needs several skills share it.
        learner: index of the learner.
        skill: index of the skill.
        item: index of the item.
        right: 1.0 or 0.0.
        pair: index of (learner, skill), and of (learner, skill, member) for a list.
        before: for each row, earlier rows of its pair.
        pause: days since the pair's row before; 0 for the first, and where no times are known.
        skills: ids, in the order of their indices.
        items: ids, in the order of their indices.
        first_skill: index of the first skill that each item names.
        listed: whether each skill is a list, whose members are learned one by one.
    """

    answer: Ints
    learner: Ints
    skill: Ints
    item: Ints
    right: Floats
    pair: Ints
    before: Floats
    pause: Floats
    skills: tuple[str, ...]
    items: tuple[str, ...]
    first_skill: Ints
    listed: NDArray[np.bool_]

    @property
    def of_rules(self) -> Answers:
        """The rows whose skills carry over from item to item; learners and pairs are numbered anew."""
        return self._only(~self.listed[self.skill])

    def _only(self, kept: NDArray[np.bool_]) -> Answers:
        return replace(
            self,
            answer=_renumbered(self.answer[kept]),
            learner=_renumbered(self.learner[kept]),
            skill=self.skill[kept],
            item=self.item[kept],
            right=self.right[kept],
            pair=_renumbered(self.pair[kept]),
            before=self.before[kept],
            pause=self.pause[kept],
        )

    @property
    def shared(self) -> NDArray[np.bool_]:
        """Whether each row's answer has other rows."""
        rows: NDArray[np.bool_] = np.bincount(self.answer)[self.answer] > 1
        return rows

    def others(self, chance: Floats) -> Floats:
        """For each row the product of a chance over the other rows of its answer."""
        logs = np.log(np.maximum(chance, 1e-9))
        found: Floats = np.exp(np.bincount(self.answer, logs)[self.answer] - logs)
        return found


def arrays(curriculum: Curriculum, log: Log, hours: Hours | None = None) -> Answers:
    """The answers of a log.

    Args:
        curriculum: skills and items.
        log: of any number of pupils.
        hours: when each answer was given; None where that is not known.

    Raises:
        ValueError: there is no answer at all.
        CurriculumError: the curriculum does not have an item.
    """
    if not any(log):
        raise ValueError("There are no answers to fit parameters to. Give a log with at least one.")
    items = tuple(dict.fromkeys(item_id for answers in log for item_id, _ in answers))
    skills = tuple(curriculum.skills)
    place, number = {s: n for n, s in enumerate(skills)}, {i: n for n, i in enumerate(items)}
    refs = [curriculum.item(i) for i in items]
    needs = [[place[s] for s in ref.skills] for ref in refs]
    listed = np.array([curriculum.skills[s].kind == "list" for s in skills], dtype=np.bool_)
    rows: list[tuple[int, int, int, int, float, int, int, float]] = []
    pairs, met, answer = dict[tuple[int, int, str], int](), dict[int, tuple[int, float]](), 0
    for learner, answers in enumerate(log):
        for n, (item_id, right) in enumerate(answers):
            item, at = number[item_id], hours[learner][n] if hours is not None else 0.0
            for skill in needs[item]:
                member = member_of(refs[item]) if listed[skill] else ""
                pair = pairs.setdefault((learner, skill, member), len(pairs))
                before, last = met.get(pair, (0, at))
                rows.append((answer, learner, skill, item, float(right), pair, before, max(0.0, at - last) / 24.0))
                met[pair] = before + 1, at
            answer += 1
    columns = list(zip(*rows, strict=True))
    whole = [np.array(columns[n], dtype=np.int64) for n in (0, 1, 2, 3, 5)]
    return Answers(
        answer=whole[0],
        learner=whole[1],
        skill=whole[2],
        item=whole[3],
        right=np.array(columns[4]),
        pair=whole[4],
        before=np.array(columns[6], dtype=np.float64),
        pause=np.array(columns[7]),
        skills=skills,
        items=items,
        first_skill=np.array([each[0] for each in needs], dtype=np.int64),
        listed=listed,
    )


def _renumbered(numbers: Ints) -> Ints:
    return np.unique(numbers, return_inverse=True)[1].astype(np.int64)


def sigmoid(x: Any) -> Any:
    """The logistic function of an array."""
    return 1.0 / (1.0 + np.exp(-x))
