"""Pair activities: two pupils to whom their teacher gave a skill to talk about."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lti_tool.persistence import audit
from lti_tool.persistence.pupils import PairActivity


def running_pairs(session: Session, activity_id: str) -> Sequence[PairActivity]:
    """The pair activities that have not ended."""
    query = select(PairActivity).where(PairActivity.activity_id == activity_id, PairActivity.ended_at.is_(None))
    return session.scalars(query.order_by(PairActivity.started_at)).all()


def start_pair(
    session: Session,
    activity_id: str,
    *,
    first_id: str,
    second_id: str,
    skill_ids: Sequence[str],
    author_id: str,
    now: datetime,
) -> None:
    """Let two pupils work together; what either was doing in another pair ends. The first explains the first skill."""
    for pair in _with(session, activity_id, first_id, second_id):
        pair.ended_at = now
    turns = [(first_id, second_id), (second_id, first_id)]
    for skill_id, (explains, listens) in zip(skill_ids, turns, strict=False):
        session.add(
            PairActivity(
                activity_id=activity_id,
                skill_id=skill_id,
                first_id=explains,
                second_id=listens,
                author_id=author_id,
                started_at=now,
            )
        )
    session.flush()
    audit.record(
        session,
        "pair.started",
        first_id,
        at=now,
        person_id=author_id,
        activity=activity_id,
        partner=second_id,
        skills=list(skill_ids),
    )


def end_pair(
    session: Session, activity_id: str, *, first_id: str, second_id: str, author_id: str, now: datetime
) -> None:
    """End what these two do together."""
    for pair in _with(session, activity_id, first_id, second_id):
        pair.ended_at = now
    audit.record(session, "pair.ended", first_id, at=now, person_id=author_id, activity=activity_id)


def _with(session: Session, activity_id: str, *people: str) -> Sequence[PairActivity]:
    query = select(PairActivity).where(
        PairActivity.activity_id == activity_id,
        PairActivity.ended_at.is_(None),
        or_(PairActivity.first_id.in_(people), PairActivity.second_id.in_(people)),
    )
    return session.scalars(query).all()
