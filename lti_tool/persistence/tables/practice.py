"""What was asked, what was answered, and what is believed of a pupil."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.persistence.base import Base, impersonal, personal, random_id
from lti_tool.persistence.tables.activities import Activity


class BankVersion(Base):
    """Each version of an item bank that was ever served, so that old answers can be read with it."""

    __tablename__ = "bank_version"
    __table_args__ = {"info": impersonal("describes content")}

    bank_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[str] = mapped_column(String(64), primary_key=True)
    first_served_at: Mapped[datetime]


class ParameterVersion(Base):
    """Each parameter set that ever traced an answer, so that any state can be replayed."""

    __tablename__ = "parameter_version"
    __table_args__ = {"info": impersonal("describes a model")}

    version: Mapped[str] = mapped_column(String(64), primary_key=True)
    bank_id: Mapped[str] = mapped_column(String(64))
    parameters: Mapped[str] = mapped_column(Text)
    """A `parameter_files.ParameterDocument` as JSON: with its origin and hold-out figures. Never changed."""
    first_used_at: Mapped[datetime]
    live_since: Mapped[datetime | None]
    """When it last began to trace answers; the bank's newest is in use. None: fitted, and found worse."""


class LearnerState(Base):
    """The engine's belief about a person in one bank, shared by all activities and courses."""

    __tablename__ = "learner_state"
    __table_args__ = {"info": personal(person_id="delete")}

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    bank_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    learner: Mapped[str] = mapped_column(Text)
    """`engine.learner.Learner` as JSON."""
    parameter_version: Mapped[str | None] = mapped_column(String(64))
    """What it was traced with; under another set it is replayed from the opportunities. None: not practised yet."""
    version: Mapped[int] = mapped_column()
    """Counts changes; SQLAlchemy refuses to save over a version that another transaction wrote."""
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}


class Certificate(Base):
    """A person's `strong` or `kept` in a skill at a standard. Does not vanish when estimates move."""

    __tablename__ = "certificate"
    __table_args__ = {"info": personal(person_id="delete")}

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    skill_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    standard: Mapped[float] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    since: Mapped[datetime]
    strong_since: Mapped[datetime]
    """When the skill first became strong, which `since` forgets when it is kept."""


class MasteryOverride(Base):
    """A teacher's word on a person's skill; shown everywhere, and no evidence for the model."""

    __tablename__ = "mastery_override"
    __table_args__ = (
        UniqueConstraint("person_id", "skill_id"),
        {"info": personal(person_id="delete", author_id="pseudonymise")},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    skill_id: Mapped[str] = mapped_column(String(128))
    context_id: Mapped[int] = mapped_column(ForeignKey("context.id"))
    author_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]


class Sitting(Base):
    """One stretch of practice, from opening the activity to its end by items, minutes or mastery."""

    __tablename__ = "sitting"
    __table_args__ = (
        # A pupil has at most one open sitting in an activity, whatever number of tabs.
        Index(
            "uq_sitting_open",
            "person_id",
            "activity_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        {"info": personal(person_id="delete")},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"), index=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(16))
    """"mastered", "items", "minutes", "left", "stopped" (by the pupil), "resting" (for the teacher) or "shown" (tested
    out)."""
    topic: Mapped[str | None] = mapped_column(String(128))
    """The skill that the pupil chose to begin with."""
    level: Mapped[str | None] = mapped_column(String(8))
    """"easier" or "harder", as the pupil wished last."""
    purpose: Mapped[str] = mapped_column(String(16), default="practice")
    """"practice", "test_out" (show that `topic` is known already) or "challenge"."""


class PresentedItem(Base):
    """One drawn item as it was put before a pupil, kept whole, so that marking never depends on a later release."""

    __tablename__ = "presented_item"
    __table_args__ = (
        Index("ix_presented_item_person_template", "person_id", "template_id"),
        # One item waits for its answer at a time: two tabs show the same one.
        Index(
            "uq_presented_item_open",
            "sitting_id",
            unique=True,
            sqlite_where=text("answered_at IS NULL"),
            postgresql_where=text("answered_at IS NULL"),
        ),
        {"info": personal(person_id="delete")},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(32), unique=True, default=random_id)
    """Names the item in pages; random, so that nobody can name another pupil's."""
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"))
    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"), index=True)
    bank_id: Mapped[str] = mapped_column(String(64))
    bank_version: Mapped[str] = mapped_column(String(64))
    template_id: Mapped[str] = mapped_column(String(255))
    skill_id: Mapped[str] = mapped_column(String(128))
    seed: Mapped[int]
    item_key: Mapped[str] = mapped_column(String(255))
    item: Mapped[str] = mapped_column(Text)
    """`item_banks.schema.Item` as JSON, with the answer: never sent to a browser."""
    reason: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Why it was chosen: key and values for the child, trace for the teacher."""
    hints_shown: Mapped[int] = mapped_column(default=0)
    draft: Mapped[str | None] = mapped_column(Text)
    """What was typed when the session had run out; offered again at the next launch."""
    presented_at: Mapped[datetime]
    """When it was chosen: with the answer before it."""
    shown_at: Mapped[datetime | None]
    """When the pupil's browser first asked for it; the time to answer runs from here."""
    answered_at: Mapped[datetime | None]

    sitting: Mapped[Sitting] = relationship()
    activity: Mapped[Activity] = relationship()


class Opportunity(Base):
    """One answer, immutable: everything needed to replay the belief it led to."""

    __tablename__ = "opportunity"
    __table_args__ = (
        Index("ix_opportunity_activity_person", "activity_id", "person_id"),
        Index("ix_opportunity_person_answered", "person_id", "answered_at"),
        Index("ix_opportunity_activity_id", "activity_id", "id"),
        {"info": personal(person_id="delete")},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    presented_item_id: Mapped[int] = mapped_column(ForeignKey("presented_item.id"), unique=True)
    """Unique: a double tap, a retry or a second tab counts once."""
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"))
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"), index=True)
    skill_id: Mapped[str] = mapped_column(String(128))
    template_id: Mapped[str] = mapped_column(String(255))
    response: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(String(16))
    """"answered", "dont_know" or "no_evidence" (engine.learner.Response)."""
    correct: Mapped[bool]
    hints: Mapped[int]
    attempt: Mapped[int]
    seconds: Mapped[float | None]
    response_format: Mapped[str] = mapped_column(String(16))
    """The engine's: "typed", "choice4", ..."""
    honest: Mapped[bool] = mapped_column(default=True)
    """Whether it counts as a try (services.grading.honesty), as decided when it came."""
    misconceptions: Mapped[list[str]] = mapped_column(JSON)
    mark: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The feedback as the pupil saw it."""
    p_before: Mapped[float]
    p_after: Mapped[float]
    bank_version: Mapped[str] = mapped_column(String(64))
    parameter_version: Mapped[str] = mapped_column(ForeignKey("parameter_version.version"))
    answered_at: Mapped[datetime]

    presented_item: Mapped[PresentedItem] = relationship()


class Exposure(Base):
    """What was shown to whom (a hint, the control level, ...), so that a study can tell what worked."""

    __tablename__ = "exposure"
    __table_args__ = {"info": personal(person_id="delete")}

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"), index=True)
    presented_item_id: Mapped[int | None] = mapped_column(ForeignKey("presented_item.id"))
    kind: Mapped[str] = mapped_column(String(32))
    detail: Mapped[str] = mapped_column(String(255), default="")
    shown_at: Mapped[datetime]
