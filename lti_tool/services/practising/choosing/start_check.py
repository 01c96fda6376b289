"""Whether a pupil still finds out where to start: once in a subject, and never again after practice has begun."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.practice import PresentedItem
from lti_tool.services.assigning.features import is_on
from lti_tool.services.practising.sittings import waiting_item


def may_check(session: Session, activity: Activity, person_id: str) -> bool:
    """Whether the next item may be one of the start check. (Whether it is one, the tutor knows.)

    The check ends as soon as the tutor is sure. Answers after it may raise new doubts, and are practice all the same.
    """
    if not activity.start_check or not is_on(session, activity, "start_check"):
        return False
    latest = select(PresentedItem.reason).where(
        PresentedItem.person_id == person_id, PresentedItem.bank_id == activity.bank_id
    )
    reason = session.scalars(latest.order_by(PresentedItem.id.desc()).limit(1)).one_or_none()
    return reason is None or is_of_check(reason)


def is_of_check(reason: dict[str, object]) -> bool:
    """Whether an item was chosen by the start check."""
    values = reason.get("values")
    return isinstance(values, dict) and "asked" in values


def ends_check(session: Session, presented: PresentedItem) -> bool:
    """Whether this was the last item of the start check, and practice waits behind it."""
    if not is_of_check(presented.reason):
        return False
    waiting = waiting_item(session, presented.sitting)
    return waiting is not None and not is_of_check(waiting.reason)
