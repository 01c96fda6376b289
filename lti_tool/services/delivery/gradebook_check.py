"""What a gradebook shows, held against what was sent: ours, a grade of the teacher's own, or a gap."""

from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.lti.services.ags import Result
from lti_tool.persistence.tables.grades import ScoreDelivery, ScoreOutbox

Verdict = Literal["ours", "theirs", "older", "gone"]
SAME_POINTS = 0.01
"""LMSs round: two decimals in Moodle's gradebook, four or five elsewhere."""


def judge(session: Session, row: ScoreOutbox, found: Result | None) -> Verdict:
    """Hold what the gradebook shows for a pupil against the score that was delivered last.

    "older": it has gone back to a score that we sent before; "gone": it shows none; "theirs": neither, so somebody gave
    it there. A grade that can't be compared passes for ours.
    """
    if found is None or found.given is None:
        return "gone" if row.delivered_points else "ours"  # Moodle leaves zeros out
    if found.share is None or shows(found, row.delivered_points or 0.0, row.points_maximum):
        return "ours"
    sent = select(ScoreDelivery.points_given, ScoreDelivery.points_maximum).where(
        ScoreDelivery.score_outbox_id == row.id
    )
    # Also what seemed not to get through: an answer may have been lost on its way back.
    if any(shows(found, points, maximum or row.points_maximum) for points, maximum in session.execute(sent)):
        return "older"
    return "theirs"


def shows(found: Result, points: float, maximum: float) -> bool:
    """Whether a result is this score, but for rounding in the LMS's points or in ours."""
    if found.share is None or not found.maximum:
        return False
    return abs(found.share - points / maximum) <= SAME_POINTS / min(maximum, found.maximum)


def let_stand(row: ScoreOutbox, found: Result) -> None:
    """Give way to a grade of the teacher's own."""
    row.state, row.found_points = "theirs", (found.share or 0.0) * row.points_maximum


def times_delivered(session: Session, row: ScoreOutbox) -> int:
    """How often the LMS took the score that was delivered last."""
    query = select(func.count()).where(
        ScoreDelivery.score_outbox_id == row.id,
        ScoreDelivery.revision == row.delivered_revision,
        ScoreDelivery.result == "delivered",
    )
    return session.scalar(query) or 0
