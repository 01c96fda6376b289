"""Our signing keys, the platforms' public keys, and access tokens for their services."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.persistence.base import Base, impersonal


class ToolKey(Base):
    """An RSA key of this tool; the private half is encrypted under the master key."""

    __tablename__ = "tool_key"
    __table_args__ = {"info": impersonal("a key of the tool")}

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    public_jwk: Mapped[dict[str, Any]] = mapped_column(JSON)
    encrypted_private_pem: Mapped[bytes] = mapped_column(LargeBinary)
    signs_from: Mapped[datetime]
    """A new key is published before it signs, so that platforms that cache our keys know it in time."""
    retires_at: Mapped[datetime | None]
    """When it is published no more: some time after a newer one has begun to sign. None for the newest."""


class PlatformKeys(Base):
    """A platform's JWKS as last fetched."""

    __tablename__ = "platform_keys"
    __table_args__ = {"info": impersonal("public keys of an LMS")}

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), primary_key=True)
    jwks: Mapped[dict[str, Any]] = mapped_column(JSON)
    fetched_at: Mapped[datetime]
    """Time of the last try, good or bad: unknown key ids may cause at most one fetch a minute."""


class AccessToken(Base):
    """A platform's access token (RFC 6749, 4.4), shared by all processes.

    Keyed by registration, never by issuer alone: districts on one issuer must not use each other's.
    """

    __tablename__ = "access_token"
    __table_args__ = {"info": impersonal("a credential of the tool")}

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), primary_key=True)
    scopes: Mapped[str] = mapped_column(String(512), primary_key=True)
    encrypted_token: Mapped[bytes] = mapped_column(LargeBinary)
    refresh_at: Mapped[datetime]
