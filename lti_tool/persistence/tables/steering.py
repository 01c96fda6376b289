"""What a teacher does about one pupil: which skill comes next, which rests, a note."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.persistence.base import Base, personal, random_id


class Steering(Base):
    """A skill that comes first or rests for one pupil in one activity, or the whole activity at rest."""

    __tablename__ = "steering"
    __table_args__ = {"info": personal(person_id="delete", author_id="pseudonymise")}

    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    skill_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    """Empty: the whole activity."""
    kind: Mapped[str] = mapped_column(String(8))
    """"next" or "pause"."""
    author_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]


class TeacherNote(Base):
    """A teacher's few words to one pupil, shown in the activity until they are read or taken back."""

    __tablename__ = "teacher_note"
    __table_args__ = {"info": personal(person_id="delete", author_id="pseudonymise")}

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=random_id)
    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    author_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
