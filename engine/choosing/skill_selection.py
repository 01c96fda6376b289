"""Which skill comes next: the earliest in teaching order that is not mastered and whose prerequisites no longer
hold it up; between these, checks of what was mastered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from engine.beliefs.lists import members_seen
from engine.beliefs.records import SkillRecord, Standing, State
from engine.choosing.plan import Plan
from engine.choosing.wishes import NO_WISHES, Wishes
from engine.knowledge_tracing import FORGETTING_GAP_HOURS
from engine.learner import Learner
from engine.mastery import MASTERED, Policy
from engine.reviews import member_due_since

TIRING_AFTER: Final = 3
"""Wrong answers in a row after which a skill rests for a moment while there is other new work."""
BREATHER_AFTER: Final = 6
"""Wrong answers in a row after which, without other new work, something well known comes between now and then."""
BREATHER_EVERY: Final = 3
"""Items of one skill in a row before it does. Each costs an item."""
PAUSE: Final = 2
"""Items of other skills before a skill that tires comes again, where there are as many."""
_WRONG: Final = frozenset("WDwd")


@dataclass(frozen=True, slots=True)
class Target:
    """The skill to practise, and why it was taken; `because_of` is the stuck skill that sent us back."""

    skill_id: str
    why: Literal["work", "check", "back_to_basics", "try_again", "breather"]
    because_of: str = ""


def choose_skill(
    plan: Plan,
    learner: Learner,
    policy: Policy,
    minute: int,
    offered: Collection[str] | None = None,
    wishes: Wishes = NO_WISHES,
    placed: Collection[str] = (),
) -> Target | None:
    """The next skill, or None if nothing is left for today.

    In this order: what the teacher has pinned; a due review, unless the last item was a review too and there is
    other work; the pupil's topic; the weakest prerequisite of a skill that has just got stuck; the earliest skill
    that is ready; a stuck skill. So a stuck skill waits while there is anything else. Where a teacher has assigned
    it, it then comes again at once; else it rests until another day, because more of the same would hardly help.

    Long before that, nobody meets one miss after the other: after three in a row other new work comes between, and
    after six, where the policy has breathers, something well known now and then.

    A prerequisite that is stuck or not offered holds nothing up; but with evidence that it is not mastered the skill
    comes after those that are well founded.

    Args:
        plan: of the curriculum.
        learner: the pupil.
        policy: the teacher's settings.
        minute: now, in minutes since 1970.
        offered: ids of the assigned skills; None for all, by the pupil's own choice.
        wishes: of pupil and teacher.
        placed: skills that the start check takes as known: they hold nothing up, and are confirmed last.
    """
    situation = _Situation.of(plan, learner, policy, minute, offered, wishes, placed)
    if (pinned := situation.pinned(wishes.pinned)) is not None:
        return pinned
    check = situation.due_check()
    if check and not _just_reviewed(plan, learner, minute):
        return check
    found = situation.topic(wishes.topic) or situation.back_to_basics() or situation.work() or check
    if found is None and offered is not None:
        found = situation.try_again()
    if found is None or not policy.breathers:
        return found
    return situation.breather(found.skill_id) or found


def topics(
    plan: Plan, learner: Learner, policy: Policy, minute: int, offered: Collection[str] | None, placed: Collection[str]
) -> Iterator[str]:
    """Skills that a pupil can choose to work on now, in teaching order."""
    return (
        target.skill_id for target in _Situation.of(plan, learner, policy, minute, offered, NO_WISHES, placed).ready()
    )


@dataclass(frozen=True, slots=True)
class _Situation:
    """Where a pupil stands in the skills offered, and the sorts of things to do next.

    Attributes:
        plan: of the curriculum.
        learner: the pupil.
        policy: the teacher's settings.
        minute: now, in minutes since 1970.
        offered: the skills offered, in teaching order, each with its place.
        standings: of all skills touched.
        mastered: those of them that are mastered for the policy's standard.
        placed: skills that the start check takes as known.
    """

    plan: Plan
    learner: Learner
    policy: Policy
    minute: int
    offered: Mapping[str, int]
    standings: Mapping[str, Standing]
    mastered: Mapping[str, Standing]
    placed: Collection[str]

    @classmethod
    def of(
        cls,
        plan: Plan,
        learner: Learner,
        policy: Policy,
        minute: int,
        offered: Collection[str] | None,
        wishes: Wishes,
        placed: Collection[str],
    ) -> _Situation:
        places, skills = plan.places, learner.skills
        if offered is not None:
            places = {s: n for s, n in places.items() if s in offered}
        if wishes.paused:
            places = {s: n for s, n in places.items() if s not in wishes.paused}
        return cls(plan, learner, policy, minute, places, skills.standings(), skills.mastered(policy.percent), placed)

    def state(self, skill_id: str) -> State:
        """For the policy's standard, as `mastery.state_of` has it."""
        standing = self.standings.get(skill_id)
        if standing is None:
            return "new"
        return "growing" if standing.state in MASTERED and skill_id not in self.mastered else standing.state

    def due_check(self) -> Target | None:
        """What became strong before today first, then what was kept and is overdue longest; another skill than the
        last item's where there is one, because mixed practice lasts longer."""
        # As `mastery.check_due` has it, but this is the loop over all that a pupil knows.
        yesterday = self.minute - self.policy.another_day_minutes
        since = {
            skill_id: at.since
            for skill_id, at in self.mastered.items()
            if (at.since <= yesterday if at.state == "strong" else at.due <= self.minute)
        }
        for skill_id in self.plan.lists:
            if skill_id in self.mastered and skill_id not in since and (word := self._word_due(skill_id)) < self.minute:
                since[skill_id] = word
        last = self.plan.by_item.get(self.learner.last_item or "")
        just_asked = last.item.skills if last else ()
        due = [
            (s in just_asked, self.mastered[s].state == "kept", since[s], self.offered[s], s)
            for s in since
            if s in self.offered
        ]
        return Target(min(due)[-1], "check") if due else None

    def _word_due(self, skill_id: str) -> int:
        """Since when a word of a list is due for review; now, if none is."""
        words = members_seen(self.plan.models[skill_id], self.learner).values()
        return min(map(member_due_since, words), default=self.minute)

    def pinned(self, skill_id: str | None) -> Target | None:
        """The teacher's wish, whatever comes before it in teaching order, until it is mastered."""
        if skill_id is None or skill_id not in self.offered or skill_id in self.mastered:
            return None
        return Target(skill_id, "try_again" if self.state(skill_id) == "stuck" else "work")

    def topic(self, skill_id: str | None) -> Target | None:
        """The pupil's wish, if it can be practised now, does not tire, and is not the same item again."""
        if not skill_id or self._rests(skill_id):
            return None
        found = self._target(skill_id) if skill_id in self.offered and self._footing(skill_id) != "missing" else None
        return None if found is None or self._only_again(skill_id) else found

    def stuck(self) -> list[str]:
        """What is stuck, in teaching order."""
        return sorted([s for s in self.learner.skills.stuck() if s in self.offered], key=self.offered.__getitem__)

    def back_to_basics(self) -> Target | None:
        for skill_id in self.stuck():
            if self._another_day(skill_id) or self.learner.skills[skill_id].revisited:
                continue
            basics = [
                (self.learner.skills[p].p_known, n, p)
                for n, p in enumerate(self.plan.prerequisites[skill_id])
                if p in self.mastered and p in self.offered
            ]
            if basics:
                return Target(min(basics)[2], "back_to_basics", skill_id)
        return None

    def ready(self) -> Iterator[Target]:
        """What can be worked on: not mastered, prerequisites no longer in the way; of these, first what was not placed
        as known, and last what has a weak foundation."""
        later: list[Target] = []
        weakly_founded: list[Target] = []
        for skill_id in self.offered:
            footing = self._footing(skill_id)
            if footing == "missing" or (target := self._target(skill_id)) is None:
                continue
            if footing == "weak":
                weakly_founded.append(target)
            elif self._taken_as_known(skill_id, self.state(skill_id)):
                later.append(target)
            else:
                yield target
        yield from later
        yield from weakly_founded

    def _target(self, skill_id: str) -> Target | None:
        """The skill as work, unless it is mastered, or stuck since today."""
        if skill_id in self.mastered:
            return None
        if self.state(skill_id) != "stuck":
            return Target(skill_id, "work")
        return Target(skill_id, "try_again") if self._another_day(skill_id) else None

    def _footing(self, skill_id: str) -> Literal["firm", "weak", "missing"]:
        """What a skill stands on. Missing: a prerequisite is still to be worked on. Weak: one is stuck, or under way
        outside of what is offered, so that what needs it can wait."""
        found: Literal["firm", "weak"] = "firm"
        for before in self.plan.prerequisites[skill_id]:
            if before in self.mastered:
                continue
            standing = self.standings.get(before)
            if standing is not None and standing.state == "stuck":
                found = "weak"
            elif before not in self.offered:
                found = found if standing is None else "weak"
            elif not self._taken_as_known(before, self.state(before)):
                return "missing"
        return found

    def _taken_as_known(self, skill_id: str, state: State) -> bool:
        """Whether the start check placed it as known and nothing has spoken against that since."""
        if skill_id not in self.placed or state not in ("new", "growing"):
            return False
        return state == "new" or self.learner.skills[skill_id].streak > 0

    def work(self) -> Target | None:
        """The first that is ready, but for one that tires or would be the same again, while there is another."""
        first = None
        for target in self.ready():
            if not self._rests(target.skill_id) and not self._only_again(target.skill_id):
                return target
            first = first or target
        return first

    def try_again(self) -> Target | None:
        """A stuck skill, whatever day it is: rather one whose prerequisites were practised since, or stuck longest."""
        records = self.learner.skills
        stuck = [
            (self._only_again(s), not records[s].revisited, records[s].since, n, s) for n, s in enumerate(self.stuck())
        ]
        return Target(min(stuck)[-1], "try_again") if stuck else None

    def breather(self, skill_id: str) -> Target | None:
        """Something well known, where a skill in which nothing goes right was all there was for a while: what it builds
        on rather than anything else, and of these what was practised longest ago."""
        record = self.learner.skills.get(skill_id)
        if (
            record is None
            or not nothing_goes_right(record)
            or self._shown_of(skill_id, BREATHER_EVERY) < BREATHER_EVERY
        ):
            return None
        below = self.plan.prerequisites[skill_id]
        known = [
            (s not in below, self.learner.skills[s].last, self.offered[s], s)
            for s in self.mastered
            if s in self.offered
        ]
        return Target(min(known)[-1], "breather") if known else None

    def _rests(self, skill_id: str) -> bool:
        """Whether the latest answers went wrong, and one of them only a moment ago."""
        record = self.learner.skills.get(skill_id)
        return record is not None and nothing_goes_right(record, TIRING_AFTER) and self._shown_of(skill_id, PAUSE) > 0

    def _only_again(self, skill_id: str) -> bool:
        """Whether all that a skill has is the item shown last, or the same word in another way."""
        last = self.plan.by_item.get(self.learner.last_item or "")
        return all(c.repeats(last) for c in self.plan.candidates[skill_id])

    def _shown_of(self, skill_id: str, latest: int) -> int:
        """How many of the latest items shown, in this sitting, were of this skill."""
        if (self.minute - self.learner.skills[skill_id].last) / 60 > FORGETTING_GAP_HOURS:
            return 0
        tags = {c.tag for c in self.plan.candidates[skill_id]}
        return sum(tag in tags for tag in self.learner.recent[-latest:])

    def _another_day(self, skill_id: str) -> bool:
        return self.policy.another_day(self.standings[skill_id].since, self.minute)


def nothing_goes_right(record: SkillRecord, misses: int = BREATHER_AFTER) -> bool:
    """Whether the latest answers, this many, all went wrong."""
    return len(record.history) >= misses and _WRONG.issuperset(record.history[-misses:])


def _just_reviewed(plan: Plan, learner: Learner, minute: int) -> bool:
    """Whether the item shown last, in this sitting, was of a mastered skill: then work alternates with checks."""
    last = plan.by_item.get(learner.last_item or "")
    for skill_id in last.item.skills if last else ():
        record = learner.skills.get(skill_id)
        if record is not None and record.state in MASTERED:
            return (minute - record.last) / 60 <= FORGETTING_GAP_HOURS
    return False
