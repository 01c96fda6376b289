"""A teacher's few words to one pupil, shown until they are read or taken back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from lti_tool.persistence.tables import audit
from lti_tool.persistence.tables.steering import TeacherNote

MAX_NOTE = 280
MOST_SHOWN = 5


def write_note(session: Session, activity_id: str, person_id: str, text: str, *, author_id: str, now: datetime) -> bool:
    """Leave a note; whether there were any words in it. The audit log says that, not what."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())[:MAX_NOTE]
    if not text:
        return False
    note = TeacherNote(activity_id=activity_id, person_id=person_id, author_id=author_id, text=text, written_at=now)
    session.add(note)
    session.flush()
    audit.record(session, "note.written", person_id, at=now, person_id=author_id, activity=activity_id, note=note.id)
    return True


def take_note_back(
    session: Session, activity_id: str, person_id: str, note_id: str, *, author_id: str, now: datetime
) -> None:
    """Remove a note. A second tap changes nothing."""
    note = _note(session, activity_id, person_id, note_id)
    if note is not None:
        audit.record(session, "note.taken_back", person_id, at=now, person_id=author_id, note=note_id)
        session.delete(note)
        session.flush()


def mark_read(session: Session, activity_id: str, person_id: str, note_id: str, now: datetime) -> None:
    """The pupil has read it."""
    note = _note(session, activity_id, person_id, note_id)
    if note is not None and note.read_at is None:
        note.read_at = now


def unread(session: Session, activity_id: str, person_id: str) -> TeacherNote | None:
    """The oldest note that the pupil has not read."""
    return session.scalars(
        _notes(activity_id, person_id).where(TeacherNote.read_at.is_(None)).order_by(TeacherNote.written_at).limit(1)
    ).one_or_none()


def latest_notes(session: Session, activity_id: str, person_id: str) -> Sequence[TeacherNote]:
    """The latest notes to a pupil, read or not."""
    query = _notes(activity_id, person_id).order_by(TeacherNote.written_at.desc()).limit(MOST_SHOWN)
    return session.scalars(query).all()


def _notes(activity_id: str, person_id: str) -> Select[TeacherNote]:
    return select(TeacherNote).where(TeacherNote.activity_id == activity_id, TeacherNote.person_id == person_id)


def _note(session: Session, activity_id: str, person_id: str, note_id: str) -> TeacherNote | None:
    return session.scalars(_notes(activity_id, person_id).where(TeacherNote.id == note_id)).one_or_none()
