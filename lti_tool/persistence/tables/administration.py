"""Who looks after an installation: administrators, what they were granted, and their sessions in the console."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.persistence.base import Base, impersonal, random_id
from lti_tool.persistence.tables.tenancy import District

STAFF = "staff of a school authority, who sign in to the console; forgotten 400 days after the last time"


class Administrator(Base):
    """Somebody who has signed in to the console, as the identity provider or proxy named them."""

    __tablename__ = "administrator"
    __table_args__ = (UniqueConstraint("issuer", "subject"), {"info": impersonal(STAFF)})

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(String(512))
    """The OIDC issuer, "proxy" or "break-glass"."""
    subject: Mapped[str] = mapped_column(String(255))
    encrypted_name: Mapped[bytes] = mapped_column(LargeBinary)
    """How the audit log calls them, encrypted under the master key."""
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]


class AdminGrant(Base):
    """A role in a district, given to a group of the identity provider or to one administrator."""

    __tablename__ = "admin_grant"
    __table_args__ = {"info": impersonal(STAFF)}

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("district.id"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    """"district", "school" or "reader"."""
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    """Of the role "school": which one."""
    group_name: Mapped[str | None] = mapped_column(String(255))
    administrator_id: Mapped[int | None] = mapped_column(ForeignKey("administrator.id"))
    created_at: Mapped[datetime]

    administrator: Mapped[Administrator | None] = relationship()


class AdminInvitation(Base):
    """A one-time address made on the server's command line: the first administrator's, or the emergency door's."""

    __tablename__ = "admin_invitation"
    __table_args__ = {"info": impersonal("made before anybody has come with it")}

    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    """"join": the role is granted to whoever signs in with it. "break-glass": signs in by itself, for an hour."""
    district_id: Mapped[int] = mapped_column(ForeignKey("district.id"))
    role: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AdminLogin(Base):
    """One sign-in with the identity provider that is under way: state, nonce and PKCE verifier, good once."""

    __tablename__ = "admin_login"
    __table_args__ = {"info": impersonal("made before anybody is known; gone after ten minutes")}

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    browser_hash: Mapped[str] = mapped_column(String(64))
    """Hash of the cookie that ties it to the browser in which it began."""
    nonce: Mapped[str] = mapped_column(String(64))
    code_verifier: Mapped[str] = mapped_column(String(128))
    next_path: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class AdminSession(Base):
    """An administrator at the console: until they sign out, rest for long, or the day is over."""

    __tablename__ = "admin_session"
    __table_args__ = {"info": impersonal(STAFF)}

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=random_id)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    administrator_id: Mapped[int] = mapped_column(ForeignKey("administrator.id"), index=True)
    method: Mapped[str] = mapped_column(String(16))
    """"oidc", "proxy" or "break-glass"."""
    groups: Mapped[list[str]] = mapped_column(JSON)
    """As they were told at sign-in."""
    district_id: Mapped[int | None] = mapped_column(ForeignKey("district.id"))
    """The district that is being looked after; one who has several chooses."""
    encrypted_id_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Tells the identity provider at sign-out whose session ends."""
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)

    administrator: Mapped[Administrator] = relationship()
    district: Mapped[District | None] = relationship()


class BackgroundJob(Base):
    """What a kind of background work did last, whichever worker did it: for the doctor and the console."""

    __tablename__ = "background_job"
    __table_args__ = {"info": impersonal("tells of the installation's own work")}

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    ended_at: Mapped[datetime]
    problem: Mapped[str | None] = mapped_column(String(128))
    """The kind of exception that stopped it last; None: it went through."""
    failures: Mapped[int] = mapped_column(default=0)
    """In a row."""
    figures: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
