"""Scores on their way into the outbox, in the transaction of the answer that earned them."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.learner import SkillReport
from item_banks.schema import Skill
from lti_tool.persistence.tables.activities import Activity, LineItem
from lti_tool.services.grading.comments import MAX_COMMENT, grade_comment
from lti_tool.services.grading.evidence import progress_of
from lti_tool.services.grading.mastery_columns import enqueue_mastery
from lti_tool.services.grading.modes import MASTERED, Progress
from lti_tool.services.grading.outbox import NewScore, put_score

__all__ = ["MASTERED", "MAX_COMMENT", "Progress", "enqueue_grade", "grade_comment", "post_progress", "progress_of"]


def post_progress(
    session: Session,
    activity: Activity,
    person_id: str,
    report: Mapping[str, SkillReport],
    skills: Mapping[str, Skill],
    *,
    locale: str,
    now: datetime,
) -> Progress:
    """Work out where a pupil stands, and put what follows into the outbox: the grade, and mastery where wanted."""
    progress = progress_of(session, activity, person_id, report, skills)
    enqueue_grade(session, activity, person_id, progress, locale=locale, now=now)
    enqueue_mastery(session, activity, person_id, progress, report, skills, locale=locale, now=now)
    return progress


def enqueue_grade(
    session: Session, activity: Activity, person_id: str, progress: Progress, *, locale: str, now: datetime
) -> None:
    """Put the pupil's present score into the outbox, over one that still waits there.

    Before the first honest try there is none. Where the teacher keeps the highest, it is never lower than one before.
    """
    if activity.grading == "none" or not progress.begun:
        return
    column = session.scalars(
        select(LineItem).where(LineItem.activity_id == activity.id, LineItem.resource_id == activity.id)
    ).one_or_none()
    if column is None:
        return
    new = NewScore(
        share=progress.share,
        maximum=activity.points,
        comment=grade_comment(progress, locale),
        completed=progress.completed,
    )
    put_score(session, activity, column, person_id, new, now=now)
