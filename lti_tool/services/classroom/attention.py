"""Whom a teacher should look at first, and why: each rule is defined here once. Pure.

The page says the same in words (web.teacher.classroom.needs_words), with the numbers of `Need.evidence` beside each.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from engine.learner import SkillReport
from engine.mastery import EVIDENCE, MASTERED

NeedKind = Literal["stuck", "sliding_back", "hardly_moving", "guessing", "not_started"]

ORDER: Final[Sequence[NeedKind]] = ("stuck", "hardly_moving", "sliding_back", "guessing", "not_started")
"""What comes first where there is much to say."""
SHOWN_FIRST: Final = 5
"""So many lines stand on the page at once; the others are one click away."""
QUICK_TRIES: Final = 2
"""So many tries of the latest ten that were no honest ones are guessing: the first two quick ones of a habit are held
for honest (services.grading.honesty), so that there were four at least."""
STARTED_SHARE: Final = 0.5
WAIT_FOR_START: Final = timedelta(days=3)
"""Who has not begun is named once half of the class has, or after so long."""
SLID: Final = 0.4
"""A skill that was strong, is open again, and meets the standard with a lower probability than this has slid back: of
those a little above hardly one in ten truly had."""

HARDLY: Final = 0.5
"""A skill of which it is more likely than not that the latest tries brought it next to nothing hardly gets on. Lower
and higher values name more pupils, and fewer wrongly: docs/needs.md has the figures of `tests.bench needs`."""


@dataclass(frozen=True)
class PupilFacts:
    """What the rules look at.

    `certified`: skills that were strong or kept; `latest`: the latest ten tries, "h" or "q" (summaries.LATEST);
    `resting`: skills that the teacher paused, or said a word on: they are settled.
    """

    person_id: str
    skills: Mapping[str, SkillReport]
    certified: AbstractSet[str]
    attempts: int
    latest: str
    resting: AbstractSet[str] = frozenset()
    standstill: Mapping[str, float] = field(default_factory=dict)
    """How likely a skill hardly gets on (engine.tutor.Tutor.standstill)."""


@dataclass(frozen=True)
class Need:
    """One line of "Needs you now": pupils with the same need, in one skill where it is about one."""

    kind: NeedKind
    skill_id: str | None
    people: tuple[str, ...]


def guesses(latest: str) -> bool:
    """Whether so many of the latest tries came too quickly to have been read."""
    return latest.count("q") >= QUICK_TRIES


@dataclass
class _Found:
    lines: dict[tuple[NeedKind, str | None], list[str]] = field(default_factory=dict)

    def add(self, kind: NeedKind, skill_id: str | None, person_id: str) -> None:
        self.lines.setdefault((kind, skill_id), []).append(person_id)


def needs(pupils: Sequence[PupilFacts], *, opened_at: datetime, now: datetime) -> list[Need]:
    """All lines, the first `SHOWN_FIRST` to be shown at once.

    Of each kind the line with most pupils comes before any second one: no kind hides behind another.
    """
    found = _Found()
    for pupil in pupils:
        for kind, skill_id in needs_of(pupil):
            found.add(kind, skill_id, pupil.person_id)
    waiting = [pupil.person_id for pupil in pupils if not pupil.attempts]
    late = now - opened_at >= WAIT_FOR_START or len(pupils) - len(waiting) >= STARTED_SHARE * len(pupils)
    if late:
        for person_id in waiting:
            found.add("not_started", None, person_id)
    lines = [Need(kind, skill_id, tuple(people)) for (kind, skill_id), people in found.lines.items()]
    lines.sort(key=lambda line: -len(line.people))
    turn = {id(line): sum(other.kind == line.kind for other in lines[:place]) for place, line in enumerate(lines)}
    return sorted(lines, key=lambda line: (turn[id(line)], ORDER.index(line.kind)))


def needs_of(pupil: PupilFacts, hardly: float = HARDLY) -> Iterable[tuple[NeedKind, str | None]]:
    """What one pupil who has begun needs: kind, and the skill that it is about.

    Answers that were not read say nothing about a skill: who guesses is named for that alone. A skill that the tutor
    puts aside as stuck after a few answers is not yet the teacher's: what it builds on comes first meanwhile.
    """
    if guesses(pupil.latest):
        yield "guessing", None
        return
    for skill_id, report in pupil.skills.items():
        if skill_id in pupil.resting or report.state in MASTERED:
            continue
        if skill_id in pupil.certified and report.p_meets_standard < SLID:
            yield "sliding_back", skill_id
        elif pupil.standstill.get(skill_id, 0.0) >= hardly or _only_helped(report):
            yield ("stuck" if report.state == "stuck" else "hardly_moving"), skill_id


def _only_helped(report: SkillReport) -> bool:
    """Whether the tutor gave up since every answer was given with help."""
    return report.state == "stuck" and set(report.evidence) == {EVIDENCE["h"]}
