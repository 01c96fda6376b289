"""One row per column and pupil in the outbox; the newest score wins, and goes when the teacher lets it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from lti_tool.persistence.tables.activities import Activity, LineItem
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.persistence.tables.people import Person
from lti_tool.services.helping.accommodations import accommodations_of


@dataclass(frozen=True)
class NewScore:
    """What the gradebook should say of a pupil. `share` of `maximum` points, 0 to 1."""

    share: float
    maximum: float
    comment: str
    completed: bool


def posting_state(activity: Activity, row: ScoreOutbox, now: datetime) -> Literal["waiting", "held"]:
    """Whether a score may go out now, by the activity's posting rule. Work that comes after the due date may."""
    if activity.grading == "none" and row.line_item.kind == "grade":
        return "held"
    due = activity.due_at is not None and _due_for(row, activity.due_at) <= now
    if activity.posting == "review":
        return "held"
    if activity.posting == "due":
        return "waiting" if due else "held"
    if activity.posting == "completion":
        return "waiting" if row.completed or due else "held"
    return "waiting"


def _due_for(row: ScoreOutbox, due_at: datetime) -> datetime:
    """A due date for one pupil, who may have been given more days."""
    session = object_session(row)
    if session is None:
        return due_at
    with session.no_autoflush:  # a new row is not complete yet
        return due_at + timedelta(days=accommodations_of(session, row.person_id).extra_days)


def put_score(
    session: Session, activity: Activity, column: LineItem, person_id: str, new: NewScore, *, now: datetime
) -> None:
    """Make a score the newest of its column and pupil, unless it says what is there already.

    A grade of the teacher's own in the LMS stands: the score is kept and not sent.
    """
    if session.get_one(Person, person_id).preview:
        return  # a teacher's "student view" must not stand in the gradebook
    row = session.scalars(
        select(ScoreOutbox)
        .where(ScoreOutbox.line_item_id == column.id, ScoreOutbox.person_id == person_id)
        .with_for_update()
    ).one_or_none()
    points, completed = new.maximum * new.share, new.completed
    if row is None:
        row = ScoreOutbox(line_item=column, person_id=person_id, revision=0, state="held", attempts=0, points_given=0.0)
        session.add(row)
    else:
        if activity.keep_highest:
            points = max(points, row.points_given * (new.maximum / row.points_maximum))
            completed = completed or row.completed
        before = (row.points_given, row.points_maximum, row.comment, row.completed)
        if before == (points, new.maximum, new.comment, completed):
            return
        rescale(row, new.maximum)
    row.points_given, row.points_maximum = points, new.maximum
    row.comment, row.completed = new.comment, completed
    row.revision += 1
    if row.state != "theirs":
        set_out(row, posting_state(activity, row, now), now)


def rescale(row: ScoreOutbox, maximum: float) -> None:
    """Express a row's points out of another maximum; each keeps its share."""
    factor = maximum / row.points_maximum
    row.points_given, row.points_maximum = row.points_given * factor, maximum
    row.delivered_points = row.delivered_points * factor if row.delivered_points is not None else None
    row.found_points = row.found_points * factor if row.found_points is not None else None


def set_out(row: ScoreOutbox, state: Literal["waiting", "held"], now: datetime) -> None:
    """Let a score go, or hold it back, with all its tries before it."""
    if row.state != "waiting":
        row.waiting_since = now
    row.state, row.next_attempt_at, row.attempts = state, now, 0
    row.problem = row.problem_detail = None
