"""Practice counted as it happens, so that a class page costs the same after a day and after ten years."""

from datetime import date

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.persistence.base import Base, personal


class PracticeTotal(Base):
    """All that a pupil has done in one activity so far. Counted from the opportunities, and always countable anew."""

    __tablename__ = "practice_total"
    __table_args__ = {"info": personal(person_id="delete")}

    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    tries: Mapped[int] = mapped_column(default=0)
    """Answers, without those to what could not be heard."""
    honest: Mapped[int] = mapped_column(default=0)
    right: Mapped[int] = mapped_column(default=0)
    sittings: Mapped[int] = mapped_column(default=0)
    seconds: Mapped[float] = mapped_column(default=0.0)
    """At work: from question to answer, a long absence left out."""
    latest: Mapped[str] = mapped_column(String(16), default="")
    """The latest tries, oldest first: "h" an honest one, "q" one too quick to count."""
    start_level: Mapped[float | None]
    """Expected share right on written questions of the activity's skills, once the first dozen tries were made."""
    last_sitting_id: Mapped[int | None]
    last_opportunity_id: Mapped[int] = mapped_column(default=0)
    """Answers up to this one are counted."""


class PracticeDay(Base):
    """What a pupil has done in one activity on one day of the district's calendar."""

    __tablename__ = "practice_day"
    __table_args__ = {"info": personal(person_id="delete")}

    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    tries: Mapped[int] = mapped_column(default=0)
    right: Mapped[int] = mapped_column(default=0)
    sittings: Mapped[int] = mapped_column(default=0)
    seconds: Mapped[float] = mapped_column(default=0.0)
