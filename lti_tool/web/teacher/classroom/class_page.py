"""The class page of one activity."""

from typing import get_args

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engine.beliefs.records import State
from lti_tool.persistence.tables.activities import Activity
from lti_tool.services.classroom.class_page import class_page
from lti_tool.web.context import now, runtime
from lti_tool.web.teacher.classroom.class_summary import MOST_NAMES, pupil_name, summarise
from lti_tool.web.teacher.classroom.glossary import glossary
from lti_tool.web.teacher.classroom.tour import stops
from lti_tool.web.teacher.helping.more_time import more_time
from lti_tool.web.teacher.reach import class_page_address
from lti_tool.web.teacher.words import grade_words, roster_words, state_words

MANY_SKILLS = 8
"""From so many columns on the cells show their sign only; the words stay for screen readers."""


def show_class(activity: Activity) -> ResponseReturnValue:
    """Whom to help with what, pupils by skills, time and grades; of one section where the teacher chose it."""
    parts = runtime()
    bank = parts.catalog.bank_of(activity)
    tutor = parts.catalog.tutor(activity.bank_id, activity.standard)
    section = request.values.get("section", "")[:255]
    with parts.database.read() as session:
        page = class_page(session, activity, tutor, parts.vault, now(), section=section)
    skills = [bank.skills[skill] for skill in page.skill_ids if skill in bank.skills]
    begun = [skill for skill in skills if any(row.skills[skill.id].state != "new" for row in page.pupils)]
    every = request.values.get("skills") == "all" or not begun or len(skills) <= MANY_SKILLS
    summary = summarise(page, skills)
    return render_template(
        "teacher/classroom/class.html",
        page=page,
        skills=skills if every else begun,
        hidden_skills=0 if every else len(skills) - len(begun),
        many=(len(skills) if every else len(begun)) > MANY_SKILLS,
        summary=summary,
        more_time=more_time(page),
        glossary=glossary(activity.standard),
        tour=stops(summary) if request.values.get("tour") and page.pupils else (),
        here=class_page_address(activity.id),
        language=bank.language,
        has_words=bool(bank.words),
        pupil_name=pupil_name,
        most_names=MOST_NAMES,
        grade_words=grade_words,
        roster_words=roster_words,
        words={state: state_words(state) for state in get_args(State)},  # once: there are thousands of cells
    )
