"""What the teacher put before a skill: "look at this first"."""

from typing import Final

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.materials import Material
from lti_tool.services.helping.materials import find, materials_of
from lti_tool.web.context import runtime
from lti_tool.web.errors import Stopped
from lti_tool.web.pupil.pages import require_activity
from lti_tool.web.sessions import with_launch

blueprint = Blueprint("looked_at_first", __name__, url_prefix="/a/<launch_id>")

SUFFIXES: Final = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "application/pdf": "pdf"}


def first_looks(session: Session, activity: Activity, skill_id: str) -> list[Material]:
    """What stands beside the questions of a skill."""
    return list(materials_of(session, activity.context_id, [skill_id]))


@blueprint.route("/look/<material_id>", methods=["GET", "POST"])
@with_launch(role="pupil")
def open_file(material_id: str) -> Response:
    """One of the files, for the pupils of its class."""
    with runtime().database.read() as session:
        activity = session.get_one(Activity, require_activity())
        material = find(session, activity.context_id, material_id.replace("\x00", ""))
        if material is not None and material.skill_id not in activity.skill_ids:
            raise Stopped("item-not-yours", 404)
        return as_file(material)


def as_file(material: Material | None) -> Response:
    """A picture to look at, a PDF to save: a browser's own reader may not open in a page without plug-ins.

    Raises `Stopped` where there is none.
    """
    if material is None or material.content is None or material.media_type not in SUFFIXES:
        raise Stopped("item-not-yours", 404)
    answer = Response(material.content, mimetype=material.media_type)
    how = "inline" if material.media_type.startswith("image/") else "attachment"
    answer.headers.set("Content-Disposition", how, filename=f"{material.id[:8]}.{SUFFIXES[material.media_type]}")
    return answer
