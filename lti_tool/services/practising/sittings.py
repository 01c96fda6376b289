"""Sittings: a stretch of practice that ends by itself, by mastery, items or minutes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.persistence.tables.practice import PresentedItem, Sitting
from lti_tool.services.grading.grades import Progress

IDLE = timedelta(minutes=30)
"""A pupil who was away for longer begins a new sitting, with the item that was open."""


@dataclass(frozen=True)
class SittingRules:
    """When a sitting ends."""

    items: int
    minutes: float


def current_sitting(
    session: Session, activity_id: str, person_id: str, *, rules: SittingRules, since: datetime, now: datetime
) -> tuple[Sitting, PresentedItem | None]:
    """The pupil's sitting and its open item.

    One that ended after `since` (the launch) is still the current one: its end is what the page shows. The caller
    holds the learner's lock, so no second sitting can open meanwhile.
    """
    sitting = latest_sitting(session, activity_id, person_id)
    if sitting is None:
        return begin_sitting(session, activity_id, person_id, now), None
    if sitting.ended_at is not None:
        fresh = sitting.ended_at < since
        return (begin_sitting(session, activity_id, person_id, now) if fresh else sitting), None
    presented = waiting_item(session, sitting)
    if not _left(sitting, presented, rules, since, now):
        return sitting, presented
    end_sitting(session, sitting, "left", now)
    sitting = begin_sitting(session, activity_id, person_id, now)
    if presented is not None:
        presented.sitting_id, presented.shown_at = sitting.id, None
        session.flush()
    return sitting, presented


def latest_sitting(session: Session, activity_id: str, person_id: str) -> Sitting | None:
    """The pupil's sitting that began last, ended or not."""
    return session.scalars(
        select(Sitting)
        .where(Sitting.activity_id == activity_id, Sitting.person_id == person_id)
        .order_by(Sitting.id.desc())
        .limit(1)
    ).one_or_none()


def sitting_under_way(session: Session, activity_id: str, person_id: str) -> Sitting | None:
    """The pupil's sitting that has not ended. The caller holds the learner's lock."""
    sitting = latest_sitting(session, activity_id, person_id)
    return sitting if sitting is not None and sitting.ended_at is None else None


def begin_sitting(session: Session, activity_id: str, person_id: str, now: datetime) -> Sitting:
    """A new sitting. The caller holds the learner's lock and knows that none is under way."""
    sitting = Sitting(activity_id=activity_id, person_id=person_id, started_at=now)
    session.add(sitting)
    session.flush()
    return sitting


def end_sitting(session: Session, sitting: Sitting, reason: str, now: datetime) -> None:
    """End a sitting for one of the reasons of `Sitting.end_reason`."""
    sitting.ended_at, sitting.end_reason = now, reason
    session.flush()


def end_if_due(session: Session, sitting: Sitting, progress: Progress, rules: SittingRules, now: datetime) -> bool:
    """End the sitting after its minutes, or after its items once the activity's own attempts are done."""
    if sitting.ended_at is not None:
        return True
    if _minutes_over(sitting, rules, now):
        sitting.ended_at, sitting.end_reason = now, "minutes"
    elif progress.attempts >= progress.attempts_needed and items_in(session, sitting) >= rules.items:
        sitting.ended_at, sitting.end_reason = now, "items"
    return sitting.ended_at is not None


def items_in(session: Session, sitting: Sitting) -> int:
    """How many items were answered in a sitting."""
    answered = select(func.count()).select_from(PresentedItem)
    query = answered.where(PresentedItem.sitting_id == sitting.id, PresentedItem.answered_at.is_not(None))
    return session.scalar(query) or 0


def waiting_item(session: Session, sitting: Sitting) -> PresentedItem | None:
    """The item that waits for its answer."""
    query = select(PresentedItem).where(PresentedItem.sitting_id == sitting.id, PresentedItem.answered_at.is_(None))
    return session.scalars(query).one_or_none()


def _left(
    sitting: Sitting, presented: PresentedItem | None, rules: SittingRules, since: datetime, now: datetime
) -> bool:
    """Whether the pupil went away: for long, or came back by a new launch with no minutes left to practise."""
    last_seen = (presented.shown_at or presented.presented_at) if presented is not None else sitting.started_at
    return now - last_seen > IDLE or (last_seen < since and _minutes_over(sitting, rules, now))


def _minutes_over(sitting: Sitting, rules: SittingRules, now: datetime) -> bool:
    return now - sitting.started_at >= timedelta(minutes=rules.minutes)
