"""What a teacher wants for one pupil's next items: a skill first, a skill at rest, or all at rest."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.persistence.tables import audit
from lti_tool.persistence.tables.steering import Steering

Kind = Literal["next", "pause"]
KINDS: tuple[Kind, ...] = get_args(Kind)
EVERYTHING = ""
"""The `skill_id` of a pause of all skills."""


@dataclass(frozen=True)
class Steer:
    """What holds for one pupil in one activity. `resting`: the whole activity rests."""

    first: str | None = None
    paused: frozenset[str] = field(default_factory=frozenset)
    resting: bool = False


def steer_of(session: Session, activity_id: str, person_id: str) -> Steer:
    """A teacher's wishes for this pupil here."""
    query = select(Steering.skill_id, Steering.kind).where(
        Steering.activity_id == activity_id, Steering.person_id == person_id
    )
    kinds = dict(session.execute(query).all())
    paused = frozenset(skill_id for skill_id, kind in kinds.items() if kind == "pause")
    first = next((skill_id for skill_id, kind in kinds.items() if kind == "next"), None)
    return Steer(first, paused - {EVERYTHING}, EVERYTHING in paused)


def steer(
    session: Session, activity_id: str, person_id: str, skill_id: str, kind: Kind, *, author_id: str, now: datetime
) -> None:
    """Let a skill come first, or rest. One skill comes first at a time: a new one takes the other's place."""
    if kind == "next":
        query = select(Steering).where(
            Steering.activity_id == activity_id, Steering.person_id == person_id, Steering.kind == "next"
        )
        for other in session.scalars(query):
            session.delete(other)
        session.flush()
    row = session.get(Steering, (activity_id, person_id, skill_id))
    if row is None:
        row = Steering(activity_id=activity_id, person_id=person_id, skill_id=skill_id)
        session.add(row)
    row.kind, row.author_id, row.made_at = kind, author_id, now
    session.flush()
    _note(session, "steering.set", row, author_id, now)


def let_run(
    session: Session, activity_id: str, person_id: str, skill_id: str, *, author_id: str, now: datetime
) -> None:
    """Take a wish back. A second tap changes nothing."""
    row = session.get(Steering, (activity_id, person_id, skill_id))
    if row is None:
        return
    _note(session, "steering.taken_back", row, author_id, now)
    session.delete(row)
    session.flush()


def _note(session: Session, action: str, row: Steering, author_id: str, now: datetime) -> None:
    audit.record(
        session,
        action,
        row.person_id,
        at=now,
        person_id=author_id,
        activity=row.activity_id,
        skill=row.skill_id,
        kind=row.kind,
    )
