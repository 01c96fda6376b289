"""Where a copied link comes from: the histories of links and courses that an LMS tells (LTI Core 1.3, 3.8)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from lti_tool.persistence.tables.activities import Activity, ResourceLink
from lti_tool.persistence.tables.tenancy import Context, Deployment, Registration


@dataclass(frozen=True)
class Provenance:
    """What a launch says of its link: the activity it was made for, the links and courses it was copied from.

    Ids of links and courses are the LMS's, the nearest first.
    """

    activity_id: str | None
    links: Sequence[str] = ()
    contexts: Sequence[str] = ()


def copied_from(
    session: Session, registration: Registration, link: ResourceLink, origin: Provenance
) -> Activity | None:
    """The activity of the nearest link that this one was copied from, with the settings that it has there now.

    A link of the history says so itself. Where the LMS tells courses only (Moodle, Canvas), it is the course's link
    with the same custom parameter; for links made by hand, which have none, the only one of the same name, unless this
    course has its copy already: then the link is a new one.
    """
    for lms_id in origin.links:
        same = session.scalars(_links(registration).where(ResourceLink.lms_id == lms_id)).all()
        if same:
            # Ids of links are unique within a deployment only.
            return next((other for other in same if other.deployment_id == link.deployment_id), same[0]).activity
    for lms_id in origin.contexts:
        there = _links(registration).join(ResourceLink.context).where(Context.lms_id == lms_id)
        if origin.activity_id is not None:
            there = there.where(ResourceLink.requested_activity_id == origin.activity_id)
        else:
            there = there.where(ResourceLink.title == link.title)
        found = session.scalars(there.limit(2)).all()
        if len(found) == 1 and not (origin.activity_id is None and _is_copied_to(session, link, found[0].activity_id)):
            return found[0].activity
    return None


def _links(registration: Registration) -> Select[ResourceLink]:
    """The registration's links with an activity."""
    return (
        select(ResourceLink)
        .join(Deployment, Deployment.id == ResourceLink.deployment_id)
        .where(Deployment.registration_id == registration.id, ResourceLink.activity_id.is_not(None))
    )


def _is_copied_to(session: Session, link: ResourceLink, activity_id: str | None) -> bool:
    copies = select(Activity.id).where(Activity.copied_from_id == activity_id, Activity.context_id == link.context_id)
    return session.scalars(copies.limit(1)).first() is not None
