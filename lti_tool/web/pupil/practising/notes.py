"""A teacher's note on a pupil's page, until the pupil has read it."""

from typing import Any

from flask import Blueprint, Flask, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.persistence.tables.steering import TeacherNote
from lti_tool.services.helping.notes import mark_read, unread
from lti_tool.web.context import now, runtime
from lti_tool.web.places import open_page
from lti_tool.web.pupil.pages import require_activity
from lti_tool.web.sessions import keeps_cookies, with_launch

blueprint = Blueprint("notes", __name__, url_prefix="/a/<launch_id>")


def install(app: Flask) -> None:
    """Let the layout of a pupil's pages ask for a note."""

    @app.context_processor
    def values() -> dict[str, Any]:
        return {"teachers_note": _unread}


@blueprint.post("/note-read")
@with_launch(role="pupil")
def read() -> ResponseReturnValue:
    """The pupil has read it; back to where the launch leads."""
    note_id = request.form.get("note", "").replace("\x00", "")
    with runtime().database.write() as session:
        mark_read(session, require_activity(), g.launch.person_id, note_id, now())
    return redirect(url_for("places.open_launch", launch_id=g.launch.id), 303) if keeps_cookies() else open_page()


def _unread() -> TeacherNote | None:
    if g.launch.activity_id is None:
        return None
    with runtime().database.read() as session:
        return unread(session, g.launch.activity_id, g.launch.person_id)
