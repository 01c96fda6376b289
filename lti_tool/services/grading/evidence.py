"""What a pupil has done in an activity, counted from the answers that are stored."""

from collections.abc import Mapping
from datetime import datetime
from itertools import islice

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from engine.learner import SkillReport
from item_banks.schema import Skill
from lti_tool.persistence.tables.activities import Activity, PupilGoal
from lti_tool.persistence.tables.practice import Certificate, Opportunity
from lti_tool.services.grading.honesty import WINDOW, Try, is_honest
from lti_tool.services.grading.modes import MASTERED, Progress
from lti_tool.services.grading.rules import GradeRules

LOOK_BACK = 40
"""Answers among which the latest quick ones are looked for."""


def progress_of(
    session: Session,
    activity: Activity,
    person_id: str,
    report: Mapping[str, SkillReport],
    skills: Mapping[str, Skill] | None = None,
) -> Progress:
    """Count a pupil's tries in one activity, and the strong ones among its skills.

    A skill that has left the bank can't become strong any more, and is not asked for. `skills` are the bank's, for
    naming the next one in the comment.
    """
    rules = GradeRules.of(activity)
    own = session.get(PupilGoal, (activity.id, person_id))
    needed = own.attempts if own is not None else rules.attempts_for_full_points
    there = {skill_id: report[skill_id] for skill_id in activity.skill_ids if skill_id in report}
    open_skills = (skill_id for skill_id, skill in there.items() if skill.state not in MASTERED)
    following = skills.get(next(open_skills, "")) if skills else None
    attempts, right = (
        _check(session, activity.id, person_id, needed)
        if rules.grading == "accuracy"
        else (_honest(session, activity.id, person_id), 0)
    )
    newly, before = _grown(session, activity, person_id, list(there)) if rules.grading == "growth" else (0, 0)
    return Progress(
        attempts=attempts,
        attempts_needed=needed,
        mastered=sum(skill.state in MASTERED for skill in there.values()),
        skills=len(there),
        mode=rules.grading,
        right=right,
        newly_strong=newly,
        strong_before=before,
        goal=rules.growth_goal,
        next_skill=following.title if following else "",
    )


def is_honest_try(session: Session, activity_id: str, person_id: str, answer: Try) -> bool:
    """Whether an answer that is about to be stored counts as a try. Asks the database about quick answers only."""
    if not answer.quick:
        return True
    query = (
        select(Opportunity.response_format, Opportunity.correct, Opportunity.seconds)
        .where(_in(activity_id, person_id))
        .order_by(Opportunity.id.desc())
        .limit(LOOK_BACK)
    )
    quick = (each for each in (Try(*row) for row in session.execute(query)) if each.quick)
    return is_honest(answer, list(islice(quick, WINDOW))[::-1])


def _in(activity_id: str, person_id: str) -> ColumnElement[bool]:
    return and_(
        Opportunity.activity_id == activity_id,
        Opportunity.person_id == person_id,
        Opportunity.outcome != "no_evidence",
    )


def _honest(session: Session, activity_id: str, person_id: str) -> int:
    query = select(func.count()).select_from(Opportunity).where(_in(activity_id, person_id), Opportunity.honest)
    return session.scalar(query) or 0


def _check(session: Session, activity_id: str, person_id: str, length: int) -> tuple[int, int]:
    """How many answers of a check were given, and how many of them right at once and without a hint."""
    first = select(Opportunity.correct, Opportunity.hints, Opportunity.attempt).where(_in(activity_id, person_id))
    answers = session.execute(first.order_by(Opportunity.id).limit(length)).all()
    return len(answers), sum(row.correct and row.hints == 0 and row.attempt == 1 for row in answers)


def _grown(session: Session, activity: Activity, person_id: str, skill_ids: list[str]) -> tuple[int, int]:
    """Assigned skills that became strong since the activity was made, and those that were strong before."""
    query = select(Certificate.strong_since).where(
        Certificate.person_id == person_id,
        Certificate.standard == activity.standard,
        Certificate.skill_id.in_(skill_ids),
    )
    moments: list[datetime] = list(session.scalars(query))
    newly = sum(moment >= activity.created_at for moment in moments)
    return newly, len(moments) - newly
