"""Logs: one JSON object a line on standard error, without personal data.

An exception is logged as its kind and where it happened. Its message stays out: messages quote what a child typed, what
a database was given, or what an LMS sent.
"""

import logging
import sys
from collections.abc import Callable
from types import TracebackType

import structlog

MOST_FRAMES = 30

Report = Callable[[BaseException, str, str], None]
"""Tells elsewhere of an exception that is logged: the exception, the line's event, the request's id (or "")."""


def configure_logging(report: Report | None = None) -> None:
    """Make structlog write JSON, and what other libraries have to say too; `report` is told of each exception."""
    first: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    ours = [_reported(report, None)] if report else []
    libraries = [_reported(report, "library")] if report else []
    structlog.configure(
        processors=[*first, *ours, where_it_failed, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        # Asked anew for each line: standard error may be exchanged while the process runs.
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
    )
    handler = _StandardError()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*first, *libraries, where_it_failed],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


class _StandardError(logging.Handler):
    """Writes to whatever standard error is at the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        sys.stderr.write(self.format(record) + "\n")


def _reported(report: Report, name: str | None) -> structlog.typing.Processor:
    """Hands exceptions to `report`. What libraries say of them (`name` takes its place) may quote anything."""

    def tell(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        error = _error_of(event.get("exc_info"))
        if error is not None:
            report(error, name or str(event["event"]), str(event.get("request_id", "")))
        return event

    return tell


def _error_of(info: object) -> BaseException | None:
    """The exception behind what a line was given as `exc_info`."""
    if info is True:
        info = sys.exc_info()
    return info if isinstance(info, BaseException) else info[1] if isinstance(info, tuple) else None


def where_it_failed(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Put an exception's kind and place into the line instead of its message."""
    error = _error_of(event.pop("exc_info", None))
    if error is not None:
        kinds: list[str] = []
        cause: BaseException | None = error
        while cause is not None and len(kinds) < 5:
            kinds.append(type(cause).__name__)
            cause = cause.__cause__ or cause.__context__
        event["exception"], event["at"] = kinds, _frames(error.__traceback__)
    return event


def _frames(traceback: TracebackType | None) -> list[str]:
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{'/'.join(code.co_filename.rsplit('/', 2)[-2:])}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return frames[-MOST_FRAMES:]
