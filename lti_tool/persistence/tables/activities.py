"""What a teacher set up: an activity is its settings plus one place (deployment, context, resource link)."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.persistence.base import Base, impersonal, personal, random_id
from lti_tool.persistence.tables.tenancy import LTI_ID, Context, Deployment, Registration


class Activity(Base):
    """Skills to practise and how they are graded.

    Made in deep linking, before the LMS has made its link: the place is filled in by the first launch.
    """

    __tablename__ = "activity"
    __table_args__ = {"info": personal(author_id="pseudonymise")}

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=random_id)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), index=True)
    context_id: Mapped[int | None] = mapped_column(ForeignKey("context.id"), index=True)
    author_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    copied_from_id: Mapped[str | None] = mapped_column(ForeignKey("activity.id"))
    title: Mapped[str] = mapped_column(String(255))
    bank_id: Mapped[str] = mapped_column(String(64))
    skill_ids: Mapped[list[str]] = mapped_column(JSON)
    """The assigned skills, in the order of the bank."""
    standard: Mapped[float] = mapped_column(default=0.8)
    points: Mapped[float] = mapped_column(default=10.0)
    grading: Mapped[str] = mapped_column(String(16), default="practice")
    """"practice", "mastery", "growth", "accuracy" or "none" (services.grading.modes)."""
    attempts_for_full_points: Mapped[int] = mapped_column(default=12)
    """Tries for full points; the length of a check where accuracy is graded."""
    growth_goal: Mapped[int] = mapped_column(default=3)
    keep_highest: Mapped[bool] = mapped_column(default=True)
    posting: Mapped[str] = mapped_column(String(16), default="continuous")
    """When scores go out: "continuous", "completion", "due" or "review" (after the teacher's)."""
    due_at: Mapped[datetime | None]
    mastery_columns: Mapped[str] = mapped_column(String(16), default="none")
    """Further gradebook columns: "none", one for the "activity", one for each "skill"."""
    remake_column: Mapped[bool] = mapped_column(default=False)
    own_frontier: Mapped[bool] = mapped_column(default=False)
    """Whether each pupil works at the own frontier (a launch opens Today); else at the assigned skills at once."""
    control: Mapped[str] = mapped_column(String(16), default="shared")
    """Who chooses the topic: "teacher", "shared" or "pupil"."""
    hints: Mapped[bool] = mapped_column(default=True)
    metacognition: Mapped[bool | None]
    """Plan, confidence, reflection and strategy lessons; None: as the subject has it (on in spelling)."""
    start_check: Mapped[bool] = mapped_column(default=True)
    only_these: Mapped[bool] = mapped_column(default=False)
    """Whether a pupil who is stuck stays with the assigned skills; else what they build on is visited."""
    content_locale: Mapped[str] = mapped_column(String(16), default="")
    """In which language the questions speak and how they write numbers ("nl-NL"); empty: as the bank does."""
    created_at: Mapped[datetime]

    registration: Mapped[Registration] = relationship()


class PupilGoal(Base):
    """A pupil's own number of tries for full points in one activity, set by the teacher."""

    __tablename__ = "pupil_goal"
    __table_args__ = {"info": personal(person_id="delete", author_id="pseudonymise")}

    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    attempts: Mapped[int]
    author_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    set_at: Mapped[datetime]


class WordList(Base):
    """A teacher's own words to spell. Never changed, so that what pupils practised stays as it was."""

    __tablename__ = "word_list"
    __table_args__ = {"info": personal(author_id="pseudonymise")}

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=random_id)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), index=True)
    context_id: Mapped[int | None] = mapped_column(ForeignKey("context.id"), index=True)
    author_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    title: Mapped[str] = mapped_column(String(255))
    base_bank_id: Mapped[str] = mapped_column(String(64))
    """The shipped bank in whose language the list is, and whose sentences frame its items."""
    words: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """`item_banks.words.own_lists.OwnWord` as dictionaries, in the teacher's order."""
    created_at: Mapped[datetime]


class ResourceLink(Base):
    """A link in the LMS that opens Proximal, and the activity it opens."""

    __tablename__ = "resource_link"
    __table_args__ = (
        UniqueConstraint("deployment_id", "lms_id"),
        {"info": impersonal("describes a link in the LMS")},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"))
    context_id: Mapped[int | None] = mapped_column(ForeignKey("context.id"))
    lms_id: Mapped[str] = mapped_column(LTI_ID)
    title: Mapped[str] = mapped_column(Text, default="")
    activity_id: Mapped[str | None] = mapped_column(ForeignKey("activity.id"), unique=True)
    requested_activity_id: Mapped[str | None] = mapped_column(String(255))
    """The custom parameter that led to `activity_id`; a launch with another one means that the teacher chose anew."""

    deployment: Mapped[Deployment] = relationship()
    context: Mapped[Context | None] = relationship()
    activity: Mapped[Activity | None] = relationship()


class LineItem(Base):
    """A column of the LMS's gradebook that belongs to an activity (AGS 2.0, 3.1)."""

    __tablename__ = "line_item"
    __table_args__ = (
        UniqueConstraint("activity_id", "resource_id"),
        {"info": impersonal("describes a gradebook column")},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[str] = mapped_column(ForeignKey("activity.id"))
    kind: Mapped[str] = mapped_column(String(16), default="grade")
    """"grade" (the link's own), "mastery" (of the activity's skills) or "skill" (of one)."""
    label: Mapped[str] = mapped_column(Text, default="")
    """What the column is called where we make it; empty: as the activity."""
    resource_link_id: Mapped[int] = mapped_column(ForeignKey("resource_link.id"))
    resource_id: Mapped[str] = mapped_column(LTI_ID)
    """Our own name of the column, by which it is found again after a course copy."""
    url: Mapped[str | None] = mapped_column(Text)
    """None until the LMS named it in a launch or the worker found or made it."""
    collection_url: Mapped[str | None] = mapped_column(Text)
    """`lineitems` of the launch claim, for looking the column up or making it."""
    scopes: Mapped[list[Any]] = mapped_column(JSON, default=list)
    """What the LMS's last launch claim allowed us to do with columns and scores."""
    points: Mapped[float]
    checked_at: Mapped[datetime | None]
    """When its results were last read back (services.delivery.reconciliation)."""
    change_due_at: Mapped[datetime | None]
    """When the LMS is to be told the activity's new name and points; None where it knows them."""
    change_problem: Mapped[str | None] = mapped_column(String(64))
    """Why it did not take them."""

    activity: Mapped[Activity] = relationship()
    resource_link: Mapped[ResourceLink] = relationship()
