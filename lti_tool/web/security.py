"""Response headers: what a page may load, and which sites may frame it."""

from collections.abc import Iterable

from flask import Flask, Response, g, request

from lti_tool.lti.network.origins import origin_of
from lti_tool.persistence.tables.launches import LaunchSession
from lti_tool.persistence.tables.tenancy import Registration
from lti_tool.web.context import runtime

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "media-src 'self'; connect-src 'self'; base-uri 'none'; form-action {form_action}; frame-ancestors {ancestors}"
)


def install(app: Flask) -> None:
    """Set the headers on every response."""
    app.after_request(_set_headers)


def platform_origins(registration: Registration) -> set[str]:
    """The origins on which a platform's pages live: its issuer's, those of its endpoints, and what an admin added."""
    urls = (registration.issuer, registration.auth_url, registration.token_url, registration.jwks_url)
    return {origin for url in (*urls, *registration.extra_origins) if (origin := origin_of(url))}


def frame_for(registration: Registration, origins: Iterable[str]) -> None:
    """Let one platform only frame this response, which has no session; `origins` are those of a valid launch."""
    g.framed_by = platform_origins(registration) | set(origins)


def _launch_origins(launch: LaunchSession) -> set[str]:
    """The platform's origins, with those that the launch itself named (`LaunchClaims.origins`): it was signed."""
    return platform_origins(launch.registration) | set(launch.origins)


def _set_headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY.format(
        form_action=" ".join(["'self'", *g.get("form_targets", [])]), ancestors=_ancestors()
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
    if runtime().settings.base_url.startswith("https://"):
        # The host is Proximal's own, and so is what may be below it.
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint != "static":
        # Pages show a pupil's work: neither a shared tablet's cache nor a proxy may keep them.
        response.headers["Cache-Control"] = "no-store"
    return response


def _ancestors() -> str:
    if (request.blueprint or "").startswith("admin"):
        return "'none'"
    launch = g.get("launch")
    origins = _launch_origins(launch) if launch is not None else g.get("framed_by")
    if origins is not None:
        return " ".join(sorted(origins)) or "'none'"
    # A page without a session holds nothing worth stealing, and must show itself in any LMS's frame.
    loopback = " http://localhost:* http://127.0.0.1:*" if runtime().settings.allow_http_on_loopback else ""
    return f"https:{loopback}"


def allow_form_to(url: str) -> None:
    """Let this response's page send a form to the LMS."""
    g.form_targets = [*g.get("form_targets", []), origin_of(url)]
