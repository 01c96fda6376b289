"""Grades that wait or were refused, and sending them again."""

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from lti_tool.services.admin.district.grades import grades, send_parked_again
from lti_tool.web.admin.rights import with_right
from lti_tool.web.admin.said import back_to, done_words
from lti_tool.web.context import now, runtime
from lti_tool.web.teacher.grading.grade_words import trouble_words

blueprint = Blueprint("admin_grades", __name__, url_prefix="/admin/grades")


@blueprint.get("/")
@with_right("see")
def show() -> ResponseReturnValue:
    """Counts by state, the age of the oldest, what is stuck and why."""
    with runtime().database.read() as session:
        found = grades(session, g.reach, now())
    return render_template("admin/district/grades.html", grades=found, trouble_words=trouble_words, said=done_words())


@blueprint.post("/send")
@with_right("change")
def send() -> ResponseReturnValue:
    """Send refused grades again: of one activity, or all."""
    activity_id = request.form.get("activity", "").replace("\x00", "")[:64] or None
    with runtime().database.write() as session:
        number = send_parked_again(session, g.reach, now(), activity_id=activity_id)
    return back_to(".show", "sent" if number else "nothing")
