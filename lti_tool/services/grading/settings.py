"""Changing what a grade is, for an activity or for one pupil, with all grades worked out anew."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.persistence.tables import audit
from lti_tool.persistence.tables.activities import Activity, PupilGoal
from lti_tool.persistence.tables.practice import LearnerState, Sitting
from lti_tool.services.catalog import Catalog
from lti_tool.services.delivery.grade_repairs import apply_posting_rule
from lti_tool.services.grading.grades import post_progress
from lti_tool.services.grading.rules import GradeRules
from lti_tool.services.practising.learners import load_pupil


@dataclass(frozen=True)
class Author:
    """Who changes something, in which language they read, and when it is."""

    person_id: str
    locale: str
    now: datetime


def change_rules(session: Session, catalog: Catalog, activity_id: str, rules: GradeRules, author: Author) -> None:
    """Grade an activity by these rules, and by the skills that it has now, from now on.

    Where grades are never lowered, what was earned before stays.
    """
    activity = session.get_one(Activity, activity_id)
    was, became = GradeRules.of(activity).values(), rules.values()
    changes = {name: str(value) for name, value in became.items() if value != was[name]}
    for name in changes:
        setattr(activity, name, became[name])
    session.flush()
    if changes:
        audit.record(
            session,
            "activity.graded_otherwise",
            activity.id,
            at=author.now,
            person_id=author.person_id,
            changes=changes,
        )
    _grade_anew(session, catalog, activity, _begun(session, activity), author)
    apply_posting_rule(session, activity, author.now)


def set_pupil_goal(
    session: Session,
    catalog: Catalog,
    activity: Activity,
    person_id: str,
    attempts: int | None,
    author: Author,
) -> None:
    """Give one pupil an own number of tries for full points; None: the activity's again."""
    goal = session.get(PupilGoal, (activity.id, person_id))
    if attempts is None:
        if goal is not None:
            session.delete(goal)
    else:
        goal = goal or PupilGoal(activity_id=activity.id, person_id=person_id)
        goal.attempts, goal.author_id, goal.set_at = attempts, author.person_id, author.now
        session.add(goal)
    session.flush()
    audit.record(
        session,
        "activity.tries_of_a_pupil",
        activity.id,
        at=author.now,
        person_id=author.person_id,
        tries=attempts,
    )
    begun = {person_id} & set(_begun(session, activity))
    _grade_anew(session, catalog, activity, begun, author)


def grade_pupil_anew(session: Session, catalog: Catalog, person_id: str, bank_id: str, author: Author) -> None:
    """Work out one pupil's grades in every activity of a subject that was begun: what counts as strong has changed."""
    query = (
        select(Activity)
        .where(
            Activity.bank_id == bank_id,
            Activity.id.in_(select(Sitting.activity_id).where(Sitting.person_id == person_id)),
        )
        .order_by(Activity.id)
    )
    for activity in session.scalars(query).all():
        _grade_anew(session, catalog, activity, {person_id}, author)


def _begun(session: Session, activity: Activity) -> Collection[str]:
    query = select(Sitting.person_id).where(Sitting.activity_id == activity.id).distinct().order_by(Sitting.person_id)
    return session.scalars(query).all()


def _grade_anew(
    session: Session, catalog: Catalog, activity: Activity, people: Collection[str], author: Author
) -> None:
    tutor, skills = catalog.tutor(activity.bank_id, activity.standard), catalog.banks[activity.bank_id].skills
    for person_id in people:
        if session.get(LearnerState, (person_id, activity.bank_id)) is None:
            continue
        pupil = load_pupil(session, tutor, person_id, activity.bank_id)
        report = pupil.report(now=author.now, within=activity.skill_ids)
        post_progress(session, activity, person_id, report, skills, locale=author.locale, now=author.now)
