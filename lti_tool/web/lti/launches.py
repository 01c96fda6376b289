"""The three addresses that platforms know: login, launch and our public keys."""

import re
from contextlib import suppress
from datetime import timedelta

import structlog
from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from lti_tool.lti.errors import LaunchRefused
from lti_tool.lti.messages.claims import LaunchClaims
from lti_tool.lti.messages.validation import ExpectedLaunch, KeySource, validate_launch
from lti_tool.lti.platform_keys import KeysAtHand, KeysNotAtHand, PlatformKeySource
from lti_tool.lti.tool_keys import public_jwks
from lti_tool.services.launching.launches import OpenedSession, let_go, open_session
from lti_tool.services.launching.logins import LOGIN_LIFETIME, WaitingLogin, begin_login, use_up, waiting_login
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped
from lti_tool.web.lti.addresses import launch_address
from lti_tool.web.places import open_without_cookie
from lti_tool.web.rates import check_login_rate, note_launch
from lti_tool.web.security import frame_for
from lti_tool.web.sessions import (
    drop_cookie,
    drop_session_cookie,
    held_sessions,
    login_cookie_name,
    set_cookie,
    set_session_cookie,
)

blueprint = Blueprint("lti", __name__, url_prefix="/lti")
log = structlog.get_logger()
ERROR_CODE = re.compile(r"[a-z_]{1,40}")
"""As the standards write them (OpenID Connect Core, 3.1.2.6). Whatever else a form says may be about somebody."""
KEPT_COOKIE = "__Host-proximal-kept"
"""Says that this browser keeps our cookies in this LMS's frame."""
KEPT_SECONDS = 30 * 24 * 3600


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> Response:
    """Third-party login initiation (Security Framework 1.1, 5.1.1.1): back to the platform with state and nonce.

    Where the platform offers to keep data for us (Platform Storage 1.0) and this browser has not shown yet that it
    keeps our cookies, a page hands the secret to the platform first.
    """
    sent = _single(request.values)
    per_minute = runtime().settings.platform_launches_per_minute
    check_login_rate(sent.get("iss", ""), sent.get("client_id", ""), per_minute)
    with runtime().database.write() as session:
        start = begin_login(session, sent, redirect_uri=launch_address(), now=now())
    name = login_cookie_name(start.state)
    if start.storage is not None and KEPT_COOKIE not in request.cookies:
        page = render_template("lti/store.html", start=start, storage=start.storage, key=name)
        response = Response(page, mimetype="text/html")
    else:
        response = _redirect(start.redirect_to, 302)
    set_cookie(response, name, start.browser_secret, int(LOGIN_LIFETIME.total_seconds()))
    return response


@blueprint.post("/launch")
def launch() -> ResponseReturnValue:
    """The platform's answer: an id_token to be validated, or an error to be shown.

    With cookies it ends with a redirect to a page of our own, so that a reload never posts the token again. A login
    that comes back without its cookie is finished with what the platform stored for us, else in a window of its own,
    where cookies are first-party.
    """
    form = _single(request.form)
    if form.get("error"):  # whatever else comes with it: an answer is either (OpenID Connect Core, 3.2.2.5 and .6)
        log.warning("launch.platform_error", error=form["error"] if ERROR_CODE.fullmatch(form["error"]) else "other")
        raise Stopped("platform-error", 400)
    state, id_token = form.get("state", ""), form.get("id_token", "")
    if not id_token:
        raise LaunchRefused("missing-id-token", "The launch has no id_token.")
    cookie = request.cookies.get(login_cookie_name(state))
    # Only our own page may bring what the platform stored: another site would bring the secret of a login of its own,
    # and sign a pupil in as somebody else.
    stored = form.get("browser_secret") if _came_from_own_page() else None
    in_own_window = _came_from_own_page() and form.get("window") == "own"
    if cookie is None and stored is None and not in_own_window:
        return _another_way(form, state)
    opened, forgotten = _open(state, id_token, cookie or stored, same_browser=in_own_window)
    if cookie is None and not in_own_window:
        return open_without_cookie(opened)
    response = _redirect(url_for("places.open_launch", launch_id=opened.id), 303)
    set_session_cookie(response, opened)
    for launch_id in forgotten:
        drop_session_cookie(response, launch_id)
    set_cookie(response, KEPT_COOKIE, "yes", KEPT_SECONDS)
    drop_cookie(response, login_cookie_name(state))
    return response


@blueprint.get("/jwks")
def jwks() -> Response:
    """Our public keys (Security Framework 1.1, 6.3)."""
    with runtime().database.read() as session:
        return jsonify(public_jwks(session, now()))


def _single(fields: MultiDict[str, str]) -> dict[str, str]:
    """The fields by name. One that comes twice with two values is refused (RFC 6749, 3.1): which of them counts?"""
    if twice := [name for name in fields if len(set(fields.getlist(name))) > 1]:
        raise LaunchRefused("malformed-form", f"Fields come twice, with different values: {', '.join(twice)[:100]}.")
    return fields.to_dict()


def _another_way(form: dict[str, str], state: str) -> ResponseReturnValue:
    """The login's cookie did not come back: look into the platform's storage, or offer a window of its own.

    The token is verified here already, and the login not used up: on platforms with many hosts only a launch itself
    says where the LMS's pages stand, which may frame this answer. Neither page holds a session. A window can only be
    opened from our own page in the LMS's frame, which no other site may frame (security.py): so nobody can make a
    browser finish somebody else's login.
    """
    with runtime().database.read() as session:
        login = waiting_login(session, state, now())
    claims = _validate(login, form["id_token"])
    frame_for(login.registration, claims.origins)
    if login.storage is not None and "tried_storage" not in form:
        page = render_template("lti/fetch.html", form=form, storage=login.storage, key=login_cookie_name(state))
    elif request.headers.get("Sec-Fetch-Dest") == "iframe":
        page = render_template("lti/window.html", form=form)
    else:
        raise LaunchRefused("no-cookie", "The browser did not bring back the cookie of its login.")
    return page, 403


def _came_from_own_page() -> bool:
    # Browsers set this header themselves; no page can write it.
    return request.headers.get("Sec-Fetch-Site") == "same-origin"


def _open(
    state: str, id_token: str, browser_secret: str | None, *, same_browser: bool
) -> tuple[OpenedSession, list[str]]:
    """The new session, and the ids of those that the browser must forget. The login is used up by it, or by a refusal.

    `same_browser` says that the browser which began the login is known by other means than its secret.
    """
    parts, moment = runtime(), now()
    login: WaitingLogin | None = None
    opened: tuple[OpenedSession, list[str]] | None = None
    try:
        with parts.database.write() as session:  # all in one, as nearly every launch can be
            begun = waiting_login(session, state, moment)
            if not same_browser:
                begun.check_browser(browser_secret)
            login = begun
            with suppress(KeysNotAtHand):
                claims = _validate(login, id_token, KeysAtHand(login.keys, moment))
                opened = _finish(session, state, login, claims)
        if opened is None:  # no transaction is open while the platform is asked for its keys
            claims = _validate(login, id_token)
            with parts.database.write() as session:
                opened = _finish(session, state, login, claims)
    except LaunchRefused:
        if login is not None:
            with suppress(LaunchRefused), parts.database.write() as session:
                use_up(session, state, moment)
        raise
    note_launch(login.registration.issuer)
    launch, forgotten = opened
    if launch.lacks_activity:
        parts.recovery.find_activity(launch.id)
    return launch, forgotten


def _finish(session: Session, state: str, login: WaitingLogin, claims: LaunchClaims) -> tuple[OpenedSession, list[str]]:
    """Use up the login, and open the session that these claims allow; and the ids that the browser must forget."""
    parts, moment = runtime(), now()
    use_up(session, state, moment)
    lifetime = timedelta(hours=parts.settings.launch_hours)
    opened = open_session(session, login.registration, claims, vault=parts.vault, lifetime=lifetime, now=moment)
    return opened, let_go(session, opened, held_sessions(), moment)


def _validate(login: WaitingLogin, id_token: str, keys: KeySource | None = None) -> LaunchClaims:
    """The token's claims. Without `keys`, the platform is asked for its own where what is stored is not enough."""
    parts, moment, registration = runtime(), now(), login.registration
    if registration.state == "waiting":
        raise LaunchRefused("waiting-platform", "This registration waits for an administrator's approval.")
    if registration.state != "active":
        raise LaunchRefused("unknown-platform", "This registration is switched off.")
    return validate_launch(
        id_token,
        keys=keys or PlatformKeySource(parts.database, parts.transport, registration, moment, login.keys),
        expected=ExpectedLaunch(
            issuer=registration.issuer,
            client_id=registration.client_id,
            nonce=login.nonce,
            target_link_uri=login.target_link_uri,
            tool_origin=parts.settings.base_url.lower(),
            allow_http=parts.settings.allow_http_on_loopback,
        ),
        now=moment,
    )


def _redirect(location: str, code: int) -> Response:
    return Response(status=code, headers={"Location": location})
