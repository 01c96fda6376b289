"""Sittings: a stretch of practice that ends by itself, by mastery, items or minutes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.persistence.practice import PresentedItem, Sitting
from lti_tool.services.grades import Progress

IDLE = timedelta(minutes=30)
"""A pupil who was away for longer begins a new sitting, with the item that was open."""


@dataclass(frozen=True)
class SittingRules:
    """When a sitting ends."""

    items: int
    minutes: float


def current_sitting(
    session: Session, activity_id: str, person_id: str, *, since: datetime, now: datetime
) -> tuple[Sitting, PresentedItem | None]:
    """The pupil's sitting and its open item.

    One that ended after `since` is still the current one: its end is what the page shows. The caller holds the
    learner's lock, so no second sitting can open meanwhile.
    """
    sitting = session.scalars(
        select(Sitting)
        .where(Sitting.activity_id == activity_id, Sitting.person_id == person_id)
        .order_by(Sitting.id.desc())
        .limit(1)
    ).one_or_none()
    if sitting is not None and sitting.ended_at is not None and sitting.ended_at >= since:
        return sitting, None
    presented = _open_item(session, sitting) if sitting is not None and sitting.ended_at is None else None
    if sitting is None or sitting.ended_at is not None or _idle(sitting, presented, now):
        if sitting is not None and sitting.ended_at is None:
            sitting.ended_at, sitting.end_reason = now, "left"
            session.flush()
        sitting = Sitting(activity_id=activity_id, person_id=person_id, started_at=now)
        session.add(sitting)
        session.flush()
        if presented is not None:
            presented.sitting_id, presented.shown_at = sitting.id, None
            session.flush()
    return sitting, presented


def end_if_due(session: Session, sitting: Sitting, progress: Progress, rules: SittingRules, now: datetime) -> bool:
    """End the sitting after its minutes, or after its items once the activity's own attempts are done."""
    enough = progress.attempts >= progress.attempts_needed and items_in(session, sitting) >= rules.items
    if now - sitting.started_at >= timedelta(minutes=rules.minutes):
        sitting.ended_at, sitting.end_reason = now, "minutes"
    elif enough:
        sitting.ended_at, sitting.end_reason = now, "items"
    return sitting.ended_at is not None


def items_in(session: Session, sitting: Sitting) -> int:
    """How many items were answered in a sitting."""
    answered = select(func.count()).select_from(PresentedItem)
    query = answered.where(PresentedItem.sitting_id == sitting.id, PresentedItem.answered_at.is_not(None))
    return session.scalar(query) or 0


def _open_item(session: Session, sitting: Sitting) -> PresentedItem | None:
    query = select(PresentedItem).where(PresentedItem.sitting_id == sitting.id, PresentedItem.answered_at.is_(None))
    return session.scalars(query).one_or_none()


def _idle(sitting: Sitting, presented: PresentedItem | None, now: datetime) -> bool:
    last_seen = (presented.shown_at or presented.presented_at) if presented is not None else sitting.started_at
    return now - last_seen > IDLE
