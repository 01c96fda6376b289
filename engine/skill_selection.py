"""Which skill comes next: the earliest in teaching order that is not mastered and whose prerequisites no longer
hold it up; between these, checks of what was mastered.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from engine.knowledge_tracing import FORGETTING_GAP_HOURS
from engine.learner import Learner
from engine.mastery import MASTERED, PASSED, Policy, state_of
from engine.plan import Plan
from engine.records import State


@dataclass(frozen=True, slots=True)
class Target:
    """The skill to practise, and why it was taken; `because_of` is the stuck skill that sent us back."""

    skill_id: str
    why: Literal["work", "check", "back_to_basics", "try_again"]
    because_of: str = ""


def choose_skill(
    plan: Plan, learner: Learner, policy: Policy, minute: int, offered: Collection[str] | None = None
) -> Target | None:
    """The next skill, or None if nothing is left for today.

    In this order: a due check, unless the last item was a review too and there is other work; the weakest
    prerequisite of a skill that has just got stuck; the earliest skill that is ready; a stuck skill. So a
    stuck skill waits while there is anything else. Where a teacher has assigned it, it then comes again at once;
    else it rests until another day, because more of the same would hardly help.

    A prerequisite that is not offered holds nothing up: without evidence it is ignored, with evidence that it
    is not mastered the skill comes after those that are ready.

    Args:
        plan: of the curriculum.
        learner: the pupil.
        policy: the teacher's settings.
        minute: now, in minutes since 1970.
        offered: ids of the assigned skills; None for all, by the pupil's own choice.
    """
    states: dict[str, State] = dict.fromkeys(
        plan.order if offered is None else [skill_id for skill_id in plan.order if skill_id in offered], "new"
    )
    for skill_id, state, standard in learner.skills.standings():
        if skill_id in states:
            states[skill_id] = "growing" if state in MASTERED and standard < policy.percent else state
    standing = _Standing(plan, learner, policy, minute, states)
    check = standing.due_check()
    if check and not _just_reviewed(plan, learner, minute):
        return check
    found = standing.back_to_basics() or standing.work() or check
    return found if found or offered is None else standing.try_again()


@dataclass(frozen=True, slots=True)
class _Standing:
    """A pupil's states in the skills offered, in teaching order, and the four sorts of things to do next."""

    plan: Plan
    learner: Learner
    policy: Policy
    minute: int
    states: Mapping[str, State]

    def due_check(self) -> Target | None:
        strong = (skill_id for skill_id, state in self.states.items() if state == "strong")
        return next((Target(skill_id, "check") for skill_id in strong if self._another_day(skill_id)), None)

    def back_to_basics(self) -> Target | None:
        for skill_id in [s for s, state in self.states.items() if state == "stuck"]:
            if self.learner.skills[skill_id].revisited or self._another_day(skill_id):
                continue
            basics = [
                (self.learner.skills[p].p_known, n, p)
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


def _just_reviewed(plan: Plan, learner: Learner, minute: int) -> bool:
    """Whether the item shown last, in this sitting, was of a mastered skill: then work alternates with checks."""
    last = plan.by_item.get(learner.last_item or "")
    for skill_id in last.item.skills if last else ():
        record = learner.skills.get(skill_id)
        if record is not None and record.state in MASTERED:
            return (minute - record.last) / 60 <= FORGETTING_GAP_HOURS
    return False
