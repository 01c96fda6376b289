"""Pair activities: two pupils to whom their teacher gave a skill to talk about."""

import zlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from item_banks.schema import Bank, Item
from lti_tool.persistence.tables import audit
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.pupils import PairActivity
from lti_tool.services.assigning.features import is_on


def running_pairs(session: Session, activity_id: str) -> Sequence[PairActivity]:
    """The pair activities that have not ended."""
    query = select(PairActivity).where(PairActivity.activity_id == activity_id, PairActivity.ended_at.is_(None))
    return session.scalars(query.order_by(PairActivity.started_at)).all()


def pairs_of(session: Session, activity_id: str, person_id: str) -> Sequence[PairActivity]:
    """What a pupil does together with somebody now: a skill to explain, a skill to listen to, or both.

    Where the class has no pairs (any more), nothing.
    """
    if not is_on(session, session.get_one(Activity, activity_id), "pairs"):
        return ()
    query = select(PairActivity).where(
        PairActivity.activity_id == activity_id,
        PairActivity.ended_at.is_(None),
        or_(PairActivity.first_id == person_id, PairActivity.second_id == person_id),
    )
    return session.scalars(query.order_by(PairActivity.started_at, PairActivity.id)).all()


def shared_question(bank: Bank, pair: PairActivity) -> Item | None:
    """A question of the pair's skill to talk about, the same on both screens; None if the bank has the skill no more.

    It is nobody's task: not stored, not answered here, and so its way of solving may stand beside it.
    """
    templates = [template for template in bank.templates.values() if template.skill == pair.skill_id]
    readable = [each for each in templates if each.format != "dictation" and not each.twin_of] or templates
    if not readable:
        return None
    seed = zlib.crc32(pair.id.encode())
    return bank.draw(readable[seed % len(readable)].id, seed)


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
