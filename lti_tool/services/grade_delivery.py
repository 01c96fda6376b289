"""From the outbox to the LMS: claim under a lease, send, note what came of it. Safe to kill at any moment."""

import random
import time
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.lti.access_tokens import AccessTokens
from lti_tool.lti.ags import GradeService
from lti_tool.lti.errors import ServiceError
from lti_tool.lti.platform_services import PlatformServices
from lti_tool.lti.scopes import SCOPE_RESULT_READ
from lti_tool.lti.transport import Transport
from lti_tool.persistence.base import random_id
from lti_tool.persistence.database import Database
from lti_tool.persistence.grades import ScoreDelivery, ScoreOutbox
from lti_tool.services.grade_claims import LEASE, Delivery, claim_due
from lti_tool.services.grade_columns import COLUMN_DELETED, GradeColumns
from lti_tool.services.platform_gates import SILENT_CODES, end_turns, is_trouble, keep_turn, note_answer, note_failure

FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS = 2.0, 900.0
MAX_STALE_RETRIES = 5
"""How often a score is sent again with another timestamp after "not newer than the one stored"."""
SAME_POINTS = 0.01
"""LMSs round: two decimals in Moodle's gradebook, four or five elsewhere."""
CLOCK_GRAIN = timedelta(seconds=1)

log = structlog.get_logger()


class GradeDelivery:
    """Drains the outbox of one database. Any number may run at once, in threads, processes and machines."""

    def __init__(self, database: Database, tokens: AccessTokens, transport: Transport, rng: random.Random) -> None:
        self._database = database
        self._tokens = tokens
        self._transport = transport
        self._rng = rng
        self._columns = GradeColumns(database)

    def deliver_due(self, now: datetime) -> int:
        """Send what is due; return how many scores were tried. An LMS that gives no answer is asked once a round."""
        worker = random_id()
        with self._database.write() as session:
            deliveries = claim_due(session, now, worker=worker, clock_shift=self._transport.clock_shift)
        if not deliveries:
            return 0
        silent: set[int] = set()
        started, tried = time.monotonic(), 0
        for delivery in deliveries:
            if delivery.registration.id in silent:
                self._release(delivery)
                continue
            error = self._deliver(delivery, worker, now, started)
            tried += 1
            if error is not None and error.code in SILENT_CODES:
                silent.add(delivery.registration.id)
        if any(delivery.profile.one_at_a_time for delivery in deliveries):
            with self._database.write() as session:
                end_turns(session, worker)
        return tried

    def _release(self, delivery: Delivery) -> None:
        """Give a claimed score back as it was: it has not been tried."""
        with self._database.write() as session:
            row = session.get(ScoreOutbox, delivery.outbox_id, with_for_update=True)
            if row is not None and row.lease == delivery.lease:
                row.lease = row.leased_until = None

    def _deliver(self, delivery: Delivery, worker: str, now: datetime, started: float) -> ServiceError | None:
        """Send one score and write down what came of it; the error, if there was one."""
        service = GradeService(PlatformServices(self._tokens, self._transport, delivery.registration, now))
        status: int | None
        error: ServiceError | None = None
        try:
            url = self._columns.address(service, delivery)
            if not self._renew_lease(delivery, worker, now + timedelta(seconds=time.monotonic() - started)):
                return None
            status = self._send(service, delivery, url)
        except ServiceError as failure:
            status, error = failure.status, failure
            log.warning("grade.not_delivered", outbox=delivery.outbox_id, code=failure.code, detail=failure.detail)
        except Exception:
            # One score that trips over a mistake of ours must not hold up those behind it.
            log.exception("grade.not_delivered", outbox=delivery.outbox_id)
            status, error = None, ServiceError("internal-error", "Proximal made a mistake; the log says more.")
        with self._database.write() as session:
            self._settle(session, delivery, status, error, now)
        return error

    def _renew_lease(self, delivery: Delivery, worker: str, now: datetime) -> bool:
        """Whether the score is still ours to send: slow ones before it may have used up the lease.

        Without this, a late old score could land after a newer one that another worker sent meanwhile.
        """
        with self._database.write() as session:
            row = session.get(ScoreOutbox, delivery.outbox_id, with_for_update=True)
            if row is None or row.lease != delivery.lease:
                return False
            row.leased_until = now + LEASE
            if delivery.profile.one_at_a_time:
                keep_turn(session, delivery.registration.id, worker, now + LEASE)
            return True

    def _send(self, service: GradeService, delivery: Delivery, url: str) -> int:
        """Post the score. "Not newer than the one stored" means delivered where the LMS shows that very score."""
        try:
            return self._columns.send(service, delivery, url)
        except ServiceError as refusal:
            stale = refusal.status == delivery.profile.stale_score_status
            if not stale or SCOPE_RESULT_READ not in delivery.line_item.scopes or not _stands(service, delivery, url):
                raise
            return int(refusal.status or 0)

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
        shut_until = None
        if error is not None and is_trouble(error):
            shut_until = note_failure(session, delivery.registration.id, error, now, self._rng)
        elif status is not None:
            note_answer(session, delivery.registration.id)
        if error is None:
            _note_delivered(row, delivery, now)
        elif row.revision == delivery.revision:  # else a newer score waits already, with its own tries
            self._note_failure(session, row, delivery, error, now)
            if shut_until is not None and error.code not in SILENT_CODES:
                row.next_attempt_at = max(row.next_attempt_at, shut_until)

    def _note_failure(
        self, session: Session, row: ScoreOutbox, delivery: Delivery, error: ServiceError, now: datetime
    ) -> None:
        row.attempts += 1
        row.problem, row.problem_detail = error.code, error.detail
        their_clock = now + self._transport.clock_shift(delivery.line_item.url or "")
        if error.status == delivery.profile.stale_score_status and row.attempts <= MAX_STALE_RETRIES:
            row.stamped_revision = None  # a later timestamp is given at the next claim
            row.next_attempt_at = now
        elif (
            error.permanent
            and delivery.score.timestamp > their_clock + CLOCK_GRAIN
            and row.attempts <= MAX_STALE_RETRIES
        ):
            # Refused, and as this answer told, from the future of the LMS's clock: stamp it anew by that one.
            row.timestamp, row.stamped_revision = _last_accepted(session, row), None
            row.next_attempt_at = now
        elif error.code == COLUMN_DELETED:
            row.next_attempt_at = now
        elif error.permanent:
            row.state = "parked"
            row.problem = delivery.profile.score_refusals.get(error.status or 0, error.code)
        else:
            ceiling = min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2.0 ** min(row.attempts, 20))
            delay = max(self._rng.uniform(0, ceiling), error.retry_after or 0)
            row.next_attempt_at = now + timedelta(seconds=delay)


def _note_delivered(row: ScoreOutbox, delivery: Delivery, now: datetime) -> None:
    row.delivered_revision, row.delivered_points = delivery.revision, delivery.score.given
    row.delivered_at = now
    if row.revision == delivery.revision and row.state == "waiting":
        row.state, row.found_points = "delivered", None
        row.attempts, row.problem, row.problem_detail = 0, None, None


def _stands(service: GradeService, delivery: Delivery, url: str) -> bool:
    """Whether the gradebook shows this very score: it was stored, and the answer to it was lost."""
    try:
        results = list(service.results(url, user_id=delivery.score.user_id))
    except ServiceError as error:
        log.warning("grade.not_read_back", outbox=delivery.outbox_id, code=error.code, detail=error.detail)
        return False
    shares = [result.share for result in results if result.share is not None]
    return any(abs(share * delivery.score.maximum - delivery.score.given) <= SAME_POINTS for share in shares)


def _last_accepted(session: Session, row: ScoreOutbox) -> datetime | None:
    """The timestamp of the last score that the LMS took."""
    query = select(ScoreDelivery.timestamp).where(
        ScoreDelivery.score_outbox_id == row.id, ScoreDelivery.result == "delivered"
    )
    return session.scalars(query.order_by(ScoreDelivery.id.desc()).limit(1)).first()
