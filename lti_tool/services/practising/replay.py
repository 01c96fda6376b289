"""A pupil's belief under other parameters: every answer of the bank once more, in order."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.curriculum import CurriculumError
from engine.learner import Learner, Outcome, Response
from engine.mastery import MASTERED
from engine.tutor import Tutor
from item_banks.schema import Bank
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.practice import Opportunity, PresentedItem
from lti_tool.services.catalog import Catalog, traced_item
from lti_tool.services.practising.learners import Pupil, load_pupil
from lti_tool.services.practising.tracing import fewer_choices

OUTCOMES = get_args(Outcome)


def current_pupil(session: Session, catalog: Catalog, activity: Activity, person_id: str) -> Pupil:
    """The pupil of an activity, locked, believed with the parameters in use."""
    tutor = catalog.tutor(activity.bank_id, activity.standard)
    pupil = load_pupil(session, tutor, person_id, activity.bank_id)
    if pupil.row.parameter_version not in (None, tutor.parameters.version):
        catalog.refresh(session, activity.bank_id)
        replay(session, pupil, catalog.tutor(activity.bank_id, activity.standard), catalog.banks[activity.bank_id])
    return pupil


def replay(session: Session, pupil: Pupil, tutor: Tutor, bank: Bank) -> None:
    """Give a pupil the belief that the tutor would have come to. What was called mastered stays so until later answers
    make it doubtful, and what is remembered beside beliefs stays as it is."""
    pupil.tutor = tutor
    if pupil.row.parameter_version == tutor.parameters.version:
        return
    answers = session.scalars(
        select(Opportunity)
        .join(PresentedItem)
        .where(Opportunity.person_id == pupil.person_id, PresentedItem.bank_id == pupil.row.bank_id)
        .order_by(Opportunity.answered_at, Opportunity.id)
    ).all()
    fresh = tutor.new_learner()
    for answer in answers:
        fresh = _after(tutor, bank, fresh, answer)
    old = pupil.learner
    pupil.learner = _keeping_mastery(
        old,
        replace(
            old,
            skills=fresh.skills,
            members=fresh.members,
            traits=fresh.traits,
            recent=fresh.recent,
            last_item=fresh.last_item,
            presented=fresh.presented,
        ),
    )
    pupil.row.learner = pupil.learner.to_json()
    pupil.row.parameter_version = tutor.parameters.version


def _after(tutor: Tutor, bank: Bank, learner: Learner, answer: Opportunity) -> Learner:
    try:
        item = tutor.curriculum.item(traced_item(bank, answer.template_id))
    except CurriculumError:
        return learner  # it has left the bank
    response = Response(
        item=item,
        correct=answer.correct,
        hints=answer.hints,
        seconds=answer.seconds,
        attempt=answer.attempt,
        outcome=next((known for known in OUTCOMES if known == answer.outcome), "no_evidence"),
        choices=fewer_choices(answer.response_format, bank.templates[answer.template_id].engine_format),
    )
    return tutor.observe(learner, response, now=answer.answered_at)


def _keeping_mastery(old: Learner, new: Learner) -> Learner:
    kept = {
        skill_id: new.skills[skill_id]._replace(state=before.state, since=before.since, standard=before.standard)
        for skill_id, before in old.skills.items()
        if before.state in MASTERED and skill_id in new.skills and new.skills[skill_id].state not in MASTERED
    }
    untouched = {skill_id: record for skill_id, record in old.skills.items() if skill_id not in new.skills}
    return new.with_skills(new.skills.changed({**kept, **untouched}))
