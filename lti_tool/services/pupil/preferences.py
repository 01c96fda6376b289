"""How a pupil likes the pages: language, look, what stories are about, and whether the warm-up was seen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from lti_tool.persistence.database import get_or_create
from lti_tool.persistence.tables.pupils import PupilPreference

Look = Literal["young", "old"]
OLD_FROM_GRADE = 5
"""From this grade on the pages have the look for 10 to 12."""


@dataclass(frozen=True)
class Preferences:
    """A pupil's own choices; None: none made."""

    locale: str | None = None
    look: str | None = None
    theme: str | None = None
    warmed_up: bool = False


def preferences_of(session: Session, person_id: str) -> Preferences:
    """The choices of a pupil."""
    row = session.get(PupilPreference, person_id)
    if row is None:
        return Preferences()
    return Preferences(row.locale, row.look, row.theme, row.warmed_up_at is not None)


def prefer(session: Session, person_id: str, *, locale: str | None, look: Look | None) -> None:
    """Keep the language and the look that a pupil chose."""
    row = _row(session, person_id)
    row.locale, row.look = locale, look


def prefer_stories(session: Session, person_id: str, theme: str | None) -> None:
    """Keep what a pupil's stories are to be about; None: everything. The mathematics stays the same."""
    _row(session, person_id).theme = theme


def warmed_up(session: Session, person_id: str, now: datetime) -> None:
    """Remember that a pupil has tried typing, tapping and listening, or went past it."""
    row = _row(session, person_id)
    row.warmed_up_at = row.warmed_up_at or now


def _row(session: Session, person_id: str) -> PupilPreference:
    row, _ = get_or_create(session, PupilPreference, {"person_id": person_id})
    return row
