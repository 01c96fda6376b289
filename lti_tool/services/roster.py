"""Who is in a class, read from the LMS and merged with what launches have told."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lti_tool.lti.access_tokens import AccessTokens
from lti_tool.lti.errors import ServiceError
from lti_tool.lti.nrps import Member, read_roster
from lti_tool.lti.platform_services import PlatformServices
from lti_tool.lti.transport import Transport
from lti_tool.persistence.database import Database, get_or_create, upsert
from lti_tool.persistence.launches import LaunchSession
from lti_tool.persistence.people import DisplayName, Membership, Person
from lti_tool.persistence.secrets import Vault
from lti_tool.persistence.tenancy import Context, Registration

OLD_AFTER = timedelta(hours=12)
TRY_AGAIN_AFTER = timedelta(minutes=30)
OPENED_LATELY = timedelta(days=1)
BATCH = 5

log = structlog.get_logger()


class RosterReader:
    """Reads rosters from LMSs, when asked and in the background."""

    def __init__(self, database: Database, tokens: AccessTokens, transport: Transport, vault: Vault) -> None:
        self._database = database
        self._tokens = tokens
        self._transport = transport
        self._vault = vault

    def read(self, context_id: int, now: datetime) -> int:
        """Read one class's roster; return how many members it has. Raises `ServiceError`."""
        with self._database.write() as session:
            context = session.get_one(Context, context_id)
            context.roster_tried_at = now
            registration = session.get_one(Registration, context.deployment.registration_id)
        services = PlatformServices(self._tokens, self._transport, registration, now)
        return refresh_roster(self._database, services, self._vault, context_id, now)

    def read_due(self, now: datetime) -> int:
        """Read the rosters of classes that were opened lately and are old; return how many were tried."""
        with self._database.write() as session:
            due = _due_contexts(session, now)
        for context_id in due:
            try:
                self.read(context_id, now)
            except ServiceError as error:
                log.warning("roster.not_read", context=context_id, code=error.code, detail=error.detail)
        return len(due)


def _due_contexts(session: Session, now: datetime) -> list[int]:
    """Classes to read now; marked as tried, so that another worker passes them over."""
    opened_lately = select(LaunchSession.context_id).where(
        LaunchSession.created_at > now - OPENED_LATELY, LaunchSession.context_id.is_not(None)
    )
    query = (
        select(Context)
        .where(
            Context.id.in_(opened_lately),
            Context.memberships_url.is_not(None),
            or_(Context.roster_tried_at.is_(None), Context.roster_tried_at < now - TRY_AGAIN_AFTER),
            or_(Context.roster_read_at.is_(None), Context.roster_read_at < now - OLD_AFTER),
        )
        .order_by(Context.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    contexts = session.scalars(query).all()
    for context in contexts:
        context.roster_tried_at = now
    return [context.id for context in contexts]


def refresh_roster(database: Database, services: PlatformServices, vault: Vault, context_id: int, now: datetime) -> int:
    """Read a class's roster from the LMS; return how many members it has. Raises `ServiceError`.

    No transaction is open while the LMS is asked. Nothing is deleted: who has left is marked inactive.
    """
    with database.read() as session:
        context = session.get_one(Context, context_id)
        registration_id, url = context.deployment.registration_id, context.memberships_url
    if url is None:
        return 0
    members = read_roster(services, url)
    with database.write() as session:
        merge_roster(session, registration_id, context_id, members, vault, now)
    return len(members)


def merge_roster(
    session: Session, registration_id: int, context_id: int, members: list[Member], vault: Vault, now: datetime
) -> None:
    """Bring a class's memberships up to date with its roster.

    A role that came from a launch stands: Moodle's roster calls a non-editing teacher a learner. Members who are not
    on the roster are no longer active, except teachers of whom only a launch tells (administrators are on no roster).
    """
    context = session.get_one(Context, context_id, with_for_update=True)
    known = {
        person.sub: membership
        for membership, person in session.execute(
            select(Membership, Person)
            .join(Person, Person.id == Membership.person_id)
            .where(Membership.context_id == context_id)
        )
    }
    for member in members:
        membership = known.pop(member.sub, None)
        if membership is None:
            membership = _new_membership(session, registration_id, context_id, member, now)
        if not membership.launched:
            membership.role = member.role.value
        membership.active, membership.seen_at = member.active, now
        if member.name:
            name = {"person_id": membership.person_id, "encrypted_name": vault.encrypt(member.name), "seen_at": now}
            upsert(session, DisplayName, name)
    for membership in known.values():
        membership.active = membership.launched and membership.role == "teacher"
    context.roster_read_at = now


def _new_membership(
    session: Session, registration_id: int, context_id: int, member: Member, now: datetime
) -> Membership:
    person, _ = get_or_create(
        session, Person, {"registration_id": registration_id, "sub": member.sub}, {"created_at": now}
    )
    membership, _ = get_or_create(
        session,
        Membership,
        {"context_id": context_id, "person_id": person.id},
        {"role": member.role.value, "launched": False, "seen_at": now},
    )
    return membership
