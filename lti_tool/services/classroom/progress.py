"""What an activity does over time: who gains how much from where they started, and how much it was used.

Both read counts and states only. Pupils are put into thirds by what was expected of them after their first dozen tries
(`PracticeTotal.start_level`), which is itself an estimate: whoever was estimated too low seems to gain more later.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.learner import SkillReport
from lti_tool.persistence.tables.practice import Exposure
from lti_tool.persistence.tables.summaries import PracticeDay, PracticeTotal
from lti_tool.services.classroom.class_page import ClassPage, PupilRow

SMALLEST_THIRD: Final = 2
"""A third of fewer pupils would be about one child."""
WEEKS: Final = 8
DOSE_SITTINGS: Final = 2
DOSE_MINUTES: Final = 20
"""What a week of practice is planned to be, at least; a convention of ours, no finding of research."""
CLEAR: Final = 0.05
"""Below such a change of the distance nothing is said of it."""
PROMPTS: Final = ("plan", "confidence", "hint")


@dataclass(frozen=True)
class Third:
    """Pupils who started alike: `start` and `now` are expected shares right on average written questions."""

    pupils: int
    start: float
    now: float

    @property
    def gained(self) -> float:
        """How far they have come."""
        return self.now - self.start

    @property
    def in_percent(self) -> tuple[int, int, int]:
        """Start, now and gained as they are shown: the last is the difference of the others."""
        start, now = round(100 * self.start), round(100 * self.now)
        return start, now, now - start


@dataclass(frozen=True)
class Gap:
    """The lower, middle and upper third; none where too few pupils have started. `waiting`: without a known start."""

    thirds: tuple[Third, ...]
    waiting: int

    @property
    def change(self) -> float:
        """By how much the upper third has moved away from the lower one; negative: they have come nearer."""
        return self.thirds[-1].gained - self.thirds[0].gained if self.thirds else 0.0


@dataclass(frozen=True)
class Week:
    """One week of the class, from its Monday: who practised, means over those, and who had the planned dose."""

    monday: date
    pupils: int
    minutes: float
    sittings: float
    dosed: int


@dataclass(frozen=True)
class Fidelity:
    """How an activity was used: `weeks` newest first; `dosed` by pupil, in how many of them; prompts shown."""

    weeks: Sequence[Week]
    dosed: Mapping[str, int]
    prompts: Mapping[str, int]


def gap(session: Session, page: ClassPage) -> Gap:
    """Progress by starting third."""
    query = select(PracticeTotal.person_id, PracticeTotal.start_level).where(
        PracticeTotal.activity_id == page.activity.id, PracticeTotal.start_level.is_not(None)
    )
    starts = {who: start for who, start in session.execute(query) if start is not None}
    known = sorted((starts[row.person_id], _level(row)) for row in page.pupils if row.person_id in starts)
    size = len(known) // 3
    waiting = len(page.pupils) - len(known)
    if size < SMALLEST_THIRD:
        return Gap((), waiting)
    parts = (known[:size], known[size:-size], known[-size:])
    return Gap(tuple(Third(len(part), fmean(s for s, _ in part), fmean(n for _, n in part)) for part in parts), waiting)


def _level(row: PupilRow) -> float:
    reports: Sequence[SkillReport] = list(row.skills.values())
    return fmean(report.p_correct_typed for report in reports) if reports else 0.0


def fidelity(session: Session, page: ClassPage, today: date, now: datetime) -> Fidelity:
    """Minutes and sittings of the latest weeks against the planned dose, and what was shown to make pupils think."""
    monday = today - timedelta(days=today.weekday())
    first = monday - timedelta(weeks=WEEKS - 1)
    here = {row.person_id for row in page.pupils}
    query = select(PracticeDay).where(PracticeDay.activity_id == page.activity.id, PracticeDay.day >= first)
    done: dict[date, dict[str, tuple[float, int]]] = defaultdict(dict)
    for row in session.scalars(query):
        if row.person_id in here:
            week = done[row.day - timedelta(days=row.day.weekday())]
            minutes, sittings = week.get(row.person_id, (0.0, 0))
            week[row.person_id] = (minutes + row.seconds / 60, sittings + row.sittings)
    mondays = [monday - timedelta(weeks=n) for n in range(WEEKS)]
    dosed = {who: sum(_is_dose(done[each].get(who)) for each in mondays) for who in here}
    shown = (
        select(Exposure.kind, func.count())
        .where(
            Exposure.activity_id == page.activity.id,
            Exposure.shown_at > now - timedelta(weeks=WEEKS),
            Exposure.kind.in_(PROMPTS),
        )
        .group_by(Exposure.kind)
    )
    counts = {kind: int(number) for kind, number in session.execute(shown)}
    return Fidelity(
        [_week(each, done[each]) for each in mondays], dosed, {kind: counts.get(kind, 0) for kind in PROMPTS}
    )


def _is_dose(done: tuple[float, int] | None) -> bool:
    return done is not None and done[0] >= DOSE_MINUTES and done[1] >= DOSE_SITTINGS


def _week(monday: date, done: Mapping[str, tuple[float, int]]) -> Week:
    if not done:
        return Week(monday, 0, 0.0, 0.0, 0)
    minutes, sittings = zip(*done.values(), strict=True)
    return Week(monday, len(done), fmean(minutes), fmean(sittings), sum(_is_dose(each) for each in done.values()))
