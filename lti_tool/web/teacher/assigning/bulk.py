"""Changing several activities of a course at once."""

from dataclasses import replace

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue

from lti_tool.persistence.tables.activities import Activity
from lti_tool.services.assigning.course_page import activity_of_course
from lti_tool.services.assigning.practice_settings import CONTROLS, PracticeSettings, change_settings
from lti_tool.services.grading.rules import BadRule, GradeRules, read_moment
from lti_tool.services.grading.settings import Author, change_rules
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped
from lti_tool.web.sessions import with_launch
from lti_tool.web.teacher.assigning.course_page import show_course
from lti_tool.web.teacher.assigning.grading_form import rule_problem, teachers_zone
from lti_tool.web.teacher.assigning.practice_form import REFLECTION

blueprint = Blueprint("bulk", __name__, url_prefix="/a/<launch_id>")

MOST = 200


@blueprint.post("/several")
@with_launch(role="teacher")
def change_several() -> ResponseReturnValue:
    """Give the ticked activities what was chosen; what says "as it is" stays. All of them, or none."""
    if g.launch.kind != "course":
        raise Stopped("not-allowed", 403)
    ids = [each.replace("\x00", "") for each in dict.fromkeys(request.form.getlist("activity"))][:MOST]
    if not ids:
        return show_course(problem="none", status=422)
    try:
        due_at = read_moment(request.form.get("due", ""), teachers_zone())
        with runtime().database.write() as session:
            for activity_id in ids:
                activity = activity_of_course(session, g.launch.context_id, activity_id)
                if activity is None:
                    raise Stopped("not-allowed", 403)
                rules = GradeRules.of(activity)
                author = Author(g.launch.person_id, g.launch.locale, now())
                if due_at is not None:
                    change_rules(session, runtime().catalog, activity.id, replace(rules, due_at=due_at), author)
                wanted = _settings(activity)
                change_settings(session, activity.id, wanted, person_id=g.launch.person_id, now=now())
    except BadRule as problem:
        return show_course(problem=rule_problem(problem.code), status=422)
    return show_course(changed=len(ids))


def _settings(activity: Activity) -> PracticeSettings:
    """The activity's settings with what was chosen in their place. Raises `BadRule`."""
    settings, form = PracticeSettings.of(activity), request.form
    if control := form.get("control"):
        known = next((each for each in CONTROLS if each == control), None)
        if known is None:
            raise BadRule("unknown-choice")
        settings = replace(settings, control=known)
    if reflection := form.get("metacognition"):
        if reflection not in REFLECTION:
            raise BadRule("unknown-choice")
        settings = replace(settings, metacognition=REFLECTION[reflection])
    if hints := form.get("hints"):
        settings = replace(settings, hints=hints == "on")
    return settings
