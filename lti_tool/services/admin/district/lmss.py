"""The LMSs of a district: seen, approved, tested, switched off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from lti_tool.persistence.tables.grades import PlatformGate
from lti_tool.persistence.tables.people import DisplayName, Person
from lti_tool.persistence.tables.tenancy import Context, Deployment, Invitation, Registration
from lti_tool.services.admin.district.audit_log import record
from lti_tool.services.admin.reach import Reach


@dataclass(frozen=True)
class LmsLine:
    """One LMS, and how much of it uses Proximal."""

    registration: Registration
    deployments: Sequence[str]
    courses: int
    people: int
    left_alone_until: datetime | None
    """Calls are held back until then: it was in trouble."""


def lmss(session: Session, reach: Reach) -> Sequence[LmsLine]:
    """The district's LMSs: those that wait for approval first."""
    rows = session.scalars(
        select(Registration).where(Registration.id.in_(reach.registrations())).order_by(Registration.id)
    ).all()
    lines = [_line(session, row) for row in rows]
    return sorted(lines, key=lambda line: (line.registration.state != "waiting", line.registration.id))


def lms_in_reach(session: Session, reach: Reach, registration_id: int) -> LmsLine:
    """One LMS of the district. Raises `LookupError`."""
    query = select(Registration).where(Registration.id == registration_id, Registration.id.in_(reach.registrations()))
    row = session.scalars(query).one_or_none()
    if row is None:
        raise LookupError("registration")
    return _line(session, row)


def _line(session: Session, row: Registration) -> LmsLine:
    ids = session.scalars(
        select(Deployment.lms_id).where(Deployment.registration_id == row.id).order_by(Deployment.id)
    ).all()
    courses = (
        select(func.count())
        .select_from(Context)
        .join(Deployment, Deployment.id == Context.deployment_id)
        .where(Deployment.registration_id == row.id)
    )
    people = select(func.count()).select_from(Person).where(Person.registration_id == row.id)
    gate = session.get(PlatformGate, row.id)
    return LmsLine(
        row,
        ids,
        session.scalar(courses) or 0,
        session.scalar(people) or 0,
        gate.shut_until if gate is not None else None,
    )


def other_registrations(session: Session, reach: Reach, registration: Registration) -> Sequence[LmsLine]:
    """The district's other registrations of the same LMS, whose history could be taken over."""
    query = select(Registration).where(
        Registration.id.in_(reach.registrations()),
        Registration.issuer == registration.issuer,
        Registration.id != registration.id,
    )
    return [_line(session, row) for row in session.scalars(query.order_by(Registration.id))]


def open_invitations(session: Session, reach: Reach, now: datetime) -> int:
    """How many registration addresses of the district are still good."""
    query = select(func.count()).select_from(Invitation)
    query = query.where(
        Invitation.district_id == reach.district_id, Invitation.used_at.is_(None), Invitation.expires_at > now
    )
    return session.scalar(query) or 0


def keep_names(session: Session, reach: Reach, registration: Registration, keep: bool, now: datetime) -> int:
    """Keep names of people for their teachers' eyes, or none; those that are there go at once. Returns how many."""
    if registration.display_names == keep:
        return 0
    registration.display_names = keep
    gone = 0
    if not keep:
        theirs = select(Person.id).where(Person.registration_id == registration.id)
        found = session.execute(delete(DisplayName).where(DisplayName.person_id.in_(theirs)))
        gone = int(found.rowcount)  # type: ignore[attr-defined]
    record(session, reach, "registration.names", str(registration.id), now, keep=keep, deleted=gone)
    return gone
