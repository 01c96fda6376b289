"""The process's runtime and the clock, as views reach them."""

from datetime import UTC, datetime

from flask import current_app

from lti_tool.runtime import Runtime


def runtime() -> Runtime:
    """The runtime of the app that serves this request."""
    found: Runtime = current_app.extensions["proximal"]
    return found


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)
