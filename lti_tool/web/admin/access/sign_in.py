"""Signing in to the console and out of it."""

import structlog
from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.persistence.tables.administration import AdminSession
from lti_tool.services.admin.access import sessions
from lti_tool.services.admin.access.identity import Identity, SignInRefused
from lti_tool.services.admin.reach import BREAK_GLASS
from lti_tool.web.admin.rights import (
    COOKIE,
    LOGIN_COOKIE,
    current_session,
    drop_cookie,
    form_token,
    identity_from_proxy,
    limits,
    safe_path,
    set_cookie,
    with_session,
)
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped

blueprint = Blueprint("admin_sign_in", __name__, url_prefix="/admin")
log = structlog.get_logger()


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Where a visitor without a session lands. Behind a proxy that knows them they are let in at once."""
    target = safe_path(request.args.get("next", ""))
    if current_session() is not None:
        return redirect(target, 303)
    method = runtime().settings.admin_sign_in
    if method == "proxy":
        return _enter(identity_from_proxy(), "proxy", target)
    return render_template("admin/access/sign_in.html", method=method, next=target)


@blueprint.get("/sign-in/start")
def start() -> ResponseReturnValue:
    """To the identity provider."""
    parts, provider = runtime(), runtime().identity_provider
    if provider is None:
        raise Stopped("page-not-found", 404)
    with parts.database.write() as session:
        begun = sessions.begin_login(session, safe_path(request.args.get("next", "")), now())
    response = make_response(redirect(provider.authorization_url(begun.login), 303))
    lifetime = int(sessions.LOGIN_LIFETIME.total_seconds())
    response.set_cookie(
        LOGIN_COOKIE, begun.browser_secret, max_age=lifetime, path="/", secure=True, httponly=True, samesite="Lax"
    )
    return response


@blueprint.get("/sign-in/callback")
def callback() -> ResponseReturnValue:
    """Back from the identity provider, with a code or an error."""
    parts, provider = runtime(), runtime().identity_provider
    if provider is None:
        raise Stopped("page-not-found", 404)
    state, browser = request.args.get("state", ""), request.cookies.get(LOGIN_COOKIE, "")
    with parts.database.write() as session:
        login, target = sessions.take_login(session, state, browser, now())
    identity = provider.identify(request.query_string.decode("ascii", "replace"), login)
    return _enter(identity, "oidc", target)


def _enter(identity: Identity, method: str, target: str) -> Response:
    """Open a session under a new secret; one that the browser brought along ends."""
    parts, moment = runtime(), now()
    with parts.database.write() as session:
        before = sessions.find_session(session, request.cookies.get(COOKIE, ""), limits().idle, moment)
        if before is not None:
            sessions.close_session(session, before.id, moment, why="signed in again")
        opened = sessions.open_session(session, parts.vault, identity, method, limits(), moment)
    log.info("admin.signed_in", method=method)
    return _let_in(opened, target)


def _let_in(opened: sessions.Opened, target: str) -> Response:
    response = make_response(redirect(target, 303))
    set_cookie(response, opened)
    drop_cookie(response, LOGIN_COOKIE)
    return response


@blueprint.route("/emergency", methods=["GET", "POST"])
def emergency() -> ResponseReturnValue:
    """The door for when the identity provider is down: a one-time address from the server's command line.

    The GET only shows a button, so that no link preview uses the address up.
    """
    parts, moment = runtime(), now()
    secret = request.values.get("invitation", "")
    if request.method == "GET":
        with parts.database.read() as session:
            if sessions.find_invitation(session, secret, BREAK_GLASS, moment) is None:
                raise SignInRefused("invitation-gone", "No open emergency address.")
        return render_template("admin/access/emergency.html", invitation=secret)
    with parts.database.write() as session:
        opened = sessions.enter_by_break_glass(session, parts.vault, secret, moment)
    log.warning("admin.break_glass_used")
    return _let_in(opened, url_for("admin.overview"))


@blueprint.route("/join", methods=["GET", "POST"])
@with_session
def join() -> ResponseReturnValue:
    """Take up the role of an invitation, as whoever is signed in."""
    parts, moment = runtime(), now()
    secret = request.values.get("invitation", "")
    if request.method == "GET":
        with parts.database.read() as session:
            if sessions.find_invitation(session, secret, "join", moment) is None:
                raise SignInRefused("invitation-gone", "No open invitation.")
        return render_template(
            "admin/access/join.html", invitation=secret, name=_name(g.admin), form_token=form_token()
        )
    with parts.database.write() as session:
        sessions.accept_invitation(session, secret, g.admin, moment)
    return redirect(url_for("admin.overview"), 303)


@blueprint.post("/sign-out")
@with_session
def sign_out() -> ResponseReturnValue:
    """End the session here, then at the identity provider or proxy."""
    parts = runtime()
    entered: AdminSession = g.admin
    with parts.database.write() as session:
        sessions.close_session(session, entered.id, now())
    onward = None
    if entered.method == "oidc" and parts.identity_provider is not None:
        hint = parts.vault.decrypt(entered.encrypted_id_token) if entered.encrypted_id_token else None
        onward = parts.identity_provider.sign_out_url(hint)
    elif entered.method == "proxy":
        onward = parts.settings.admin_proxy_logout_url or None
    if onward is None:
        response = make_response(redirect(url_for("admin_sign_in.signed_out"), 303))
    else:
        # Not a redirect: our policy lets forms go nowhere else, redirects included.
        response = make_response(render_template("admin/access/signing_out.html", onward=onward))
        response.headers["Refresh"] = f"0; url={onward}"
    drop_cookie(response, COOKIE)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'  # not cookies: a launch may be open beside it
    return response


@blueprint.get("/signed-out")
def signed_out() -> ResponseReturnValue:
    """The end."""
    return render_template("admin/access/signed_out.html")


def _name(entered: AdminSession) -> str:
    return runtime().vault.decrypt(entered.administrator.encrypted_name)
