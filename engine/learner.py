"""What is remembered of one pupil, and the messages between a pupil's answers and the tutor."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from statistics import NormalDist
from typing import Any, Final, Literal, get_args

from engine.beliefs.records import (
    MemberRecord,
    SkillRecord,
    StartAnswer,
    State,
    pack,
    pack_member,
    settled_member,
    unpack_member,
)
from engine.beliefs.skill_records import SkillRecords
from engine.beliefs.traits import Traits, pack_traits, unpack_traits
from engine.curriculum import CHOICES, ItemRef
from engine.knowledge_tracing import FORGETTING_GAP_HOURS

Outcome = Literal["answered", "dont_know", "no_evidence"]

ReasonKey = Literal[
    "start",  # the first item of a skill; nothing before it was practised. In the start check, values: asked
    "next_step",  # the first item of a skill whose prerequisite is mastered
    "practise",  # values: done (opportunities so far)
    "almost_there",  # one more right answer can be enough; values: right (in a row so far)
    "missed_before",  # a member of a list that went wrong comes back; values: member
    "check",  # does a strong skill still hold, on another day?
    "top_up",  # a skill that was kept for a while and has slipped since
    "back_to_basics",  # a prerequisite of a skill that is stuck; values: skill (the stuck one)
    "try_again",  # a stuck skill gets a new chance
    "breather",  # something well known between misses
]

RECENT_LENGTH: Final = 96
"""Items remembered as shown: more than any skill needs in a row to be mastered."""
TAG_LENGTH: Final = 3
OPEN_SKILLS: Final = 10
"""How many skills carry their whole belief; the others are remembered by their marginals."""
VERSION: Final = 2
MILLION: Final = 1_000_000


class LearnerError(ValueError):
    """A stored learner can't be read."""


@dataclass(frozen=True, slots=True)
class Response:
    """One answer, already marked.

    Attributes:
        item: the item that was presented.
        correct: whether the whole answer was right.
        hints: how many hints were shown before the answer.
        seconds: from presentation to answer, if known.
        attempt: 1 for the first answer to this presentation.
        outcome: "dont_know" if the pupil said so; "no_evidence" if the answer says nothing about knowing
            ("I couldn't hear it").
        per_skill: for stepped items, whether the step of each skill was right.
        choices: between how many choices the pupil chose, where these were fewer than the item has.

    Raises:
        ValueError: `correct` is neither true nor false (1 and 0 are), a count or time is negative, there was no choice,
            or the outcome is unknown.
    """

    item: ItemRef
    correct: bool
    hints: int = 0
    seconds: float | None = None
    attempt: int = 1
    outcome: Outcome = "answered"
    per_skill: Mapping[str, bool] | None = None
    choices: int | None = None

    def __post_init__(self) -> None:
        if self.outcome not in get_args(Outcome):
            raise ValueError(f"Outcome {self.outcome!r} is unknown. Use one of {get_args(Outcome)}.")
        if self.correct not in (True, False):  # "no" and NaN would count as right
            raise ValueError(f"Response to {self.item.id!r}: correct is {self.correct!r}. Give True or False.")
        if self.hints < 0 or self.attempt < 1 or not (self.seconds is None or self.seconds >= 0):
            raise ValueError(
                f"Response to {self.item.id!r}: hints {self.hints}, attempt {self.attempt}, seconds {self.seconds}. "
                "Hints and seconds start at 0, attempts at 1."
            )

        if self.choices is not None and f"choice{self.choices}" not in CHOICES:
            raise ValueError(
                f"Response to {self.item.id!r}: {self.choices} choices. From {min(CHOICES.values())} to "
                f"{max(CHOICES.values())} can be read."
            )

    @property
    def unaided(self) -> bool:
        """First try without a hint: only then is the answer evidence of knowing."""
        return self.attempt == 1 and self.hints == 0


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an item was chosen: a key to be put into words for the pupil, and numbers for the teacher.

    Attributes:
        key: one of `ReasonKey`, where the values of each are listed.
        values: what the words need.
        trace: p_meets_standard and p_known (of the skill), p_correct (of this item), information (nats that its
            answer tells about the skill), times_used (lately).
    """

    key: ReasonKey
    values: Mapping[str, float | str] = field(default_factory=dict)
    trace: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """The next item, the skill for which it was chosen, and why."""

    item: ItemRef
    skill: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class SkillReport:
    """Where a pupil stands in one skill.

    Attributes:
        p_meets_standard: the number that the state was decided by: P(the pupil has at least the standard's share
            right). For a rule it is the mixture's; for a list, a sample's of all members.
        p_known: Bayesian knowledge tracing's P(known) now, forgetting included; for a list, the expected share of
            members known.
        p_correct_typed: P(right) on an average typed item of the skill, now: the predictor's, where the parameters
            hold one (see `Tutor.p_correct`), else the mixture's.
        state: by the certificate for the policy's standard.
        opportunities: answers so far, aided ones included.
        evidence: the latest answers, oldest first, as names from `mastery.EVIDENCE`; at most six.
        lapsed: growing, and was kept before: ready for a top-up.
    """

    p_meets_standard: float
    p_known: float
    p_correct_typed: float
    state: State
    opportunities: int
    evidence: tuple[str, ...]
    lapsed: bool = False


@dataclass(frozen=True)
class Learner:
    """Everything that the engine remembers of one pupil: touched skills only, rounded, a few kilobytes.

    Skills that the curriculum does not know (an older bank's) are carried along untouched.

    Attributes:
        skills: by skill id, least recently practised first.
        members: by skill id, then by member: words and facts of lists, and words that rules were practised with.
        traits: what the answers say of the pupil as a learner.
        recent: tags of the items shown lately, oldest first, three characters each.
        last_item: id of the item shown last.
        presented: how many items were shown and answered in all.
        start: answers of the start check.
        stretch: when the last item was answered, in minutes since 1970, and how many were without a long gap.
    """

    skills: SkillRecords = field(default_factory=SkillRecords)
    members: Mapping[str, Mapping[str, MemberRecord]] = field(default_factory=dict)
    traits: Traits = field(default_factory=Traits)
    recent: tuple[str, ...] = ()
    last_item: str | None = None
    presented: int = 0
    start: tuple[StartAnswer, ...] = ()
    stretch: tuple[int, int] = (0, 0)

    def shown(self, item_id: str, tag: str, minute: int) -> Learner:
        """The learner after an item was shown, whatever came of it."""
        recent = (*self.recent[-RECENT_LENGTH + 1 :], tag)
        stretch = (minute, self.in_stretch(minute) + 1)
        return Learner(self.skills, self.members, self.traits, recent, item_id, self.presented + 1, self.start, stretch)

    def in_stretch(self, minute: int) -> int:
        """How many items were answered in this stretch of practice, which a gap of more than 8 hours ends."""
        last, count = self.stretch
        return count if (minute - last) / 60 <= FORGETTING_GAP_HOURS else 0

    def with_start(self, answer: StartAnswer) -> Learner:
        """The learner with one more answer of the start check."""
        start = (*self.start, answer)
        return Learner(
            self.skills, self.members, self.traits, self.recent, self.last_item, self.presented, start, self.stretch
        )

    def with_skills(self, skills: SkillRecords) -> Learner:
        """The learner with other records of skills."""
        return Learner(
            skills, self.members, self.traits, self.recent, self.last_item, self.presented, self.start, self.stretch
        )

    def with_traits(self, traits: Traits) -> Learner:
        """The learner with other traits."""
        return Learner(
            self.skills, self.members, traits, self.recent, self.last_item, self.presented, self.start, self.stretch
        )

    def with_member(self, skill_id: str, member: str, record: MemberRecord) -> Learner:
        """The learner with the record of one member of a list skill replaced."""
        members = {**self.members, skill_id: {**self.members.get(skill_id, {}), member: record}}
        return Learner(
            self.skills, members, self.traits, self.recent, self.last_item, self.presented, self.start, self.stretch
        )

    def to_json(self) -> str:
        """Compact JSON text; `from_json` reads it back to an equal learner."""
        data = {
            "v": VERSION,
            "skills": self.skills.rows,
            "members": {
                skill_id: {name: pack_member(m) for name, m in members.items()}
                for skill_id, members in self.members.items()
            },
            "traits": pack_traits(self.traits),
            "recent": "".join(self.recent),
            "last_item": self.last_item,
            "presented": self.presented,
            "start": [[answer.item_id, int(answer.right)] for answer in self.start],
            "stretch": list(self.stretch),
        }
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Learner:
        """Read what `to_json` wrote, in this release or in the first.

        A single row that is damaged shows when it is read.

        Raises:
            LearnerError: not JSON, of an unknown version, or damaged.
        """
        try:
            data = json.loads(text)
            if data["v"] not in (1, VERSION):
                raise LearnerError(f"Stored learner has version {data['v']!r}; this release reads 1 and {VERSION}.")
            recent, (last, count) = data["recent"], data.get("stretch", (0, 0))
            return cls(
                SkillRecords(data["skills"] if data["v"] == VERSION else _rows_of_version_1(data["skills"])),
                {
                    skill_id: {name: _member(row) for name, row in members.items()}
                    for skill_id, members in data["members"].items()
                },
                unpack_traits(data["traits"]) if data["v"] == VERSION else Traits(),
                tuple([recent[n : n + TAG_LENGTH] for n in range(0, len(recent), TAG_LENGTH)][-RECENT_LENGTH:]),
                data["last_item"],
                int(data["presented"]),
                tuple(StartAnswer(item_id, bool(right)) for item_id, right in data.get("start", ())),
                (int(last), int(count)),
            )
        except LearnerError:
            raise
        except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            raise LearnerError(
                f"Stored learner can't be read ({error!r}). Rebuild it from the pupil's opportunities."
            ) from error


def minutes(now: datetime) -> int:
    """Whole minutes since 1970.

    Raises:
        ValueError: the time has no time zone, so that a gap could be hours off.
    """
    if now.utcoffset() is None:
        raise ValueError(f"{now!r} has no time zone. Pass an aware datetime, such as datetime.now(UTC).")
    return int(now.timestamp() // 60)


def _member(row: Any) -> MemberRecord:
    """A stored member; the first releases wrote millionths, minutes and the last verdict."""
    if isinstance(row, str):
        return unpack_member(row)
    return settled_member(row[0] / MILLION, row[1], row[2] if len(row) > 2 else -1, 0)


_STATES_OF_VERSION_1: Final[Mapping[str, State]] = {"g": "growing", "s": "strong", "k": "kept", "x": "stuck"}
_FIELDS_OF_VERSION_1: Final[tuple[Any, ...]] = (0, "", 0, 80, "", 0)
"""Optional fields: streak, history, since, standard, tag of the item last answered right, revisited."""
_LEVEL_OF_VERSION_1: Final = math.log(0.8 / 0.2)
_SPREAD_OF_VERSION_1: Final = 0.7


def _rows_of_version_1(skills: Mapping[str, list[Any]]) -> dict[str, str]:
    """The first release traced P(known) only: a level is put beside it that is as sure to meet a standard."""
    rows = {}
    for skill_id, (known, opportunities, last, state, *given) in skills.items():
        streak, history, since, standard, _, revisited = (*given, *_FIELDS_OF_VERSION_1[len(given) :])
        p_known = known / MILLION
        sure = NormalDist().inv_cdf(min(max(p_known, 0.001), 0.999))
        rows[skill_id] = pack(
            SkillRecord(
                state=_STATES_OF_VERSION_1[state],
                p_known=p_known,
                level=_LEVEL_OF_VERSION_1 + _SPREAD_OF_VERSION_1 * sure,
                spread=_SPREAD_OF_VERSION_1,
                opportunities=opportunities,
                last=last,
                history=history,
                streak=streak,
                proven=history.count("R"),
                since=since,
                standard=standard,
                revisited=bool(revisited),
            )
        )
    return rows
