"""Who may open which page of the console: the session's cookie, its rights, its form token."""

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Literal, ParamSpec
from urllib.parse import quote

from flask import Flask, Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.persistence.tables.administration import AdminSession
from lti_tool.services.admin.access.identity import Identity, SignInRefused, proxy_identity
from lti_tool.services.admin.access.sessions import Limits, Opened, find_session, is_due, keep_alive
from lti_tool.services.admin.reach import BREAK_GLASS, Reach, reach_of
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped

P = ParamSpec("P")
Right = Literal["see", "see district", "change", "run district", "run installation"]
"""What a page takes: to see something; to see all of the district; to change something; to change all of it; to change
what all districts share."""

COOKIE = "__Host-proximal-admin"
LOGIN_COOKIE = "__Host-proximal-admin-login"
_OURS = re.compile(r"/admin(/[A-Za-z0-9_-]+)*/?(\?invitation=[A-Za-z0-9_-]+)?")


def install(app: Flask) -> None:
    """Let the console's templates know who reads them, and what they may do."""

    @app.context_processor
    def administrator_values() -> dict[str, Any]:
        if g.get("reach") is None:
            return {}
        parts = runtime()
        return {
            "reach": g.reach,
            "district": next(district for district in g.districts if district.id == g.reach.district_id),
            "districts": g.districts,
            "admin_name": parts.vault.decrypt(g.admin.administrator.encrypted_name),
            "form_token": form_token(),
            "emergency": g.admin.method == BREAK_GLASS,
        }


def limits() -> Limits:
    """When sessions end."""
    settings = runtime().settings
    return Limits(timedelta(minutes=settings.admin_idle_minutes), timedelta(hours=settings.admin_session_hours))


def safe_path(path: str) -> str:
    """A path of the console, or its first page: nothing else may follow a sign-in."""
    return path if _OURS.fullmatch(path) else url_for("admin.overview")


def set_cookie(response: Response, opened: Opened) -> None:
    """Hand a fresh session to the browser. Lax: first-party only, and never sent with another site's forms."""
    response.set_cookie(COOKIE, opened.secret, path="/", secure=True, httponly=True, samesite="Lax")


def drop_cookie(response: Response, name: str) -> None:
    """Let the browser forget a cookie."""
    response.set_cookie(name, "", max_age=0, path="/", secure=True, httponly=True, samesite="Lax")


def current_session() -> AdminSession | None:
    """The session of this request, if it has one that lives, and the way it was opened is still open."""
    parts, moment = runtime(), now()
    with parts.database.read() as session:
        row = find_session(session, request.cookies.get(COOKIE, ""), limits().idle, moment)
    if row is None or (row.method != BREAK_GLASS and row.method != parts.settings.admin_sign_in):
        return None
    if row.method == "proxy" and not _proxy_agrees(row):
        return None
    if is_due(row, moment):
        with parts.database.write() as session:
            keep_alive(session, row, moment)
    return row


def identity_from_proxy() -> Identity:
    """Whom the proxy in front has signed in. Raises `SignInRefused`, also where the request came another way."""
    # ProxyFix puts the browser's address in place of the proxy's, which counts here.
    original = request.environ.get("werkzeug.proxy_fix.orig", {})
    peer = original.get("REMOTE_ADDR", request.environ.get("REMOTE_ADDR", ""))
    if peer and not _is_loopback(peer):  # a unix socket has no address
        raise SignInRefused("not-by-proxy", "The request came from another machine.")
    headers = request.headers
    return proxy_identity(
        runtime().settings,
        secret=headers.get("X-Proximal-Proxy-Secret", ""),
        user=headers.get("X-Proximal-User", ""),
        groups=headers.get("X-Proximal-Groups", ""),
    )


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _proxy_agrees(row: AdminSession) -> bool:
    """Whether the proxy still names the session's administrator: it may have signed them out meanwhile."""
    try:
        return identity_from_proxy().subject == row.administrator.subject
    except SignInRefused:
        return False


def with_session(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """A page for whoever is signed in, with rights or without: loads `g.admin`, else leads to the sign-in."""

    @wraps(view)
    def wrapped(*arguments: P.args, **names: P.kwargs) -> ResponseReturnValue:
        entered = current_session()
        if entered is None:
            if request.method == "POST":
                raise Stopped("admin-session-gone", 403)
            path = request.full_path if request.query_string else request.path
            return redirect(f"{url_for('admin_sign_in.sign_in')}?next={quote(safe_path(path))}", 303)
        g.admin = entered
        if request.method == "POST" and not _form_token_fits():
            raise Stopped("admin-session-gone", 403)
        return view(*arguments, **names)

    return wrapped


def with_right(right: Right) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """A page for those who have a right in the district: loads `g.admin` and `g.reach`. Every POST needs its token."""

    def decorate(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def wrapped(*arguments: P.args, **names: P.kwargs) -> ResponseReturnValue:
            with runtime().database.read() as session:
                reach, g.districts = reach_of(session, g.admin)
            if reach is None:
                raise Stopped("no-admin-role", 403)
            g.reach = reach
            if not _has(reach, right):
                raise Stopped("admin-not-allowed", 403)
            return view(*arguments, **names)

        return with_session(wrapped)

    return decorate


def _has(reach: Reach, right: Right) -> bool:
    return {
        "see": True,
        "see district": reach.sees_district,
        "change": reach.changes_anything,
        "run district": reach.runs_district,
        "run installation": reach.runs_installation,
    }[right]


def form_token() -> str:
    """What the console's forms carry: proof that a form is ours, and of this session."""
    return _token(request.cookies.get(COOKIE, ""))


def _token(secret: str) -> str:
    return hmac.new(secret.encode(), b"admin form", hashlib.sha256).hexdigest()


def _form_token_fits() -> bool:
    return hmac.compare_digest(form_token().encode(), request.form.get("form_token", "").encode())
