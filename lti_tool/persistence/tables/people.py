"""People: known by a random id; the LMS's subject and the name are kept apart from what they learned."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.persistence.base import Base, personal, random_id
from lti_tool.persistence.tables.tenancy import LTI_ID


class Person(Base):
    """Someone who launched Proximal from one registration. Learning records hang on `id`, never on `sub`."""

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("registration_id", "sub"),
        {"info": personal(id="delete")},
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=random_id)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    sub: Mapped[str] = mapped_column(LTI_ID)
    preview: Mapped[bool] = mapped_column(default=False)
    """The LMS's own test pupil ("student view"): never in class pages, grades, fits or exports."""
    created_at: Mapped[datetime]
    last_launch_at: Mapped[datetime | None]
    """None for people of whom only a roster has told."""


class DisplayName(Base):
    """A name for the teacher's eyes, encrypted under the master key. Goes with the membership."""

    __tablename__ = "display_name"
    __table_args__ = {"info": personal(person_id="delete")}

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    encrypted_name: Mapped[bytes] = mapped_column(LargeBinary)
    seen_at: Mapped[datetime]


class Membership(Base):
    """A person's role in a context, as of the last launch or roster."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("context_id", "person_id"),
        {"info": personal(person_id="delete")},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    context_id: Mapped[int] = mapped_column(ForeignKey("context.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    """"teacher", "pupil" or another of lti_tool.lti.messages.roles."""
    roster_role: Mapped[str | None] = mapped_column(String(16))
    """What the LMS's class list says; None until one told."""
    launched: Mapped[bool] = mapped_column(default=True)
    """Whether the role comes from a launch, which knows better than a roster (Moodle lists teachers as Learner)."""
    active: Mapped[bool] = mapped_column(default=True)
    """False once the roster has left the person out or calls the membership inactive."""
    seen_at: Mapped[datetime]
    sections: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Sections or groups of the course that the LMS's launch named for this person."""
