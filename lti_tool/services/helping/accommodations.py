"""Accommodations of one child: read by every pupil's page, set by a teacher, and every change is in the audit log."""

from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.persistence.tables import audit
from lti_tool.persistence.tables.accommodations import Accommodation

MAX_EXTRA_DAYS = 60
GRADES = range(1, 9)


@dataclass(frozen=True)
class Accommodations:
    """What a child needs; the field names are those of the table, where each is explained."""

    audio_always: bool = False
    larger_text: bool = False
    dyslexia_font: bool = False
    fewer_choices: bool = False
    no_audio: bool = False
    high_contrast: bool = False
    reduced_motion: bool = False
    extra_days: int = 0
    start_grade: int | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for days or a grade that can't be."""
        if not 0 <= self.extra_days <= MAX_EXTRA_DAYS:
            raise ValueError(f"extra_days is {self.extra_days}. Give 0 to {MAX_EXTRA_DAYS} days.")
        if self.start_grade is not None and self.start_grade not in GRADES:
            raise ValueError(
                f"start_grade is {self.start_grade}. Give a grade from {GRADES[0]} to {GRADES[-1]}, or none."
            )


NONE = Accommodations()


def accommodations_of(session: Session, person_id: str) -> Accommodations:
    """A child's accommodations; none where nobody set any."""
    row = session.get(Accommodation, person_id)
    return NONE if row is None else Accommodations(**{each.name: getattr(row, each.name) for each in fields(NONE)})


def give_days(session: Session, person_id: str, days: int, *, context_id: int, author_id: str, now: datetime) -> None:
    """Give a child so many days more until due dates; all else that it needs stays. Raises ValueError as above."""
    wanted = replace(accommodations_of(session, person_id), extra_days=days)
    set_accommodations(session, person_id, wanted, context_id=context_id, author_id=author_id, now=now)


def set_accommodations(
    session: Session, person_id: str, wanted: Accommodations, *, context_id: int, author_id: str, now: datetime
) -> None:
    """Give a child other accommodations. Nothing is written where they are the same."""
    before = accommodations_of(session, person_id)
    if before == wanted:
        return
    row = session.get(Accommodation, person_id)
    if row is None:
        row = Accommodation(person_id=person_id, since=now)
        session.add(row)
    row.context_id, row.author_id, row.since = context_id, author_id, now
    for name, value in asdict(wanted).items():
        setattr(row, name, value)
    session.flush()
    changed = {name: value for name, value in asdict(wanted).items() if value != getattr(before, name)}
    audit.record(session, "accommodation.set", person_id, at=now, person_id=author_id, context=context_id, **changed)
