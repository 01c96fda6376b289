"""The Flask application, put together from its blueprints."""

import atexit
import threading

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from lti_tool.config import Settings
from lti_tool.log import configure_logging
from lti_tool.runtime import Runtime
from lti_tool.services.upkeep.worker import run_worker
from lti_tool.telemetry import error_reports, start_tracing
from lti_tool.web import errors, locale, places, security, sessions
from lti_tool.web.admin import rights
from lti_tool.web.admin.rooms import BLUEPRINTS as CONSOLE
from lti_tool.web.lti import launches, register
from lti_tool.web.pupil import appearance
from lti_tool.web.pupil.practising import notes, pair
from lti_tool.web.pupil.rooms import BLUEPRINTS as PUPILS
from lti_tool.web.rates import Rates
from lti_tool.web.teacher.rooms import BLUEPRINTS as TEACHERS
from lti_tool.web.watching import health, metrics, requests

MAX_REQUEST_BYTES = 2_000_000
"""A launch is a few kilobytes. Larger than the largest form that must be refused with a sentence."""


def create_app(runtime: Runtime) -> Flask:
    """Build the app around a runtime. Everything that pages need hangs on `app.extensions["proximal"]`."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_REQUEST_BYTES
    app.extensions["proximal"] = runtime
    app.extensions["proximal-rates"] = Rates()
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    requests.install(app)
    locale.install(app)
    sessions.install(app)
    appearance.install(app)
    notes.install(app)
    pair.install(app)
    rights.install(app)
    for room in (health, metrics, launches, register, places):
        app.register_blueprint(room.blueprint)
    for blueprint in (*PUPILS, *TEACHERS, *CONSOLE):
        app.register_blueprint(blueprint)
    security.install(app)
    errors.install(app)
    if hops := runtime.settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def create_app_for_server() -> Flask:
    """What gunicorn calls: settings from the environment, logs as JSON."""
    settings = Settings.load()
    configure_logging(error_reports(settings))
    runtime = Runtime.start(settings)
    app = create_app(runtime)
    start_tracing(settings, runtime.database.engine, app)
    return app


def start_embedded_worker(app: Flask) -> None:
    """Send grades from a thread of this web process, until it ends."""
    runtime: Runtime = app.extensions["proximal"]
    stop = threading.Event()
    parts = (runtime.database, runtime.delivery, runtime.chores, stop)
    thread = threading.Thread(target=run_worker, args=parts, name="worker", daemon=True)
    thread.start()
    atexit.register(stop.set)
