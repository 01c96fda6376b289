"""What a teacher set for one child, so that it can read, hear and think."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.persistence.base import Base, personal


class Accommodation(Base):
    """A child's accommodations. They belong to the person and hold everywhere; the context says where they were set."""

    __tablename__ = "accommodation"
    __table_args__ = {"info": personal(person_id="delete", author_id="pseudonymise")}

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    context_id: Mapped[int | None] = mapped_column(ForeignKey("context.id"))
    author_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    since: Mapped[datetime]
    audio_always: Mapped[bool] = mapped_column(default=False)
    """Every question is read aloud as soon as it opens."""
    larger_text: Mapped[bool] = mapped_column(default=False)
    dyslexia_font: Mapped[bool] = mapped_column(default=False)
    fewer_choices: Mapped[bool] = mapped_column(default=False)
    no_audio: Mapped[bool] = mapped_column(default=False)
    """The word to be read in a sentence with a gap, in place of a dictation."""
    high_contrast: Mapped[bool] = mapped_column(default=False)
    reduced_motion: Mapped[bool] = mapped_column(default=False)
    extra_days: Mapped[int] = mapped_column(default=0)
    """Days by which due dates are later for this child."""
    start_grade: Mapped[int | None]
    """The grade to begin at, and whose look the pages have, where it is not the class's."""
