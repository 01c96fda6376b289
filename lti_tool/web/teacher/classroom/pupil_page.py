"""A teacher's page about one pupil in one activity, and the same in plain words for parents."""

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from item_banks.schema import Bank
from lti_tool.services.classroom.pupil_page import NotInThisClass, PupilPage, pupil_page
from lti_tool.services.grading.modes import MASTERED
from lti_tool.services.helping.accommodations import GRADES, MAX_EXTRA_DAYS
from lti_tool.services.helping.notes import MAX_NOTE
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped
from lti_tool.web.pupil.words import reason_words
from lti_tool.web.sessions import with_launch
from lti_tool.web.teacher.classroom.class_summary import name_or_label
from lti_tool.web.teacher.classroom.glossary import glossary
from lti_tool.web.teacher.reach import activity_in_reach, class_page_address
from lti_tool.web.teacher.words import (
    answer_words,
    confidence_words,
    evidence_words,
    needs_words,
    state_words,
    trace_words,
)

blueprint = Blueprint("pupil_page", __name__, url_prefix="/a/<launch_id>")

LAST_NUMBER = 2**31 - 1


@blueprint.route("/activity/<activity_id>/pupil/<person_id>", methods=["GET", "POST"])
@with_launch(role="teacher")
def show_pupil(activity_id: str, person_id: str) -> ResponseReturnValue:
    """Every answer as it was seen, and what each skill's state rests on. A POST where no cookie carries the session."""
    return show_page(activity_id, person_id)


@blueprint.route("/activity/<activity_id>/pupil/<person_id>/summary", methods=["GET", "POST"])
@with_launch(role="teacher")
def show_summary(activity_id: str, person_id: str) -> ResponseReturnValue:
    """What the pupil has learned, in plain words, to print for parents: no percentages, no comparison."""
    page, bank = _read(activity_id, person_id)
    titles = [(bank.skills[skill], report) for skill, report in page.skills.items() if skill in bank.skills]
    growing = [skill for skill, report in titles if report.state in ("growing", "stuck")]
    return render_template(
        "teacher/classroom/parents.html",
        page=page,
        name=name_or_label(page.name, page.person_id),
        strong=[skill for skill, report in titles if report.state in MASTERED],
        growing=growing,
        helps=[skill for skill in growing if skill.rule or skill.contrast][:2],
        language=bank.language,
        today=now().date(),
        back=url_for("pupil_page.show_pupil", launch_id=g.launch.id, activity_id=activity_id, person_id=person_id),
    )


def show_page(activity_id: str, person_id: str, *, message: str = "", status: int = 200) -> ResponseReturnValue:
    """The pupil's page, with what was wrong with a form."""
    page, bank = _read(activity_id, person_id)
    html = render_template(
        "teacher/classroom/pupil.html",
        page=page,
        message=message,
        name=name_or_label(page.name, page.person_id),
        skills=[(bank.skills[skill], report) for skill, report in page.skills.items() if skill in bank.skills],
        titles={skill.id: skill.title for skill in bank.skills.values()},
        language=bank.language,
        back=class_page_address(page.activity.id),
        grades=GRADES,
        most_days=MAX_EXTRA_DAYS,
        longest_note=MAX_NOTE,
        state_words=state_words,
        glossary=glossary(page.activity.standard),
        answer_words=answer_words,
        confidence_words=confidence_words,
        evidence_words=evidence_words,
        needs_words=needs_words(),
        reason_words=reason_words,
        trace_words=trace_words,
    )
    return html, status


def _read(activity_id: str, person_id: str) -> tuple[PupilPage, Bank]:
    activity = activity_in_reach(activity_id)
    parts = runtime()
    before = request.values.get("before", "")
    try:
        with parts.database.read() as session:
            page = pupil_page(
                session,
                activity,
                person_id.replace("\x00", ""),
                parts.catalog.tutor(activity.bank_id, activity.standard),
                parts.vault,
                now(),
                before=min(int(before), LAST_NUMBER) if before.isdecimal() and before.isascii() else None,
            )
    except NotInThisClass:
        raise Stopped("not-allowed", 403) from None
    return page, parts.catalog.bank_of(activity)
