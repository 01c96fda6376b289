"""A sample class for a teacher to look around in: one tap in, one tap out."""

from flask import Blueprint, g, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.services.sample.sample_class import sample_activities
from lti_tool.web.context import now, runtime
from lti_tool.web.sessions import keeps_cookies, with_launch
from lti_tool.web.teacher.classroom.class_page import show_class
from lti_tool.web.teacher.reach import activity_in_reach

blueprint = Blueprint("sample", __name__, url_prefix="/a/<launch_id>/sample")


@blueprint.post("/open")
@with_launch(role="teacher")
def begin() -> ResponseReturnValue:
    """Make the class where this teacher has none, and show it."""
    activity_id = runtime().samples.open(g.launch, str(_("Sample class: grade 3 arithmetic")), now())
    if keeps_cookies():
        return redirect(url_for(".show", launch_id=g.launch.id, tour=1), 303)
    return show_class(activity_in_reach(activity_id))


@blueprint.route("", methods=["GET", "POST"])
@with_launch(role="teacher")
def show() -> ResponseReturnValue:
    """The sample class's page. Who has none yet is given one by `begin`: a GET makes nothing."""
    with runtime().database.read() as session:
        activities = sample_activities(session, g.launch.person_id)
    if not activities:
        return redirect(url_for("places.open_launch", launch_id=g.launch.id), 303)
    return show_class(activity_in_reach(activities[0].id))
