"""Taking due scores out of the outbox under a lease, each with the timestamp that it will carry."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVarTuple

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from lti_tool.lti.platform_profile import PlatformProfile, platform_profile
from lti_tool.lti.services.ags import Score
from lti_tool.persistence.base import random_id
from lti_tool.persistence.tables.activities import Activity, LineItem, ResourceLink
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.persistence.tables.tenancy import Registration
from lti_tool.services.platforms.platform_gates import shut_gates, take_turn, troubled

LEASE = timedelta(seconds=120)
"""Longer than sending one score can take with all its time-outs; after it another worker may try again."""
BATCH = 10
SOON = timedelta(seconds=1)

Columns = TypeVarTuple("Columns")
ClockShift = Callable[[str], timedelta]
"""By an address: what to add to our clock to be on that host's (`Transport.clock_shift`)."""


@dataclass(frozen=True)
class Delivery:
    """A claimed score with everything needed to send it, so that no transaction is open meanwhile."""

    outbox_id: int
    lease: str
    revision: int
    person_id: str
    registration: Registration
    activity: Activity
    line_item: LineItem
    link_lms_id: str
    score: Score
    last_delivered_at: datetime | None
    """When the score before this one arrived; None where the gradebook may hold another one of ours."""

    @property
    def profile(self) -> PlatformProfile:
        """The facts about the LMS that it goes to."""
        return platform_profile(self.registration.profile)


def claim_due(
    session: Session, now: datetime, *, worker: str = "", clock_shift: ClockShift = lambda _: timedelta(0)
) -> list[Delivery]:
    """Lease up to `BATCH` due scores to the caller, but none of LMSs whose gate is shut."""
    query = (
        on_their_way(select(ScoreOutbox))
        .where(
            ScoreOutbox.next_attempt_at <= now,
            or_(ScoreOutbox.leased_until.is_(None), ScoreOutbox.leased_until < now),
            Registration.id.not_in(shut_gates(session, now)),
        )
        .options(
            contains_eager(ScoreOutbox.line_item, LineItem.activity, Activity.registration),
            contains_eager(ScoreOutbox.line_item, LineItem.resource_link),
            joinedload(ScoreOutbox.person),
        )
        .order_by(ScoreOutbox.next_attempt_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=ScoreOutbox)
    )
    turns = _Turns(session, worker or random_id(), now)
    deliveries = []
    for row in session.scalars(query).all():
        timestamp = _timestamp_for(row, now, clock_shift)
        if timestamp is None:
            continue
        if not (row.line_item.url or _may_seek_column(session, row, now)):
            row.next_attempt_at = now + SOON  # else a class that waits for its column would fill every batch
            continue
        # Asked last: a turn that was taken for a score which then does not go would keep everybody else waiting.
        if turns.may_send(row.line_item.activity.registration):
            deliveries.append(_claim(row, timestamp, now))
    return deliveries


def on_their_way(query: Select[*Columns]) -> Select[*Columns]:
    """Of scores, those that wait to be sent and whose LMS is switched on."""
    return (
        query.join(ScoreOutbox.line_item)
        .join(LineItem.resource_link)
        .join(LineItem.activity)
        .join(Activity.registration)
        .where(
            ScoreOutbox.state == "waiting",
            # A link that was given another activity has one column still: the old activity's scores are not its.
            ResourceLink.activity_id == LineItem.activity_id,
            Registration.state == "active",
        )
    )


class _Turns:
    """Whom this round may call, and how often."""

    def __init__(self, session: Session, worker: str, now: datetime) -> None:
        self._session, self._worker, self._now = session, worker, now
        self._on_trial = troubled(session)
        self._answers: dict[int, bool] = {}

    def may_send(self, registration: Registration) -> bool:
        """Whether one more score may go to this LMS. One that was in trouble gets one, to see whether it is well."""
        if registration.id in self._answers:
            return self._answers[registration.id] and registration.id not in self._on_trial
        allowed = not platform_profile(registration.profile).one_at_a_time or take_turn(
            self._session, registration.id, self._worker, self._now + LEASE, self._now
        )
        self._answers[registration.id] = allowed
        return allowed


def _may_seek_column(session: Session, row: ScoreOutbox, now: datetime) -> bool:
    """Whether nobody else is about to find or make this score's column: two at once would make two columns."""
    column = session.scalars(
        select(LineItem)
        .where(LineItem.id == row.line_item_id)
        .with_for_update(skip_locked=True, key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if column is None or column.url:
        return column is not None  # None: another worker is claiming one of its scores at this moment
    under_way = select(ScoreOutbox.id).where(
        ScoreOutbox.line_item_id == column.id, ScoreOutbox.id != row.id, ScoreOutbox.leased_until >= now
    )
    return session.scalars(under_way.limit(1)).first() is None


def _timestamp_for(row: ScoreOutbox, now: datetime, clock_shift: ClockShift) -> datetime | None:
    """The timestamp that the score would carry now; None where it has to wait for one.

    The LMS tells scores apart by whole steps of its clock, and one from the future would block all others.
    """
    profile = platform_profile(row.line_item.activity.registration.profile)
    shift = clock_shift(row.line_item.url or row.line_item.collection_url or "")
    timestamp = _rising(row, now + shift, profile.score_timestamp_resolution)
    if timestamp > now + shift:
        row.next_attempt_at = timestamp - shift
        return None
    return timestamp


def _rising(row: ScoreOutbox, now: datetime, resolution: timedelta) -> datetime:
    """Strictly later from revision to revision, the same when one is sent again."""
    if row.timestamp is not None and row.stamped_revision == row.revision:
        return row.timestamp
    # Cut to whole milliseconds, which is what is sent.
    present = now.replace(microsecond=now.microsecond // 1000 * 1000)
    return present if row.timestamp is None else max(present, row.timestamp + resolution)


def _claim(row: ScoreOutbox, timestamp: datetime, now: datetime) -> Delivery:
    activity: Activity = row.line_item.activity
    link: ResourceLink = row.line_item.resource_link
    # Otherwise a score between that one and this may have been sent by a worker that did not live to write it down.
    last_is_known = row.stamped_revision is not None and row.stamped_revision == row.delivered_revision
    row.timestamp, row.stamped_revision = timestamp, row.revision
    row.lease, row.leased_until = random_id(), now + LEASE
    return Delivery(
        outbox_id=row.id,
        lease=row.lease,
        revision=row.revision,
        person_id=row.person_id,
        registration=activity.registration,
        activity=activity,
        line_item=row.line_item,
        link_lms_id=link.lms_id,
        score=Score(
            user_id=row.person.sub,
            given=row.points_given,
            maximum=row.points_maximum,
            comment=row.comment,
            completed=row.completed,
            timestamp=timestamp,
        ),
        last_delivered_at=row.delivered_at if last_is_known else None,
    )
