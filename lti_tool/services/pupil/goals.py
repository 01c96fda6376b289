"""A pupil's goal of the week: chosen and changed by the pupil, seen by the pupil, never graded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.persistence.tables.practice import Certificate, Opportunity, PresentedItem
from lti_tool.persistence.tables.pupils import WeeklyGoal

GoalKind = Literal["days", "items", "skills"]
GOAL_KINDS: tuple[GoalKind, ...] = get_args(GoalKind)
TARGETS: Mapping[GoalKind, tuple[int, ...]] = {"days": (2, 3, 4), "items": (20, 40, 60), "skills": (1, 2, 3)}
"""What can be chosen: a little, some, a lot."""


@dataclass(frozen=True)
class Goal:
    """The goal of this week, and how far it is reached. `done` may be more than `target`."""

    kind: GoalKind
    target: int
    done: int

    @property
    def reached(self) -> bool:
        """Whether the pupil did what was planned."""
        return self.done >= self.target


@dataclass(frozen=True)
class Week:
    """A week on the district's clock."""

    zone: ZoneInfo
    monday: date

    @classmethod
    def of(cls, now: datetime, zone: ZoneInfo) -> "Week":
        """The week of a moment."""
        today = now.astimezone(zone).date()
        return cls(zone, today - timedelta(days=today.weekday()))

    @property
    def start(self) -> datetime:
        """Its first moment."""
        return datetime.combine(self.monday, time(), self.zone).astimezone(UTC)


def set_goal(
    session: Session, person_id: str, bank_id: str, kind: GoalKind, target: int, *, week: Week, now: datetime
) -> None:
    """Choose this week's goal, or another one. Raises ValueError for one that is not offered."""
    if target not in TARGETS[kind]:
        raise ValueError(f"A goal of {target} {kind} is not offered. Choose one of {TARGETS[kind]}.")
    key = (person_id, bank_id, week.monday)
    row = session.get(WeeklyGoal, key) or WeeklyGoal(person_id=person_id, bank_id=bank_id, week=week.monday)
    row.kind, row.target, row.set_at = kind, target, now
    session.add(row)
    session.flush()


def goal_of(session: Session, person_id: str, bank_id: str, week: Week) -> Goal | None:
    """This week's goal in one subject, with what is done of it."""
    row = session.get(WeeklyGoal, (person_id, bank_id, week.monday))
    if row is None:
        return None
    [kind] = [kind for kind in GOAL_KINDS if kind == row.kind]
    return Goal(kind, row.target, _DONE[kind](session, person_id, bank_id, week))


def _days(session: Session, person_id: str, bank_id: str, week: Week) -> int:
    moments = session.scalars(_answers(Opportunity.answered_at, person_id, bank_id, week))
    return len({moment.astimezone(week.zone).date() for moment in moments})


def _items(session: Session, person_id: str, bank_id: str, week: Week) -> int:
    return session.scalar(_answers(func.count(), person_id, bank_id, week)) or 0


def _skills(session: Session, person_id: str, bank_id: str, week: Week) -> int:
    practised = _answers(Opportunity.skill_id, person_id, bank_id, week).distinct()
    query = select(func.count(Certificate.skill_id.distinct())).where(
        Certificate.person_id == person_id,
        Certificate.strong_since >= week.start,
        Certificate.skill_id.in_(practised),
    )
    return session.scalar(query) or 0


_DONE = {"days": _days, "items": _items, "skills": _skills}


def _answers(what, person_id: str, bank_id: str, week: Week):  # type: ignore[no-untyped-def]  # as select() is typed
    return (
        select(what)
        .select_from(Opportunity)
        .join(PresentedItem, PresentedItem.id == Opportunity.presented_item_id)
        .where(
            Opportunity.person_id == person_id,
            PresentedItem.bank_id == bank_id,
            Opportunity.answered_at >= week.start,
            Opportunity.outcome != "no_evidence",
        )
    )
