"""Five minutes with a group: a page to hold in the hand, and to print."""

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from lti_tool.services.classroom.names import names_of
from lti_tool.services.paper.worksheets import group_activity
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped
from lti_tool.web.sessions import with_launch
from lti_tool.web.teacher.classroom.class_summary import name_or_label
from lti_tool.web.teacher.reach import activity_in_reach, class_page_address

blueprint = Blueprint("together", __name__, url_prefix="/a/<launch_id>/activity/<activity_id>")

MOST_PEOPLE = 6


@blueprint.route("/group", methods=["GET", "POST"])
@with_launch(role="teacher")
def show_group(activity_id: str) -> ResponseReturnValue:
    """One example to talk through, one together, two alone. Another one each week."""
    activity = activity_in_reach(activity_id)
    parts = runtime()
    bank = parts.catalog.bank_of(activity)
    skill = bank.skills.get(request.values.get("skill", ""))
    if skill is None:
        raise Stopped("bad-request", 400)
    wanted = [who.replace("\x00", "") for who in request.values.getlist("who")[:MOST_PEOPLE]]
    with parts.database.read() as session:
        names = names_of(session, activity, parts.vault)
    year, week, _ = now().isocalendar()
    return render_template(
        "teacher/helping/group.html",
        activity=activity,
        skill=skill,
        names=[name_or_label(names[who], who) for who in wanted if who in names],
        plan=group_activity(bank, skill.id, seed=year * 100 + week),
        words=[word for key, word in bank.words.items() if key.partition("/")[0] == skill.id and not word.reserved][:6],
        language=bank.language,
        back=class_page_address(activity.id),
        here=g.launch.id,
    )
