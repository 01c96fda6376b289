"""A teacher's page about one pupil: every answer as it was seen, and what each skill's state rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.learner import Learner, SkillReport
from engine.tutor import Tutor
from item_banks.schema import Item
from lti_tool.lti.roles import Role
from lti_tool.persistence.activities import Activity
from lti_tool.persistence.people import DisplayName, Membership, Person
from lti_tool.persistence.practice import LearnerState, Opportunity, PresentedItem
from lti_tool.persistence.secrets import Vault

MOST_ANSWERS = 60


class NotInThisClass(LookupError):  # noqa: N818 - says what was found
    """No pupil of that id is in the activity's class."""


@dataclass(frozen=True)
class SeenAnswer:
    """One answer with its item as the pupil saw it. `p_before`, `p_after`: P(known) of its skill."""

    item: Item
    skill_id: str
    response: str
    mark: Mapping[str, Any]
    outcome: str
    correct: bool
    honest: bool
    hints: int
    seconds: float | None
    p_before: float
    p_after: float
    answered_at: datetime


@dataclass(frozen=True)
class PupilPage:
    """One pupil in one activity. `answers`: newest first; `more`: older ones are not shown."""

    person_id: str
    name: str
    activity: Activity
    skills: Mapping[str, SkillReport]
    answers: Sequence[SeenAnswer]
    more: bool


def pupil_page(
    session: Session, activity: Activity, person_id: str, tutor: Tutor, vault: Vault, now: datetime
) -> PupilPage:
    """Read the page: answers of this activity only, skill states the person's. Raises `NotInThisClass`."""
    query = (
        select(Membership.person_id, DisplayName.encrypted_name)
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(DisplayName, DisplayName.person_id == Membership.person_id)
        .where(
            Membership.context_id == activity.context_id,
            Membership.person_id == person_id,
            Membership.role == Role.PUPIL.value,
            Person.preview.is_(False),
        )
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotInThisClass(person_id)
    state = session.get(LearnerState, (person_id, activity.bank_id))
    learner = Learner.from_json(state.learner) if state else tutor.new_learner()
    answers = _answers(session, activity.id, person_id)
    return PupilPage(
        person_id=person_id,
        name=vault.decrypt(found.encrypted_name) if found.encrypted_name else "",
        activity=activity,
        skills=tutor.report(learner, now=now, within=activity.skill_ids),
        answers=answers[:MOST_ANSWERS],
        more=len(answers) > MOST_ANSWERS,
    )


def _answers(session: Session, activity_id: str, person_id: str) -> list[SeenAnswer]:
    query = (
        select(Opportunity, PresentedItem.item)
        .join(PresentedItem, PresentedItem.id == Opportunity.presented_item_id)
        .where(Opportunity.activity_id == activity_id, Opportunity.person_id == person_id)
        .order_by(Opportunity.id.desc())
        .limit(MOST_ANSWERS + 1)
    )
    return [
        SeenAnswer(
            item=Item.from_json(item),
            skill_id=answer.skill_id,
            response=answer.response,
            mark=answer.mark,
            outcome=answer.outcome,
            correct=answer.correct,
            honest=answer.honest,
            hints=answer.hints,
            seconds=answer.seconds,
            p_before=answer.p_before,
            p_after=answer.p_after,
            answered_at=answer.answered_at,
        )
        for answer, item in session.execute(query)
    ]
