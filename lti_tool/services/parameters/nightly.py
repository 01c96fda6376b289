"""Starts the nightly fit: once a day for all workers together, as a process of its own."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta
from importlib.util import find_spec

import structlog
from sqlalchemy import func, select

from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.audit import AuditEvent, record

EVERY = timedelta(hours=20)
NIGHT_HOURS = range(1, 5)
"""UTC; a batch machine may run `proximal fit --database` at any other time."""
COMMAND = (sys.executable, "-m", "lti_tool.cli", "fit", "--database")

log = structlog.get_logger()


class NightlyFit:
    """Begins a fit when it is night and none began for 20 hours; never where the batch libraries are missing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start_due(self, now: datetime) -> bool:
        """Start the fit if it is due; whether it was started."""
        if now.hour not in NIGHT_HOURS or find_spec("numba") is None:
            return False
        with self._database.write() as session:
            begun = session.scalar(select(func.max(AuditEvent.at)).where(AuditEvent.action == "parameters.fit_begun"))
            if begun is not None and now - begun < EVERY:
                return False
            record(session, "parameters.fit_begun", "all banks", at=now)
        subprocess.Popen(COMMAND, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - our own command
        log.info("parameters.fit_begun")
        return True
