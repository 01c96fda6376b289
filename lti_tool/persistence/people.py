"""People: known by a random id; the LMS's subject and the name are kept apart from what they learned."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.persistence.base import Base, personal, random_id
from lti_tool.persistence.tenancy import LTI_ID


class Person(Base):
    """Someone who launched Proximal from one registration. Learning records hang on `id`, never on `sub`."""

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("registration_id", "sub"),
        {"info": personal("id", "delete")},
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=random_id)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    sub: Mapped[str] = mapped_column(LTI_ID)
    created_at: Mapped[datetime]
    last_launch_at: Mapped[datetime]


class DisplayName(Base):
    """A name for the teacher's eyes, encrypted under the master key. Goes with the membership."""

    __tablename__ = "display_name"
    __table_args__ = {"info": personal("person_id", "delete")}

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    encrypted_name: Mapped[bytes] = mapped_column(LargeBinary)
    seen_at: Mapped[datetime]


class Membership(Base):
    """A person's role in a context, as of the last launch or roster."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("context_id", "person_id"),
        {"info": personal("person_id", "delete")},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    context_id: Mapped[int] = mapped_column(ForeignKey("context.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    """"teacher", "pupil" or "none" (see lti_tool.lti.roles)."""
    seen_at: Mapped[datetime]
