"""Who is signed in to the console now, and ending a session: one's own, or any in the district that one runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from lti_tool.persistence.secrets import Vault
from lti_tool.persistence.tables.administration import AdminSession
from lti_tool.services.admin.access.sessions import close_session
from lti_tool.services.admin.reach import Reach, reaches


@dataclass(frozen=True)
class OpenSession:
    """One sign-in. `here`: the one that asks."""

    id: str
    name: str
    method: str
    since: datetime
    seen_at: datetime
    here: bool


def open_sessions(
    session: Session, reach: Reach, entered: AdminSession, vault: Vault, idle: timedelta, now: datetime
) -> Sequence[OpenSession]:
    """The sign-ins that may be ended from here, the newest first."""
    return [
        OpenSession(
            row.id,
            vault.decrypt(row.administrator.encrypted_name),
            row.method,
            row.created_at,
            row.seen_at,
            row.id == entered.id,
        )
        for row in _within(session, reach, idle, now)
    ]


def end_session(session: Session, reach: Reach, session_id: str, idle: timedelta, now: datetime) -> None:
    """End a sign-in: its next click leads to the sign-in page. Raises `LookupError`."""
    if session_id not in {row.id for row in _within(session, reach, idle, now)}:
        raise LookupError("session")
    close_session(
        session,
        session_id,
        now,
        why="ended in the console",
        by=reach.administrator_id,
        district_id=reach.district_id,
    )


def _within(session: Session, reach: Reach, idle: timedelta, now: datetime) -> Sequence[AdminSession]:
    """One's own sessions, and those of everybody who looks after the district that one runs."""
    query = (
        select(AdminSession)
        .where(AdminSession.expires_at > now, AdminSession.seen_at > now - idle)
        .options(joinedload(AdminSession.administrator))
        .order_by(AdminSession.created_at.desc())
    )
    return [
        row
        for row in session.scalars(query)
        if row.administrator_id == reach.administrator_id
        or (reach.runs_district and reach.district_id in {each.district_id for each in reaches(session, row)})
    ]
