"""One-time invitations: an LMS that registers with one needs no further approval."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.persistence.tables import audit
from lti_tool.persistence.tables.tenancy import Invitation
from lti_tool.services.launching.logins import digest

LIFETIME = timedelta(days=7)


def invite(
    session: Session,
    now: datetime,
    *,
    district_id: int | None = None,
    display_names: bool = True,
    administrator_id: int | None = None,
) -> str:
    """Make an invitation; return its secret, which is shown once and stored as a hash.

    The LMS that comes with it is the district's (None: the oldest one's), with or without names of people.
    """
    secret = secrets.token_urlsafe(32)
    session.add(
        Invitation(
            secret_hash=digest(secret),
            created_at=now,
            expires_at=now + LIFETIME,
            district_id=district_id,
            display_names=display_names,
        )
    )
    audit.record(
        session,
        "invitation.made",
        digest(secret)[:12],
        at=now,
        district_id=district_id,
        administrator_id=administrator_id,
        display_names=display_names,
    )
    return secret


def open_invitation(session: Session, secret: str, now: datetime) -> Invitation | None:
    """An invitation, if it can still be used."""
    query = select(Invitation).where(Invitation.secret_hash == digest(secret))
    found = session.scalars(query).one_or_none()
    return found if found is not None and found.used_at is None and found.expires_at > now else None


def use(session: Session, secret: str, registration_id: int, now: datetime) -> bool:
    """Use an invitation up for a registration; False if it was used or has expired meanwhile."""
    used = session.execute(
        update(Invitation)
        .where(Invitation.secret_hash == digest(secret), Invitation.used_at.is_(None), Invitation.expires_at > now)
        .values(used_at=now, registration_id=registration_id)
    )
    return bool(used.rowcount == 1)  # type: ignore[attr-defined]
