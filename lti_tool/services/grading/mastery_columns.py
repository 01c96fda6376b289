"""Mastery in columns of its own, where the teacher wants them: one for the activity, or one for each skill.

AGS knows scores only, so a skill's column holds 1 of 1 once it is strong, and nothing before. It belongs to the
course: a second activity with the same skill uses it too. Such columns carry no resource link, since Moodle leaves the
link's own column out of launches as soon as it has two.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.learner import SkillReport
from item_banks.schema import Skill
from lti_tool.persistence.database import get_or_create
from lti_tool.persistence.tables.activities import Activity, LineItem
from lti_tool.services.grading.comments import MAX_COMMENT, fitted, mastery_sentence
from lti_tool.services.grading.modes import MASTERED, Progress
from lti_tool.services.grading.outbox import NewScore, put_score
from lti_tool.services.wording import catalogue

MASTERY_TAG = "mastery"


def enqueue_mastery(
    session: Session,
    activity: Activity,
    person_id: str,
    progress: Progress,
    report: Mapping[str, SkillReport],
    skills: Mapping[str, Skill],
    *,
    locale: str,
    now: datetime,
) -> None:
    """Put mastery into the outbox, for the columns that the teacher chose."""
    if activity.mastery_columns == "none" or not progress.begun or not progress.skills:
        return
    place = session.scalars(
        select(LineItem).where(LineItem.activity_id == activity.id, LineItem.resource_id == activity.id)
    ).one_or_none()
    if place is None:
        return
    if activity.mastery_columns == "activity":
        label = catalogue(locale).gettext("%(activity)s: skills mastered") % {"activity": activity.title}
        column = _column(session, place, "mastery", f"mastery:{activity.id}", label, progress.skills)
        score = NewScore(
            share=progress.mastered / progress.skills,
            maximum=progress.skills,
            comment=mastery_sentence(progress, locale),
            completed=progress.all_mastered,
        )
        put_score(session, activity, column, person_id, score, now=now)
        return
    for skill_id in activity.skill_ids:
        skill, found = skills.get(skill_id), report.get(skill_id)
        if skill is None or found is None or found.state not in MASTERED:
            continue
        column = _skill_column(session, activity, place, skill)
        comment = catalogue(locale).gettext("You can do this: %(skill)s") % {"skill": skill.child_title}
        score = NewScore(share=1.0, maximum=1.0, comment=fitted(comment, MAX_COMMENT), completed=True)
        put_score(session, activity, column, person_id, score, now=now)


def _skill_column(session: Session, activity: Activity, place: LineItem, skill: Skill) -> LineItem:
    """The course's column for a skill, whichever activity brought it."""
    resource_id = f"skill:{skill.id}"
    there = session.scalars(
        select(LineItem)
        .join(LineItem.activity)
        .where(LineItem.resource_id == resource_id, Activity.context_id == activity.context_id)
        .order_by(LineItem.id)
        .limit(1)
    ).one_or_none()
    return there or _column(session, place, "skill", resource_id, skill.title, 1.0)


def _column(session: Session, place: LineItem, kind: str, resource_id: str, label: str, points: float) -> LineItem:
    """Our row for a column; the worker finds or makes it in the LMS, in the place where the grade's own is."""
    column, _ = get_or_create(
        session,
        LineItem,
        {"activity_id": place.activity_id, "resource_id": resource_id},
        {
            "kind": kind,
            "label": label,
            "resource_link_id": place.resource_link_id,
            "collection_url": place.collection_url,
            "scopes": list(place.scopes),
            "points": points,
        },
    )
    return column
