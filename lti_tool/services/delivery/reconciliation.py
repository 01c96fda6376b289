"""At night the gradebook is read back and held against what was sent.

A grade that the teacher changed in the LMS stands from then on, until the teacher takes it back there or says "send
again". A grade that is gone, or is one of ours from before (an LMS restored from a backup), is sent once more; only
once, for somebody may want it so.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.network.transport import Transport
from lti_tool.lti.services.access_tokens import AccessTokens
from lti_tool.lti.services.ags import GradeService, Result
from lti_tool.lti.services.platform_services import PlatformServices
from lti_tool.lti.services.scopes import SCOPE_RESULT_READ
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.activities import Activity, LineItem
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.persistence.tables.people import Membership
from lti_tool.persistence.tables.tenancy import District, Registration
from lti_tool.services.delivery.gradebook_check import judge, let_stand, times_delivered
from lti_tool.services.district_time import district_zone
from lti_tool.services.grading.outbox import posting_state, set_out
from lti_tool.services.platforms.platform_gates import is_trouble

NIGHT_HOURS = range(1, 5)
"""The district's own hours in which its LMS is read back."""
CHECK_AFTER = timedelta(hours=20)
DELIVERED_LATELY = timedelta(days=60)
SETTLED = timedelta(minutes=10)
"""Some LMSs show a score a while after they took it."""
BATCH = 50

log = structlog.get_logger()


@dataclass(frozen=True)
class Findings:
    """Of one column: how many grades agree, are the teacher's own, had to be sent again, or were let be."""

    agree: int
    theirs: int
    sent_again: int
    left: int = 0
    """Gone once more after they were sent again: somebody wants it so, or the LMS does not show them."""


class Reconciliation:
    """Reads gradebooks back, in the background and when asked."""

    def __init__(self, database: Database, tokens: AccessTokens, transport: Transport) -> None:
        self._database = database
        self._tokens = tokens
        self._transport = transport

    def check_due(self, now: datetime) -> int:
        """Read back columns of districts where it is night; return how many were tried."""
        with self._database.read() as session:
            asleep = _asleep(session, now)
            if not asleep or session.scalars(_due(asleep, now).limit(1)).first() is None:
                return 0
        with self._database.write() as session:
            columns = session.scalars(_due(asleep, now).limit(BATCH).with_for_update(skip_locked=True, of=LineItem))
            due = [(_take(column, now), column.activity.registration_id) for column in columns]
        silent: set[int] = set()
        for column_id, registration_id in due:
            if registration_id not in silent:
                found = self.check_logged(column_id, now)
                if isinstance(found, ServiceError) and is_trouble(found):
                    silent.add(registration_id)  # class lists wait behind this: its other columns another night
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
            _take(column, now)
            registration, url = column.activity.registration, column.url
        if not url or SCOPE_RESULT_READ not in column.scopes:
            return Findings(0, 0, 0)
        service = GradeService(PlatformServices(self._tokens, self._transport, registration, now))
        results = {result.user_id: result for result in service.results(url)}
        with self._database.write() as session:
            rows = _held_against(session, column_id, now)
            verdicts = Counter(_judge(session, row, results.get(row.person.sub), now) for row in rows)
        findings = Findings(verdicts["agrees"], verdicts["theirs"], verdicts["sent again"], verdicts["left"])
        if findings.agree < verdicts.total():
            log.info("grades.differ", column=column_id, **asdict(findings))
        return findings


def _judge(session: Session, row: ScoreOutbox, found: Result | None, now: datetime) -> str:
    """Hold one grade of the gradebook against the one that was delivered last, and act on the difference."""
    verdict = judge(session, row, found)
    if row.state == "theirs":
        if verdict != "ours" or (found is not None and found.share is None):
            row.found_points = (found.share or 0.0) * row.points_maximum if found is not None else None
            return "theirs"
        # The teacher took the own grade back: ours go on from here.
        row.state, row.found_points = "delivered", None
        if row.revision != row.delivered_revision:
            set_out(row, posting_state(row.line_item.activity, row, now), now)
        return "agrees"
    if verdict == "theirs" and found is not None:
        let_stand(row, found)
        return "theirs"
    if verdict == "ours":
        return "agrees"
    if times_delivered(session, row) > 1:
        return "left"
    row.stamped_revision = None
    set_out(row, "waiting", now)
    return "sent again"


def _take(column: LineItem, now: datetime) -> int:
    """Mark a column as read, so that no other worker reads it tonight; its id."""
    column.checked_at = now
    return column.id


def _readable(now: datetime) -> Select[LineItem]:
    """Columns into which scores were sent lately, the one longest unread first."""
    fresh = select(ScoreOutbox.line_item_id).where(ScoreOutbox.delivered_at > now - DELIVERED_LATELY)
    return (
        select(LineItem)
        .join(LineItem.activity)
        .join(Activity.registration)
        .where(LineItem.url.is_not(None), LineItem.id.in_(fresh), Registration.state == "active")
        .options(joinedload(LineItem.activity).joinedload(Activity.registration))
        .order_by(LineItem.checked_at.asc().nulls_first(), LineItem.id)
    )


def _due(districts: Collection[int], now: datetime) -> Select[LineItem]:
    unread = or_(LineItem.checked_at.is_(None), LineItem.checked_at < now - CHECK_AFTER)
    return _readable(now).where(unread, Registration.district_id.in_(districts))


def _asleep(session: Session, now: datetime) -> Collection[int]:
    """The districts where it is night."""
    districts = session.scalars(select(District))
    return [district.id for district in districts if now.astimezone(district_zone(district)).hour in NIGHT_HOURS]


def _held_against(session: Session, column_id: int, now: datetime) -> Sequence[ScoreOutbox]:
    """Grades that the gradebook should show: delivered a while ago, of pupils who are in the class still.

    An LMS shows no grades of those who have left, and takes none.
    """
    context_id = session.get_one(LineItem, column_id).activity.context_id
    gone = select(Membership.person_id).where(Membership.context_id == context_id, Membership.active.is_(False))
    query = (
        select(ScoreOutbox)
        .where(
            ScoreOutbox.line_item_id == column_id,
            ScoreOutbox.state.in_(("delivered", "theirs")),
            ScoreOutbox.delivered_at < now - SETTLED,
            ScoreOutbox.person_id.not_in(gone),
        )
        .options(joinedload(ScoreOutbox.person), joinedload(ScoreOutbox.line_item).joinedload(LineItem.activity))
        .with_for_update(of=ScoreOutbox)
    )
    return session.scalars(query).all()
