"""Which skill comes next, and which of its items.

Skills: the earliest in teaching order that is not mastered and whose prerequisites no longer hold it up. Items:
the least used, then those that tell most about knowing, with a preference for a chance of success of .70 to .85.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from engine.curriculum import Curriculum, ItemRef
from engine.knowledge_tracing import FORGETTING_GAP_HOURS, predict_correct
from engine.learner import TAG_LENGTH, Choice, Learner, MemberRecord, Reason, ReasonKey, State
from engine.mastery import (
    MASTERED,
    PASSED,
    Policy,
    SkillModel,
    answers_missing,
    members_seen,
    p_known_now,
    state_of,
)
from engine.parameters import ParameterSet

COMFORT: Final = (0.70, 0.85)
COMFORT_WEIGHT: Final = 0.3
"""Nats of information given up for each unit of P(right) outside the comfortable band."""
REST: Final = 3
"""Items shown before a missed member of a list comes back: long enough to leave working memory."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item with what choosing it needs, worked out once.

    `tag` is the short hash by which a learner remembers the item; two items of a skill share one with a
    probability below 1 in 10,000, and then one of them is merely shown later.
    """

    item: ItemRef
    tag: str
    guess: float
    slip: float


@dataclass(frozen=True, slots=True)
class Target:
    """The skill to practise, and why it was taken; `because_of` is the stuck skill that sent us back."""

    skill_id: str
    why: Literal["work", "check", "back_to_basics", "try_again"]
    because_of: str = ""


@dataclass(frozen=True)
class Plan:
    """The curriculum as choosing needs it.

    Attributes:
        order: skills that have items, in teaching order.
        prerequisites: of each skill in `order`, the skills with items that it builds on. A prerequisite without
            items is replaced by its own prerequisites.
        models: of every skill.
        candidates: the items of each skill.
        skills_of: the skills of each item.
    """

    order: tuple[str, ...]
    prerequisites: Mapping[str, tuple[str, ...]]
    models: Mapping[str, SkillModel]
    candidates: Mapping[str, tuple[Candidate, ...]]
    skills_of: Mapping[str, tuple[str, ...]]


def candidate(item: ItemRef, parameters: ParameterSet) -> Candidate:
    """An item with its tag and its chances to mislead."""
    row = parameters.for_item(item, item.skills[0])
    digest = hashlib.blake2b(item.id.encode(), digest_size=TAG_LENGTH).digest()
    return Candidate(item, base64.b64encode(digest).decode()[:TAG_LENGTH], row.guess, row.slip)


def make_plan(curriculum: Curriculum, models: Mapping[str, SkillModel], candidates: Mapping[str, Candidate]) -> Plan:
    """Work out the plan of a curriculum from its skills' models and its items' candidates."""
    order = tuple(skill_id for skill_id in curriculum.order if curriculum.items_of(skill_id))
    found: dict[str, tuple[str, ...]] = {}
    for skill_id in curriculum.order:
        direct = curriculum.skills[skill_id].prerequisites
        through = [(p,) if curriculum.items_of(p) else found[p] for p in direct]
        found[skill_id] = tuple(dict.fromkeys(q for group in through for q in group))
    return Plan(
        order=order,
        prerequisites={skill_id: found[skill_id] for skill_id in order},
        models=models,
        candidates={s: tuple(candidates[i.id] for i in curriculum.items_of(s)) for s in order},
        skills_of={item.id: item.skills for item in curriculum.items},
    )


def choose_skill(
    plan: Plan, learner: Learner, policy: Policy, minute: int, offered: Collection[str] | None = None
) -> Target | None:
    """The next skill, or None if every offered one is mastered and no check is due.

    In this order: a due check, unless the last item was a review too and there is other work; the weakest
    prerequisite of a skill that has just got stuck; the earliest skill that is ready; a stuck skill. So a
    stuck skill waits while there is anything else, and never ends the practice.

    A prerequisite that is not offered holds nothing up: without evidence it is ignored, with evidence that it
    is not mastered the skill comes after those that are ready.

    Args:
        plan: of the curriculum.
        learner: the pupil.
        policy: the teacher's settings.
        minute: now, in minutes since 1970.
        offered: ids of the skills to choose from; None for all.
    """
    states: dict[str, State] = dict.fromkeys(
        plan.order if offered is None else [skill_id for skill_id in plan.order if skill_id in offered], "new"
    )
    states.update((s, state_of(record, policy)) for s, record in learner.skills.items() if s in states)
    standing = _Standing(plan, learner, policy, minute, states)
    check = standing.due_check()
    if check and not _just_reviewed(plan, learner, minute):
        return check
    return standing.back_to_basics() or standing.work() or check or standing.try_again()


@dataclass(frozen=True, slots=True)
class _Standing:
    """A pupil's states in the skills offered, in teaching order, and the four sorts of things to do next."""

    plan: Plan
    learner: Learner
    policy: Policy
    minute: int
    states: Mapping[str, State]

    def due_check(self) -> Target | None:
        for skill_id, state in self.states.items():
            if state == "strong" and self._another_day(skill_id):
                return Target(skill_id, "check")
        return None

    def back_to_basics(self) -> Target | None:
        for skill_id, state in self.states.items():
            if state != "stuck" or self.learner.skills[skill_id].revisited or self._another_day(skill_id):
                continue
            basics = [
                (p_known_now(self.plan.models[p], self.learner, self.minute), n, p)
                for n, p in enumerate(self.plan.prerequisites[skill_id])
                if self.states.get(p) in MASTERED
            ]
            if basics:
                return Target(min(basics)[2], "back_to_basics", skill_id)
        return None

    def work(self) -> Target | None:
        weakly_founded: Target | None = None
        for skill_id, state in self.states.items():
            if state in MASTERED or (state == "stuck" and not self._another_day(skill_id)):
                continue
            prerequisites = self.plan.prerequisites[skill_id]
            if any(self.states.get(p, "kept") not in PASSED for p in prerequisites):
                continue
            target = Target(skill_id, "try_again" if state == "stuck" else "work")
            outside = (self.learner.skills.get(p) for p in prerequisites if p not in self.states)
            if all(record is None or state_of(record, self.policy) in PASSED for record in outside):
                return target
            weakly_founded = weakly_founded or target
        return weakly_founded

    def try_again(self) -> Target | None:
        stuck = [
            (not self.learner.skills[s].revisited, self.learner.skills[s].since, n, s)
            for n, (s, state) in enumerate(self.states.items())
            if state == "stuck"
        ]
        return Target(min(stuck)[3], "try_again") if stuck else None

    def _another_day(self, skill_id: str) -> bool:
        return self.policy.another_day(self.learner.skills[skill_id].since, self.minute)


def choose_item(plan: Plan, target: Target, learner: Learner, policy: Policy, minute: int, rng: Random) -> Choice:
    """The item for the chosen skill, with the reason.

    The same item never comes twice in a row while the skill has another. Ties are broken by `rng`.
    """
    model = plan.models[target.skill_id]
    pool = _not_the_last(plan.candidates[target.skill_id], learner)
    pool = _within_reach(pool, target.skill_id, learner)
    if model.is_list:
        pool = _members_in_turn(pool, model, learner, _resting(plan.candidates[target.skill_id], learner))
    if target.why == "check" or _only_production_missing(model, learner, policy):
        pool = [c for c in pool if c.item.response_format in model.deciding] or pool
    used = Counter(learner.recent)
    least = min(used[c.tag] for c in pool)
    pool = [c for c in pool if used[c.tag] == least]
    values = _Values(plan, learner, minute, target.skill_id)
    best = max(pool, key=lambda c: values.worth(c) + 1e-6 * rng.random())
    p, p_correct, information = values.of(best)
    trace = {
        "p_known": round(p, 4),
        "p_correct": round(p_correct, 4),
        "information": round(information, 4),
        "times_used": float(least),
    }
    key, words = _reason(plan, target, best.item, learner, policy)
    return Choice(best.item, target.skill_id, Reason(key, words, trace))


def _just_reviewed(plan: Plan, learner: Learner, minute: int) -> bool:
    """Whether the item shown last, in this sitting, was of a mastered skill: then work alternates with checks."""
    for skill_id in plan.skills_of.get(learner.last_item or "", ()):
        record = learner.skills.get(skill_id)
        if record is not None and record.state in MASTERED:
            return (minute - record.last) / 60 <= FORGETTING_GAP_HOURS
    return False


def _not_the_last(pool: Sequence[Candidate], learner: Learner) -> Sequence[Candidate]:
    return [c for c in pool if c.item.id != learner.last_item] or pool


def _within_reach(pool: Sequence[Candidate], skill_id: str, learner: Learner) -> Sequence[Candidate]:
    """Items that also need a skill never met come last."""
    return [
        c for c in pool if len(c.item.skills) == 1 or all(s == skill_id or s in learner.skills for s in c.item.skills)
    ] or pool


def _resting(candidates: Sequence[Candidate], learner: Learner) -> set[str]:
    """Members of a list that were asked for a moment ago, in whatever format."""
    just_shown = set(learner.recent[-REST:])
    return {member_of(c.item) for c in candidates if c.tag in just_shown}


def _members_in_turn(
    pool: Sequence[Candidate], model: SkillModel, learner: Learner, resting: set[str]
) -> Sequence[Candidate]:
    """Missed members that have rested first, then those not sampled yet, then any."""
    seen = members_seen(model, learner)
    missed = [c for c in pool if _verdict(seen, c) == 0 and member_of(c.item) not in resting]
    if missed:
        return missed
    rested = [c for c in pool if member_of(c.item) not in resting] or pool
    return [c for c in rested if _verdict(seen, c) < 0] or rested


def member_of(item: ItemRef) -> str:
    """The member of a list skill that an item asks for; an item without one stands for itself."""
    return item.member or item.id


def _verdict(seen: Mapping[str, MemberRecord], c: Candidate) -> int:
    record = seen.get(member_of(c.item))
    return -1 if record is None else record.right


def _only_production_missing(model: SkillModel, learner: Learner, policy: Policy) -> bool:
    record = learner.skills.get(model.skill.id)
    return record is not None and record.p_known >= policy.threshold and answers_missing(model, learner, policy) > 0


class _Values:
    """What each item is worth to a pupil now; items alike are worked out once."""

    def __init__(self, plan: Plan, learner: Learner, minute: int, skill_id: str) -> None:
        self._plan, self._learner, self._minute, self._skill_id = plan, learner, minute, skill_id
        self._is_list = plan.models[skill_id].is_list
        self._alike: dict[tuple[float, float], tuple[float, float, float]] = {}

    def worth(self, c: Candidate) -> float:
        """Information in nats, less the distance of P(right) from the comfortable band."""
        _, p_correct, information = self.of(c)
        return information - COMFORT_WEIGHT * max(0.0, COMFORT[0] - p_correct, p_correct - COMFORT[1])

    def of(self, c: Candidate) -> tuple[float, float, float]:
        """P(known) of the skill, P(right) on the item, information about the skill in nats."""
        if self._is_list or len(c.item.skills) > 1:
            return self._work_out(c)
        key = (c.guess, c.slip)
        if key not in self._alike:
            self._alike[key] = self._work_out(c)
        return self._alike[key]

    def _work_out(self, c: Candidate) -> tuple[float, float, float]:
        p = self._p_known(self._skill_id, c.item)
        others = math.prod(self._p_known(s, c.item) for s in c.item.skills if s != self._skill_id)
        if_known = predict_correct(others, c.guess, c.slip)
        p_correct = predict_correct(p, c.guess, 1.0 - if_known)
        spread = p * _entropy(if_known) + (1.0 - p) * _entropy(c.guess)
        return p, p_correct, _entropy(p_correct) - spread

    def _p_known(self, skill_id: str, item: ItemRef) -> float:
        return p_known_now(self._plan.models[skill_id], self._learner, self._minute, member_of(item))


def _entropy(p: float) -> float:
    return -p * math.log(p) - (1.0 - p) * math.log(1.0 - p) if 0.0 < p < 1.0 else 0.0


def _reason(
    plan: Plan, target: Target, item: ItemRef, learner: Learner, policy: Policy
) -> tuple[ReasonKey, Mapping[str, float | str]]:
    model, record = plan.models[target.skill_id], learner.skills.get(target.skill_id)
    if target.why == "back_to_basics":
        return "back_to_basics", {"skill": target.because_of}
    if target.why != "work":
        return target.why, {}
    if record is None:
        before = (state_of(learner.skills.get(p), policy) for p in plan.prerequisites[target.skill_id])
        return ("next_step" if any(state in MASTERED for state in before) else "start"), {}
    if model.is_list:
        member = members_seen(model, learner).get(member_of(item))
        if member is not None and member.right == 0:
            return "missed_before", {"member": member_of(item)}
    if answers_missing(model, learner, policy) == 1 and record.streak:
        return "almost_there", {"right": record.streak}
    return "practise", {"done": record.opportunities}
