"""What came of an attempt to send a score: into the log, and into the outbox with what is to be done next."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.services.ags import Result
from lti_tool.persistence.tables.grades import ScoreDelivery, ScoreOutbox
from lti_tool.services.delivery.grade_claims import Delivery
from lti_tool.services.delivery.grade_columns import COLUMN_DELETED
from lti_tool.services.delivery.grade_repairs import is_of_the_pupil
from lti_tool.services.delivery.gradebook_check import let_stand
from lti_tool.services.platforms.platform_gates import SILENCE, is_trouble, note_answer, note_failure
from lti_tool.services.platforms.roster import ask_who_is_there

FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS = 2.0, 900.0
MAX_STALE_RETRIES = 5
"""How often a score is sent again with another timestamp after "not newer than the one stored"."""
CLOCK_GRAIN = timedelta(seconds=1)


@dataclass(frozen=True)
class Outcome:
    """One attempt. Without an error and without a grade of the teacher's, the score is in the gradebook."""

    status: int | None = None
    error: ServiceError | None = None
    theirs: Result | None = None
    """A grade that somebody gave in the LMS, and that stands."""
    sent: bool = True
    """Whether the score may have reached the LMS."""


def settle(
    session: Session,
    delivery: Delivery,
    outcome: Outcome,
    *,
    now: datetime,
    clock_shift: timedelta,
    rng: random.Random,
) -> None:
    """Write down an attempt. `clock_shift` added to `now` is the LMS's clock."""
    row = _claimed(session, delivery)
    if row is None:
        return  # the lease ran out and another worker took over: its word counts
    error = outcome.error
    if outcome.theirs is None or error is not None:
        session.add(_entry(row, delivery, outcome, now))
    shut_until = None
    if error is not None and is_trouble(error):
        shut_until = note_failure(session, delivery.registration.id, error, now, rng)
    elif outcome.status is not None:
        note_answer(session, delivery.registration.id)
    if outcome.theirs is not None:
        let_stand(row, outcome.theirs)
    elif error is None:
        _note_delivered(row, delivery, now)
    elif row.revision == delivery.revision:  # else a newer score waits already, with its own tries
        _note_failure(session, row, delivery, error, now=now, their_clock=now + clock_shift, rng=rng)
        if shut_until is not None and error.code != SILENCE:
            row.next_attempt_at = max(row.next_attempt_at, shut_until)
    if not outcome.sent and delivery.last_delivered_at is not None and row.stamped_revision == delivery.revision:
        row.stamped_revision = row.delivered_revision  # so that the gradebook is looked at next time too


def is_from_the_future(delivery: Delivery, their_clock: datetime) -> bool:
    """Whether a score is stamped ahead of the LMS's clock. Where that is taken, it blocks all later ones till then."""
    return delivery.score.timestamp > their_clock + CLOCK_GRAIN


def stamp_anew(session: Session, delivery: Delivery, now: datetime) -> None:
    """Give a score back that was stamped by the wrong clock; its next claim stamps it by the right one."""
    row = _claimed(session, delivery)
    if row is not None:
        _forget_stamp(session, row, now)
        if delivery.last_delivered_at is not None:
            row.stamped_revision = row.delivered_revision


def _claimed(session: Session, delivery: Delivery) -> ScoreOutbox | None:
    """The score's row without its lease; None where that is another worker's by now."""
    row = session.get(ScoreOutbox, delivery.outbox_id, with_for_update=True)
    if row is None or row.lease != delivery.lease:
        return None
    row.lease = row.leased_until = None
    return row


def _entry(row: ScoreOutbox, delivery: Delivery, outcome: Outcome, now: datetime) -> ScoreDelivery:
    return ScoreDelivery(
        score_outbox_id=row.id,
        person_id=row.person_id,
        revision=delivery.revision,
        points_given=delivery.score.given,
        points_maximum=delivery.score.maximum,
        timestamp=delivery.score.timestamp,
        attempted_at=now,
        http_status=outcome.status,
        result=outcome.error.code if outcome.error else "delivered",
    )


def _note_delivered(row: ScoreOutbox, delivery: Delivery, now: datetime) -> None:
    row.delivered_revision, row.delivered_at = delivery.revision, now
    row.delivered_points = delivery.score.given / delivery.score.maximum * row.points_maximum
    if row.revision == delivery.revision and row.state == "waiting":
        row.state, row.found_points = "delivered", None
        row.attempts, row.problem, row.problem_detail = 0, None, None


def _note_failure(
    session: Session,
    row: ScoreOutbox,
    delivery: Delivery,
    error: ServiceError,
    *,
    now: datetime,
    their_clock: datetime,
    rng: random.Random,
) -> None:
    row.attempts += 1
    row.problem, row.problem_detail = error.code, error.detail
    again = row.attempts <= MAX_STALE_RETRIES
    if error.status == delivery.profile.stale_score_status and again:
        row.stamped_revision = None  # a later timestamp is given at the next claim
        row.next_attempt_at = now
    elif error.permanent and is_from_the_future(delivery, their_clock) and again:
        _forget_stamp(session, row, now)  # refused, and as this answer told, for its timestamp
    elif error.code == COLUMN_DELETED:
        row.next_attempt_at = now
    elif error.permanent:
        row.state = "parked"
        row.problem = delivery.profile.score_refusals.get(error.status or 0, error.code)
        if is_of_the_pupil(row.problem):
            ask_who_is_there(session, delivery.activity.context_id, now)
    else:
        ceiling = min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2.0 ** min(row.attempts, 20))
        delay = max(rng.uniform(0, ceiling), error.retry_after or 0)
        row.next_attempt_at = now + timedelta(seconds=delay)


def _forget_stamp(session: Session, row: ScoreOutbox, now: datetime) -> None:
    """Go back to the timestamp of the last score that the LMS took."""
    query = select(ScoreDelivery.timestamp).where(
        ScoreDelivery.score_outbox_id == row.id, ScoreDelivery.result == "delivered"
    )
    row.timestamp = session.scalars(query.order_by(ScoreDelivery.id.desc()).limit(1)).first()
    row.stamped_revision, row.next_attempt_at = None, now
