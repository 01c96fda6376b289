"""District -> Registration -> Deployment -> Context: who installed Proximal where."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.persistence.base import Base, impersonal

LTI_ID = String(255)
"""LTI bounds identifiers at 255 ASCII characters (LTI Core 1.3, 5.3)."""


class District(Base):
    """A school authority. Everything below belongs to exactly one."""

    __tablename__ = "district"
    __table_args__ = {"info": impersonal("names an organisation")}

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255), unique=True)
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")


class School(Base):
    """A school of a district; admins map deployments or contexts to it."""

    __tablename__ = "school"
    __table_args__ = (UniqueConstraint("district_id", "name"), {"info": impersonal("names an organisation")})

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("district.id"))
    name: Mapped[str] = mapped_column(String(255))


class Registration(Base):
    """One client_id on one platform. Many districts may share an issuer (Canvas), so the pair is the key."""

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("issuer", "client_id"),
        {"info": impersonal("describes an LMS")},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("district.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(512))
    client_id: Mapped[str] = mapped_column(LTI_ID)
    auth_url: Mapped[str] = mapped_column(Text)
    token_url: Mapped[str] = mapped_column(Text)
    jwks_url: Mapped[str] = mapped_column(Text)
    token_audience: Mapped[str | None] = mapped_column(Text)
    """`aud` of our token requests where the LMS wants another than its token URL."""
    profile: Mapped[str] = mapped_column(String(32), default="generic")
    state: Mapped[str] = mapped_column(String(16), default="active")
    """"active"; "waiting" for an administrator's approval; "disabled" by one."""
    accepts_new_deployments: Mapped[bool] = mapped_column(default=False)
    """Whether a deployment may be first heard of in a launch (platforms that name none when they register)."""
    extra_origins: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Further origins on which the LMS's pages live, beside those of its addresses."""
    display_names: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether names of people are kept for their teachers' eyes; without, a class page shows labels."""
    created_at: Mapped[datetime]


class Invitation(Base):
    """A one-time permission to register an LMS without waiting for approval (Dynamic Registration 1.0)."""

    __tablename__ = "invitation"
    __table_args__ = {"info": impersonal("made for an organisation")}

    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("district.id"))
    """Whose LMS it will be; None: the oldest district's."""
    display_names: Mapped[bool] = mapped_column(default=True, server_default=true())


class Deployment(Base):
    """One installation of a registration in an account or a course of the LMS."""

    __tablename__ = "deployment"
    __table_args__ = (
        UniqueConstraint("registration_id", "lms_id"),
        {"info": impersonal("describes an LMS")},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    lms_id: Mapped[str] = mapped_column(LTI_ID)

    registration: Mapped[Registration] = relationship()


class Context(Base):
    """A course or class of the LMS."""

    __tablename__ = "context"
    __table_args__ = (
        UniqueConstraint("deployment_id", "lms_id"),
        {"info": impersonal("names a class")},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"))
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    lms_id: Mapped[str] = mapped_column(LTI_ID)
    label: Mapped[str] = mapped_column(Text, default="")
    title: Mapped[str] = mapped_column(Text, default="")
    standard: Mapped[float] = mapped_column(default=0.8)
    """Share right on an average typed item that counts as mastered on the class page: .8 or .9."""
    memberships_url: Mapped[str | None] = mapped_column(Text)
    roster_read_at: Mapped[datetime | None]
    """When the LMS last told who is in the class."""
    roster_tried_at: Mapped[datetime | None]
    """When it was last asked: a class whose LMS does not answer is not asked all the time."""

    roster_asked_at: Mapped[datetime | None]
    """When a teacher asked for it to be read anew; None once that was tried."""
    roster_problem: Mapped[str | None] = mapped_column(String(64))
    """Why it could not be read the last time."""
    sample: Mapped[bool] = mapped_column(default=False)
    """A class of made-up pupils, for its teacher to look around in: never in fits, exports or grades."""
    switched_off: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Features that the teachers of this class do without (services.assigning.features)."""

    deployment: Mapped[Deployment] = relationship()
