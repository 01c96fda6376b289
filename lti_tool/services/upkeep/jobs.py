"""What each kind of background work did last, written down for the doctor and the console."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from lti_tool.persistence.database import Database, upsert
from lti_tool.persistence.tables.administration import BackgroundJob

REPORT_EVERY = timedelta(minutes=1)


def reported(database: Database, name: str, work: Callable[[datetime], object]) -> Callable[[datetime], object]:
    """The same work, with its last end written down: once a minute, and whenever it stops or recovers."""
    failures = 0
    told_at: datetime | None = None

    def tell(now: datetime, problem: str | None) -> None:
        nonlocal told_at
        told_at = now
        row = {"name": name, "ended_at": now, "problem": problem, "failures": failures, "figures": {}}
        with database.write() as session:
            upsert(session, BackgroundJob, row)

    def do(now: datetime) -> object:
        nonlocal failures
        try:
            done = work(now)
        except Exception as error:
            failures += 1
            with suppress(SQLAlchemyError):  # the same trouble, most likely; the first one is raised
                tell(now, type(error).__name__[:128])
            raise
        if failures or told_at is None or now - told_at >= REPORT_EVERY:
            failures = 0
            tell(now, None)
        return done

    do.__qualname__ = f"job {name}"
    return do
