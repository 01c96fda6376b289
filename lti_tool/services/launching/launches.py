"""The second half of a launch: valid claims become rows, and a session that allows exactly what they say."""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, joinedload

from lti_tool.lti.errors import LaunchRefused
from lti_tool.lti.messages.claims import LaunchClaims
from lti_tool.lti.messages.roles import Role
from lti_tool.persistence.base import random_id
from lti_tool.persistence.database import get_or_create, upsert
from lti_tool.persistence.secrets import Vault
from lti_tool.persistence.tables.activities import ResourceLink
from lti_tool.persistence.tables.launches import LaunchSession
from lti_tool.persistence.tables.people import DisplayName, Membership, Person
from lti_tool.persistence.tables.tenancy import Context, Deployment, Registration
from lti_tool.services.assigning.activities import connect_line_item, resolve_activity
from lti_tool.services.delivery.grade_repairs import send_to_returned
from lti_tool.services.launching.copies import Provenance
from lti_tool.services.launching.known_launch import known_place
from lti_tool.services.launching.logins import digest

KEPT_SESSIONS = 20
"""Of one person in one browser. Each has a cookie, and web servers refuse requests with too many of them."""
COURSE_VIEW = "course"
"""Custom parameter `view` of a link in a course's navigation: it opens the course, not an activity."""


@dataclass(frozen=True)
class OpenedSession:
    """A new session's id, for the URL, and its secret, for the cookie."""

    id: str
    secret: str
    lacks_activity: bool
    """Whether its link has no activity yet."""


_OPEN = insert(LaunchSession.__table__)  # type: ignore[arg-type]


def open_session(
    session: Session,
    registration: Registration,
    claims: LaunchClaims,
    *,
    vault: Vault,
    lifetime: timedelta,
    now: datetime,
) -> OpenedSession:
    """Record who came from where, resolve the activity, and open a session. Raises `LaunchRefused`."""
    secret = secrets.token_urlsafe(32)
    values = {
        "id": random_id(),
        "secret_hash": digest(secret),
        "kind": claims.kind,
        "role": claims.role.value,
        "registration_id": registration.id,
        "deep_linking": asdict(claims.deep_linking) if claims.deep_linking else None,
        "endpoint": asdict(claims.endpoint) if claims.endpoint else None,
        "origins": sorted(claims.origins),
        "locale": claims.locale[:35],
        "return_url": claims.return_url,
        "created_at": now,
        "expires_at": now + lifetime,
    }
    known = None if claims.custom.get("view") == COURSE_VIEW else known_place(session, registration, claims, vault, now)
    values |= asdict(known) if known is not None else _place(session, registration, claims, vault, now)
    session.connection().execute(_OPEN, values)
    return OpenedSession(
        str(values["id"]),
        secret,
        lacks_activity=values["resource_link_id"] is not None and values["activity_id"] is None,
    )


def _place(
    session: Session, registration: Registration, claims: LaunchClaims, vault: Vault, now: datetime
) -> dict[str, Any]:
    """Where a launch leads, for the columns of its session; what is new in it is noted. Raises `LaunchRefused`."""
    deployment = _deployment(session, registration, claims)
    context = _context(session, deployment, claims)
    person = _person(session, registration, claims, vault, now)
    if context is not None:
        _membership(session, context, person, claims, now)
    course_view = context is not None and claims.custom.get("view") == COURSE_VIEW
    link = None if course_view else _resource_link(session, deployment, context, claims)
    origin = Provenance(claims.custom.get("activity_id"), claims.link_history, claims.context_history)
    activity = resolve_activity(session, registration, link, origin, now) if link else None
    if activity is not None and link is not None and claims.endpoint is not None:
        connect_line_item(session, activity, link, claims.endpoint)
    session.flush()
    return {
        "kind": "course" if course_view else claims.kind,
        "deployment_id": deployment.id,
        "person_id": person.id,
        "context_id": context and context.id,
        "resource_link_id": link and link.id,
        "activity_id": activity and activity.id,
    }


def let_go(session: Session, opened: OpenedSession, held: Mapping[str, str], now: datetime) -> list[str]:
    """End what must not stay open in a browser in which `opened` has just begun; return the ids to forget there.

    `held` are the ids and secrets of the sessions that the browser brought along. Those of other people of the same
    LMS end: on a shared tablet the way back through the history must not lead into another child's practice. (A
    teacher's own stay while the LMS's test pupil is tried.) Of one person the newest are kept.
    """
    if not held.keys() - {opened.id}:
        return []
    row = session.get_one(LaunchSession, opened.id)
    found = {id_: find_session(session, id_, secret) for id_, secret in held.items() if id_ != opened.id}
    gone = [id_ for id_, other in found.items() if other is None or other.expires_at <= now]
    living = sorted((other for other in found.values() if other and other.expires_at > now), key=_age)
    mine = [other for other in living if other.person_id == row.person_id]
    others = [other for other in living if other.person_id != row.person_id]
    for other in others:
        if other.registration_id == row.registration_id and not row.person.preview:
            other.expires_at = now
            gone.append(other.id)
    return [*gone, *(other.id for other in mine[: max(0, len(mine) - KEPT_SESSIONS)])]


def _age(launch: LaunchSession) -> datetime:
    return launch.created_at


_PARTS = (
    joinedload(LaunchSession.registration),
    joinedload(LaunchSession.context),
    joinedload(LaunchSession.activity),
    joinedload(LaunchSession.resource_link),
)


def find_session(session: Session, launch_id: str, secret: str | None) -> LaunchSession | None:
    """The session with this id, if the secret is its own; expired ones too (the caller looks at `expires_at`).

    What every page needs of it is loaded with it, in the one query that each request begins with.
    """
    if secret is None:
        return None
    launch = session.get(LaunchSession, launch_id, options=_PARTS)
    if launch is None or not hmac.compare_digest(launch.secret_hash, digest(secret)):
        return None
    return launch


def _deployment(session: Session, registration: Registration, claims: LaunchClaims) -> Deployment:
    query = select(Deployment).where(
        Deployment.registration_id == registration.id, Deployment.lms_id == claims.deployment_id
    )
    deployment = session.scalars(query).one_or_none()
    if deployment is None and registration.accepts_new_deployments:
        keys = {"registration_id": registration.id, "lms_id": claims.deployment_id}
        deployment, _ = get_or_create(session, Deployment, keys)
    if deployment is None:
        raise LaunchRefused("unknown-deployment", "This deployment of the tool is not registered with Proximal.")
    return deployment


def _context(session: Session, deployment: Deployment, claims: LaunchClaims) -> Context | None:
    if claims.context is None:
        return None
    context, _ = get_or_create(session, Context, {"deployment_id": deployment.id, "lms_id": claims.context.id})
    context.label, context.title = claims.context.label, claims.context.title
    context.memberships_url = claims.memberships_url or context.memberships_url
    return context


def _person(session: Session, registration: Registration, claims: LaunchClaims, vault: Vault, now: datetime) -> Person:
    person, _ = get_or_create(
        session,
        Person,
        {"registration_id": registration.id, "sub": claims.sub},
        {"created_at": now, "last_launch_at": now, "preview": claims.preview},
    )
    person.last_launch_at, person.preview = now, claims.preview
    if claims.name and registration.display_names:
        values = {"person_id": person.id, "encrypted_name": vault.encrypt(claims.name), "seen_at": now}
        upsert(session, DisplayName, values)
    return person


def _membership(session: Session, context: Context, person: Person, claims: LaunchClaims, now: datetime) -> None:
    """Note the role of this launch. A teacher of the class list who comes as a pupil looks at it with pupils' eyes."""
    role = claims.role
    membership, _ = get_or_create(
        session,
        Membership,
        {"context_id": context.id, "person_id": person.id},
        {"role": role.value, "seen_at": now},
    )
    if role is Role.PUPIL and membership.roster_role == Role.TEACHER.value:
        role, person.preview = Role.TEACHER, True
    membership.role, membership.seen_at = role.value, now
    if claims.sections is not None:
        membership.sections = list(claims.sections)
    membership.launched = membership.active = True
    if role is Role.PUPIL:
        send_to_returned(session, context.id, [person.id], now)


def _resource_link(
    session: Session, deployment: Deployment, context: Context | None, claims: LaunchClaims
) -> ResourceLink | None:
    if claims.resource_link is None:
        return None
    link, _ = get_or_create(session, ResourceLink, {"deployment_id": deployment.id, "lms_id": claims.resource_link.id})
    link.title = claims.resource_link.title
    link.context_id = context.id if context else link.context_id
    return link
