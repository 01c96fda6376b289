"""Which activities a teacher's launch reaches: its own link's, or those of its course."""

from flask import g, url_for

from lti_tool.persistence.tables.activities import Activity
from lti_tool.services.assigning.course_page import activity_of_course
from lti_tool.services.sample.sample_class import sample_activity
from lti_tool.web.context import runtime
from lti_tool.web.errors import Stopped


def activity_in_reach(activity_id: str, *, sample: bool = True) -> Activity:
    """The activity of this id, if this launch opens its class page. Raises `Stopped`.

    With `sample`, that of the teacher's own sample class too; every page then says so (`g.in_sample`).
    """
    found: Activity | None = None
    if g.launch.kind == "resource" and g.launch.activity is not None and g.launch.activity.id == activity_id:
        found = g.launch.activity
    elif g.launch.kind == "course" and "\x00" not in activity_id:
        with runtime().database.read() as session:
            found = activity_of_course(session, g.launch.context_id, activity_id)
    if found is None and sample and "\x00" not in activity_id:
        with runtime().database.read() as session:
            found = sample_activity(session, g.launch.person_id, activity_id)
        g.in_sample = found is not None
    if found is None:
        raise Stopped("not-allowed", 403)
    return found


def class_page_address(activity_id: str) -> str:
    """Where this launch shows the activity's class page."""
    if g.get("in_sample"):
        return url_for("sample.show", launch_id=g.launch.id)
    if g.launch.kind == "course":
        return url_for("course.open_activity", launch_id=g.launch.id, activity_id=activity_id)
    return url_for("places.open_launch", launch_id=g.launch.id)
