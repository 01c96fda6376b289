"""Who is in a class, read from the LMS and merged with what launches have told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, and_, delete, not_, or_, select, update
from sqlalchemy.orm import Session

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.messages.roles import Role
from lti_tool.lti.network.transport import Transport
from lti_tool.lti.services.access_tokens import AccessTokens
from lti_tool.lti.services.nrps import Member, read_roster
from lti_tool.lti.services.platform_services import PlatformServices
from lti_tool.persistence.base import random_id
from lti_tool.persistence.database import Database, insert_missing, upsert_all
from lti_tool.persistence.secrets import Vault
from lti_tool.persistence.tables import audit
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.persistence.tables.launches import LaunchSession
from lti_tool.persistence.tables.people import DisplayName, Membership, Person
from lti_tool.persistence.tables.tenancy import Context, Registration
from lti_tool.services.delivery.grade_repairs import send_to_returned

OLD_AFTER = timedelta(hours=12)
TRY_AGAIN_AFTER = timedelta(minutes=30)
ASKED_LATELY = timedelta(minutes=10)
OPENED_LATELY = timedelta(days=1)
BATCH = 5
AT_A_TIME = 250
"""Members of a large class are taken in piece by piece, so that pupils' answers need not wait for the whole."""

log = structlog.get_logger()


class RosterReader:
    """Reads rosters from LMSs, when asked and in the background."""

    def __init__(self, database: Database, tokens: AccessTokens, transport: Transport, vault: Vault) -> None:
        self._database = database
        self._tokens = tokens
        self._transport = transport
        self._vault = vault

    def read(self, context_id: int, now: datetime) -> int:
        """Read one class's roster; return how many members it has, 0 where the LMS offers none. Raises `ServiceError`.

        No transaction is open while the LMS is asked. Nothing is deleted: who has left is marked inactive.
        """
        with self._database.write() as session:
            context = session.get_one(Context, context_id)
            context.roster_tried_at, context.roster_asked_at = now, None
            registration = session.get_one(Registration, context.deployment.registration_id)
            url, course_id = context.memberships_url, context.lms_id
        if url is None:
            return 0
        try:
            members = read_roster(PlatformServices(self._tokens, self._transport, registration, now), url, course_id)
        except ServiceError as error:
            with self._database.write() as session:
                session.get_one(Context, context_id).roster_problem = error.code[:64]
            raise
        merge_roster(self._database, self._vault, registration.id, context_id, members, now)
        return len(members)

    def read_due(self, now: datetime) -> int:
        """Read the rosters that a teacher asked for, and old ones of classes that were opened lately.

        Returns how many were tried.
        """
        with self._database.read() as session:
            if session.scalars(select(Context.id).where(_is_due(now)).limit(1)).first() is None:
                return 0  # most rounds: nobody need wait for a write transaction
        with self._database.write() as session:
            due = _due_contexts(session, now)
        for context_id in due:
            try:
                self.read(context_id, now)
            except ServiceError as error:
                log.warning("roster.not_read", context=context_id, code=error.code, detail=error.detail)
        return len(due)


@dataclass(frozen=True)
class RosterStatus:
    """How old a class list is. `offered`: whether the LMS gives one at all; `problem`: the last failure's code."""

    offered: bool
    read_at: datetime | None = None
    asked: bool = False
    problem: str | None = None


def status_of(context: Context | None) -> RosterStatus:
    """What a teacher should know of the class list behind a page."""
    if context is None or context.memberships_url is None:
        return RosterStatus(offered=False)
    asked = context.roster_asked_at is not None
    return RosterStatus(True, context.roster_read_at, asked, context.roster_problem)


def ask_for_roster(session: Session, launch: LaunchSession, now: datetime) -> None:
    """Let the class list of a launch's class be read as soon as possible."""
    if launch.context is not None and launch.context.memberships_url is not None:
        launch.context.roster_asked_at = now
        audit.record(session, "roster.asked", str(launch.context_id), at=now, person_id=launch.person_id)


def ask_who_is_there(session: Session, context_id: int | None, now: datetime) -> None:
    """An LMS took a grade not for who it was for: its class list tells whether the pupil has left."""
    context = session.get(Context, context_id) if context_id is not None else None
    if context is None or context.memberships_url is None:
        return
    if context.roster_tried_at is None or context.roster_tried_at < now - ASKED_LATELY:
        context.roster_asked_at = now


def _is_due(now: datetime) -> ColumnElement[bool]:
    opened_lately = select(LaunchSession.context_id).where(
        LaunchSession.created_at > now - OPENED_LATELY, LaunchSession.context_id.is_not(None)
    )
    old = and_(
        Context.id.in_(opened_lately),
        or_(Context.roster_tried_at.is_(None), Context.roster_tried_at < now - TRY_AGAIN_AFTER),
        or_(Context.roster_read_at.is_(None), Context.roster_read_at < now - OLD_AFTER),
    )
    return and_(Context.memberships_url.is_not(None), or_(Context.roster_asked_at.is_not(None), old))


def _due_contexts(session: Session, now: datetime) -> list[int]:
    """Classes to read now; marked as tried, so that another worker passes them over."""
    query = (
        select(Context)
        .where(_is_due(now))
        .order_by(Context.roster_asked_at.is_(None), Context.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    contexts = session.scalars(query).all()
    for context in contexts:
        context.roster_tried_at, context.roster_asked_at = now, None
    return [context.id for context in contexts]


def merge_roster(
    database: Database, vault: Vault, registration_id: int, context_id: int, members: Sequence[Member], now: datetime
) -> None:
    """Bring a class's memberships up to date with its roster, in several transactions.

    A role that came from a launch stands, and somebody known as a teacher is no pupil: Moodle's roster calls a
    non-editing teacher a learner. Only a roster that says "teacher" overrules a launch, which may have been made with
    the role switched. Members who are not on the roster are no longer active, except teachers of whom only a launch
    tells (administrators are on no roster). The name of who is in no class any more is deleted, unless a grade of
    theirs waits for a teacher, who must know whose it is; a launch or a roster brings it back.
    """
    for start in range(0, len(members), AT_A_TIME):
        piece = {member.sub: member for member in members[start : start + AT_A_TIME]}
        with database.write() as session:
            _take_in(session, vault, registration_id, context_id, piece, now)
    launched_teacher = and_(Membership.launched, Membership.role == Role.TEACHER.value)
    with database.write() as session:
        absent = and_(Membership.context_id == context_id, Membership.seen_at < now, not_(launched_teacher))
        session.execute(update(Membership).where(absent).values(active=False))
        _forget_names_of_who_left(session, context_id)
        context = session.get_one(Context, context_id)
        context.roster_read_at, context.roster_problem = now, None


def _forget_names_of_who_left(session: Session, context_id: int) -> None:
    left = select(Membership.person_id).where(Membership.context_id == context_id, not_(Membership.active))
    somewhere = select(Membership.person_id).where(Membership.active)
    ungraded = select(ScoreOutbox.person_id).where(ScoreOutbox.state.in_(("held", "waiting", "parked")))
    named = DisplayName.person_id
    session.execute(delete(DisplayName).where(named.in_(left), named.not_in(somewhere), named.not_in(ungraded)))


def _take_in(
    session: Session, vault: Vault, registration_id: int, context_id: int, members: dict[str, Member], now: datetime
) -> None:
    people = _people(session, registration_id, members, now)
    teachers = _known_teachers(session, people.values())
    keys = [{"context_id": context_id, "person_id": person_id} for person_id in people.values()]
    fresh = {"role": Role.NONE.value, "launched": False, "active": True, "seen_at": now}
    insert_missing(session, Membership, ("context_id", "person_id"), [key | fresh for key in keys])
    rows = session.scalars(
        select(Membership)
        .where(Membership.context_id == context_id, Membership.person_id.in_(people.values()))
        .with_for_update()
    )
    memberships = {row.person_id: row for row in rows}
    returned = [people[sub] for sub, member in members.items() if member.active and not memberships[people[sub]].active]
    if returned:
        send_to_returned(session, context_id, returned, now)
    for sub, member in members.items():
        membership = memberships[people[sub]]
        membership.role = _merged_role(member, membership, known_teacher=membership.person_id in teachers)
        membership.roster_role, membership.active, membership.seen_at = member.role.value, member.active, now
        if member.sections is not None:
            membership.sections = list(member.sections)
    keeps_names = session.get_one(Registration, registration_id).display_names
    names = [
        {"person_id": people[member.sub], "encrypted_name": vault.encrypt(member.name), "seen_at": now}
        for member in members.values()
        if member.name and keeps_names
    ]
    upsert_all(session, DisplayName, names)


def _merged_role(member: Member, membership: Membership, *, known_teacher: bool) -> str:
    if member.role is Role.TEACHER:
        return Role.TEACHER.value
    if membership.launched:
        return membership.role
    return Role.TEACHER.value if known_teacher and member.role is Role.PUPIL else member.role.value


def _people(session: Session, registration_id: int, subs: Iterable[str], now: datetime) -> dict[str, str]:
    """The ids of people by `sub`; who was not known is now."""
    new = [
        {"id": random_id(), "registration_id": registration_id, "sub": sub, "preview": False, "created_at": now}
        for sub in subs
    ]
    insert_missing(session, Person, ("registration_id", "sub"), new)
    query = select(Person.sub, Person.id).where(
        Person.registration_id == registration_id, Person.sub.in_([row["sub"] for row in new])
    )
    return dict(session.execute(query).all())


def _known_teachers(session: Session, person_ids: Iterable[str]) -> set[str]:
    """Who of these has launched as a teacher, in whatever class."""
    query = select(Membership.person_id).where(
        Membership.person_id.in_(list(person_ids)), Membership.launched, Membership.role == Role.TEACHER.value
    )
    return set(session.scalars(query))
