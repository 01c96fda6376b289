"""The session of a launch: a cookie of its own for each launch, which survives in a frame on another site.

Browsers that block third-party cookies keep `Partitioned` ones, which belong to the pair of LMS and tool. A cookie
per launch keeps two activities, or two pupils on one tablet, apart. The id in the URL is no secret without it.
Where a browser keeps none at all, the secret travels in the page's forms, every step is a POST, and a reload ends it.
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from flask import Flask, Response, abort, g, request

from lti_tool.persistence.tables.launches import LaunchSession
from lti_tool.services.helping.accommodations import accommodations_of
from lti_tool.services.launching.launches import OpenedSession, find_session
from lti_tool.services.pupil.preferences import preferences_of
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import SessionGone, Stopped
from lti_tool.web.rates import check_rate

P = ParamSpec("P")
SESSION_COOKIE = "__Host-proximal-{id}"
_SESSION_NAME = re.compile(r"__Host-proximal-(?!login-)([\w-]{22})")
LOGIN_COOKIE = "__Host-proximal-login-{state}"


def install(app: Flask) -> None:
    """Let the pages of a launch write forms and links that keep its session."""

    @app.context_processor
    def session_values() -> dict[str, Any]:
        if g.get("launch") is None:
            return {}
        return {"launch": g.launch, "form_token": form_token(), "keeps_cookies": keeps_cookies()}


def set_cookie(response: Response, name: str, value: str, max_age: int) -> None:
    """Set a cookie that only this host, over a secure channel, in this LMS's partition gets back."""
    response.set_cookie(
        name, value, max_age=max_age, path="/", secure=True, httponly=True, samesite="None", partitioned=True
    )


def drop_cookie(response: Response, name: str) -> None:
    """Remove a cookie; the attributes must be the ones that it was set with."""
    response.set_cookie(name, "", max_age=0, path="/", secure=True, httponly=True, samesite="None", partitioned=True)


def login_cookie_name(state: str) -> str:
    """The cookie of one login, so that two pending logins do not overwrite each other."""
    return LOGIN_COOKIE.format(state=hashlib.sha256(state.encode()).hexdigest()[:16])


def set_session_cookie(response: Response, opened: OpenedSession) -> None:
    """Hand the session's secret to the browser."""
    lifetime = int(runtime().settings.launch_hours * 3600)
    set_cookie(response, SESSION_COOKIE.format(id=opened.id), opened.secret, lifetime)


def drop_session_cookie(response: Response, launch_id: str) -> None:
    """Let the browser forget a session."""
    drop_cookie(response, SESSION_COOKIE.format(id=launch_id))


def held_sessions() -> dict[str, str]:
    """The sessions whose cookies came with this request: secrets by id."""
    names = ((name, _SESSION_NAME.fullmatch(name)) for name in request.cookies)
    return {match[1]: request.cookies[name] for name, match in names if match}


def session_secret(launch_id: str) -> str | None:
    """The secret that the browser sent for this launch: in its cookie, or in a form where it keeps none."""
    cookie = request.cookies.get(SESSION_COOKIE.format(id=launch_id))
    return cookie or g.get("carried_secret") or request.form.get("form_token", "").partition(".")[2] or None


def carry_secret(secret: str) -> None:
    """Let this response's forms carry the session: the browser keeps no cookies in this frame."""
    g.carried_secret = secret


def keeps_cookies() -> bool:
    """Whether this session lives in a cookie; else a link or redirect would lose it, and every step is a form."""
    return SESSION_COOKIE.format(id=g.launch.id) in request.cookies


def with_launch(*, role: str | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A view of /a/<launch_id>/...: loads the session into `g.launch`, or shows how to go on.

    `role` keeps other roles out. Every POST must carry the session's form token, so that no other site can make a
    browser send it.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def wrapped(launch_id: str, **arguments: Any) -> Any:
            g.launch = load_launch(launch_id)
            if g.launch.expires_at < now():
                raise SessionGone(g.launch)
            check_rate("person", g.launch.person_id, runtime().settings.person_requests_per_minute)
            if role is not None and g.launch.role != role:
                raise Stopped("not-allowed", 403)
            if request.method == "POST" and not _form_token_fits(launch_id):
                abort(403)
            return view(**arguments)

        return wrapped

    return decorate


def load_launch(launch_id: str) -> LaunchSession:
    """The session, with what hangs on it loaded. Raises `SessionGone`."""
    if "\x00" in launch_id:
        raise SessionGone(None)  # PostgreSQL would not even look for it
    with runtime().database.read() as session:
        launch = find_session(session, launch_id, session_secret(launch_id))
        if launch is not None and launch.role == "pupil":
            g.preferences = preferences_of(session, launch.person_id)
            g.accommodations = accommodations_of(session, launch.person_id)
    if launch is None:
        raise SessionGone(None)
    return launch


def form_token() -> str:
    """The token that this session's forms carry: proof that the form is ours, and the session where no cookie does."""
    return _form_token(session_secret(g.launch.id) or "") if keeps_cookies() else carried_token()


def carried_token() -> str:
    """The form token with the session in it, for a page that has no cookie."""
    secret = session_secret(g.launch.id) or ""
    return f"{_form_token(secret)}.{secret}"


def _form_token(secret: str) -> str:
    return hmac.new(secret.encode(), b"form", hashlib.sha256).hexdigest()[:32]


def _form_token_fits(launch_id: str) -> bool:
    expected = _form_token(session_secret(launch_id) or "")
    # As bytes: comparing texts fails on letters outside ASCII.
    sent = request.form.get("form_token", "").partition(".")[0]
    return hmac.compare_digest(expected.encode(), sent.encode())
