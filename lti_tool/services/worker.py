"""The background loops: grades, and beside them chores that may be slow. In web processes or on their own."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from lti_tool.lti.tool_keys import forget_retired
from lti_tool.persistence.database import Database
from lti_tool.services.grade_delivery import GradeDelivery
from lti_tool.services.grade_repairs import release_due
from lti_tool.services.logins import forget_old
from lti_tool.services.privacy import Retention
from lti_tool.services.reconciliation import Reconciliation
from lti_tool.services.roster import RosterReader

GRADES_POLL_SECONDS = 0.5
CHORES_POLL_SECONDS = 20.0
LEAVE_SECONDS = 10.0
"""How long a worker that is told to stop waits for the chore it is at."""

log = structlog.get_logger()


def run_worker(
    database: Database,
    delivery: GradeDelivery,
    rosters: RosterReader,
    reconciliation: Reconciliation,
    retention: Retention,
    stop: threading.Event,
) -> None:
    """Work until `stop` is set. Chores have a thread of their own: a slow LMS's class list must not hold up grades."""

    def chores(now: datetime) -> int:
        with database.write() as session:
            forget_old(session, now)
            forget_retired(session, now)
        release_due(database, now)
        retention.apply_due(now)
        return rosters.read_due(now) + reconciliation.check_due(now)

    beside = threading.Thread(target=_loop, args=(chores, CHORES_POLL_SECONDS, stop), name="chores", daemon=True)
    beside.start()
    _loop(delivery.deliver_due, GRADES_POLL_SECONDS, stop)
    beside.join(timeout=LEAVE_SECONDS)


def _loop(work: Callable[[datetime], int], pause: float, stop: threading.Event) -> None:
    """Repeat `work`, which says how much it did; rest when there was nothing. A failing round is only logged."""
    while not stop.is_set():
        try:
            done = work(datetime.now(UTC))
        except Exception:
            log.exception("worker.round_failed", work=getattr(work, "__qualname__", "work"))
            done = 0
        if not done:
            stop.wait(pause)
