"""From the outbox to the LMS: claim under a lease, send, note what came of it. Safe to kill at any moment."""

import random
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

import structlog
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, contains_eager, joinedload

from lti_tool.lti.access_tokens import AccessTokens
from lti_tool.lti.ags import GradeService, Score
from lti_tool.lti.errors import ServiceError
from lti_tool.lti.platform_profile import platform_profile
from lti_tool.lti.platform_services import PlatformServices
from lti_tool.lti.scopes import SCOPE_LINEITEM, SCOPE_LINEITEM_READ
from lti_tool.lti.transport import Transport
from lti_tool.persistence.activities import Activity, LineItem, ResourceLink
from lti_tool.persistence.base import random_id
from lti_tool.persistence.database import Database
from lti_tool.persistence.grades import ScoreDelivery, ScoreOutbox
from lti_tool.persistence.tenancy import Registration

LEASE = timedelta(seconds=120)
"""Longer than sending one score can take with all its time-outs; after it another worker may try again."""
BATCH = 10
FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS = 2.0, 900.0
SILENT_CODES = frozenset({"timeout", "unreachable"})
SILENT_FOR = timedelta(seconds=30)
"""How long an LMS that gave no answer is left alone: each try may cost a time-out, for which others wait."""
MAX_STALE_RETRIES = 5
"""How often a score is sent again with a later timestamp after "not newer than the one stored"."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Delivery:
    """A claimed score with everything needed to send it, so that no transaction is open meanwhile."""

    outbox_id: int
    lease: str
    revision: int
    person_id: str
    registration: Registration
    line_item: LineItem
    label: str
    link_lms_id: str
    score: Score


class GradeDelivery:
    """Drains the outbox of one database. Any number may run at once, in threads, processes and machines."""

    def __init__(self, database: Database, tokens: AccessTokens, transport: Transport, rng: random.Random) -> None:
        self._database = database
        self._tokens = tokens
        self._transport = transport
        self._rng = rng
        self._silent_until: dict[int, datetime] = {}
        """LMSs that gave no answer, by registration. Each process finds out for itself."""

    def deliver_due(self, now: datetime) -> int:
        """Send what is due; return how many scores were tried. An LMS that gives no answer is asked once a round."""
        self._silent_until = {lms: until for lms, until in self._silent_until.items() if until > now}
        with self._database.write() as session:
            deliveries = claim_due(session, now, passing_over=self._silent_until)
        started, tried = time.monotonic(), 0
        for delivery in deliveries:
            if delivery.registration.id in self._silent_until:
                self._release(delivery)
                continue
            self._deliver(delivery, now, started)
            tried += 1
        return tried

    def _release(self, delivery: Delivery) -> None:
        """Give a claimed score back as it was: it has not been tried."""
        with self._database.write() as session:
            row = session.get(ScoreOutbox, delivery.outbox_id, with_for_update=True)
            if row is not None and row.lease == delivery.lease:
                row.lease = row.leased_until = None

    def _deliver(self, delivery: Delivery, now: datetime, started: float) -> None:
        services = PlatformServices(self._tokens, self._transport, delivery.registration, now)
        service = GradeService(services)
        status: int | None
        error: ServiceError | None = None
        try:
            url = delivery.line_item.url or self._column_url(service, delivery)
            if not self._renew_lease(delivery, now + timedelta(seconds=time.monotonic() - started)):
                return
            status = self._send(service, delivery, url)
        except ServiceError as failure:
            status, error = failure.status, failure
            log.warning("grade.not_delivered", outbox=delivery.outbox_id, code=failure.code, detail=failure.detail)
            if failure.code in SILENT_CODES:
                self._silent_until[delivery.registration.id] = now + SILENT_FOR
        except Exception:
            # One score that trips over a mistake of ours must not hold up those behind it.
            log.exception("grade.not_delivered", outbox=delivery.outbox_id)
            status, error = None, ServiceError("internal-error", "Proximal made a mistake; the log says more.")
        with self._database.write() as session:
            self._settle(session, delivery, status, error, now)

    def _renew_lease(self, delivery: Delivery, now: datetime) -> bool:
        """Whether the score is still ours to send: slow ones before it may have used up the lease.

        Without this, a late old score could land after a newer one that another worker sent meanwhile.
        """
        with self._database.write() as session:
            row = session.get(ScoreOutbox, delivery.outbox_id, with_for_update=True)
            if row is None or row.lease != delivery.lease:
                return False
            row.leased_until = now + LEASE
            return True

    def _send(self, service: GradeService, delivery: Delivery, url: str) -> int:
        """Post the score; where its column is gone, to the one that has taken its place.

        Moodle makes another column when a teacher takes an activity's grades away and allows them again, and names it
        in no launch from then on. A column that was deleted for good is not made again: the teacher wants none.
        """
        try:
            return service.send_score(url, delivery.score)
        except ServiceError as refusal:
            successor = self._find_column(service, delivery) if refusal.status == HTTPStatus.NOT_FOUND else None
            if successor in (None, url):
                raise
        with self._database.write() as session:
            session.get_one(LineItem, delivery.line_item.id).url = successor
            # What was parked because the column was gone has a way now, without waiting for another answer.
            parked = (ScoreOutbox.line_item_id == delivery.line_item.id, ScoreOutbox.state == "parked")
            session.execute(update(ScoreOutbox).where(*parked).values(state="waiting", attempts=0))
        return service.send_score(successor, delivery.score)

    def _column_url(self, service: GradeService, delivery: Delivery) -> str:
        """Find the activity's column, or make it where there is none; remember its address."""
        column = delivery.line_item
        scopes = tuple(column.scopes)
        if column.collection_url is None or not {SCOPE_LINEITEM, SCOPE_LINEITEM_READ} & set(scopes):
            raise ServiceError("no-column", "The LMS names no gradebook column for this activity.", permanent=True)
        url = self._find_column(service, delivery)
        if url is None and SCOPE_LINEITEM not in scopes:
            raise ServiceError("no-column", "The LMS lets Proximal make no gradebook column.", permanent=True)
        url = url or service.create_line_item(
            column.collection_url,
            label=delivery.label,
            maximum=column.points,
            resource_id=column.resource_id,
            link_id=delivery.link_lms_id,
        )
        with self._database.write() as session:
            row = session.get_one(LineItem, column.id)
            row.url = row.url or url
            return row.url

    def _find_column(self, service: GradeService, delivery: Delivery) -> str | None:
        """The address of the activity's column by its link, else by our own name for it; None if the LMS has none."""
        column = delivery.line_item
        scopes = tuple(column.scopes)
        if column.collection_url is None or not {SCOPE_LINEITEM, SCOPE_LINEITEM_READ} & set(scopes):
            return None
        url = service.find_line_item(column.collection_url, scopes, resource_link_id=delivery.link_lms_id)
        return url or service.find_line_item(column.collection_url, scopes, resource_id=column.resource_id)

    def _settle(
        self, session: Session, delivery: Delivery, status: int | None, error: ServiceError | None, now: datetime
    ) -> None:
        row = session.get(ScoreOutbox, delivery.outbox_id, with_for_update=True)
        if row is None or row.lease != delivery.lease:
            return  # the lease ran out and another worker took over: its word counts
        session.add(
            ScoreDelivery(
                score_outbox_id=row.id,
                person_id=row.person_id,
                revision=delivery.revision,
                points_given=delivery.score.given,
                timestamp=delivery.score.timestamp,
                attempted_at=now,
                http_status=status,
                result=error.code if error else "delivered",
            )
        )
        row.lease = row.leased_until = None
        if error is None:
            self._note_delivered(row, delivery, now)
        else:
            self._note_failure(row, delivery, error, now)

    def _note_delivered(self, row: ScoreOutbox, delivery: Delivery, now: datetime) -> None:
        row.delivered_revision, row.delivered_points = delivery.revision, delivery.score.given
        row.delivered_at = now
        if row.revision == delivery.revision:
            row.state = "delivered"
            row.attempts, row.problem, row.problem_detail = 0, None, None

    def _note_failure(self, row: ScoreOutbox, delivery: Delivery, error: ServiceError, now: datetime) -> None:
        if row.revision != delivery.revision:
            return  # a newer score waits already, with its own tries
        row.attempts += 1
        profile = platform_profile(delivery.registration.profile)
        row.problem, row.problem_detail = error.code, error.detail
        if error.status == profile.stale_score_status and row.attempts <= MAX_STALE_RETRIES:
            row.stamped_revision = None  # a later timestamp is given at the next claim
            row.next_attempt_at = now
        elif error.permanent:
            row.state = "parked"
            row.problem = profile.score_refusals.get(error.status or 0, error.code)
        else:
            ceiling = min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2.0 ** min(row.attempts, 20))
            delay = max(self._rng.uniform(0, ceiling), error.retry_after or 0)
            row.next_attempt_at = now + timedelta(seconds=delay)


def claim_due(session: Session, now: datetime, *, passing_over: Collection[int] = ()) -> list[Delivery]:
    """Lease up to `BATCH` due scores to the caller, but none of the registrations in `passing_over`."""
    query = (
        select(ScoreOutbox)
        .join(ScoreOutbox.line_item)
        .join(LineItem.resource_link)
        .join(LineItem.activity)
        .join(Activity.registration)
        .where(
            ScoreOutbox.state == "waiting",
            ScoreOutbox.next_attempt_at <= now,
            or_(ScoreOutbox.leased_until.is_(None), ScoreOutbox.leased_until < now),
            # A link that was given another activity has one column still: the old activity's scores are not its.
            ResourceLink.activity_id == LineItem.activity_id,
            Registration.state == "active",
            Registration.id.not_in(passing_over),
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
    rows = session.scalars(query).all()
    deliveries = (_claim(row, now) for row in rows if row.line_item.url or _may_seek_column(session, row, now))
    return [delivery for delivery in deliveries if delivery is not None]


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


def _claim(row: ScoreOutbox, now: datetime) -> Delivery | None:
    activity: Activity = row.line_item.activity
    link: ResourceLink = row.line_item.resource_link
    resolution = platform_profile(activity.registration.profile).score_timestamp_resolution
    timestamp = _stamp(row, now, resolution)
    if timestamp > now:
        # The LMS tells scores apart by whole steps of its clock, and one from the future would block all others.
        row.next_attempt_at = timestamp
        return None
    row.lease, row.leased_until = random_id(), now + LEASE
    return Delivery(
        outbox_id=row.id,
        lease=row.lease,
        revision=row.revision,
        person_id=row.person_id,
        registration=activity.registration,
        line_item=row.line_item,
        label=activity.title,
        link_lms_id=link.lms_id,
        score=Score(
            user_id=row.person.sub,
            given=row.points_given,
            maximum=row.points_maximum,
            comment=row.comment,
            completed=row.completed,
            timestamp=timestamp,
        ),
    )


def _stamp(row: ScoreOutbox, now: datetime, resolution: timedelta) -> datetime:
    """The score's timestamp: strictly rising from revision to revision, the same when one is sent again."""
    if row.timestamp is None or row.stamped_revision != row.revision:
        # Cut to whole milliseconds, which is what is sent.
        present = now.replace(microsecond=now.microsecond // 1000 * 1000)
        row.timestamp = present if row.timestamp is None else max(present, row.timestamp + resolution)
        row.stamped_revision = row.revision
    return row.timestamp
