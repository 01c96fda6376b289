"""All activities of a course, for a teacher who opens Proximal from the course's navigation."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.persistence.tables.activities import Activity, ResourceLink
from lti_tool.persistence.tables.practice import Opportunity


@dataclass(frozen=True)
class ActivityLine:
    """One activity and how many pupils have begun it."""

    activity: Activity
    started: int


def course_page(session: Session, context_id: int) -> Sequence[ActivityLine]:
    """The activities that stand in this course now, newest first."""
    started = dict(
        session.execute(
            select(Opportunity.activity_id, func.count(func.distinct(Opportunity.person_id)))
            .join(Activity, Activity.id == Opportunity.activity_id)
            .where(Activity.context_id == context_id)
            .group_by(Opportunity.activity_id)
        ).all()
    )
    linked = select(ResourceLink.activity_id).where(ResourceLink.context_id == context_id)
    query = (
        select(Activity)
        .where(Activity.context_id == context_id, Activity.id.in_(linked))
        .order_by(Activity.created_at.desc())
    )
    return [ActivityLine(activity, started.get(activity.id, 0)) for activity in session.scalars(query)]


def activity_of_course(session: Session, context_id: int, activity_id: str) -> Activity | None:
    """An activity, if it stands in this course."""
    query = select(Activity).where(Activity.id == activity_id, Activity.context_id == context_id)
    return session.scalars(query).one_or_none()
