"""The course's page: its activities, each with a way to its class page."""

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from lti_tool.services.assigning.course_page import activity_of_course, course_page
from lti_tool.web.context import runtime
from lti_tool.web.errors import Stopped
from lti_tool.web.sessions import with_launch
from lti_tool.web.teacher.assigning.practice_form import control_words
from lti_tool.web.teacher.classroom.class_page import show_class

blueprint = Blueprint("course", __name__, url_prefix="/a/<launch_id>")


def show_course(*, problem: str = "", changed: int = 0, status: int = 200) -> ResponseReturnValue:
    """All activities of the course; after several were changed: how many, or the problem ("none": nothing ticked)."""
    with runtime().database.read() as session:
        lines = course_page(session, g.launch.context_id)
    html = render_template(
        "teacher/assigning/course.html",
        lines=lines,
        course=g.launch.context,
        problem=problem,
        changed=changed,
        control_words=control_words(),
    )
    return html, status


@blueprint.route("/activity/<activity_id>", methods=["GET", "POST"])
@with_launch(role="teacher")
def open_activity(activity_id: str) -> ResponseReturnValue:
    """The class page of one activity of the course."""
    if g.launch.kind != "course" or "\x00" in activity_id:
        raise Stopped("not-allowed", 403)
    with runtime().database.read() as session:
        activity = activity_of_course(session, g.launch.context_id, activity_id)
    if activity is None:
        raise Stopped("not-allowed", 403)
    return show_class(activity)
