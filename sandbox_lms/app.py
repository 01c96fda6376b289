"""Puts the practice LMS together."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

import jinja2
from flask import Flask, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter, Map

from sandbox_lms import texts
from sandbox_lms.config import LmsConfig
from sandbox_lms.errors import Refused
from sandbox_lms.lms import Lms
from sandbox_lms.lti.keys import JwksFetcher, KeyRing, PlatformKey, fetch_jwks
from sandbox_lms.records import people, tools
from sandbox_lms.records.database import Database
from sandbox_lms.web.admin import admin
from sandbox_lms.web.frames import frames
from sandbox_lms.web.gradebook import gradebook
from sandbox_lms.web.line_items import line_items
from sandbox_lms.web.pages import format_day, format_moment, format_points, http_error_page, pages, refusal_page
from sandbox_lms.web.registration import registration
from sandbox_lms.web.roster import roster
from sandbox_lms.web.throttle import Throttle
from sandbox_lms.web.tokens import tokens

# No page asks any other host for anything, except that the tool lives in a frame.
CONTENT_SECURITY_POLICY = "default-src 'self'; frame-src *; frame-ancestors 'self'; base-uri 'none'; object-src 'none'"


class RowNumber(IntegerConverter):
    """A number in an address that fits into the database; anything larger is an unknown address."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**63 - 1)


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def create_lms(config: LmsConfig, *, fetch: JwksFetcher = fetch_jwks, now: Callable[[], datetime] = utc_now) -> Flask:
    """A practice LMS as a Flask app. `fetch` gets the tool's JWKS, `now` the time; tests replace both.

    The first start on a database makes its signing key and its school.
    Raises sqlite3.Error if the database can't be opened.
    """
    database = Database(config.database)
    key = PlatformKey.from_pem(database.setting("platform_key", PlatformKey.generate_pem))
    if config.seed:
        people.seed(database)
    if config.tool:
        tools.keep_configured(database, config.tool)
    limit = config.family.rate_limit
    throttle = Throttle(limit, now) if limit else None
    app = Flask(__name__)
    app.url_map.converters["row"] = RowNumber
    app.extensions["practice_lms"] = Lms(config, database, key, KeyRing(fetch), now, throttle)
    app.config.update(
        SECRET_KEY=database.setting("session_secret", secrets.token_hex),
        # Browsers share cookies between the ports of a host, and two practice LMSs may run side by side.
        SESSION_COOKIE_NAME=f"practice_lms_{urlsplit(config.base_url).port or ''}",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.base_url.startswith("https://"),
    )
    app.jinja_env.undefined = jinja2.StrictUndefined
    app.jinja_env.globals["t"] = texts
    app.jinja_env.filters.update(points=format_points, moment=format_moment, day=format_day)
    app.register_error_handler(Refused, refusal_page)
    app.register_error_handler(HTTPException, http_error_page)
    for blueprint in (pages, gradebook, frames, tokens, line_items, roster, registration, admin):
        app.register_blueprint(blueprint)
    app.after_request(_protect)
    return app


def _protect(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Cache-Control", "no-store")
    return response
