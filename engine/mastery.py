"""When a skill is strong, kept or stuck.

The rule for a rule skill, in this order of importance: P(known) reaches the threshold; the last two unaided
answers in production formats were right; there were at least three opportunities (four for a standard of .9).
A threshold on P(known) is Corbett & Anderson's rule (1995); alone it certifies lucky choosing, hence the two
other conditions. A list does not generalise, so a sample of its members decides. Stuck is the "wheel-spinning"
of Beck & Gong (2013).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from engine.curriculum import PRODUCTION_FORMATS, RESPONSE_FORMATS, Curriculum, Skill
from engine.knowledge_tracing import after_forgetting
from engine.learner import HISTORY_LENGTH, Learner, MemberRecord, SkillRecord, State
from engine.parameters import ParameterSet, SkillParameters

EVIDENCE: Final[Mapping[str, str]] = {
    "R": "right",
    "W": "wrong",
    "D": "did_not_know",
    "r": "right_easier_format",
    "w": "wrong_easier_format",
    "d": "did_not_know_easier_format",
    "h": "with_help",
}
"""Codes of `SkillRecord.history`. Capitals: in a format that decides about mastery."""

MASTERED: Final = frozenset({"strong", "kept"})
PASSED: Final = MASTERED | {"stuck"}
"""What no longer holds up the skills that build on it."""

FAIR_GUESS: Final = 1 / 3
UNSEEN_WEIGHT: Final = 2.0
"""The prior's weight, in members, in guessing how many unseen members of a list a pupil knows."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A teacher's settings for mastery. Beliefs never depend on them; certificates do.

    Attributes:
        standard: the share right that counts as mastered, .8 or .9.
        threshold: P(known) that a rule skill must reach.
        list_threshold: P(share right reaches the standard) that a list skill must reach. Lower than the
            other, because it is a statement about a sample: 10 of 10, or 10 of 11, pass .8.
        list_sample: how many members of a list must have been answered, or all if there are fewer.
        reopen_margin: a mastered skill is reopened when new evidence takes its number this far below.
        stuck_after: opportunities before a skill can be called stuck.
        another_day_hours: what counts as another day, for checks and for new chances.
        percent: the standard as certificates store it.

    Raises:
        ValueError: the standard or a threshold is not between 0 and 1.
    """

    standard: float = 0.8
    threshold: float = 0.95
    list_threshold: float = 0.7
    list_sample: int = 10
    reopen_margin: float = 0.1
    stuck_after: int = 8
    another_day_hours: float = 20.0
    percent: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("standard", "threshold", "list_threshold"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)!r}. Give a number between 0 and 1, such as 0.8.")

        object.__setattr__(self, "percent", round(self.standard * 100))

    @property
    def min_opportunities(self) -> int:
        """A higher standard needs more answers to be told from luck."""
        return 3 if self.standard < 0.9 else 4

    def another_day(self, since: int, minute: int) -> bool:
        """Whether two times (minutes since 1970) lie on different days in this sense."""
        return minute - since >= self.another_day_hours * 60


DEFAULT_POLICY: Final = Policy(standard=0.8)


@dataclass(frozen=True, slots=True)
class SkillModel:
    """What judging one skill needs, worked out once for a curriculum and its parameters.

    Attributes:
        deciding: formats whose answers decide: the production formats that the skill has; without any, its
            formats with a guess rate of at most 1/3; without those, all.
        successes: how many in a row are needed in these formats: two, or four if only two-way choices are left.
        different_items: whether these successes must be on different items.
        members: of a list skill, every member that the bank holds.
    """

    skill: Skill
    parameters: SkillParameters
    deciding: frozenset[str]
    successes: int
    different_items: bool
    members: frozenset[str]

    @property
    def is_list(self) -> bool:
        """Whether each member is known or not by itself. A list without items has nothing to know one by one."""
        return bool(self.members)

    def sample(self, policy: Policy) -> int:
        """How many members of the list must have been answered."""
        return min(policy.list_sample, len(self.members))


def skill_model(curriculum: Curriculum, parameters: ParameterSet, skill_id: str) -> SkillModel:
    """Work out how a skill is judged from the formats of its items."""
    skill, items = curriculum.skills[skill_id], curriculum.items_of(skill_id)
    formats = {item.response_format for item in items}
    production = formats & PRODUCTION_FORMATS
    fair = {name for name in formats if parameters.formats[name].guess <= FAIR_GUESS}
    deciding = frozenset(production or fair or formats or RESPONSE_FORMATS)
    members = {item.member or item.id for item in items} if skill.kind == "list" else set()
    return SkillModel(
        skill=skill,
        parameters=parameters.for_skill(skill_id),
        deciding=deciding,
        successes=2 if production or fair else 4,
        different_items=not production and sum(i.response_format in deciding for i in items) > 1,
        members=frozenset(members),
    )


def p_known_now(model: SkillModel, learner: Learner, minute: int, member: str | None = None) -> float:
    """P(known) before the next answer, forgetting included.

    Args:
        model: of the skill.
        learner: the pupil.
        minute: now, in minutes since 1970.
        member: of a list skill, the one in question; without it the expected share of members known.
    """
    if model.is_list:
        return _p_member(model, learner, minute, member) if member else _share_known(model, learner, minute)
    record = learner.skills.get(model.skill.id)
    if record is None:
        return model.parameters.prior
    return after_forgetting(record.p_known, model.parameters.forget, (minute - record.last) / 60)


def members_seen(model: SkillModel, learner: Learner) -> dict[str, MemberRecord]:
    """The members of a list that the pupil has met and the bank still holds."""
    seen = learner.members.get(model.skill.id, {})
    return {name: record for name, record in seen.items() if name in model.members}


def _p_member(model: SkillModel, learner: Learner, minute: int, member: str) -> float:
    record = learner.members.get(model.skill.id, {}).get(member)
    if record is None:
        return _p_unseen(model, [m.p_known for m in members_seen(model, learner).values()])
    return after_forgetting(record.p_known, model.parameters.forget, (minute - record.last) / 60)


def _share_known(model: SkillModel, learner: Learner, minute: int) -> float:
    forget = model.parameters.forget
    seen = [after_forgetting(m.p_known, forget, (minute - m.last) / 60) for m in members_seen(model, learner).values()]
    unseen = len(model.members) - len(seen)
    return (sum(seen) + unseen * _p_unseen(model, seen)) / len(model.members)


def _p_unseen(model: SkillModel, seen: list[float]) -> float:
    """Words don't carry over, pupils do: who knew the words so far knows more of the others."""
    return (UNSEEN_WEIGHT * model.parameters.prior + sum(seen)) / (UNSEEN_WEIGHT + len(seen))


def p_share_reaches(standard: float, members: int, sampled: int, right: int) -> float:
    """P(the share of all members that a pupil has right is at least `standard`).

    The unsampled members follow a beta-binomial with a uniform prior, so that a full count leaves no doubt.

    Args:
        standard: in (0, 1).
        members: size of the list.
        sampled: members answered so far.
        right: how many of these were right at their last answer.
    """
    rest = members - sampled
    needed = math.ceil(standard * members - 1e-9) - right
    if needed <= 0:
        return 1.0
    a, b = right + 1, sampled - right + 1
    # Summed down from the case that all the rest are right, where the probability is greatest for good pupils.
    mass = math.exp(math.lgamma(a + rest) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(a + b + rest))
    total = 0.0
    for k in range(rest, needed - 1, -1):
        total += mass
        mass *= k / (rest - k + 1) * (rest - k + b) / (k - 1 + a)
    return min(1.0, total)


def p_meets(model: SkillModel, learner: Learner, p_known: float, standard: float) -> float:
    """The number that decides about a skill (see `SkillReport.p_meets_standard`)."""
    if not model.is_list:
        return p_known
    answers = [m.right for m in members_seen(model, learner).values() if m.right >= 0]
    return p_share_reaches(standard, len(model.members), len(answers), sum(answers))


def state_of(record: SkillRecord | None, policy: Policy) -> State:
    """The state for this policy: a certificate for a lower standard does not count as mastered."""
    if record is None:
        return "new"
    if record.state in MASTERED and record.standard < policy.percent:
        return "growing"
    return record.state


def judge(model: SkillModel, learner: Learner, policy: Policy, minute: int, right: bool | None) -> SkillRecord:
    """The skill's record with its state decided anew, after an answer was taken into the learner.

    Args:
        model: of the skill.
        learner: with the new belief, history and streak, and the state from before the answer.
        policy: the teacher's settings.
        minute: now, in minutes since 1970.
        right: the answer's verdict where it decides (unaided, deciding format), else None.
    """
    record = learner.skills[model.skill.id]
    if record.state in MASTERED:
        number = p_meets(model, learner, record.p_known, record.standard / 100)
        if number < _threshold(model, policy) - policy.reopen_margin:
            return record._replace(state="growing", since=0)
        if record.standard >= policy.percent:
            return _after_check(record, policy, minute, right)
    if _qualifies(model, learner, record, policy):
        return record._replace(state="strong", since=minute, standard=policy.percent, revisited=0)
    if record.state in MASTERED:
        return record
    if record.state == "stuck":
        # A new chance means six new answers, not one.
        return record._replace(state="growing", since=0, history=record.history[-1:], revisited=0)
    if _hardly_gets_there(model, record, policy):
        return record._replace(state="stuck", since=minute)
    return record._replace(state="growing", since=0)


def answers_missing(model: SkillModel, learner: Learner, policy: Policy) -> int:
    """How many right answers are missing at the least until the counts, not the belief, allow `strong`."""
    record = learner.skills[model.skill.id]
    if model.is_list:
        return model.sample(policy) - sum(m.right >= 0 for m in members_seen(model, learner).values())
    return max(model.successes - record.streak, policy.min_opportunities - record.opportunities)


def _threshold(model: SkillModel, policy: Policy) -> float:
    return policy.list_threshold if model.is_list else policy.threshold


def _qualifies(model: SkillModel, learner: Learner, record: SkillRecord, policy: Policy) -> bool:
    """Belief and counts suffice, and the answer just given was right and unaided: help never completes mastery."""
    if record.history[-1] not in "Rr":
        return False
    number = p_meets(model, learner, record.p_known, policy.standard)
    return number >= _threshold(model, policy) and answers_missing(model, learner, policy) <= 0


def _after_check(record: SkillRecord, policy: Policy, minute: int, right: bool | None) -> SkillRecord:
    if record.state == "kept" or not policy.another_day(record.since, minute):
        return record
    # One check a day: a failed one that leaves the belief high enough is repeated on another day.
    return record._replace(state="kept", since=0) if right else record._replace(since=minute)


def _hardly_gets_there(model: SkillModel, record: SkillRecord, policy: Policy) -> bool:
    """Enough opportunities, probably not known, and at most a third of a full history right.

    A list is met word by word, so that its first round is expected to go wrong: it gets two rounds of a sample.
    """
    enough = max(policy.stuck_after, 2 * model.sample(policy))
    full = len(record.history) == HISTORY_LENGTH
    right = sum(code in "Rr" for code in record.history)
    return full and record.opportunities >= enough and record.p_known < 0.5 and 3 * right <= HISTORY_LENGTH
