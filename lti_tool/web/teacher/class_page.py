"""The class page of one activity."""

from flask import render_template
from flask.typing import ResponseReturnValue

from lti_tool.persistence.activities import Activity
from lti_tool.services.class_page import class_page
from lti_tool.web.context import now, runtime
from lti_tool.web.teacher.class_summary import pupil_name, summarise
from lti_tool.web.teacher.words import grade_words, roster_words, state_words


def show_class(activity: Activity) -> ResponseReturnValue:
    """Pupils by skills, the last answer, and where each grade is."""
    parts = runtime()
    bank = parts.catalog.banks[activity.bank_id]
    with parts.database.read() as session:
        page = class_page(
            session, activity, parts.catalog.tutor(activity.bank_id, activity.standard), parts.vault, now()
        )
    skills = [bank.skills[skill] for skill in page.skill_ids if skill in bank.skills]
    return render_template(
        "teacher/class.html",
        page=page,
        skills=skills,
        summary=summarise(page, skills),
        language=bank.language,
        pupil_name=pupil_name,
        grade_words=grade_words,
        roster_words=roster_words,
        state_words=state_words,
    )
