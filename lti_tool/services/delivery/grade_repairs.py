"""What people do about grades that wait: let them go, send them again."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import Session

from lti_tool.persistence.database import Database
from lti_tool.persistence.tables import audit
from lti_tool.persistence.tables.accommodations import Accommodation
from lti_tool.persistence.tables.activities import Activity, LineItem
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.services.grading.outbox import posting_state, set_out

NOT_IN_CLASS = ("not-enrolled", "not-a-pupil")
"""Codes of refusals with which an LMS says that somebody is no pupil of the class."""
NOT_OF_THE_PUPIL = ("no-column", "column-refused", "not-allowed", "http-401")
"""Codes of refusals that are a matter of the column or of the tool. Any other may end when the pupil is put into the
class again: no standard says what an LMS answers about somebody who has left."""
AT_ONCE = 1000
"""Scores that one round lets go; the next round goes on."""

_GRADED = or_(LineItem.kind != "grade", Activity.grading != "none")
"""Grades of an activity that has none any more are kept, and go nowhere."""


def send_again(
    session: Session,
    *,
    now: datetime,
    activity_id: str | None = None,
    person_id: str | None = None,
    author_id: str | None = None,
) -> int:
    """Send what was parked once more: of all, of an activity, or of one pupil in it; return how many scores.

    Only for one pupil also what gave way to a teacher's grade, so that no single button writes over ten of them; and
    what was delivered, for a gradebook may have lost it.
    """
    states = ("parked", "theirs", "delivered") if person_id else ("parked",)
    query = _scores().where(ScoreOutbox.state.in_(states))
    if activity_id is not None:
        query = query.where(LineItem.activity_id == activity_id)
    if person_id is not None:
        query = query.where(ScoreOutbox.person_id == person_id)
    rows = session.scalars(query.with_for_update(of=ScoreOutbox)).all()
    for row in rows:
        row.found_points = None
        row.stamped_revision = None  # the LMS may hold one with the old timestamp, which then is not newer
        set_out(row, "waiting", now)
    if rows:
        subject = activity_id or "all"
        audit.record(session, "grades.sent_again", subject, at=now, person_id=author_id, scores=len(rows))
    return len(rows)


def is_of_the_pupil(code: str | None) -> bool:
    """Whether a refusal may be about who the score is for."""
    return code is not None and code not in NOT_OF_THE_PUPIL


def send_to_returned(session: Session, context_id: int, person_ids: Collection[str], now: datetime) -> None:
    """People are in a class (again): what the LMS refused while they were not goes once more."""
    columns = select(LineItem.id).join(LineItem.activity).where(Activity.context_id == context_id, _GRADED)
    refused = (
        ScoreOutbox.person_id.in_(person_ids),
        ScoreOutbox.state == "parked",
        ScoreOutbox.problem.not_in(NOT_OF_THE_PUPIL),
        ScoreOutbox.line_item_id.in_(columns),
    )
    for row in session.scalars(select(ScoreOutbox).where(*refused).with_for_update()):
        set_out(row, "waiting", now)


def release(
    session: Session, activity_id: str, *, now: datetime, person_id: str | None = None, author_id: str | None = None
) -> int:
    """Let scores go that were held for the teacher's review; return how many."""
    query = _scores().where(LineItem.activity_id == activity_id, ScoreOutbox.state == "held")
    if person_id is not None:
        query = query.where(ScoreOutbox.person_id == person_id)
    rows = session.scalars(query.with_for_update(of=ScoreOutbox)).all()
    for row in rows:
        set_out(row, "waiting", now)
    if rows:
        audit.record(session, "grades.released", activity_id, at=now, person_id=author_id, scores=len(rows))
    return len(rows)


def _scores() -> Select[ScoreOutbox]:
    return select(ScoreOutbox).join(ScoreOutbox.line_item).join(LineItem.activity).where(_GRADED)


def apply_posting_rule(session: Session, activity: Activity, now: datetime) -> None:
    """Bring waiting and held scores of an activity under the posting rule that it has now."""
    query = (
        select(ScoreOutbox)
        .join(ScoreOutbox.line_item)
        .where(LineItem.activity_id == activity.id, ScoreOutbox.state.in_(("held", "waiting")))
        .with_for_update(of=ScoreOutbox)
    )
    for row in session.scalars(query):
        state = posting_state(activity, row, now)
        if row.state != state:
            set_out(row, state, now)


def release_due(database: Database, now: datetime) -> int:
    """Let scores go whose due date has come; return how many."""
    held = (
        select(ScoreOutbox.id, Activity.due_at, func.coalesce(Accommodation.extra_days, 0))
        .join(ScoreOutbox.line_item)
        .join(LineItem.activity)
        .outerjoin(Accommodation, Accommodation.person_id == ScoreOutbox.person_id)
        .where(
            ScoreOutbox.state == "held", Activity.posting.in_(("due", "completion")), Activity.due_at <= now, _GRADED
        )
    )
    with database.read() as session:
        rows = session.execute(held).all()
    due = [row_id for row_id, due_at, extra in rows if due_at is not None and due_at + timedelta(days=extra) <= now]
    due = due[:AT_ONCE]
    if not due:
        return 0
    with database.write() as session:
        values = {"state": "waiting", "next_attempt_at": now, "waiting_since": now, "attempts": 0}
        still = (ScoreOutbox.id.in_(due), ScoreOutbox.state == "held")
        return int(session.execute(update(ScoreOutbox).where(*still).values(values)).rowcount)  # type: ignore[attr-defined]
