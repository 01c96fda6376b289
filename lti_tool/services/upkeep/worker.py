"""The background loops: grades, and beside them chores that may be slow. In web processes or on their own."""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import structlog

from lti_tool.lti.tool_keys import forget_retired
from lti_tool.persistence.database import Database
from lti_tool.services.admin.access.sessions import forget_ended
from lti_tool.services.delivery.grade_delivery import GradeDelivery
from lti_tool.services.delivery.grade_repairs import release_due
from lti_tool.services.launching.logins import forget_old
from lti_tool.services.upkeep.jobs import reported

GRADES_POLL_SECONDS = 0.5
CHORES_POLL_SECONDS = 3.0
"""A teacher who asks for a new class list waits for it."""
LONGEST_REST_SECONDS = 15.0
"""Between rounds that fail: a database that is away for an hour must not fill the log."""
LEAVE_SECONDS = 10.0
"""How long a worker that is told to stop waits for the chore it is at."""
SWEEP_EVERY = timedelta(minutes=1)

log = structlog.get_logger()

Chore = Callable[[datetime], object]
"""Does what is due at a moment, and says whether there was anything."""


def run_worker(database: Database, delivery: GradeDelivery, chores: Sequence[Chore], stop: threading.Event) -> None:
    """Work until `stop` is set, by the clock that all workers share: leases and turns are counted by it.

    Chores have a thread of their own: a slow LMS's class list must not hold up grades.
    """

    def sweep(now: datetime) -> None:
        with database.write() as session:
            forget_old(session, now)
            forget_ended(session, now)
            forget_retired(session, now)

    all_chores = (
        reported(database, "housekeeping", every(SWEEP_EVERY, sweep)),
        reported(database, "due_dates", lambda now: release_due(database, now)),
        *chores,
    )

    def work_beside(now: datetime) -> bool:
        # Each one has its turn, whatever became of the one before.
        return sum(bool(_try(chore, now)) for chore in all_chores) > 0

    parts = (work_beside, database.now, CHORES_POLL_SECONDS, stop)
    beside = threading.Thread(target=_loop, args=parts, name="chores", daemon=True)
    beside.start()
    _loop(reported(database, "grades", delivery.deliver_due), database.now, GRADES_POLL_SECONDS, stop)
    beside.join(timeout=LEAVE_SECONDS)


def every(interval: timedelta, chore: Chore) -> Chore:
    """A chore that is not worth looking at in each round."""
    due_at = datetime.min.replace(tzinfo=UTC)

    def now_and_then(now: datetime) -> object:
        nonlocal due_at
        if now < due_at:
            return None
        due_at = now + interval
        return chore(now)

    return now_and_then


def _try(chore: Chore, now: datetime) -> object:
    """Do a round of one chore; where it fails, that is only logged."""
    try:
        return chore(now)
    except Exception:
        log.exception("worker.round_failed", work=getattr(chore, "__qualname__", "chore"))
        return None


def _loop(work: Chore, clock: Callable[[], datetime], pause: float, stop: threading.Event) -> None:
    """Repeat `work`, which says whether there was anything; rest when there was not. Rounds that fail are logged."""
    rest = pause
    while not stop.is_set():
        try:
            done, rest = work(clock()), pause
        except Exception:
            log.exception("worker.round_failed", work=getattr(work, "__qualname__", "work"))
            done, rest = None, min(2 * rest, LONGEST_REST_SECONDS)
        if not done:
            stop.wait(rest)
