"""The background loop: send what is due, forget what is over. Runs inside web processes or on its own."""

import threading
from datetime import UTC, datetime, timedelta

import structlog

from lti_tool.persistence.database import Database
from lti_tool.services.grade_delivery import GradeDelivery
from lti_tool.services.logins import forget_old

POLL_SECONDS = 0.5
TIDY_EVERY = timedelta(minutes=10)

log = structlog.get_logger()


def run_worker(database: Database, delivery: GradeDelivery, stop: threading.Event) -> None:
    """Work until `stop` is set. One failing round is logged and followed by the next: grades must go on."""
    tidied = datetime.min.replace(tzinfo=UTC)
    while not stop.is_set():
        now = datetime.now(UTC)
        try:
            tried = delivery.deliver_due(now)
            if now - tidied > TIDY_EVERY:
                with database.write() as session:
                    forget_old(session, now)
                tidied = now
        except Exception:
            log.exception("worker.round_failed")
            tried = 0
        if not tried:
            stop.wait(POLL_SECONDS)
