"""At night the gradebook is read back and held against what was sent.

A grade that the teacher changed in the LMS stands from then on, until the teacher says "send again". A grade that is
gone, or is one of ours from before (an LMS restored from a backup), is sent once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload

from lti_tool.lti.access_tokens import AccessTokens
from lti_tool.lti.ags import GradeService
from lti_tool.lti.errors import ServiceError
from lti_tool.lti.platform_services import PlatformServices
from lti_tool.lti.scopes import SCOPE_RESULT_READ
from lti_tool.lti.transport import Transport
from lti_tool.persistence.activities import Activity, LineItem
from lti_tool.persistence.database import Database
from lti_tool.persistence.grades import ScoreDelivery, ScoreOutbox
from lti_tool.persistence.people import Membership
from lti_tool.persistence.tenancy import District, Registration
from lti_tool.services.district_time import district_zone
from lti_tool.services.grade_delivery import SAME_POINTS
from lti_tool.services.grading.outbox import set_out

NIGHT_HOURS = range(1, 5)
"""The district's own hours in which its LMS is read back."""
CHECK_AFTER = timedelta(hours=20)
DELIVERED_LATELY = timedelta(days=60)
SETTLED = timedelta(minutes=10)
"""Some LMSs show a score a while after they took it."""
BATCH = 5

log = structlog.get_logger()


@dataclass(frozen=True)
class Findings:
    """Of one column: how many grades agree, are the teacher's own, or had to be sent again."""

    agree: int
    theirs: int
    sent_again: int


class Reconciliation:
    """Reads gradebooks back, in the background and when asked."""

    def __init__(self, database: Database, tokens: AccessTokens, transport: Transport) -> None:
        self._database = database
        self._tokens = tokens
        self._transport = transport

    def check_due(self, now: datetime) -> int:
        """Read back columns of districts where it is night; return how many were tried."""
        with self._database.read() as session:
            due = [column.id for column in _due_columns(session, now) if _is_night(session, column, now)][:BATCH]
        for column_id in due:
            self.check_logged(column_id, now)
        return len(due)

    def check_all(self, now: datetime) -> list[tuple[str, Findings | ServiceError]]:
        """Read back every column, now: its name, and what was found or why it could not be read."""
        with self._database.read() as session:
            columns = [(column.id, column.label or column.activity.title) for column in session.scalars(_readable(now))]
        return [(label, self.check_logged(column_id, now)) for column_id, label in columns]

    def check_logged(self, column_id: int, now: datetime) -> Findings | ServiceError:
        """Read one column back; an LMS that can't be read is logged, and read another night."""
        try:
            return self.check(column_id, now)
        except ServiceError as error:
            log.warning("grades.not_read_back", column=column_id, code=error.code, detail=error.detail)
            return error

    def check(self, column_id: int, now: datetime) -> Findings:
        """Read one column back and act on the differences. Raises `ServiceError`."""
        with self._database.write() as session:
            column = session.get_one(LineItem, column_id)
            column.checked_at = now
            registration, url = column.activity.registration, column.url
        if not url or SCOPE_RESULT_READ not in column.scopes:
            return Findings(0, 0, 0)
        service = GradeService(PlatformServices(self._tokens, self._transport, registration, now))
        shares = {result.user_id: result.share for result in service.results(url)}
        with self._database.write() as session:
            rows = _delivered(session, column_id, now)
            verdicts = [_judge(session, row, shares.get(row.person.sub), now) for row in rows]
        findings = Findings(*(verdicts.count(verdict) for verdict in ("agrees", "theirs", "sent_again")))
        if findings.theirs or findings.sent_again:
            log.info("grades.differ", column=column_id, theirs=findings.theirs, sent_again=findings.sent_again)
        return findings


def _judge(session: Session, row: ScoreOutbox, share: float | None, now: datetime) -> str:
    """Hold one grade of the gradebook against the one that was delivered last."""
    sent, found = row.delivered_points or 0.0, None if share is None else share * row.points_maximum
    if found is None and sent == 0:
        return "agrees"  # Moodle leaves zeros out
    if found is not None and abs(found - sent) <= SAME_POINTS:
        row.found_points = None
        return "agrees"
    if found is None or _was_ours(session, row, found):
        row.stamped_revision = None
        set_out(row, "waiting", now)
        return "sent_again"
    row.state, row.found_points = "theirs", found
    return "theirs"


def _was_ours(session: Session, row: ScoreOutbox, found: float) -> bool:
    """Whether the gradebook has gone back to a score that we sent before."""
    query = select(ScoreDelivery.points_given).where(
        ScoreDelivery.score_outbox_id == row.id, ScoreDelivery.result == "delivered"
    )
    return any(abs(points - found) <= SAME_POINTS for points in session.scalars(query))


def _readable(now: datetime) -> Select[LineItem]:
    """Columns into which scores were sent lately, the one longest unread first."""
    fresh = select(ScoreOutbox.line_item_id).where(ScoreOutbox.delivered_at > now - DELIVERED_LATELY)
    return (
        select(LineItem)
        .join(LineItem.activity)
        .join(Activity.registration)
        .where(LineItem.url.is_not(None), LineItem.id.in_(fresh), Registration.state == "active")
        .options(joinedload(LineItem.activity).joinedload(Activity.registration))
        .order_by(LineItem.checked_at, LineItem.id)
    )


def _due_columns(session: Session, now: datetime) -> Sequence[LineItem]:
    unread = or_(LineItem.checked_at.is_(None), LineItem.checked_at < now - CHECK_AFTER)
    return session.scalars(_readable(now).where(unread)).all()


def _is_night(session: Session, column: LineItem, now: datetime) -> bool:
    district = session.get_one(District, column.activity.registration.district_id)
    return now.astimezone(district_zone(district)).hour in NIGHT_HOURS


def _delivered(session: Session, column_id: int, now: datetime) -> Sequence[ScoreOutbox]:
    """Grades that the gradebook should show: delivered a while ago, of pupils who are in the class still.

    An LMS shows no grades of those who have left, and takes none.
    """
    context_id = session.get_one(LineItem, column_id).activity.context_id
    gone = select(Membership.person_id).where(Membership.context_id == context_id, Membership.active.is_(False))
    query = (
        select(ScoreOutbox)
        .where(
            ScoreOutbox.line_item_id == column_id,
            ScoreOutbox.state == "delivered",
            ScoreOutbox.delivered_at < now - SETTLED,
            ScoreOutbox.person_id.not_in(gone),
        )
        .options(joinedload(ScoreOutbox.person))
        .with_for_update(of=ScoreOutbox)
    )
    return session.scalars(query).all()
