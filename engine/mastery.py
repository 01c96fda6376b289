"""When a skill is strong, kept or stuck.

A rule skill is strong when P(the pupil meets the teacher's standard) reaches the policy's threshold and the pupil has
produced a right answer unaided; it is open again when later evidence takes that number clearly below. A list does
not generalise, so a sample of its members decides. Stuck is the "wheel-spinning" of Beck & Gong (2013), recognised
as Käser, Klingler & Gross (2016) propose: by what practice is expected to bring, not by a count alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from engine.beliefs.lists import members_missing, share_learned
from engine.beliefs.records import HISTORY_LENGTH, SkillRecord, State
from engine.beliefs.skills import SkillModel
from engine.learner import Learner
from engine.reviews import MAX_REVIEWS, next_review

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
HELPED: Final = 8
"""Answers after which help with all of the latest is no slow start any more."""
PASSED: Final = MASTERED | {"stuck"}
"""What no longer holds up the skills that build on it."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A teacher's settings for mastery. Certificates depend on them, beliefs do not, but for the start check.

    Attributes:
        standard: the share right that counts as mastered, .8 or .9.
        threshold: P(meets the standard) that a rule skill must reach.
        list_threshold: P(share right reaches the standard) that a list skill must reach. Lower than the
            other, because it is a statement about a sample: 10 of 10, or 10 of 11, pass .8.
        list_sample: how many members of a list must have been answered, or all if there are fewer.
        reopen_margin: a mastered skill is reopened when later evidence takes its number this far below.
        list_reopen_margin: the same for a list, where one answer moves the number further.
        stuck_after: opportunities before a skill can be called stuck.
        horizon: further items within which a pupil who is not stuck may be expected to meet the standard.
        give_up: P(that happens) below which the pupil is stuck.
        patience: answers to a skill that was never kept after which the pupil is stuck in any case: near the standard
            but below it, every next item looks promising for ever. Twice what nearly all need.
        lasting: P(the standard will still be met after a week without practice) that makes a strong skill kept.
        another_day_hours: what counts as another day, for checks and for new chances.
        start_check: whether a pupil who is new to the curriculum begins with a start check. The only setting that
            beliefs depend on: skills never practised are then believed to be as they were placed.
        breathers: whether something well known comes between when nothing goes right and there is no other work. In
            the world of knowing or not this costs a pupil about one item in twenty.
        percent: the standard as certificates store it.
        another_day_minutes: the same as `another_day_hours`.

    Raises:
        ValueError: the standard or a threshold is not between 0 and 1.
    """

    standard: float = 0.8
    threshold: float = 0.97
    list_threshold: float = 0.7
    list_sample: int = 10
    reopen_margin: float = 0.05
    list_reopen_margin: float = 0.1
    stuck_after: int = 6
    horizon: int = 38
    give_up: float = 0.1
    patience: int = 100
    lasting: float = 0.95
    another_day_hours: float = 20.0
    start_check: bool = False
    breathers: bool = False
    percent: int = field(init=False, repr=False, compare=False)
    another_day_minutes: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("standard", "threshold", "list_threshold"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)!r}. Give a number between 0 and 1, such as 0.8.")

        object.__setattr__(self, "percent", round(self.standard * 100))
        object.__setattr__(self, "another_day_minutes", math.ceil(self.another_day_hours * 60))

    def another_day(self, since: int, minute: int) -> bool:
        """Whether two times (minutes since 1970) lie on different days in this sense."""
        return minute - since >= self.another_day_minutes


DEFAULT_POLICY: Final = Policy(standard=0.8)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is believed of one skill after an answer, as far as it decides.

    Attributes:
        p_meets: P(this share right), for any standard.
        p_reaches: P(the policy's standard is met within its horizon).
        p_holds: P(this share right after a week without practice), for any standard.
    """

    p_meets: Callable[[float], float]
    p_reaches: Callable[[], float]
    p_holds: Callable[[float], float]


def state_of(record: SkillRecord | None, policy: Policy) -> State:
    """The state for this policy: a certificate for a lower standard does not count as mastered."""
    if record is None:
        return "new"
    if record.state in MASTERED and record.standard < policy.percent:
        return "growing"
    return record.state


def judge(
    model: SkillModel,
    learner: Learner,
    record: SkillRecord,
    policy: Policy,
    outlook: Outlook,
    *,
    minute: int,
    right: bool | None,
) -> SkillRecord:
    """The skill's record with its state decided anew after an answer.

    Args:
        model: of the skill.
        learner: the pupil, with the answer taken into the members of a list.
        record: with the new belief, history and counts, and the state from before the answer.
        policy: the teacher's settings.
        outlook: what is believed now.
        minute: now, in minutes since 1970.
        right: the answer's verdict where it decides (unaided, deciding format), else None.
    """
    if record.state in MASTERED:
        # What a long pause has made doubtful is not taken away by a right answer: another day looks again.
        if not right and outlook.p_meets(record.standard / 100) < reopened_below(model, policy):
            return record._replace(state="growing", since=0)
        if record.standard >= policy.percent:
            return _after_check(record, policy, outlook, minute, right)
    if _qualifies(model, learner, record, policy, outlook):
        return record._replace(state="strong", since=minute, standard=policy.percent, revisited=False, reviews=0)
    if record.state in MASTERED:
        return record
    if record.state == "stuck":
        # A new chance means six new answers, not one.
        return record._replace(state="growing", since=0, history=record.history[-1:], revisited=False, reviews=0)
    if _hardly_gets_there(model, learner, record, policy, outlook):
        return record._replace(state="stuck", since=minute)
    return record._replace(state="growing", since=0)


def reopened_below(model: SkillModel, policy: Policy) -> float:
    """The number under which a mastered skill is open again."""
    if model.is_list:
        return policy.list_threshold - policy.list_reopen_margin
    return policy.threshold - policy.reopen_margin


def proofs_missing(model: SkillModel, learner: Learner, record: SkillRecord, policy: Policy) -> int:
    """How many right answers are missing at the least until the counts, not the belief, allow `strong`."""
    if model.is_list:
        return members_missing(model, learner, policy.list_sample)
    return model.proofs - record.proven


def _qualifies(model: SkillModel, learner: Learner, record: SkillRecord, policy: Policy, outlook: Outlook) -> bool:
    """Belief and counts suffice, and the answer just given was right and unaided: help never completes mastery."""
    if record.history[-1] not in "Rr" or proofs_missing(model, learner, record, policy) > 0:
        return False
    return outlook.p_meets(policy.standard) >= (policy.list_threshold if model.is_list else policy.threshold)


def check_due(record: SkillRecord, policy: Policy, minute: int) -> bool:
    """Whether a mastered skill should be looked at again: strong, on another day; kept, as `reviews` says."""
    if record.state == "strong":
        return policy.another_day(record.since, minute)
    return record.state == "kept" and minute >= next_review(record.since, record.reviews)


def lapsed(record: SkillRecord | None, policy: Policy) -> bool:
    """Whether a skill was kept for a while and has slipped since."""
    return record is not None and record.reviews > 0 and state_of(record, policy) == "growing"


def _after_check(record: SkillRecord, policy: Policy, outlook: Outlook, minute: int, right: bool | None) -> SkillRecord:
    due = check_due(record, policy, minute)
    if record.state == "kept" and (right is False or (due and not right)):
        # Still believed, but sooner looked at again; needing help is no recall.
        return record._replace(since=minute, reviews=1)
    if not due:
        return record
    if right and outlook.p_holds(record.standard / 100) >= policy.lasting:
        return record._replace(state="kept", since=minute, reviews=min(MAX_REVIEWS, record.reviews + 1))
    # One check a day: one that failed, or that leaves doubt whether it will last, is repeated on another day.
    return record._replace(since=minute)


def _hardly_gets_there(
    model: SkillModel, learner: Learner, record: SkillRecord, policy: Policy, outlook: Outlook
) -> bool:
    """Whether practice as it is will not do, in all likelihood.

    Who takes help with every item shows nothing, however much practice is believed to have brought.

    A list is met word by word, so that its first round is expected to go wrong: it gets two rounds of a sample, three
    if it is short, and is stuck when the words practised are mostly not known and at most a third of a full history
    went right.
    """
    if record.history == "h" * HISTORY_LENGTH and record.opportunities >= HELPED:
        return True
    if model.is_list:
        full = len(record.history) == HISTORY_LENGTH
        enough = max(policy.stuck_after, min(2 * policy.list_sample, 3 * len(model.members)))
        right = sum(code in "Rr" for code in record.history)
        return (
            full
            and record.opportunities >= enough
            and share_learned(model, learner) < 0.5
            and 3 * right <= HISTORY_LENGTH
        )
    # After a new chance the history starts anew, and so does the patience.
    if record.opportunities < policy.stuck_after or len(record.history) < HISTORY_LENGTH:
        return False
    if record.opportunities >= policy.patience and not record.reviews:
        return True
    return outlook.p_reaches() < policy.give_up
