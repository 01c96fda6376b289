"""What the teachers of a class can switch off, for all of its activities; pupils' pages and practice ask here."""

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Final, Literal, get_args

from sqlalchemy.orm import Session

from lti_tool.persistence.tables import audit
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.tenancy import Context

Feature = Literal[
    "start_check", "hints", "worked_examples", "metacognition", "choice", "level", "ahead", "goals", "pairs"
]
FEATURES: Final[tuple[Feature, ...]] = get_args(Feature)
"""Names as `Context.switched_off` holds them. What an activity switches off by itself stays off there."""


def switched_off(session: Session, activity: Activity) -> AbstractSet[str]:
    """What the class of an activity does without."""
    context = session.get(Context, activity.context_id) if activity.context_id is not None else None
    return frozenset(context.switched_off) if context is not None else frozenset()


def is_on(session: Session, activity: Activity, feature: Feature) -> bool:
    """Whether the class of an activity has a feature."""
    return feature not in switched_off(session, activity)


def switch(session: Session, context_id: int, off: Collection[str], *, person_id: str, now: datetime) -> None:
    """Let a class do without these features and with all others. Written down where it differs from before."""
    context = session.get_one(Context, context_id)
    wanted: list[str] = [feature for feature in FEATURES if feature in off]
    if wanted == context.switched_off:
        return
    before, context.switched_off = context.switched_off, wanted
    session.flush()
    audit.record(
        session, "course.features", str(context_id), at=now, person_id=person_id, switched_off=wanted, before=before
    )
