"""What is remembered of one pupil, and the messages between a pupil's answers and the tutor."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple, get_args

from engine.curriculum import ItemRef

State = Literal["new", "growing", "strong", "kept", "stuck"]
"""`strong`: mastered. `kept`: mastered and held after a delay. `stuck`: practice as it is does not help."""

Outcome = Literal["answered", "dont_know", "no_evidence"]

ReasonKey = Literal[
    "start",  # the first item of a skill; nothing before it was practised
    "next_step",  # the first item of a skill whose prerequisite is mastered
    "practise",  # values: done (opportunities so far)
    "almost_there",  # one more right answer can be enough; values: right (in a row so far)
    "missed_before",  # a member of a list that went wrong comes back; values: member
    "check",  # does a strong skill still hold, on another day?
    "back_to_basics",  # a prerequisite of a skill that is stuck; values: skill (the stuck one)
    "try_again",  # a stuck skill gets a new chance
]

HISTORY_LENGTH: Final = 6
RECENT_LENGTH: Final = 256
TAG_LENGTH: Final = 3
MILLION: Final = 1_000_000

_LETTERS: Final[Mapping[State, str]] = {"growing": "g", "strong": "s", "kept": "k", "stuck": "x"}
_STATES: Final[Mapping[str, State]] = {letter: state for state, letter in _LETTERS.items()}


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

    Raises:
        ValueError: a count or time is negative, or the outcome is unknown.
    """

    item: ItemRef
    correct: bool
    hints: int = 0
    seconds: float | None = None
    attempt: int = 1
    outcome: Outcome = "answered"
    per_skill: Mapping[str, bool] | None = None

    def __post_init__(self) -> None:
        if self.outcome not in get_args(Outcome):
            raise ValueError(f"Outcome {self.outcome!r} is unknown. Use one of {get_args(Outcome)}.")
        if self.hints < 0 or self.attempt < 1 or (self.seconds is not None and self.seconds < 0):
            raise ValueError(
                f"Response to {self.item.id!r}: hints {self.hints}, attempt {self.attempt}, seconds {self.seconds}. "
                "Hints and seconds start at 0, attempts at 1."
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
        trace: p_known, p_correct (of this item), information (nats about knowing), times_used (lately).
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
        p_meets_standard: the number that the state was decided by. For a rule it is P(known), which has to
            reach the policy's threshold together with enough production successes. For a list it is
            P(the share of all members that the pupil has right reaches the standard).
        p_known: P(known) now, forgetting included; for a list, the expected share of members known.
        p_correct_typed: P(right) on a typed item of the skill, now.
        state: by the certificate for the policy's standard.
        opportunities: answers so far, aided ones included.
        evidence: the latest answers, oldest first, as names from `mastery.EVIDENCE`; at most six.
    """

    p_meets_standard: float
    p_known: float
    p_correct_typed: float
    state: State
    opportunities: int
    evidence: tuple[str, ...]


class SkillRecord(NamedTuple):
    """What is stored of one touched skill. Times are whole minutes since 1970 (UTC).

    Attributes:
        p_known: after the last opportunity; for a list, the expected share of members known.
        opportunities: answers so far.
        last: time of the last opportunity.
        state: never "new".
        streak: unaided successes in a row in the formats that decide (production formats, where there are any).
        history: one code for each of the latest answers, oldest first (see `mastery.EVIDENCE`).
        since: when it became strong, or was last checked; when it got stuck; else 0.
        standard: in percent, what `strong` and `kept` were given for.
        last_right: tag of the item last answered right, where successes must be on different items.
        revisited: stuck, and a prerequisite was practised since.
    """

    p_known: float
    opportunities: int
    last: int
    state: State
    streak: int = 0
    history: str = ""
    since: int = 0
    standard: int = 80
    last_right: str = ""
    revisited: int = 0


class MemberRecord(NamedTuple):
    """What is stored of one member (word, fact) of a list skill.

    `right`: the last unaided answer in a format that decides; -1 while there is none.
    """

    p_known: float
    last: int
    right: int = -1


_OPTIONAL: Final[tuple[object, ...]] = tuple(SkillRecord._field_defaults.values())


@dataclass(frozen=True)
class Learner:
    """Everything that the engine remembers of one pupil: touched skills only, rounded, a few kilobytes.

    Skills that the curriculum does not know (an older bank's) are carried along untouched.

    Attributes:
        skills: by skill id.
        members: by list skill id, then by member.
        recent: tags of the items shown lately, oldest first, three characters each.
        last_item: id of the item shown last.
        presented: how many items were shown and answered in all.
    """

    skills: Mapping[str, SkillRecord] = field(default_factory=dict)
    members: Mapping[str, Mapping[str, MemberRecord]] = field(default_factory=dict)
    recent: tuple[str, ...] = ()
    last_item: str | None = None
    presented: int = 0

    def shown(self, item_id: str, tag: str) -> Learner:
        """The learner after an item was shown, whatever came of it."""
        recent = (*self.recent[-RECENT_LENGTH + 1 :], tag)
        return Learner(self.skills, self.members, recent, item_id, self.presented + 1)

    def with_record(self, skill_id: str, record: SkillRecord) -> Learner:
        """The learner with one skill's record replaced."""
        skills = {**self.skills, skill_id: record}
        return Learner(skills, self.members, self.recent, self.last_item, self.presented)

    def with_member(self, skill_id: str, member: str, record: MemberRecord) -> Learner:
        """The learner with the record of one member of a list skill replaced."""
        members = {**self.members, skill_id: {**self.members.get(skill_id, {}), member: record}}
        return Learner(self.skills, members, self.recent, self.last_item, self.presented)

    def to_json(self) -> str:
        """Compact JSON text; `from_json` reads it back to an equal learner."""
        data = {
            "v": 1,
            "skills": {skill_id: _skill_row(record) for skill_id, record in self.skills.items()},
            "members": {
                skill_id: {name: [round(m.p_known * MILLION), *m[1:]] for name, m in members.items()}
                for skill_id, members in self.members.items()
            },
            "recent": "".join(self.recent),
            "last_item": self.last_item,
            "presented": self.presented,
        }
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Learner:
        """Read what `to_json` wrote.

        Raises:
            LearnerError: not JSON, of an unknown version, or damaged.
        """
        try:
            data = json.loads(text)
            recent = data["recent"]
            if data["v"] != 1:
                raise LearnerError(f"Stored learner has version {data['v']!r}; this release reads version 1.")
            return cls(
                {skill_id: _skill_record(row) for skill_id, row in data["skills"].items()},
                {
                    skill_id: {name: MemberRecord(row[0] / MILLION, *row[1:]) for name, row in members.items()}
                    for skill_id, members in data["members"].items()
                },
                tuple(recent[n : n + TAG_LENGTH] for n in range(0, len(recent), TAG_LENGTH)),
                data["last_item"],
                data["presented"],
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


def stored(p_known: float) -> float:
    """A belief as it is stored: six decimals, so that replay equals live; never certain, so that it can change."""
    return round(min(max(p_known, 1 / MILLION), 1 - 1 / MILLION), 6)


def _skill_row(record: SkillRecord) -> list[Any]:
    """A record as a list, without the last fields where they are as by default."""
    length = len(record)
    while length > 4 and record[length - 1] == _OPTIONAL[length - 5]:
        length -= 1
    return [round(record[0] * MILLION), record[1], record[2], _LETTERS[record[3]], *record[4:length]]


def _skill_record(row: list[Any]) -> SkillRecord:
    return SkillRecord(row[0] / MILLION, row[1], row[2], _STATES[row[3]], *row[4:])
