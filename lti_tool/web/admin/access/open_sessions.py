"""Who is signed in to the console, and ending a session."""

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from lti_tool.services.admin.access.open_sessions import end_session, open_sessions
from lti_tool.web.admin.rights import limits, with_right
from lti_tool.web.admin.said import back_to, done_words
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped

blueprint = Blueprint("admin_sessions", __name__, url_prefix="/admin/sessions")


@blueprint.get("/")
@with_right("see")
def show() -> ResponseReturnValue:
    """One's own sessions; those of the whole district for who runs it."""
    parts = runtime()
    with parts.database.read() as session:
        found = open_sessions(session, g.reach, g.admin, parts.vault, limits().idle, now())
    return render_template("admin/access/sessions.html", sessions=found, said=done_words())


@blueprint.post("/<session_id>/end")
@with_right("see")
def end(session_id: str) -> ResponseReturnValue:
    """End one of them."""
    try:
        with runtime().database.write() as session:
            end_session(session, g.reach, session_id, limits().idle, now())
    except LookupError:
        raise Stopped("admin-not-found", 404) from None
    return back_to(".show", "ended")
