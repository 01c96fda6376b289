"""The class page's buttons: change the activity, and read the class list anew."""

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.persistence.tables.activities import Activity
from lti_tool.services.assigning.activities import BadChoice, read_choices
from lti_tool.services.assigning.changes import change_activity
from lti_tool.services.assigning.practice_settings import PracticeSettings, change_settings
from lti_tool.services.grading.rules import BadRule, GradeRules, read_rules
from lti_tool.services.grading.settings import Author, change_rules
from lti_tool.services.platforms.roster import ask_for_roster
from lti_tool.web.context import now, runtime
from lti_tool.web.sessions import keeps_cookies, load_launch, with_launch
from lti_tool.web.teacher.assigning.grading_form import chosen_rules, teachers_zone
from lti_tool.web.teacher.assigning.picker import picked, problem_words, show_picker
from lti_tool.web.teacher.assigning.practice_form import read_settings
from lti_tool.web.teacher.classroom.class_page import show_class
from lti_tool.web.teacher.reach import activity_in_reach

blueprint = Blueprint("changes", __name__, url_prefix="/a/<launch_id>")


@blueprint.post("/change")
@with_launch(role="teacher")
def change() -> ResponseReturnValue:
    """The picker with what the activity is made of now."""
    return show_picker(activity=_activity_in_hand())


@blueprint.post("/save")
@with_launch(role="teacher")
def save() -> ResponseReturnValue:
    """Take the changes."""
    activity = _activity_in_hand()
    try:
        settings = read_settings(PracticeSettings.of(activity))
        choices = read_choices(
            runtime().catalog,
            skill_ids=picked(),
            title=request.form.get("title", ""),
            rules=read_rules(chosen_rules(GradeRules.of(activity)), teachers_zone()),
        )
        if len(choices) > 1:
            raise BadChoice("other-subject")
        with runtime().database.write() as session:
            change_activity(session, activity.id, choices[0], g.launch.person_id, now())
            author = Author(g.launch.person_id, g.launch.locale, now())
            change_rules(session, runtime().catalog, activity.id, choices[0].rules, author)
            change_settings(session, activity.id, settings, person_id=g.launch.person_id, now=now())
    except (BadChoice, BadRule) as problem:
        return show_picker(activity=activity, message=problem_words(problem.code), status=422)
    return _class_page(activity.id)


@blueprint.post("/roster")
@with_launch(role="teacher")
def roster() -> ResponseReturnValue:
    """Let the class list be read as soon as possible; the page that follows says so."""
    activity = _activity_in_hand()
    with runtime().database.write() as session:
        ask_for_roster(session, session.merge(g.launch), now())
    return _class_page(activity.id)


def _class_page(activity_id: str) -> ResponseReturnValue:
    """Back to the class page: a redirect, so that a reload sends nothing again; at once where no cookie is kept."""
    if not keeps_cookies():
        g.launch = load_launch(g.launch.id)
        return show_class(_activity_in_hand())
    if g.launch.kind == "course":
        return redirect(url_for("course.open_activity", launch_id=g.launch.id, activity_id=activity_id), 303)
    return redirect(url_for("places.open_launch", launch_id=g.launch.id), 303)


def _activity_in_hand() -> Activity:
    """The activity that the form names, if this launch opens its class page. Raises `Stopped`."""
    return activity_in_reach(request.form.get("activity", ""), sample=False)
