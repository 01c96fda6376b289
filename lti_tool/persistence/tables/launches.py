"""One-time login attempts and the sessions that launches open."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.persistence.base import Base, impersonal, personal, random_id
from lti_tool.persistence.tables.activities import Activity, ResourceLink
from lti_tool.persistence.tables.people import Person
from lti_tool.persistence.tables.tenancy import Context, Deployment, Registration


class LoginAttempt(Base):
    """State and nonce of one OpenID Connect login (Security Framework 1.1, 5.1.1), each good for one launch."""

    __tablename__ = "login_attempt"
    __table_args__ = {"info": impersonal("made before anybody is known; gone after ten minutes")}

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    nonce: Mapped[str] = mapped_column(String(64), unique=True)
    browser_hash: Mapped[str] = mapped_column(String(64))
    """Hash of the cookie that ties the login to the browser in which it began."""
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    target_link_uri: Mapped[str] = mapped_column(Text)
    """Held against the launch's claim; never a place to redirect to, since nobody signed it."""
    storage_target: Mapped[str | None] = mapped_column(String(255))
    """Frame of the LMS that stores data for us where cookies are blocked (Platform Storage 1.0)."""
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class LaunchSession(Base):
    """What one launch allows: this person, in this place, with this role, until it expires."""

    __tablename__ = "launch_session"
    __table_args__ = {"info": personal(person_id="delete")}

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=random_id)
    """Stands in the URL; no secret without the cookie."""
    secret_hash: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    """"resource", "deep_link" or "course" (a link in the course's navigation)."""
    role: Mapped[str] = mapped_column(String(16))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    context_id: Mapped[int | None] = mapped_column(ForeignKey("context.id"))
    resource_link_id: Mapped[int | None] = mapped_column(ForeignKey("resource_link.id"))
    activity_id: Mapped[str | None] = mapped_column(ForeignKey("activity.id"))
    deep_linking: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """`deep_linking_settings` of the request, for the response."""
    endpoint: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """AGS endpoint claim: scopes, lineitems, lineitem."""
    origins: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Where the LMS's pages of this launch stand, which may frame ours."""
    locale: Mapped[str] = mapped_column(String(35), default="en")
    return_url: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)

    registration: Mapped[Registration] = relationship()
    deployment: Mapped[Deployment] = relationship()
    context: Mapped[Context | None] = relationship()
    resource_link: Mapped[ResourceLink | None] = relationship()
    person: Mapped[Person] = relationship()
    activity: Mapped[Activity | None] = relationship()
