"""A teacher's word on a pupil's skill: it shows everywhere, counts for mastery, and is no evidence for the model."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, cast, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.learner import SkillReport
from lti_tool.persistence.secrets import Vault
from lti_tool.persistence.tables import audit
from lti_tool.persistence.tables.people import DisplayName
from lti_tool.persistence.tables.practice import MasteryOverride

Word = Literal["strong", "growing"]
WORDS: Final[tuple[Word, ...]] = get_args(Word)
MAX_REASON: Final = 500


class BadOverride(ValueError):  # noqa: N818 - it is what the teacher sent
    """A word without a reason, or one that is none of `WORDS`."""


@dataclass(frozen=True)
class Said:
    """One override as a page shows it. `author` is empty where the LMS gives no name, or who said it was erased."""

    skill_id: str
    state: str
    reason: str
    author: str
    made_at: datetime


def overrides_of(session: Session, person_id: str) -> Mapping[str, str]:
    """The states that teachers gave to a person's skills, by skill."""
    query = select(MasteryOverride.skill_id, MasteryOverride.state).where(MasteryOverride.person_id == person_id)
    return dict(session.execute(query).all())


def as_teachers_say(reports: Mapping[str, SkillReport], said: Mapping[str, str]) -> dict[str, SkillReport]:
    """Reports with the states that teachers gave; the numbers stay the model's."""
    return {
        skill_id: replace(report, state=cast(Word, said[skill_id])) if skill_id in said else report
        for skill_id, report in reports.items()
    }


def override(
    session: Session,
    person_id: str,
    skill_id: str,
    state: str,
    reason: str,
    *,
    context_id: int,
    author_id: str,
    now: datetime,
) -> None:
    """Say that a skill is strong, or that it is not yet; in place of what was said before. Raises `BadOverride`."""
    reason = " ".join(reason.split())[:MAX_REASON]
    if state not in WORDS or not reason:
        raise BadOverride(state)
    row = _row(session, person_id, skill_id)
    if row is None:
        row = MasteryOverride(person_id=person_id, skill_id=skill_id)
        session.add(row)
    row.context_id, row.author_id, row.state, row.reason, row.made_at = context_id, author_id, state, reason, now
    session.flush()
    audit.record(
        session,
        "override.set",
        person_id,
        at=now,
        person_id=author_id,
        skill=skill_id,
        state=state,
        reason=reason,
        context=context_id,
    )


def take_back(session: Session, person_id: str, skill_id: str, *, author_id: str, now: datetime) -> None:
    """Let the model's state show again. A second tap changes nothing."""
    row = _row(session, person_id, skill_id)
    if row is None:
        return
    audit.record(
        session, "override.taken_back", person_id, at=now, person_id=author_id, skill=skill_id, state=row.state
    )
    session.delete(row)
    session.flush()


def said_of(session: Session, person_id: str, vault: Vault) -> dict[str, Said]:
    """What teachers said of a person's skills, with who said it, by skill."""
    query = (
        select(MasteryOverride, DisplayName.encrypted_name)
        .outerjoin(DisplayName, DisplayName.person_id == MasteryOverride.author_id)
        .where(MasteryOverride.person_id == person_id)
    )
    return {
        row.skill_id: Said(row.skill_id, row.state, row.reason, vault.decrypt(name) if name else "", row.made_at)
        for row, name in session.execute(query)
    }


def _row(session: Session, person_id: str, skill_id: str) -> MasteryOverride | None:
    query = select(MasteryOverride).where(MasteryOverride.person_id == person_id, MasteryOverride.skill_id == skill_id)
    return session.scalars(query).one_or_none()
