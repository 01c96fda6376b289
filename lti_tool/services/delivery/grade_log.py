"""The teacher's grade log: of each pupil what was sent, when, what the LMS answered, and what waits."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.lti.messages.roles import Role
from lti_tool.persistence.secrets import Vault
from lti_tool.persistence.tables.accommodations import Accommodation
from lti_tool.persistence.tables.activities import Activity, LineItem, PupilGoal
from lti_tool.persistence.tables.grades import ScoreDelivery, ScoreOutbox
from lti_tool.persistence.tables.people import DisplayName, Membership, Person
from lti_tool.services.classroom.names import in_order

TRIES_SHOWN = 12


@dataclass(frozen=True)
class PupilGrade:
    """One pupil: the newest score (`score` None before the first) and how it fared, newest attempt first.

    `left`: the LMS's class list does not have the pupil any more.
    """

    person_id: str
    name: str
    left: bool
    score: ScoreOutbox | None
    own_tries: int | None
    due_at: datetime | None
    """The pupil's due date, with the days more that were given."""
    attempts: Sequence[ScoreDelivery]


@dataclass(frozen=True)
class FurtherColumn:
    """A column for mastery: how many of its scores are in the gradebook, on their way, and refused (with a code)."""

    label: str
    delivered: int
    under_way: int
    parked: int
    problem: str | None


@dataclass(frozen=True)
class GradeLog:
    """The pupils with a score, those first about whom the teacher can do something, then by name; those without one;
    the further columns; and how many scores are in each state.
    """

    activity: Activity
    pupils: Sequence[PupilGrade]
    without: Sequence[PupilGrade]
    columns: Sequence[FurtherColumn]
    counts: Mapping[str, int]


def grade_log(session: Session, activity: Activity, vault: Vault) -> GradeLog:
    """Read the log of one activity: pupils of the class, and those with a score who have left it."""
    scores = {
        row.person_id: row
        for row in session.scalars(
            select(ScoreOutbox)
            .join(ScoreOutbox.line_item)
            .where(LineItem.activity_id == activity.id, LineItem.kind == "grade")
        )
    }
    goals = {
        goal.person_id: goal.attempts
        for goal in session.scalars(select(PupilGoal).where(PupilGoal.activity_id == activity.id))
    }
    given = select(Accommodation.person_id, Accommodation.extra_days).where(Accommodation.person_id.in_(scores))
    extra_days = dict(session.execute(given).all())
    absent = select(Membership.person_id).where(
        Membership.context_id == activity.context_id, Membership.active.is_(False)
    )
    left = set(session.scalars(absent))
    attempts = _attempts(session, [row.id for row in scores.values()])
    pupils = [
        PupilGrade(
            person_id=person_id,
            name=name,
            left=person_id in left,
            score=scores.get(person_id),
            own_tries=goals.get(person_id),
            due_at=activity.due_at and activity.due_at + timedelta(days=extra_days.get(person_id, 0)),
            attempts=attempts[scores[person_id].id] if person_id in scores else (),
        )
        for person_id, name in _people(session, activity, vault, list(scores)).items()
    ]
    counts: dict[str, int] = defaultdict(int)
    for row in scores.values():
        counts[row.state] += 1
    pupils.sort(key=lambda pupil: (_rank(pupil, activity), in_order(pupil.name, pupil.person_id)))
    return GradeLog(
        activity,
        [pupil for pupil in pupils if pupil.score is not None],
        [pupil for pupil in pupils if pupil.score is None],
        _further_columns(session, activity),
        counts,
    )


def _rank(pupil: PupilGrade, activity: Activity) -> int:
    state = pupil.score.state if pupil.score is not None else ""
    if state == "held" and activity.posting == "review":
        return 0
    return {"parked": 0, "theirs": 1}.get(state, 2)


def _people(session: Session, activity: Activity, vault: Vault, graded: list[str]) -> dict[str, str]:
    in_class = select(Membership.person_id).where(
        Membership.context_id == activity.context_id, Membership.role == Role.PUPIL.value, Membership.active
    )
    query = (
        select(Person.id, DisplayName.encrypted_name)
        .outerjoin(DisplayName, DisplayName.person_id == Person.id)
        .where(Person.preview.is_(False), or_(Person.id.in_(in_class), Person.id.in_(graded)))
    )
    return {person_id: vault.decrypt(name) if name else "" for person_id, name in session.execute(query)}


def _attempts(session: Session, outbox_ids: list[int]) -> dict[int, list[ScoreDelivery]]:
    place = func.row_number().over(partition_by=ScoreDelivery.score_outbox_id, order_by=ScoreDelivery.id.desc())
    placed = (
        select(ScoreDelivery.id, place.label("place")).where(ScoreDelivery.score_outbox_id.in_(outbox_ids)).subquery()
    )
    query = (
        select(ScoreDelivery)
        .join(placed, placed.c.id == ScoreDelivery.id)
        .where(placed.c.place <= TRIES_SHOWN)
        .order_by(ScoreDelivery.id.desc())
    )
    found: dict[int, list[ScoreDelivery]] = defaultdict(list)
    for attempt in session.scalars(query):
        found[attempt.score_outbox_id].append(attempt)
    return found


def _further_columns(session: Session, activity: Activity) -> list[FurtherColumn]:
    def number(*states: str) -> ColumnElement[int]:
        return func.count().filter(ScoreOutbox.state.in_(states))

    refused = func.max(ScoreOutbox.problem).filter(ScoreOutbox.state == "parked")
    query = (
        select(LineItem.label, number("delivered", "theirs"), number("waiting", "held"), number("parked"), refused)
        .join(ScoreOutbox, ScoreOutbox.line_item_id == LineItem.id)
        .where(LineItem.activity_id == activity.id, LineItem.kind != "grade")
        .group_by(LineItem.id, LineItem.label)
        .order_by(LineItem.id)
    )
    return [
        FurtherColumn(label, there, under_way, parked, problem)
        for label, there, under_way, parked, problem in session.execute(query)
    ]
