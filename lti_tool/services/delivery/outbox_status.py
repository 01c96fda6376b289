"""How the outbox does: how many scores wait, since when, for which LMS, and whether anybody takes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from lti_tool.persistence.tables.grades import PlatformGate, ScoreOutbox
from lti_tool.persistence.tables.tenancy import Registration
from lti_tool.services.delivery.grade_claims import on_their_way

STATES = ("held", "waiting", "delivered", "parked", "theirs")


@dataclass(frozen=True)
class OutboxStatus:
    """The outbox at a moment: how many scores are in each state, and how long the oldest has waited to be sent.

    Those for LMSs that are switched off have no age: nobody expects them.
    """

    counts: Mapping[str, int]
    oldest_waiting: timedelta
    left_alone: int
    """LMSs that are in trouble and get no calls now."""


def outbox_status(session: Session, now: datetime) -> OutboxStatus:
    """Figures for metrics, the command line and the admin console."""
    query = select(ScoreOutbox.state, func.count()).group_by(ScoreOutbox.state)
    found = {str(state): int(count) for state, count in session.execute(query)}
    since = session.scalar(on_their_way(select(func.min(ScoreOutbox.waiting_since)).select_from(ScoreOutbox)))
    shut = session.scalar(select(func.count()).where(PlatformGate.shut_until > now))
    counts = {state: found.get(state, 0) for state in STATES}
    return OutboxStatus(counts, now - since if since else timedelta(0), shut or 0)


@dataclass(frozen=True)
class Queue:
    """The scores that wait for one LMS, since when the oldest does, and the code of the last failure among them."""

    registration_id: int
    scores: int
    since: datetime
    problem: str | None


def queues(session: Session) -> Sequence[Queue]:
    """What waits, by LMS."""
    figures = select(
        Registration.id, func.count(), func.min(ScoreOutbox.waiting_since), func.max(ScoreOutbox.problem)
    ).select_from(ScoreOutbox)
    rows = session.execute(on_their_way(figures).group_by(Registration.id).order_by(Registration.id))
    return [Queue(id_, number, since, problem) for id_, number, since, problem in rows]


def is_left_lying(session: Session, now: datetime, late: timedelta) -> bool:
    """Whether a score has been due for so long and no worker came, though its LMS gets calls."""
    left_alone = select(PlatformGate.registration_id).where(PlatformGate.shut_until > now - late)
    query = on_their_way(select(ScoreOutbox.id)).where(
        ScoreOutbox.next_attempt_at < now - late,
        or_(ScoreOutbox.leased_until.is_(None), ScoreOutbox.leased_until < now),
        Registration.id.not_in(left_alone),
    )
    return session.scalars(query.limit(1)).first() is not None
