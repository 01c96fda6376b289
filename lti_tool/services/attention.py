"""Whom a teacher should look at first, and why: each rule is defined here once. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from engine.learner import SkillReport

NeedKind = Literal["stuck", "sliding_back", "guessing", "not_started"]

ORDER: Final[Sequence[NeedKind]] = ("stuck", "sliding_back", "guessing", "not_started")
"""What comes first where there is much to say."""
MOST_LINES: Final = 5
QUICK_TRIES: Final = 3
"""So many tries of the latest ten that were no honest ones (services.grading.honesty) are guessing."""
LATEST: Final = 10
STARTED_SHARE: Final = 0.5
WAIT_FOR_START: Final = timedelta(days=3)
"""Who has not begun is named once half of the class has, or after so long."""
SLID: Final = 0.5
"""A skill that was strong and now meets the standard with a lower probability than this has slid back."""


@dataclass(frozen=True)
class PupilFacts:
    """What the rules look at. `certified`: skills that were strong or kept; `quick`: of the latest `LATEST` tries."""

    person_id: str
    skills: Mapping[str, SkillReport]
    certified: AbstractSet[str]
    attempts: int
    quick: int


@dataclass(frozen=True)
class Need:
    """One line of "Needs you now": pupils with the same need, in one skill where it is about one."""

    kind: NeedKind
    skill_id: str | None
    people: tuple[str, ...]


def needs(pupils: Sequence[PupilFacts], *, opened_at: datetime, now: datetime) -> list[Need]:
    """The lines, most pressing first, at most `MOST_LINES`; who is named once in a skill is not named for less."""
    found: dict[tuple[NeedKind, str | None], list[str]] = {}
    for pupil in pupils:
        for kind, skill_id in _of_pupil(pupil):
            found.setdefault((kind, skill_id), []).append(pupil.person_id)
    waiting = [pupil.person_id for pupil in pupils if not pupil.attempts]
    late = now - opened_at >= WAIT_FOR_START or len(pupils) - len(waiting) >= STARTED_SHARE * len(pupils)
    if waiting and late:
        found["not_started", None] = waiting
    lines = [Need(kind, skill_id, tuple(people)) for (kind, skill_id), people in found.items()]
    lines.sort(key=lambda line: (ORDER.index(line.kind), -len(line.people)))
    return lines[:MOST_LINES]


def _of_pupil(pupil: PupilFacts) -> Iterable[tuple[NeedKind, str | None]]:
    for skill_id, report in pupil.skills.items():
        if report.state == "stuck":
            yield "stuck", skill_id
        elif skill_id in pupil.certified and report.p_meets_standard < SLID:
            yield "sliding_back", skill_id
    if pupil.quick >= QUICK_TRIES:
        yield "guessing", None
