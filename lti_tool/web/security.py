"""Response headers: what a page may load, and which sites may frame it."""

from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from lti_tool.persistence.tenancy import Registration
from lti_tool.web.context import runtime

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "media-src 'self'; connect-src 'self'; base-uri 'none'; form-action {form_action}; frame-ancestors {ancestors}"
)


def install(app: Flask) -> None:
    """Set the headers on every response."""
    app.after_request(_set_headers)


def platform_origins(registration: Registration) -> list[str]:
    """The origins on which a platform's pages live: its issuer's and those of its endpoints."""
    urls = (registration.issuer, registration.auth_url, registration.token_url, registration.jwks_url)
    return sorted({origin for url in (*urls, *registration.extra_origins) if (origin := _origin(url))})


def _set_headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY.format(
        form_action=" ".join(["'self'", *g.get("form_targets", [])]), ancestors=_ancestors()
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
    if request.endpoint != "static":
        # Pages show a pupil's work: neither a shared tablet's cache nor a proxy may keep them.
        response.headers["Cache-Control"] = "no-store"
    return response


def _ancestors() -> str:
    launch = g.get("launch")
    registration = launch.registration if launch is not None else g.get("framed_by")
    if registration is not None:
        return " ".join(platform_origins(registration)) or "'none'"
    # A page without a session holds nothing worth stealing, and must show itself in any LMS's frame.
    loopback = " http://localhost:* http://127.0.0.1:*" if runtime().settings.allow_http_on_loopback else ""
    return f"https:{loopback}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else ""


def allow_form_to(url: str) -> None:
    """Let this response's page send a form to the LMS."""
    g.form_targets = [*g.get("form_targets", []), _origin(url)]
