"""A teacher's page about one pupil in one activity."""

from flask import Blueprint, g, render_template, url_for
from flask.typing import ResponseReturnValue

from lti_tool.services.classroom.pupil_page import NotInThisClass, pupil_page
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped
from lti_tool.web.sessions import with_launch
from lti_tool.web.teacher.class_summary import name_or_label
from lti_tool.web.teacher.reach import activity_in_reach
from lti_tool.web.teacher.words import answer_words, evidence_words, state_words

blueprint = Blueprint("pupil_page", __name__, url_prefix="/a/<launch_id>")


@blueprint.route("/activity/<activity_id>/pupil/<person_id>", methods=["GET", "POST"])
@with_launch(role="teacher")
def show_pupil(activity_id: str, person_id: str) -> ResponseReturnValue:
    """Every answer as it was seen, and what each skill's state rests on. A POST where no cookie carries the session."""
    activity = activity_in_reach(activity_id)
    parts = runtime()
    bank = parts.catalog.banks[activity.bank_id]
    try:
        with parts.database.read() as session:
            page = pupil_page(
                session,
                activity,
                person_id.replace("\x00", ""),
                parts.catalog.tutor(activity.bank_id, activity.standard),
                parts.vault,
                now(),
            )
    except NotInThisClass:
        raise Stopped("not-allowed", 403) from None
    if g.launch.kind == "resource":
        back = url_for("places.open_launch", launch_id=g.launch.id)
    else:
        back = url_for("course.open_activity", launch_id=g.launch.id, activity_id=activity.id)
    return render_template(
        "teacher/pupil.html",
        page=page,
        name=name_or_label(page.name, page.person_id),
        skills=[(bank.skills[skill], report) for skill, report in page.skills.items() if skill in bank.skills],
        titles={skill.id: skill.title for skill in bank.skills.values()},
        language=bank.language,
        back=back,
        state_words=state_words,
        answer_words=answer_words,
        evidence_words=evidence_words,
    )
