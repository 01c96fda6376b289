"""/a/<launch>: where a launch leads, by what was opened and by whom."""

from flask import Blueprint, g
from flask.typing import ResponseReturnValue

from lti_tool.web.errors import error_page
from lti_tool.web.pupil.practice import practice_page
from lti_tool.web.sessions import with_launch
from lti_tool.web.teacher.class_page import show_class
from lti_tool.web.teacher.picker import show_picker

blueprint = Blueprint("places", __name__)


@blueprint.get("/a/<launch_id>")
@with_launch()
def open_launch() -> ResponseReturnValue:
    """The page that this launch is for."""
    launch = g.launch
    if launch.role == "teacher":
        return show_class() if launch.kind == "resource" and launch.activity is not None else show_picker()
    if launch.role == "pupil":
        return practice_page()
    return error_page("no-role", 403)
