"""Traces (OpenTelemetry) and error reports (Sentry), where an installation asks for them: extras, off by default.

Both name nobody, as the logs do. What leaves is put together from a list of what may leave: libraries add what they
like to spans and events (addresses with their queries, messages of exceptions, variables), and more with each release.
"""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, cast

from flask import Flask
from sqlalchemy import Engine

from lti_tool.config import Settings, SettingsError
from lti_tool.log import Report

if TYPE_CHECKING:
    from opentelemetry.propagators.textmap import TextMapPropagator
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from sentry_sdk.transport import Transport
    from sentry_sdk.types import Event

NOT_TRACED: Final = "healthz,readyz,metrics,static"
SPAN_ATTRIBUTES: Final = frozenset(
    (
        "http.method",
        "http.request.method",
        "http.route",
        "http.status_code",
        "http.response.status_code",
        "db.system",
        "db.system.name",
        "net.peer.name",
        "server.address",
        "error.type",
    )
)
FRAME: Final = ("filename", "function", "lineno", "module", "in_app")


def error_reports(settings: Settings, transport: "type[Transport] | None" = None) -> Report | None:
    """What hands each logged exception to Sentry; None where no `sentry_dsn` is set. Raises `SettingsError`."""
    if not settings.sentry_dsn:
        return None
    try:
        import sentry_sdk
        from sentry_sdk.integrations.excepthook import ExcepthookIntegration
        from sentry_sdk.utils import BadDsn, Dsn
    except ImportError:
        raise _not_installed("sentry_dsn") from None
    try:
        Dsn(settings.sentry_dsn)
    except BadDsn:
        raise SettingsError("sentry_dsn is no DSN such as https://key@sentry.school.example/7: copy it anew.") from None
    sentry_sdk.init(
        settings.sentry_dsn,
        release=version("proximal"),
        before_send=bare_event,
        # Nothing is watched but what ends the process: errors come by the log, where all of ours pass.
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[ExcepthookIntegration()],
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        send_client_reports=False,
        transport=transport,
    )

    def report(error: BaseException, event: str, request_id: str) -> None:
        with sentry_sdk.new_scope() as scope:
            scope.set_tag("event", event)
            scope.set_tag("request_id", request_id)
            scope.capture_exception(error)

    return report


def bare_event(event: "Event", _hint: Mapping[str, Any]) -> "Event":
    """An error report with the exceptions' kinds and places, and nothing that they or the request say."""
    kept: dict[str, Any] = {
        name: value
        for name, value in event.items()
        if name in ("event_id", "timestamp", "level", "platform", "release", "environment")
    }
    kept["tags"] = {name: value for name, value in (event.get("tags") or {}).items() if name in ("event", "request_id")}
    raised = (event.get("exception") or {}).get("values") or []
    kept["exception"] = {"values": [_bare_exception(each) for each in raised]}
    return cast("Event", kept)


def _bare_exception(raised: Mapping[str, Any]) -> dict[str, Any]:
    frames = (raised.get("stacktrace") or {}).get("frames") or []
    bare = [{name: frame[name] for name in FRAME if name in frame} for frame in frames]
    return {"type": raised.get("type"), "module": raised.get("module"), "stacktrace": {"frames": bare}}


def start_tracing(
    settings: Settings, engine: Engine, app: Flask | None = None, exporter: "SpanExporter | None" = None
) -> "TracerProvider | None":
    """Trace pages, database and calls to LMSs, and send the spans to `otel_endpoint`, where one is set.

    `exporter` takes the place of the one that sends. Raises `SettingsError`.
    """
    if not settings.otel_endpoint:
        return None
    try:
        from opentelemetry import propagate
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.instrumentation.flask import FlaskInstrumentor
        from opentelemetry.instrumentation.requests import RequestsInstrumentor
        from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise _not_installed("otel_endpoint") from None
    propagate.set_global_textmap(alone())
    provider = TracerProvider(
        resource=Resource.create({"service.name": "proximal", "service.version": version("proximal")})
    )
    onward = exporter or OTLPSpanExporter(endpoint=settings.otel_endpoint)
    provider.add_span_processor(BatchSpanProcessor(without_people(onward)))
    if app is not None:
        FlaskInstrumentor().instrument_app(  # type: ignore[no-untyped-call]
            app, tracer_provider=provider, excluded_urls=NOT_TRACED
        )
    # It asks for SQLAlchemy below 2.1; a test sees its spans come.
    SQLAlchemyInstrumentor().instrument(engine=engine, tracer_provider=provider, skip_dep_check=True)
    RequestsInstrumentor().instrument(tracer_provider=provider)
    return provider


def alone() -> "TextMapPropagator":
    """Keeps traces to ourselves: browsers begin none of ours, and LMSs get no ids of them."""
    from opentelemetry.context import Context
    from opentelemetry.propagators.textmap import TextMapPropagator

    class Alone(TextMapPropagator):
        fields: set[str] = set()  # noqa: RUF012 - the library's own word

        def extract(self, carrier: Any, context: Context | None = None, *_: Any, **__: Any) -> Context:
            return context if context is not None else Context()

        def inject(self, *_: Any, **__: Any) -> None:
            return None

    return Alone()


def without_people(onward: "SpanExporter") -> "SpanExporter":
    """An exporter that hands on what spans may say."""
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

    class WithoutPeople(SpanExporter):
        def export(self, spans: "Sequence[ReadableSpan]") -> SpanExportResult:
            return onward.export([bare_span(span) for span in spans])

        def shutdown(self) -> None:
            onward.shutdown()

        def force_flush(self, timeout_millis: int = 30_000) -> bool:
            return onward.force_flush(timeout_millis)

    return WithoutPeople()


def bare_span(span: "ReadableSpan") -> "ReadableSpan":
    """The same span with its place in the trace, its times, and attributes that name nobody."""
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import SpanKind, Status

    said = {name: value for name, value in (span.attributes or {}).items() if name in SPAN_ATTRIBUTES}
    method = span.name.partition(" ")[0]  # of HTTP or SQL; what follows may be a path that somebody typed
    return ReadableSpan(
        name=f"{method} {said.get('http.route', 'unknown')}" if span.kind is SpanKind.SERVER else method,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=said,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _not_installed(setting: str) -> SettingsError:
    return SettingsError(
        f"{setting} is set, and the packages that it needs are not installed: "
        "pip install --require-hashes -r requirements/observe.txt"
    )
