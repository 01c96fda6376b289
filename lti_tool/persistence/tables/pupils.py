"""A pupil's own choices: language and look, the goal of the week, and what was thought about learning."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.persistence.base import Base, personal, random_id


class PupilPreference(Base):
    """How a pupil likes the pages."""

    __tablename__ = "pupil_preference"
    __table_args__ = {"info": personal(person_id="delete")}

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    locale: Mapped[str | None] = mapped_column(String(16))
    """The interface's language; None: the launch's."""
    look: Mapped[str | None] = mapped_column(String(8))
    """"young" (7 to 9) or "old" (10 to 12); None: by the skills' grade."""
    theme: Mapped[str | None] = mapped_column(String(32))
    """What stories in math are about, by the bank's name for it; None: of everything."""
    warmed_up_at: Mapped[datetime | None]


class WeeklyGoal(Base):
    """What a pupil wants to reach in one subject this week; chosen, and changed, by the pupil alone. Never graded."""

    __tablename__ = "weekly_goal"
    __table_args__ = {"info": personal(person_id="delete")}

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    bank_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    week: Mapped[date] = mapped_column(primary_key=True)
    """Its Monday, in the district's time zone."""
    kind: Mapped[str] = mapped_column(String(16))
    """"days", "items" or "skills"."""
    target: Mapped[int]
    set_at: Mapped[datetime]


class Confidence(Base):
    """How sure a pupil was of an answer, before knowing whether it was right."""

    __tablename__ = "confidence"
    __table_args__ = {"info": personal(person_id="delete")}

    presented_item_id: Mapped[int] = mapped_column(ForeignKey("presented_item.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    level: Mapped[int]
    """1: not sure, 2: a bit sure, 3: sure."""
    given_at: Mapped[datetime]


class StrategyPlan(Base):
    """Which strategy a pupil meant to use in a sitting, and what came of it in the pupil's own view."""

    __tablename__ = "strategy_plan"
    __table_args__ = {"info": personal(person_id="delete")}

    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    strategy: Mapped[str] = mapped_column(String(64))
    planned_at: Mapped[datetime]
    helped: Mapped[str | None] = mapped_column(String(16))
    """"yes", "a_bit", "not_yet" or "not_used"; None: not said."""
    reflected_at: Mapped[datetime | None]


class PairActivity(Base):
    """Two pupils who work on one skill together, with talk prompts, once their teacher starts it."""

    __tablename__ = "pair_activity"
    __table_args__ = {
        "info": personal(first_id="delete", second_id="delete", author_id="pseudonymise"),
    }

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=random_id)
    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"), index=True)
    skill_id: Mapped[str] = mapped_column(String(128))
    first_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    second_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    author_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
