"""Pupils' answers as arrays, for fitting. Needs numpy, which no process of the web loads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.curriculum import Curriculum

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Log: TypeAlias = Sequence[Sequence[tuple[str, bool]]]
"""For each pupil the ids of the items in order, each with whether the unaided answer was right."""


@dataclass(frozen=True)
class Answers:
    """Answers as arrays, sorted by learner and then by time; one skill an answer.

    Attributes:
        learner: index of the learner.
        skill: index of the skill.
        item: index of the item.
        right: 1.0 or 0.0.
        pair: index of (learner, skill).
        before: for each answer, earlier answers of the learner to the same skill.
        skills: ids, in the order of their indices.
        items: ids, in the order of their indices.
    """

    learner: Ints
    skill: Ints
    item: Ints
    right: Floats
    pair: Ints
    before: Floats
    skills: tuple[str, ...]
    items: tuple[str, ...]


def arrays(curriculum: Curriculum, log: Log) -> Answers:
    """The answers of a log. An item of several skills counts for its first.

    Raises:
        ValueError: there is no answer at all.
        CurriculumError: the curriculum does not have an item.
    """
    if not any(log):
        raise ValueError("There are no answers to fit parameters to. Give a log with at least one.")
    items = tuple(dict.fromkeys(item_id for answers in log for item_id, _ in answers))
    skills = tuple(curriculum.skills)
    place, number = {s: n for n, s in enumerate(skills)}, {i: n for n, i in enumerate(items)}
    of_item = [place[curriculum.item(i).skills[0]] for i in items]
    learner = np.array([n for n, answers in enumerate(log) for _ in answers], dtype=np.int64)
    item = np.array([number[i] for answers in log for i, _ in answers], dtype=np.int64)
    skill = np.array(of_item, dtype=np.int64)[item]
    pair = np.unique(learner * len(skills) + skill, return_inverse=True)[1].astype(np.int64)
    before, seen = np.zeros(len(item)), dict[int, int]()
    for n, p in enumerate(pair.tolist()):
        before[n] = seen.get(p, 0)
        seen[p] = seen.get(p, 0) + 1
    right = np.array([float(r) for answers in log for _, r in answers])
    return Answers(learner, skill, item, right, pair, before, skills, items)


def sigmoid(x: Any) -> Any:
    """The logistic function of an array."""
    return 1.0 / (1.0 + np.exp(-x))
