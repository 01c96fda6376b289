"""Logs: one JSON object a line on standard error, without personal data."""

import logging
import sys

import structlog


def configure_logging() -> None:
    """Make structlog write JSON; other libraries' warnings go to standard error as they are."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        # Asked anew for each line: standard error may be exchanged while the process runs.
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
    )
