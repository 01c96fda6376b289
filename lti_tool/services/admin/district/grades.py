"""Grades on their way, as far as an administrator sees: how many, how old, why not, and once more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.persistence.tables.activities import Activity, LineItem
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.persistence.tables.tenancy import Context
from lti_tool.services.admin.district.audit_log import record
from lti_tool.services.admin.reach import Reach
from lti_tool.services.delivery.outbox_status import STATES
from lti_tool.services.grading.outbox import set_out


@dataclass(frozen=True)
class StuckGrades:
    """Grades of one activity that an LMS refused for one reason, or that have waited and failed."""

    activity_id: str
    activity: str
    course: str
    state: str
    problem: str | None
    detail: str | None
    scores: int
    since: datetime
    may_send: bool


@dataclass(frozen=True)
class GradesInReach:
    """Figures by state, the age of the oldest that waits, and what is stuck, the oldest first."""

    counts: Mapping[str, int]
    oldest_waiting: timedelta
    stuck: Sequence[StuckGrades]


def grades(session: Session, reach: Reach, now: datetime) -> GradesInReach:
    """What an administrator sees of the outbox."""
    query = _in_reach(select(ScoreOutbox.state, func.count()), reach).group_by(ScoreOutbox.state)
    found = {str(state): int(count) for state, count in session.execute(query)}
    since = session.scalar(
        _in_reach(select(func.min(ScoreOutbox.waiting_since)), reach).where(ScoreOutbox.state == "waiting")
    )
    counts = {state: found.get(state, 0) for state in STATES}
    return GradesInReach(counts, now - since if since else timedelta(0), _stuck(session, reach))


def _stuck(session: Session, reach: Reach) -> Sequence[StuckGrades]:
    mine = set(session.scalars(reach.contexts(to_change=True)))
    columns = (
        Activity.id,
        Activity.title,
        Activity.context_id,
        func.coalesce(Context.title, "").label("course"),
        ScoreOutbox.state,
        ScoreOutbox.problem,
    )
    query = (
        _in_reach(
            select(*columns, func.max(ScoreOutbox.problem_detail), func.count(), func.min(ScoreOutbox.waiting_since)),
            reach,
        )
        .join(Context, Context.id == Activity.context_id)
        .where((ScoreOutbox.state == "parked") | ((ScoreOutbox.state == "waiting") & (ScoreOutbox.attempts > 0)))
        .group_by(*columns)
        .order_by(func.min(ScoreOutbox.waiting_since))
        .limit(100)
    )
    return [
        StuckGrades(activity_id, title, course, state, problem, detail, count, since, context_id in mine)
        for activity_id, title, context_id, course, state, problem, detail, count, since in session.execute(query)
    ]


def send_parked_again(session: Session, reach: Reach, now: datetime, *, activity_id: str | None = None) -> int:
    """Send parked grades once more: of one activity, or all that may be changed. Returns how many."""
    query = _in_reach(select(ScoreOutbox), reach, to_change=True).where(ScoreOutbox.state == "parked")
    if activity_id is not None:
        query = query.where(LineItem.activity_id == activity_id)
    rows = session.scalars(query.with_for_update(of=ScoreOutbox)).all()
    for row in rows:
        row.stamped_revision = None  # the LMS may hold one with the old timestamp, which then is not newer
        set_out(row, "waiting", now)
    if rows:
        record(session, reach, "grades.sent_again", activity_id or "all", now, scores=len(rows))
    return len(rows)


def _in_reach(query: Any, reach: Reach, *, to_change: bool = False) -> Any:
    """Scores of columns of activities of courses in reach."""
    return (
        query.join(LineItem, LineItem.id == ScoreOutbox.line_item_id)
        .join(Activity, Activity.id == LineItem.activity_id)
        .where(Activity.context_id.in_(reach.contexts(to_change=to_change)))
    )
