"""Signing in to the console: one-time sign-ins, invitations from the command line, sessions that end."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, joinedload

from lti_tool.persistence.database import get_or_create
from lti_tool.persistence.secrets import Vault
from lti_tool.persistence.tables import audit
from lti_tool.persistence.tables.administration import (
    AdminGrant,
    AdminInvitation,
    Administrator,
    AdminLogin,
    AdminSession,
)
from lti_tool.persistence.tables.tenancy import District
from lti_tool.services.admin.access.identity import Identity, LoginSecrets, SignInRefused
from lti_tool.services.admin.access.roles import forget_administrator
from lti_tool.services.admin.reach import BREAK_GLASS
from lti_tool.services.launching.logins import digest

LOGIN_LIFETIME: Final = timedelta(minutes=10)
JOIN_LIFETIME: Final = timedelta(days=3)
BREAK_GLASS_LIFETIME: Final = timedelta(minutes=15)
BREAK_GLASS_HOURS: Final = 1.0
ADMINISTRATORS_KEPT: Final = timedelta(days=400)
INVITATIONS_KEPT: Final = timedelta(days=30)
"""After they have expired."""
SEEN_EVERY: Final = timedelta(minutes=1)
_GONE: Final = "The sign-in is unknown, was used, or took too long."


@dataclass(frozen=True)
class Limits:
    """When a session ends: after rest, and in any case."""

    idle: timedelta
    lifetime: timedelta


@dataclass(frozen=True)
class Begun:
    """A sign-in that is under way: what goes to the provider, and what stays in the browser's cookie."""

    login: LoginSecrets
    browser_secret: str


@dataclass(frozen=True)
class Opened:
    """A fresh session. `secret` goes into the cookie and is stored as a hash only."""

    id: str
    secret: str
    ends: datetime


def begin_login(session: Session, next_path: str, now: datetime) -> Begun:
    """Store a sign-in that begins in this browser."""
    login = LoginSecrets(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))
    browser_secret = secrets.token_urlsafe(32)
    session.add(
        AdminLogin(
            state_hash=digest(login.state),
            browser_hash=digest(browser_secret),
            nonce=login.nonce,
            code_verifier=login.code_verifier,
            next_path=next_path,
            expires_at=now + LOGIN_LIFETIME,
        )
    )
    return Begun(login, browser_secret)


def take_login(session: Session, state: str, browser_secret: str, now: datetime) -> tuple[LoginSecrets, str]:
    """Use a sign-in up; return its secrets and where it wanted to go. Raises `SignInRefused`."""
    row = session.get(AdminLogin, digest(state), with_for_update=True)
    if row is None or row.browser_hash != digest(browser_secret) or row.expires_at < now:
        raise SignInRefused("sign-in-gone", _GONE)
    session.delete(row)
    session.flush()
    return LoginSecrets(state, row.nonce, row.code_verifier), row.next_path


def open_session(
    session: Session, vault: Vault, identity: Identity, method: str, limits: Limits, now: datetime
) -> Opened:
    """Let somebody in. The secret is always a new one, whatever the browser brought."""
    administrator = _administrator(session, vault, identity, now)
    opened = _open(session, administrator.id, method, limits.lifetime, now, groups=identity.groups)
    if identity.id_token:
        session.get_one(AdminSession, opened.id).encrypted_id_token = vault.encrypt(identity.id_token)
    audit.record(session, "admin.signed_in", method, at=now, administrator_id=administrator.id)
    return opened


def _administrator(session: Session, vault: Vault, identity: Identity, now: datetime) -> Administrator:
    name = vault.encrypt(identity.name[:255])
    row, created = get_or_create(
        session,
        Administrator,
        {"issuer": identity.issuer, "subject": identity.subject},
        {"encrypted_name": name, "created_at": now, "last_seen_at": now},
    )
    if not created:
        row.encrypted_name, row.last_seen_at = name, now
    return row


def _open(
    session: Session,
    administrator_id: int,
    method: str,
    lifetime: timedelta,
    now: datetime,
    *,
    groups: tuple[str, ...] = (),
    district_id: int | None = None,
) -> Opened:
    secret = secrets.token_urlsafe(32)
    row = AdminSession(
        secret_hash=digest(secret),
        administrator_id=administrator_id,
        method=method,
        groups=list(groups),
        district_id=district_id,
        created_at=now,
        seen_at=now,
        expires_at=now + lifetime,
    )
    session.add(row)
    session.flush()
    return Opened(row.id, secret, row.expires_at)


def find_session(session: Session, secret: str, idle: timedelta, now: datetime) -> AdminSession | None:
    """The session behind a cookie, unless it has ended."""
    if not secret:
        return None
    query = (
        select(AdminSession)
        .where(AdminSession.secret_hash == digest(secret))
        .options(joinedload(AdminSession.administrator))
    )
    row = session.scalars(query).one_or_none()
    alive = row is not None and row.expires_at > now and row.seen_at > now - idle
    return row if alive else None


def keep_alive(session: Session, row: AdminSession, now: datetime) -> None:
    """Note that the session is in use."""
    session.execute(update(AdminSession).where(AdminSession.id == row.id).values(seen_at=now))
    session.execute(update(Administrator).where(Administrator.id == row.administrator_id).values(last_seen_at=now))


def is_due(row: AdminSession, now: datetime) -> bool:
    """Whether `keep_alive` is worth a write."""
    return now - row.seen_at >= SEEN_EVERY


def close_session(
    session: Session,
    session_id: str,
    now: datetime,
    *,
    why: str = "signed out",
    by: int | None = None,
    district_id: int | None = None,
) -> None:
    """End a session; `by`: the administrator who ends it, if another, in the district that they look after."""
    row = session.get(AdminSession, session_id)
    if row is not None:
        detail: dict[str, Any] = {} if by in (None, row.administrator_id) else {"of": row.administrator_id}
        who = by or row.administrator_id
        audit.record(session, "admin.signed_out", why, at=now, administrator_id=who, district_id=district_id, **detail)
        session.delete(row)


def choose_district(session: Session, session_id: str, district_id: int) -> None:
    """Look after another of the districts that one has."""
    session.get_one(AdminSession, session_id).district_id = district_id


def invite_administrator(
    session: Session, district: District, now: datetime, *, administrator_id: int | None = None
) -> str:
    """A one-time secret for the first administrator of a district: who signs in with it runs it."""
    return _invite(session, "join", district, JOIN_LIFETIME, now, administrator_id)


def break_glass(session: Session, district: District, now: datetime) -> str:
    """A one-time secret that signs in without any identity provider, for an hour."""
    return _invite(session, BREAK_GLASS, district, BREAK_GLASS_LIFETIME, now)


def _invite(
    session: Session,
    kind: str,
    district: District,
    lifetime: timedelta,
    now: datetime,
    administrator_id: int | None = None,
) -> str:
    secret = secrets.token_urlsafe(32)
    session.add(
        AdminInvitation(
            secret_hash=digest(secret),
            kind=kind,
            district_id=district.id,
            role="district",
            created_at=now,
            expires_at=now + lifetime,
        )
    )
    audit.record(
        session,
        f"admin.{kind}_made",
        "district",
        at=now,
        district_id=district.id,
        administrator_id=administrator_id,
    )
    return secret


def find_invitation(session: Session, secret: str, kind: str, now: datetime) -> AdminInvitation | None:
    """An invitation that can still be used."""
    row = session.get(AdminInvitation, digest(secret))
    good = row is not None and row.kind == kind and row.used_at is None and row.expires_at > now
    return row if good else None


def _use(session: Session, secret: str, kind: str, now: datetime) -> AdminInvitation:
    found = find_invitation(session, secret, kind, now)
    if found is not None:
        used = session.execute(
            update(AdminInvitation)
            .where(AdminInvitation.secret_hash == found.secret_hash, AdminInvitation.used_at.is_(None))
            .values(used_at=now)
        )
        if used.rowcount == 1:  # type: ignore[attr-defined]
            return found
    raise SignInRefused("invitation-gone", "The invitation is unknown, was used, or has expired.")


def accept_invitation(session: Session, secret: str, entered: AdminSession, now: datetime) -> None:
    """Grant the invitation's role to whoever is signed in. Raises `SignInRefused`."""
    invitation = _use(session, secret, "join", now)
    grant = AdminGrant(
        district_id=invitation.district_id,
        role=invitation.role,
        administrator_id=entered.administrator_id,
        created_at=now,
    )
    session.add(grant)
    choose_district(session, entered.id, invitation.district_id)
    audit.record(
        session,
        "admin.joined",
        invitation.role,
        at=now,
        administrator_id=entered.administrator_id,
        district_id=invitation.district_id,
    )


def enter_by_break_glass(session: Session, vault: Vault, secret: str, now: datetime) -> Opened:
    """Open an hour's session without an identity provider. Raises `SignInRefused`."""
    invitation = _use(session, secret, BREAK_GLASS, now)
    identity = Identity(BREAK_GLASS, f"district {invitation.district_id}", "break-glass")
    administrator = _administrator(session, vault, identity, now)
    audit.record(
        session,
        "admin.break_glass_used",
        "district",
        at=now,
        administrator_id=administrator.id,
        district_id=invitation.district_id,
    )
    lifetime = timedelta(hours=BREAK_GLASS_HOURS)
    return _open(session, administrator.id, BREAK_GLASS, lifetime, now, district_id=invitation.district_id)


def forget_ended(session: Session, now: datetime) -> None:
    """Delete sessions, sign-ins and invitations that have ended, and administrators who have not come for long."""
    session.execute(delete(AdminLogin).where(AdminLogin.expires_at < now))
    session.execute(delete(AdminSession).where(AdminSession.expires_at < now))
    for administrator_id in session.scalars(
        select(Administrator.id).where(Administrator.last_seen_at < now - ADMINISTRATORS_KEPT)
    ).all():
        forget_administrator(session, administrator_id)
    session.execute(delete(AdminInvitation).where(AdminInvitation.expires_at < now - INVITATIONS_KEPT))
