"""The curriculum as choosing needs it, worked out once for all pupils."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.beliefs.ability import Reading
from engine.beliefs.mixture import Evidence
from engine.beliefs.predictions import Predictions
from engine.beliefs.skills import SkillModel
from engine.curriculum import Curriculum, ItemRef
from engine.learner import TAG_LENGTH
from engine.parameters import FormatParameters, ParameterSet


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item with what choosing and marking it needs.

    Attributes:
        item: the item.
        tag: the short hash by which a learner remembers it; two items of a skill share one with a probability
            below 1 in 10,000, and then one of them is merely shown later.
        guess: two-state model, P(right although not known).
        slip: two-state model, P(wrong although known).
        difficulty: continuous model, in logits.
        format_guess: continuous model, P(right although not able).
    """

    item: ItemRef
    tag: str
    guess: float
    slip: float
    difficulty: float
    format_guess: float

    @property
    def reading(self) -> tuple[float, ...]:
        """Items of one skill that have this in common tell the same."""
        return self.guess, self.slip, self.difficulty, self.format_guess

    def among(self, choices: FormatParameters) -> Candidate:
        """The item as a pupil met it who had fewer choices, so that luck helps more."""
        return replace(self, guess=max(self.guess, choices.guess), format_guess=max(self.format_guess, choices.guess))

    def repeats(self, last: Candidate | None) -> bool:
        """Whether it is the item shown last, or asks for the same word or fact in another way."""
        if last is None:
            return False
        member = self.item.member
        return self is last or (member is not None and member == last.item.member)

    def evidence(self, correct: bool, *, guessed: bool, others: float) -> Evidence:
        """How an answer is read.

        Args:
            correct: the verdict.
            guessed: whether it can have been a guess.
            others: P(the rest of the item goes right), for skills that the mixture does not trace.
        """
        guess, format_guess = (self.guess, self.format_guess) if guessed else (0.0, 0.0)
        return Evidence(guess, self.slip, Reading(self.difficulty, format_guess, correct, others))


def candidate(item: ItemRef, parameters: ParameterSet) -> Candidate:
    """An item with its tag and its parameters."""
    row = parameters.for_item(item, item.skills[0])
    digest = hashlib.blake2b(item.id.encode(), digest_size=TAG_LENGTH).digest()
    return Candidate(
        item=item,
        tag=base64.b64encode(digest).decode()[:TAG_LENGTH],
        guess=row.guess,
        slip=row.slip,
        difficulty=parameters.difficulty(item.id),
        format_guess=parameters.formats[item.response_format].guess,
    )


@dataclass(frozen=True)
class Plan:
    """What there is to practise.

    Attributes:
        order: skills that have items, in teaching order.
        places: each of them with its place in that order.
        prerequisites: of each skill in `order`, the skills with items that it builds on. A prerequisite without
            items is replaced by its own prerequisites.
        dependents: of each skill, those that name it as a prerequisite in this sense.
        models: of every skill.
        lists: skills that are lists with members.
        candidates: the items of each skill.
        by_item: every item by its id.
        formats: how often an answer misleads, by response format.
        predictions: how likely a right answer is, where the parameters hold a predictor.
    """

    order: tuple[str, ...]
    places: Mapping[str, int]
    prerequisites: Mapping[str, tuple[str, ...]]
    dependents: Mapping[str, tuple[str, ...]]
    models: Mapping[str, SkillModel]
    lists: frozenset[str]
    candidates: Mapping[str, tuple[Candidate, ...]]
    by_item: Mapping[str, Candidate]
    formats: Mapping[str, FormatParameters]
    predictions: Predictions | None


def make_plan(curriculum: Curriculum, parameters: ParameterSet, models: Mapping[str, SkillModel]) -> Plan:
    """Work out the plan of a curriculum."""
    by_item = {item.id: candidate(item, parameters) for item in curriculum.items}
    order = tuple(skill_id for skill_id in curriculum.order if curriculum.items_of(skill_id))
    found: dict[str, tuple[str, ...]] = {}
    for skill_id in curriculum.order:
        direct = curriculum.skills[skill_id].prerequisites
        through = [(p,) if curriculum.items_of(p) else found[p] for p in direct]
        found[skill_id] = tuple(dict.fromkeys(q for group in through for q in group))
    above: dict[str, list[str]] = {skill_id: [] for skill_id in curriculum.skills}
    for skill_id in order:
        for prerequisite in found[skill_id]:
            above[prerequisite].append(skill_id)
    return Plan(
        order=order,
        places={skill_id: n for n, skill_id in enumerate(order)},
        prerequisites={skill_id: found[skill_id] for skill_id in order},
        dependents={skill_id: tuple(skills) for skill_id, skills in above.items()},
        models=models,
        lists=frozenset(s for s, model in models.items() if model.is_list),
        candidates={s: tuple(by_item[i.id] for i in curriculum.items_of(s)) for s in order},
        by_item=by_item,
        formats=parameters.formats,
        predictions=Predictions(curriculum, parameters.predictor) if parameters.predictor else None,
    )
