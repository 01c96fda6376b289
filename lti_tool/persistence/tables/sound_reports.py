"""Sounds of words that somebody could not hear or that say it wrong."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.persistence.base import Base, personal


class SoundReport(Base):
    """One tap of a pupil or teacher on one dictation. About a sound: it stays when the person is erased."""

    __tablename__ = "sound_report"
    __table_args__ = (
        UniqueConstraint("person_id", "recording", "kind"),
        {"info": personal(person_id="pseudonymise")},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(8))
    """"pupil" or "teacher"."""
    kind: Mapped[str] = mapped_column(String(8))
    """"unheard" or "wrong"."""
    recording: Mapped[str] = mapped_column(String(32))
    """The name of the file that would take the sound's place; it follows from the three below."""
    language: Mapped[str] = mapped_column(String(16))
    word: Mapped[str] = mapped_column(String(64))
    sentence: Mapped[str] = mapped_column(Text)
    reported_at: Mapped[datetime]
    """When last: a recording made since then has answered it."""
