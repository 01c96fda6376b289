"""/metrics for Prometheus: the outbox and the jobs, read from the database, and the requests of all web processes."""

import hmac
import ipaddress
import os
from collections.abc import Iterable

from flask import Blueprint, Response, abort, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from lti_tool.persistence.database import Database
from lti_tool.services.admin.installation.upkeep import jobs
from lti_tool.services.delivery.outbox_status import outbox_status
from lti_tool.web.context import now, runtime
from lti_tool.web.watching import requests

blueprint = Blueprint("metrics", __name__)
FORWARDING_HEADERS = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via")


class OutboxCollector(Collector):
    """The outbox's figures at the moment of the scrape. They hold no personal data."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterable[Metric]:
        """Scores by state, the age of the oldest that waits, and LMSs that are left alone."""
        with self._database.read() as session:
            status, done = outbox_status(session, now()), jobs(session)
        scores = GaugeMetricFamily("proximal_outbox_scores", "Scores by state.", labels=["state"])
        for state, count in status.counts.items():
            scores.add_metric([state], count)
        yield scores
        yield GaugeMetricFamily(
            "proximal_outbox_oldest_waiting_seconds",
            "For how long the oldest waiting score could have been in its gradebook.",
            value=status.oldest_waiting.total_seconds(),
        )
        yield GaugeMetricFamily(
            "proximal_platforms_left_alone", "LMSs in trouble that get no calls now.", value=status.left_alone
        )
        age = GaugeMetricFamily("proximal_job_age_seconds", "Since a background job last ended.", labels=["job"])
        failures = GaugeMetricFamily("proximal_job_failures", "Times in a row that it was stopped.", labels=["job"])
        for job in done:
            age.add_metric([job.name], (now() - job.ended_at).total_seconds())
            failures.add_metric([job.name], job.failures)
        yield age
        yield failures


@blueprint.get("/metrics")
def metrics() -> Response:
    """The figures in Prometheus' text format. Nobody else is told that there are any."""
    if not _may_read():
        abort(404)
    registry = CollectorRegistry()
    registry.register(OutboxCollector(runtime().database))
    requests.add_to(registry, os.environ.get("PROMETHEUS_MULTIPROC_DIR"))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read() -> bool:
    token = runtime().settings.metrics_token
    if token:
        sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(sent.encode(), token.encode())
    # A proxy on this machine makes everybody come from here; it says so in a header.
    forwarded = any(name in request.headers for name in FORWARDING_HEADERS)
    return not forwarded and ipaddress.ip_address(request.remote_addr or "0.0.0.0").is_loopback  # noqa: S104
