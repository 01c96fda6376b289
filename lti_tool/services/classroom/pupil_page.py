"""A teacher's page about one pupil: every answer as it was seen, what each skill's state rests on, what was done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, func, select
from sqlalchemy.orm import Session

from engine.learner import Learner, SkillReport
from engine.tutor import Tutor
from item_banks.marking import response_in_words
from item_banks.schema import Item
from lti_tool.persistence.secrets import Vault
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.practice import LearnerState, Opportunity, PresentedItem
from lti_tool.persistence.tables.pupils import Confidence
from lti_tool.persistence.tables.steering import TeacherNote
from lti_tool.persistence.tables.summaries import PracticeTotal
from lti_tool.services.classroom.names import names_of
from lti_tool.services.helping.accommodations import Accommodations, accommodations_of
from lti_tool.services.helping.notes import latest_notes
from lti_tool.services.helping.overrides import Said, as_teachers_say, said_of
from lti_tool.services.helping.steering import Steer, steer_of

MOST_ANSWERS = 60


class NotInThisClass(LookupError):  # noqa: N818 - says what was found
    """No pupil of that id is in the activity's class."""


@dataclass(frozen=True)
class SeenAnswer:
    """One answer with its item as the pupil saw it. `p_before`, `p_after`: P(known) of its skill.

    `confidence`: 1 (not sure) to 3 (sure), said before the pupil knew; None where it was not asked. `reason`: why the
    item was chosen, as the pupil read it (`key`) and in the tutor's numbers (`trace`, see `engine.learner.Reason`).
    """

    id: int
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
    confidence: int | None
    reason: Mapping[str, Any]


@dataclass(frozen=True)
class Calibration:
    """How often the pupil was right when this sure: `level` 1 to 3."""

    level: int
    right: int
    said: int


@dataclass(frozen=True)
class PupilPage:
    """One pupil in one activity. `answers`: newest first; `older`: where older ones begin, None where none are."""

    person_id: str
    name: str
    activity: Activity
    skills: Mapping[str, SkillReport]
    answers: Sequence[SeenAnswer]
    older: int | None
    total: PracticeTotal | None
    calibration: Sequence[Calibration]
    said: Mapping[str, Said]
    steer: Steer
    notes: Sequence[TeacherNote]
    needs: Accommodations


def pupil_page(
    session: Session,
    activity: Activity,
    person_id: str,
    tutor: Tutor,
    vault: Vault,
    now: datetime,
    *,
    before: int | None = None,
    most: int = MOST_ANSWERS,
) -> PupilPage:
    """Read the page: answers of this activity only, skill states the person's. Raises `NotInThisClass`.

    `before`: the answers given before the one with this number; `most`: so many answers at most.
    """
    names = names_of(session, activity, vault)
    if person_id not in names:
        raise NotInThisClass(person_id)
    state = session.get(LearnerState, (person_id, activity.bank_id))
    learner = Learner.from_json(state.learner) if state else tutor.new_learner()
    said = said_of(session, person_id, vault)
    report = tutor.report(learner, now=now, within=activity.skill_ids)
    answers = _answers(session, activity.id, person_id, before, most)
    return PupilPage(
        person_id=person_id,
        name=names[person_id],
        activity=activity,
        skills=as_teachers_say(report, {skill_id: each.state for skill_id, each in said.items()}),
        answers=answers[:most],
        older=answers[most - 1].id if len(answers) > most else None,
        total=session.get(PracticeTotal, (activity.id, person_id)),
        calibration=_calibration(session, activity.id, person_id),
        said=said,
        steer=steer_of(session, activity.id, person_id),
        notes=latest_notes(session, activity.id, person_id),
        needs=accommodations_of(session, person_id),
    )


def _calibration(session: Session, activity_id: str, person_id: str) -> list[Calibration]:
    query = (
        select(Confidence.level, func.sum(Opportunity.correct.cast(Integer)), func.count())
        .join(Opportunity, Opportunity.presented_item_id == Confidence.presented_item_id)
        .where(Opportunity.activity_id == activity_id, Opportunity.person_id == person_id)
        .group_by(Confidence.level)
        .order_by(Confidence.level.desc())
    )
    return [Calibration(level, int(right), said) for level, right, said in session.execute(query)]


def _answers(session: Session, activity_id: str, person_id: str, before: int | None, most: int) -> list[SeenAnswer]:
    query = (
        select(Opportunity, PresentedItem.item, PresentedItem.reason, Confidence.level)
        .join(PresentedItem, PresentedItem.id == Opportunity.presented_item_id)
        .outerjoin(Confidence, Confidence.presented_item_id == Opportunity.presented_item_id)
        .where(Opportunity.activity_id == activity_id, Opportunity.person_id == person_id)
        .order_by(Opportunity.id.desc())
        .limit(most + 1)
    )
    if before is not None:
        query = query.where(Opportunity.id < before)
    return [
        SeenAnswer(
            id=answer.id,
            item=item,
            skill_id=answer.skill_id,
            response=response_in_words(item, answer.response),
            mark=answer.mark,
            outcome=answer.outcome,
            correct=answer.correct,
            honest=answer.honest,
            hints=answer.hints,
            seconds=answer.seconds,
            p_before=answer.p_before,
            p_after=answer.p_after,
            answered_at=answer.answered_at,
            confidence=level,
            reason=reason,
        )
        for answer, stored, reason, level in session.execute(query)
        for item in (Item.from_json(stored),)
    ]
