"""The outbox: scores on their way to the LMS. One row per column and pupil, newest score wins."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.persistence.base import Base, impersonal, personal
from lti_tool.persistence.tables.activities import LineItem
from lti_tool.persistence.tables.people import Person


class ScoreOutbox(Base):
    """The newest score of a pupil in a column, and how far it got.

    `revision` rises with every new score; a sender remembers which one it sent, so that a score that arrives while
    another is under way is not lost and not taken for delivered.
    """

    __tablename__ = "score_outbox"
    __table_args__ = (
        UniqueConstraint("line_item_id", "person_id"),
        Index("ix_score_outbox_due", "state", "next_attempt_at"),
        {"info": personal(person_id="delete")},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    line_item_id: Mapped[int] = mapped_column(ForeignKey("line_item.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    points_given: Mapped[float]
    points_maximum: Mapped[float]
    comment: Mapped[str] = mapped_column(Text)
    completed: Mapped[bool]
    revision: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    """"held" (until the posting rule lets it go), "waiting", "delivered", "parked" (needs somebody to act) or
    "theirs" (the teacher changed the grade in the LMS, and that one stands)."""
    waiting_since: Mapped[datetime]
    """Since when the newest score could have been in the gradebook, had all gone well."""
    next_attempt_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    """Failed tries of the current revision."""
    leased_until: Mapped[datetime | None]
    lease: Mapped[str | None] = mapped_column(String(32))
    stamped_revision: Mapped[int | None]
    """The revision that `timestamp` was given to; a repeat of it is sent with the same timestamp."""
    timestamp: Mapped[datetime | None]
    delivered_revision: Mapped[int | None]
    delivered_points: Mapped[float | None]
    """Of the present `points_maximum`, like `found_points`."""
    delivered_at: Mapped[datetime | None]
    found_points: Mapped[float | None]
    """What the LMS was found to hold instead, in points of ours (services.delivery.reconciliation)."""
    problem: Mapped[str | None] = mapped_column(String(64))
    """Code of the last failure, put into words by the pages."""
    problem_detail: Mapped[str | None] = mapped_column(Text)

    line_item: Mapped[LineItem] = relationship()
    person: Mapped[Person] = relationship()


class ScoreDelivery(Base):
    """One attempt at sending a score and what the LMS said: the teacher's grade log."""

    __tablename__ = "score_delivery"
    __table_args__ = {"info": personal(person_id="delete")}

    id: Mapped[int] = mapped_column(primary_key=True)
    score_outbox_id: Mapped[int] = mapped_column(ForeignKey("score_outbox.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    revision: Mapped[int]
    points_given: Mapped[float]
    points_maximum: Mapped[float | None]
    """Out of how many; None in rows of releases that did not write it down."""
    timestamp: Mapped[datetime]
    attempted_at: Mapped[datetime]
    http_status: Mapped[int | None]
    result: Mapped[str] = mapped_column(String(64))
    """"delivered" or the code of the failure."""


class PlatformGate(Base):
    """The door to one LMS, shared by all workers: shut for a while after failures, or for one worker at a time."""

    __tablename__ = "platform_gate"
    __table_args__ = {"info": impersonal("describes an LMS")}

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    """Failures in a row that were the LMS's own."""
    shut_until: Mapped[datetime | None]
    holder: Mapped[str | None] = mapped_column(String(32))
    """The worker whose turn it is, where the LMS wants one request at a time."""
    held_until: Mapped[datetime | None]
