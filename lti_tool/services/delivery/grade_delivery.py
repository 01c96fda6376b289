"""From the outbox to the LMS: claim under a lease, send, note what came of it. Safe to kill at any moment."""

import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.network.transport import Transport
from lti_tool.lti.services.access_tokens import AccessTokens
from lti_tool.lti.services.ags import GradeService, Result
from lti_tool.lti.services.platform_services import PlatformServices
from lti_tool.lti.services.scopes import SCOPE_RESULT_READ
from lti_tool.persistence.base import random_id
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.services.delivery.grade_claims import LEASE, Delivery, claim_due
from lti_tool.services.delivery.grade_columns import GradeColumns
from lti_tool.services.delivery.grade_settlement import Outcome, is_from_the_future, settle, stamp_anew
from lti_tool.services.delivery.gradebook_check import judge, shows
from lti_tool.services.platforms.platform_gates import SILENCE, end_turns, is_trouble, keep_turn

LOOK_AFTER = timedelta(minutes=30)
"""So long after the last score the gradebook is looked at before it is written to: a teacher may have been there."""

log = structlog.get_logger()


class GradeDelivery:
    """Drains the outbox of one database. Any number may run at once, in threads, processes and machines."""

    def __init__(
        self,
        database: Database,
        tokens: AccessTokens,
        transport: Transport,
        rng: random.Random,
        *,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._tokens = tokens
        self._transport = transport
        self._rng = rng
        self._stopwatch = stopwatch
        self._columns = GradeColumns(database)

    def deliver_due(self, now: datetime) -> int:
        """Send what is due; return how many scores were tried. An LMS that gives no answer is asked once a round."""
        worker, started = random_id(), self._stopwatch()
        with self._database.write() as session:
            deliveries = claim_due(session, now, worker=worker, clock_shift=self._transport.clock_shift)
        silent: set[int] = set()
        tried = 0
        for delivery in deliveries:
            if delivery.registration.id in silent:
                self._give_back(delivery)
                continue
            error = self._deliver(delivery, worker, lambda: now + timedelta(seconds=self._stopwatch() - started))
            tried += 1
            if error is not None and error.code == SILENCE:
                silent.add(delivery.registration.id)
        if any(delivery.profile.one_at_a_time for delivery in deliveries):
            with self._database.write() as session:
                end_turns(session, worker)
        return tried

    def _give_back(self, delivery: Delivery) -> None:
        """A claimed score as it was: it has not been tried."""
        with self._database.write() as session:
            row = session.get(ScoreOutbox, delivery.outbox_id, with_for_update=True)
            if row is not None and row.lease == delivery.lease:
                row.lease = row.leased_until = None

    def _deliver(self, delivery: Delivery, worker: str, clock: Callable[[], datetime]) -> ServiceError | None:
        """Send one score and write down what came of it; the error, if there was one."""
        services = PlatformServices(self._tokens, self._transport, delivery.registration, clock())
        try:
            outcome = self._attempt(GradeService(services), delivery, worker, clock)
        except Exception:
            # One score that trips over a mistake of ours must not hold up those behind it.
            log.exception("grade.not_delivered", outbox=delivery.outbox_id)
            outcome = Outcome(error=ServiceError("internal-error", "Proximal made a mistake; the log says more."))
        if outcome is None:
            return None
        if outcome.error is not None:
            log.warning(
                "grade.not_delivered",
                outbox=delivery.outbox_id,
                code=outcome.error.code,
                detail=outcome.error.detail,
            )
        with self._database.write() as session:
            shift = self._transport.clock_shift(delivery.line_item.url or "")
            settle(session, delivery, outcome, now=clock(), clock_shift=shift, rng=self._rng)
        return outcome.error

    def _attempt(
        self, service: GradeService, delivery: Delivery, worker: str, clock: Callable[[], datetime]
    ) -> Outcome | None:
        """Try one score. None: it is not ours to send any more, or goes with another timestamp soon."""
        try:
            url = self._columns.address(service, delivery)
            if not self._renew_lease(delivery, worker, clock()):
                return None
            self._transport.learn_clock(url)
            if is_from_the_future(delivery, clock() + self._transport.clock_shift(url)):
                with self._database.write() as session:
                    stamp_anew(session, delivery, clock())
                return None
            if theirs := self._grade_of_the_teachers(service, delivery, url, clock()):
                return Outcome(theirs=theirs)
        except ServiceError as failure:
            return Outcome(failure.status, failure, sent=False)
        try:
            return Outcome(self._columns.send(service, delivery, url, clock()))
        except ServiceError as refusal:
            return self._after_refusal(service, delivery, url, refusal)

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

    def _grade_of_the_teachers(
        self, service: GradeService, delivery: Delivery, url: str, now: datetime
    ) -> Result | None:
        """What a teacher has made of the grade since the last score came, a while ago; None where it is ours still.

        Raises `ServiceError` where the LMS is in trouble: then nothing is sent either.
        """
        last = delivery.last_delivered_at
        if last is None or now - last < LOOK_AFTER or SCOPE_RESULT_READ not in delivery.line_item.scopes:
            return None
        return self._theirs(delivery, self._shown(service, delivery, url))

    def _after_refusal(self, service: GradeService, delivery: Delivery, url: str, refusal: ServiceError) -> Outcome:
        """ "Not newer than the one stored" means delivered where the LMS shows that very score.

        Where it shows one that nobody sent, the teacher has been there: LMSs date a grade by its last change.
        """
        stale = refusal.status == delivery.profile.stale_score_status
        if not stale or SCOPE_RESULT_READ not in delivery.line_item.scopes:
            return Outcome(refusal.status, refusal)
        try:
            found = self._shown(service, delivery, url)
        except ServiceError:
            return Outcome(refusal.status, refusal)
        if found is not None and shows(found, delivery.score.given, delivery.score.maximum):
            return Outcome(refusal.status)
        return Outcome(refusal.status, refusal, theirs=self._theirs(delivery, found))

    def _shown(self, service: GradeService, delivery: Delivery, url: str) -> Result | None:
        """What the gradebook shows for the pupil. Raises `ServiceError` where the LMS is in trouble."""
        try:
            return next(service.results(url, user_id=delivery.score.user_id), None)
        except ServiceError as error:
            log.warning("grade.not_read_back", outbox=delivery.outbox_id, code=error.code, detail=error.detail)
            if is_trouble(error):
                raise
            return None

    def _theirs(self, delivery: Delivery, found: Result | None) -> Result | None:
        """The result, if somebody in the LMS made it, in the place of a score that we delivered."""
        with self._database.read() as session:
            row = session.get(ScoreOutbox, delivery.outbox_id)
            if row is None or row.delivered_revision is None or judge(session, row, found) != "theirs":
                return None
        return found
