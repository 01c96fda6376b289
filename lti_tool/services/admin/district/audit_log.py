"""The audit log of a district: written with each change of the console, read newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lti_tool.persistence.secrets import Vault
from lti_tool.persistence.tables import audit
from lti_tool.persistence.tables.administration import Administrator
from lti_tool.persistence.tables.audit import AuditEvent
from lti_tool.persistence.tables.people import Person
from lti_tool.services.admin.reach import Reach

PAGE = 50


@dataclass(frozen=True)
class AuditLine:
    """One change. `who`: an administrator's name; None: a teacher, the command line or a worker."""

    at: datetime
    who: str | None
    by_teacher: bool
    action: str
    subject: str
    detail: Mapping[str, Any]


def record(session: Session, reach: Reach, action: str, subject: str, now: datetime, **detail: Any) -> None:
    """Write down what an administrator changed."""
    audit.record(
        session,
        action,
        subject,
        at=now,
        administrator_id=reach.administrator_id,
        district_id=reach.district_id,
        **detail,
    )


def audit_log(
    session: Session, reach: Reach, vault: Vault, *, page: int = 0, action: str = ""
) -> tuple[Sequence[AuditLine], bool]:
    """A page of what happened in the district, and whether there is more."""
    people = select(Person.id).where(Person.registration_id.in_(reach.registrations()))
    query = (
        select(AuditEvent, Administrator.encrypted_name)
        .outerjoin(Administrator, Administrator.id == AuditEvent.administrator_id)
        .where(
            or_(
                AuditEvent.district_id == reach.district_id,
                AuditEvent.registration_id.in_(reach.registrations()),
                AuditEvent.person_id.in_(people),
            )
        )
        .order_by(AuditEvent.id.desc())
        .offset(page * PAGE)
        .limit(PAGE + 1)
    )
    if action:
        query = query.where(AuditEvent.action.startswith(action, autoescape=True))
    lines = [
        AuditLine(
            event.at,
            vault.decrypt(name) if name else None,
            event.person_id is not None,
            event.action,
            event.subject,
            event.detail,
        )
        for event, name in session.execute(query)
    ]
    return lines[:PAGE], len(lines) > PAGE
