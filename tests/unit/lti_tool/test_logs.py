"""Logs, figures, traces and error reports tell what happened, never of whom: no name, e-mail, user id or answer."""

import json
import logging
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sentry_sdk
import structlog
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport
from sqlalchemy import create_engine, select, text

from lti_tool.app import create_app
from lti_tool.config import Settings, SettingsError
from lti_tool.log import Report, configure_logging
from lti_tool.persistence.tables.audit import AuditEvent
from lti_tool.persistence.tables.people import DisplayName, Membership, Person
from lti_tool.services.upkeep.worker import _try
from lti_tool.telemetry import bare_event, error_reports, start_tracing
from sandbox_lms.records.people import PUPILS, TEACHERS
from tests.support.apps import compiled_once
from tests.support.console import PROXY, console, give_role
from tests.support.pupils import MATH
from tests.support.school import TOOL_URL, School, open_school

ANSWERS = ("90817263", "4711471147")
HERE = {"REMOTE_ADDR": "127.0.0.1"}


class Sentry(Transport):
    """Stands for Sentry's server: keeps what would be sent."""

    sent: list[str] = []  # noqa: RUF012 - emptied by the fixture below

    def capture_envelope(self, envelope: Envelope) -> None:
        self.sent.append(envelope.serialize().decode())


@pytest.fixture
def reports() -> Iterator[Report | None]:
    """Error reports as an installation with a DSN sends them."""
    Sentry.sent.clear()
    yield error_reports(Settings.load(sentry_dsn="https://key@sentry.example/1"), Sentry)
    sentry_sdk.init(default_integrations=False)


@pytest.fixture
def json_logs(reports: Report | None) -> Iterator[None]:
    """Logging as the processes of an installation set it up."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    configure_logging(reports)
    yield
    structlog.reset_defaults()
    logging.basicConfig(handlers=handlers, level=level, force=True)


@pytest.fixture
def school(database_url: str, tmp_path: Path, json_logs: None) -> Iterator[School]:
    with open_school(database_url, tmp_path, **PROXY) as opened:
        yield opened


@dataclass
class Traces:
    """What a collector of traces was sent, and the spans as the libraries made them."""

    sent: InMemorySpanExporter
    raw: InMemorySpanExporter
    provider: TracerProvider


@pytest.fixture
def traces(school: School) -> Iterator[Traces]:
    """Traces as an installation with a collector sends them."""
    school.app = compiled_once(create_app(school.runtime))  # others have answered before: too late to be traced
    sent, raw = InMemorySpanExporter(), InMemorySpanExporter()
    settings = Settings.load(otel_endpoint="http://collector.example:4318/v1/traces")
    provider = start_tracing(settings, school.runtime.database.engine, school.app, sent)
    assert provider is not None
    provider.add_span_processor(SimpleSpanProcessor(raw))
    yield Traces(sent, raw, provider)
    SQLAlchemyInstrumentor().uninstrument()
    RequestsInstrumentor().uninstrument()
    provider.shutdown()


def a_day_with_troubles(school: School, monkeypatch: pytest.MonkeyPatch) -> str:
    """People launch, answer and are refused; things break in every layer. Returns what pages about errors said."""
    link = school.add_activity(*MATH, title="Sums")
    page = school.open("ada", link)
    page = page.respond(ANSWERS[0]).reload()
    teacher = school.open("marit", link)
    with school.runtime.database.read() as session:
        [ada] = session.scalars(select(Membership.person_id).where(Membership.role == "pupil", Membership.launched))
    [activity] = re.findall(r"/activity/([^/\"]+)/pupil/", teacher.text)[:1]
    there = f"{teacher.place}/activity/{activity}/pupil/{ada}"
    assert "Okonkwo" in school.browser("marit").get(there, base_url=TOOL_URL).text
    said = school.launch_signed("noa", link, exp=1).text
    said += school.launch_signed("sean", link, roles=[]).text
    said += school.post_launch("ada", {"state": "x", "id_token": "Ada Okonkwo"}).text
    give_role(school, "it", "district")
    imani = console(school, "imani@district.example", "it")
    imani.post("/admin/schools", name="North")
    school.browser("x").get("/admin/sign-in", base_url=TOOL_URL, headers={"X-Proximal-User": "imani@district.example"})

    def breaks(*_: object, **__: object) -> Any:
        raise ValueError(f"Ada Okonkwo answered {ANSWERS[1]}")

    with monkeypatch.context() as patched:
        patched.setattr(type(school.runtime.practice), "answer", breaks)
        said += page.respond(ANSWERS[1]).text
    with school.runtime.database.write() as session:
        session.execute(text("ALTER TABLE opportunity RENAME TO opportunity_away"))
    said += page.respond(ANSWERS[1]).text
    with school.runtime.database.write() as session:
        session.execute(text("ALTER TABLE opportunity_away RENAME TO opportunity"))
    with monkeypatch.context() as patched:
        patched.setattr("lti_tool.lti.services.ags.GradeService.send_score", breaks)
        school.deliver_grades()
    _try(breaks, datetime.now(UTC))
    logging.getLogger("a library").error("went wrong for %s", "somebody", exc_info=ValueError("Ada Okonkwo"))
    return said


def people(school: School) -> list[str]:
    """What names somebody: names, e-mails, user ids, our own ids of them, answers."""
    given = [name for person in (*PUPILS, *TEACHERS) for name in person[1:3] if len(name) > 3]
    with school.runtime.database.read() as session:
        rows = session.scalars(select(Person)).all()
        ids = [value for row in rows for value in (row.id, row.sub)]
        names = [school.runtime.vault.decrypt(row.encrypted_name) for row in session.scalars(select(DisplayName))]
    return [*given, *names, *ids, *ANSWERS, "imani", "@"]


def test_a_day_with_troubles_leaves_lines_that_name_nobody(
    school: School, traces: Traces, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()
    said = a_day_with_troubles(school, monkeypatch)
    out, err = capfd.readouterr()
    lines = [json.loads(line) for line in (out + err).splitlines()]
    events = {line["event"] for line in lines}
    wanted = {"request", "launch.refused", "admin.sign_in_refused", "server.error"}
    if school.runtime.database.is_sqlite:  # PostgreSQL calls a missing table the program's mistake
        wanted.add("database.trouble")
    assert wanted | {"grade.not_delivered", "worker.round_failed", "went wrong for somebody"} <= events
    figures = school.app.test_client().get("/metrics", environ_base=HERE).text
    assert 'proximal_requests_total{route="practice.answer",status="500"}' in figures
    reported = "".join(Sentry.sent)
    for place in ("server.error", "grade.not_delivered", "worker.round_failed", "library"):
        assert f'"event":"{place}"' in reported
    assert "ValueError" in reported
    assert "breaks" in reported
    traces.provider.force_flush()
    spans, raw = traced(traces.sent), traced(traces.raw)
    assert [mark for mark in people(school) if mark in raw], "or there would be nothing to leave out"
    assert {"POST /a/<launch_id>/answer", "GET /a/<launch_id>", "GET", "SELECT"} <= {
        span.name for span in traces.sent.get_finished_spans()
    }
    told = "\n".join((out, err, figures, reported, spans))
    assert [mark for mark in people(school) if mark in told] == []
    with school.runtime.database.read() as session:
        audited = [str((row.subject, row.detail)) for row in session.scalars(select(AuditEvent))]
        subs = session.scalars(select(Person.sub)).all()
    # People are in the audit log by random id alone, so that an erasure finds them however short the LMS's ids are.
    assert audited
    assert [sub for sub in subs if any(sub in line for line in audited)] == []
    # On the page that a child sees stands what it typed, so that nothing is lost; nothing else about anybody.
    assert [mark for mark in people(school) if mark in said and mark not in ANSWERS and mark != "@"] == []


def traced(collector: InMemorySpanExporter) -> str:
    """All that spans say."""
    spans: tuple[ReadableSpan, ...] = collector.get_finished_spans()
    return "\n".join(span.to_json() for span in spans)


def test_an_error_report_holds_kind_and_place_whatever_a_library_adds() -> None:
    said = {"name": "Ada Okonkwo"}
    frame = {"function": "answer", "lineno": 7, "vars": said, "context_line": "Ada Okonkwo", "abs_path": "/home/ada"}
    event: Any = {
        "event_id": "1",
        "exception": {"values": [{"type": "ValueError", "value": "Ada", "stacktrace": {"frames": [frame]}}]},
        "tags": {"event": "server.error", "url": "/a/Ada"},
        **dict.fromkeys(("request", "user", "extra", "contexts", "breadcrumbs", "logentry", "modules"), said),
        **dict.fromkeys(("message", "transaction", "server_name", "culprit"), "Ada Okonkwo"),
    }
    assert bare_event(event, {}) == {
        "event_id": "1",
        "tags": {"event": "server.error"},
        "exception": {
            "values": [
                {
                    "type": "ValueError",
                    "module": None,
                    "stacktrace": {"frames": [{"function": "answer", "lineno": 7}]},
                }
            ]
        },
    }


def test_nothing_is_reported_or_traced_unless_somebody_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert error_reports(Settings.load()) is None
    assert start_tracing(Settings.load(), create_engine("sqlite://")) is None
    for module in ("sentry_sdk", "opentelemetry"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(SettingsError, match=r"observe\.txt"):
        error_reports(Settings.load(sentry_dsn="https://key@sentry.example/1"))
    with pytest.raises(SettingsError, match=r"observe\.txt"):
        start_tracing(Settings.load(otel_endpoint="http://collector.example"), create_engine("sqlite://"))


def test_a_request_is_followed_by_its_id_through_all_lines(school: School, capfd: pytest.CaptureFixture[str]) -> None:
    capfd.readouterr()
    client = school.app.test_client()
    answer = client.post("/lti/launch", base_url=TOOL_URL, headers={"X-Request-ID": "proxy-0815-abc"})
    assert answer.headers["X-Request-ID"] == "proxy-0815-abc"
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert [(line["event"], line["request_id"]) for line in lines] == [
        ("launch.refused", "proxy-0815-abc"),
        ("request", "proxy-0815-abc"),
    ]
    for odd in ("x", "a" * 65, "a b c d e f g h", '"},{"'):
        answer = client.get("/healthz", headers={"X-Request-ID": odd})
        assert answer.headers["X-Request-ID"] != odd
        assert len(answer.headers["X-Request-ID"]) == 32


def test_an_exception_is_told_by_kind_and_place(school: School, capfd: pytest.CaptureFixture[str]) -> None:
    capfd.readouterr()

    def outer(_: datetime) -> object:
        try:
            raise KeyError("Ada Okonkwo")
        except KeyError as error:
            raise ValueError("of Ada Okonkwo") from error

    _try(outer, datetime.now(UTC))
    [line] = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert line["exception"] == ["ValueError", "KeyError"]
    assert line["at"][-1].endswith("outer")
    assert "Ada" not in str(line)
