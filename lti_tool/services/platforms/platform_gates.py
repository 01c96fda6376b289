"""Which LMSs may be called now: a circuit breaker for each, and turns where one wants one request at a time.

The gates are rows, so that all workers on all machines share what one of them found out.
"""

import random
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.services.platform_services import WEB_PAGE
from lti_tool.persistence.database import get_or_create
from lti_tool.persistence.tables.grades import PlatformGate

SILENCE = "timeout"
SILENCES_IN_A_ROW = 2
"""One time-out happens; but each costs seconds for which all other LMSs wait."""
FAILURES_IN_A_ROW = 5
"""So many answers of "server error" or "slow down", or connections that break, one after the other are no accident."""
SHUT_FOR = timedelta(seconds=30)
LONGEST_SHUT = timedelta(minutes=1)
"""An LMS that refuses at once costs nobody anything: it is tried soon, so that grades come soon when it is well."""
LONGEST_SILENT = timedelta(minutes=5)
_TROUBLE = frozenset({SILENCE, "unreachable", "rate-limited", "token-refused", WEB_PAGE})


def is_trouble(error: ServiceError) -> bool:
    """Whether an error is the LMS's own state, and no matter of one score."""
    return error.code in _TROUBLE or (error.status or 0) >= 500


def shut_gates(session: Session, now: datetime) -> set[int]:
    """Registrations that are to be left alone now: in trouble, or another worker's."""
    query = select(PlatformGate.registration_id).where(
        or_(PlatformGate.shut_until > now, PlatformGate.held_until > now)
    )
    return set(session.scalars(query))


def troubled(session: Session) -> set[int]:
    """Registrations whose gate has been shut and that have not answered well since: one score is their trial."""
    query = select(PlatformGate.registration_id).where(PlatformGate.shut_until.is_not(None), PlatformGate.failures > 0)
    return set(session.scalars(query))


def take_turn(session: Session, registration_id: int, worker: str, until: datetime, now: datetime) -> bool:
    """Whether it is this worker's turn at an LMS that wants one request at a time; it stays so until `until`."""
    get_or_create(session, PlatformGate, {"registration_id": registration_id}, {"failures": 0})
    gate = session.scalars(
        select(PlatformGate)
        .where(PlatformGate.registration_id == registration_id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if gate is None or (gate.holder != worker and gate.held_until is not None and gate.held_until > now):
        return False
    gate.holder, gate.held_until = worker, until
    return True


def keep_turn(session: Session, registration_id: int, worker: str, until: datetime) -> None:
    """Go on holding a turn while a batch takes its time."""
    held = (PlatformGate.registration_id == registration_id, PlatformGate.holder == worker)
    session.execute(update(PlatformGate).where(*held).values(held_until=until))


def end_turns(session: Session, worker: str) -> None:
    """Let the other workers have their turns."""
    session.execute(update(PlatformGate).where(PlatformGate.holder == worker).values(holder=None, held_until=None))


def note_answer(session: Session, registration_id: int) -> None:
    """The LMS answered as an LMS should."""
    failing = (PlatformGate.registration_id == registration_id, PlatformGate.failures > 0)
    if session.scalar(select(PlatformGate.failures).where(*failing)):
        session.execute(update(PlatformGate).where(*failing).values(failures=0, shut_until=None))


def note_failure(
    session: Session, registration_id: int, error: ServiceError, now: datetime, rng: random.Random
) -> datetime | None:
    """The LMS failed: until when its gate is shut; None where it stays open.

    It shuts at once where the LMS names a time, soon where it gives no answer. Spells grow with each failure, with
    jitter, so that many workers do not all come back at the same moment.
    """
    get_or_create(session, PlatformGate, {"registration_id": registration_id}, {"failures": 0})
    gate = session.get_one(PlatformGate, registration_id, with_for_update=True, populate_existing=True)
    if gate.shut_until is not None and gate.shut_until > now:
        return gate.shut_until  # another worker came to know it at the same time
    gate.failures += 1
    silent = error.code == SILENCE
    spells = gate.failures + 1 - (SILENCES_IN_A_ROW if silent else FAILURES_IN_A_ROW)
    shut_for = timedelta(0)
    if spells > 0:
        longest = min(LONGEST_SILENT if silent else LONGEST_SHUT, SHUT_FOR * 2.0 ** min(spells - 1, 10))
        shut_for = SHUT_FOR + (longest - SHUT_FOR) * rng.random()
    if error.retry_after is not None:
        shut_for = max(shut_for, timedelta(seconds=error.retry_after))
    if not shut_for:
        return None
    gate.shut_until = now + shut_for
    return gate.shut_until
