"""The teacher's page of one activity: pupils by skills, the last answer, and where the grade is."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.learner import Learner, SkillReport
from engine.tutor import Tutor
from lti_tool.lti.roles import Role
from lti_tool.persistence.activities import Activity, LineItem
from lti_tool.persistence.grades import ScoreOutbox
from lti_tool.persistence.people import DisplayName, Membership, Person
from lti_tool.persistence.practice import Certificate, LearnerState, Opportunity
from lti_tool.persistence.secrets import Vault
from lti_tool.services.attention import LATEST, Need, PupilFacts, needs
from lti_tool.services.changes import column_problem
from lti_tool.services.mistakes import Mistake, repeated_mistakes
from lti_tool.services.roster import RosterStatus, roster_status


@dataclass(frozen=True)
class GradeStatus:
    """Where a pupil's score is: "none", "waiting", "delivered" or "parked" (with the code of the problem)."""

    state: str
    points: float | None
    delivered_points: float | None
    problem: str | None


@dataclass(frozen=True)
class PupilRow:
    """One pupil on the page. `name` is empty where the LMS gives none."""

    person_id: str
    name: str
    skills: Mapping[str, SkillReport]
    attempts: int
    last_answer_at: datetime | None
    last_answer: str
    last_answer_correct: bool
    grade: GradeStatus


@dataclass(frozen=True)
class ClassPage:
    """All pupils who have opened the activity's course in Proximal, by name."""

    activity: Activity
    skill_ids: Sequence[str]
    pupils: Sequence[PupilRow]
    roster: RosterStatus
    needs: Sequence[Need]
    mistakes: Sequence[Mistake]
    column_problem: str | None
    """Code of why the LMS did not take a change of the gradebook column."""


def class_page(session: Session, activity: Activity, tutor: Tutor, vault: Vault, now: datetime) -> ClassPage:
    """Read the page. Only answers of this activity are shown; skill states are the person's."""
    people = _pupils(session, activity, vault)
    states = _learner_states(session, activity)
    grades = _grades(session, activity)
    attempts = session.execute(
        select(Opportunity.person_id, func.count())
        .where(Opportunity.activity_id == activity.id, Opportunity.outcome != "no_evidence")
        .group_by(Opportunity.person_id)
    )
    counts = dict(attempts.all())
    latest = _latest_answers(session, activity)
    rows = []
    for person_id, name in people.items():
        state, last = states.get(person_id), latest.get(person_id)
        learner = Learner.from_json(state.learner) if state else tutor.new_learner()
        report = tutor.report(learner, now=now, within=activity.skill_ids)
        rows.append(
            PupilRow(
                person_id=person_id,
                name=name,
                skills=report,
                attempts=counts.get(person_id, 0),
                last_answer_at=last.answered_at if last else None,
                last_answer=last.response if last else "",
                last_answer_correct=last.correct if last else False,
                grade=_grade_status(grades.get(person_id)),
            )
        )
    certified, quick = _certified(session, activity, list(people)), _quick_tries(session, activity)
    facts = [
        PupilFacts(
            row.person_id,
            row.skills,
            certified.get(row.person_id, frozenset()),
            row.attempts,
            quick.get(row.person_id, 0),
        )
        for row in rows
    ]
    return ClassPage(
        activity=activity,
        skill_ids=activity.skill_ids,
        needs=needs(facts, opened_at=activity.created_at, now=now),
        mistakes=repeated_mistakes(session, activity.id, list(people), now),
        pupils=sorted(rows, key=lambda row: (not row.name, row.name.casefold())),
        roster=roster_status(session, activity.context_id),
        column_problem=column_problem(session, activity.id),
    )


def _pupils(session: Session, activity: Activity, vault: Vault) -> dict[str, str]:
    query = (
        select(Membership.person_id, DisplayName.encrypted_name)
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(DisplayName, DisplayName.person_id == Membership.person_id)
        .where(
            Membership.context_id == activity.context_id,
            Membership.role == Role.PUPIL.value,
            Membership.active,
            Person.preview.is_(False),
        )
    )
    return {person_id: vault.decrypt(name) if name else "" for person_id, name in session.execute(query)}


def _learner_states(session: Session, activity: Activity) -> dict[str, LearnerState]:
    query = (
        select(LearnerState)
        .join(Membership, Membership.person_id == LearnerState.person_id)
        .where(LearnerState.bank_id == activity.bank_id, Membership.context_id == activity.context_id)
    )
    return {row.person_id: row for row in session.scalars(query)}


def _grades(session: Session, activity: Activity) -> dict[str, ScoreOutbox]:
    query = (
        select(ScoreOutbox)
        .join(ScoreOutbox.line_item)
        .where(LineItem.activity_id == activity.id, LineItem.resource_id == activity.id)
    )
    return {row.person_id: row for row in session.scalars(query)}


def _certified(session: Session, activity: Activity, people: Sequence[str]) -> dict[str, frozenset[str]]:
    """Which of the activity's skills each pupil has had as strong or kept."""
    query = select(Certificate.person_id, Certificate.skill_id).where(
        Certificate.person_id.in_(people),
        Certificate.skill_id.in_(activity.skill_ids),
        Certificate.standard == activity.standard,
    )
    found: dict[str, set[str]] = defaultdict(set)
    for person_id, skill_id in session.execute(query):
        found[person_id].add(skill_id)
    return {person_id: frozenset(skills) for person_id, skills in found.items()}


def _quick_tries(session: Session, activity: Activity) -> dict[str, int]:
    """How many of each pupil's latest tries were no honest ones."""
    place = func.row_number().over(partition_by=Opportunity.person_id, order_by=Opportunity.id.desc())
    latest = (
        select(Opportunity.person_id, Opportunity.honest, place.label("place"))
        .where(Opportunity.activity_id == activity.id, Opportunity.outcome != "no_evidence")
        .subquery()
    )
    query = (
        select(latest.c.person_id, func.count())
        .where(latest.c.place <= LATEST, latest.c.honest.is_(False))
        .group_by(latest.c.person_id)
    )
    return dict(session.execute(query).all())


def _latest_answers(session: Session, activity: Activity) -> dict[str, Opportunity]:
    newest = (
        select(func.max(Opportunity.id)).where(Opportunity.activity_id == activity.id).group_by(Opportunity.person_id)
    )
    query = select(Opportunity).where(Opportunity.id.in_(newest))
    return {opportunity.person_id: opportunity for opportunity in session.scalars(query)}


def _grade_status(row: ScoreOutbox | None) -> GradeStatus:
    if row is None:
        return GradeStatus("none", None, None, None)
    return GradeStatus(row.state, row.points_given, row.delivered_points, row.problem)
