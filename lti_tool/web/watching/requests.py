"""One line in the log and one count for each request: its id, route, status and time. Never its address or content."""

import re
import time
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, multiprocess
from structlog.contextvars import bind_contextvars, clear_contextvars

log = structlog.get_logger()
QUIET = ("static", "health.healthz", "health.readyz", "metrics.metrics")
"""Asked for all the time; they say nothing."""
_ID = re.compile(r"[A-Za-z0-9-]{8,64}")

OWN = CollectorRegistry()
"""Of this process alone; under gunicorn all processes write into the files of one folder."""
_COUNT = Counter("proximal_requests", "Requests by route and status.", ["route", "status"], registry=OWN)
_SECONDS = Histogram(
    "proximal_request_seconds",
    "Time to answer, by route.",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=OWN,
)


def install(app: Flask) -> None:
    """Begin and end each request."""
    app.before_request(_begin)
    app.after_request(_end)


def add_to(registry: CollectorRegistry, folder: str | None) -> None:
    """Let a scrape find the requests: of all processes that share a folder, or of this one."""
    if folder:
        multiprocess.MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
    else:
        for collector in (_COUNT, _SECONDS):
            registry.register(collector)


def _begin() -> None:
    clear_contextvars()
    sent = request.headers.get("X-Request-ID", "")
    g.request_id, g.began = sent if _ID.fullmatch(sent) else uuid4().hex, time.perf_counter()
    bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    if "began" not in g:
        return response
    seconds, route = time.perf_counter() - g.began, request.endpoint or "unknown"
    response.headers["X-Request-ID"] = g.request_id
    _COUNT.labels(route, response.status_code).inc()
    _SECONDS.labels(route).observe(seconds)
    if route not in QUIET:
        log.info(
            "request", method=request.method, route=route, status=response.status_code, ms=round(seconds * 1000, 1)
        )
    return response
