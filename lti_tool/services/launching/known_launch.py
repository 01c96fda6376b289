"""The short way of a launch: somebody known, in a place that is known and has not changed since.

Nearly every launch is one of these. It costs one look and a few writes; `launches.open_session` goes the long
way for all others, and what it writes is the same.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session

from lti_tool.lti.messages.claims import LaunchClaims
from lti_tool.lti.messages.roles import Role
from lti_tool.persistence.secrets import Vault
from lti_tool.persistence.tables.activities import LineItem, ResourceLink
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.persistence.tables.people import DisplayName, Membership, Person
from lti_tool.persistence.tables.tenancy import Context, Deployment, Registration
from lti_tool.services.delivery.grade_repairs import NOT_OF_THE_PUPIL

# Built once, and without objects for rows: each launch uses them.
_LOOK = (
    select(
        Deployment.id.label("deployment_id"),
        Context.id.label("context_id"),
        Context.label,
        Context.title,
        Context.memberships_url,
        Person.id.label("person_id"),
        Person.preview,
        DisplayName.encrypted_name,
        Membership.id.label("membership_id"),
        Membership.role,
        Membership.roster_role,
        Membership.launched,
        Membership.active,
        Membership.sections,
        ResourceLink.id.label("link_id"),
        ResourceLink.title.label("link_title"),
        ResourceLink.context_id.label("link_context_id"),
        ResourceLink.activity_id,
        ResourceLink.requested_activity_id,
        LineItem.resource_link_id.label("column_link_id"),
        LineItem.url,
        LineItem.collection_url,
        LineItem.scopes,
        exists()
        .where(
            ScoreOutbox.person_id == Person.id,
            ScoreOutbox.state == "parked",
            ScoreOutbox.problem.not_in(NOT_OF_THE_PUPIL),
        )
        .label("was_away"),
    )
    .join(Context, Context.deployment_id == Deployment.id)
    .join(Person, Person.registration_id == Deployment.registration_id)
    .join(Membership, (Membership.context_id == Context.id) & (Membership.person_id == Person.id))
    .join(ResourceLink, ResourceLink.deployment_id == Deployment.id)
    .outerjoin(DisplayName, DisplayName.person_id == Person.id)
    .outerjoin(
        LineItem,
        (LineItem.activity_id == ResourceLink.activity_id) & (LineItem.resource_id == ResourceLink.activity_id),
    )
    .where(
        Deployment.registration_id == bindparam("registration"),
        Deployment.lms_id == bindparam("deployment"),
        Context.lms_id == bindparam("context"),
        Person.sub == bindparam("sub"),
        ResourceLink.lms_id == bindparam("link"),
    )
)
_CAME = (
    update(Person.__table__)  # type: ignore[arg-type]
    .where(Person.__table__.c.id == bindparam("who"))
    .values(last_launch_at=bindparam("now"))
)
_SEEN = (
    update(Membership.__table__)  # type: ignore[arg-type]
    .where(Membership.__table__.c.id == bindparam("which"))
    .values(seen_at=bindparam("now"))
)


@dataclass(frozen=True)
class KnownPlace:
    """Who launches what, and where: ids of rows, named as in `LaunchSession`."""

    deployment_id: int
    context_id: int
    person_id: str
    resource_link_id: int
    activity_id: str


def known_place(
    session: Session, registration: Registration, claims: LaunchClaims, vault: Vault, now: datetime
) -> KnownPlace | None:
    """The rows of a launch that brings nothing new, with the visit noted; None where it takes the long way."""
    context, link = claims.context, claims.resource_link
    if context is None or link is None:
        return None
    names = {"deployment": claims.deployment_id, "context": context.id, "sub": claims.sub, "link": link.id}
    look = {"registration": registration.id, **names}
    found: Any = session.connection().execute(_LOOK, look).one_or_none()
    if found is None or not (_same_place(found, claims) and _same_person(found, registration, claims, vault)):
        return None
    session.connection().execute(_CAME, {"who": found.person_id, "now": now})
    session.connection().execute(_SEEN, {"which": found.membership_id, "now": now})
    return KnownPlace(found.deployment_id, found.context_id, found.person_id, found.link_id, found.activity_id)


def _same_place(found: Any, claims: LaunchClaims) -> bool:
    """Whether class, link, activity and gradebook column are as the last launch left them."""
    context, link, endpoint = claims.context, claims.resource_link, claims.endpoint
    requested = claims.custom.get("activity_id")
    return (
        context is not None
        and link is not None
        and (found.label, found.title) == (context.label, context.title)
        and claims.memberships_url in (None, found.memberships_url)
        and (found.link_title, found.link_context_id) == (link.title, found.context_id)
        and found.activity_id is not None
        and requested in (None, found.requested_activity_id)
        and (
            endpoint is None
            or endpoint.lineitem is endpoint.lineitems is None
            or (
                found.column_link_id == found.link_id
                and endpoint.lineitem in (None, found.url)
                and endpoint.lineitems in (None, found.collection_url)
                and found.scopes == list(endpoint.scopes)
            )
        )
    )


def _same_person(found: Any, registration: Registration, claims: LaunchClaims, vault: Vault) -> bool:
    """Whether name, role and sections are as the last launch left them, and no score waits for a return to class."""
    looks_on = claims.role is Role.PUPIL and found.roster_role == Role.TEACHER.value
    return (
        found.preview == claims.preview
        and not looks_on
        and found.role == claims.role.value
        and found.launched
        and found.active
        and not found.was_away
        and (claims.sections is None or found.sections == list(claims.sections))
        and (
            not claims.name
            or not registration.display_names
            or (found.encrypted_name is not None and vault.decrypt(found.encrypted_name) == claims.name)
        )
    )
