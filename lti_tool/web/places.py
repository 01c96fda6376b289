"""/a/<launch>: where a launch leads, by what was opened and by whom."""

from flask import Blueprint, g
from flask.typing import ResponseReturnValue

from lti_tool.services.launching.launches import OpenedSession
from lti_tool.web.errors import error_page
from lti_tool.web.pupil.practising.practice import practice_page
from lti_tool.web.pupil.practising.warm_up import warm_up_page
from lti_tool.web.pupil.today import today_page
from lti_tool.web.sessions import carry_secret, load_launch, with_launch
from lti_tool.web.teacher.assigning.course_page import show_course
from lti_tool.web.teacher.assigning.picker import show_picker
from lti_tool.web.teacher.classroom.class_page import show_class

blueprint = Blueprint("places", __name__)


@blueprint.route("/a/<launch_id>", methods=["GET", "POST"])
@with_launch()
def open_launch() -> ResponseReturnValue:
    """The page that this launch is for. A POST asks for the same page, where no cookie carries the session."""
    return open_page()


def open_without_cookie(opened: OpenedSession) -> ResponseReturnValue:
    """The same page as the answer to the launch itself: this browser would lose the session on the way to a GET."""
    carry_secret(opened.secret)
    g.launch = load_launch(opened.id)
    return open_page()


def open_page() -> ResponseReturnValue:
    """The page that this request's launch is for."""
    launch = g.launch
    if launch.role == "teacher" and launch.kind == "course":
        return show_course()
    if launch.role == "teacher" and launch.kind == "resource" and launch.activity is not None:
        return show_class(launch.activity)
    if launch.role == "teacher":
        return show_picker()
    if launch.role == "pupil" and launch.kind == "course":
        return error_page("open-an-activity", 200)
    if launch.role == "pupil" and launch.activity is not None and launch.activity.own_frontier:
        return today_page() if g.preferences.warmed_up else warm_up_page()
    if launch.role == "pupil":
        return practice_page()
    return error_page(launch.role if launch.role in ("mentor", "administrator") else "no-role", 403)
