"""An answer becomes an opportunity: the belief after it, and the row from which both can be replayed."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.orm import Session

from engine.curriculum import CHOICES
from engine.learner import Response
from item_banks.marking import Mark
from item_banks.schema import Bank, Item
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.practice import Opportunity, PresentedItem
from lti_tool.services.catalog import traced_item
from lti_tool.services.grading.evidence import is_honest_try
from lti_tool.services.grading.honesty import Try
from lti_tool.services.practising.learners import Pupil, save_learner

Action = Literal["answer", "dont_know", "cant_hear"]
OUTCOMES: Mapping[Action, Literal["answered", "dont_know", "no_evidence"]] = {
    "answer": "answered",
    "dont_know": "dont_know",
    "cant_hear": "no_evidence",
}


def trace_answer(
    session: Session,
    bank: Bank,
    activity: Activity,
    pupil: Pupil,
    presented: PresentedItem,
    verdict: Mark,
    action: Action,
    now: datetime,
) -> Opportunity:
    """Update the belief and append the opportunity. An item that has left the bank teaches the model nothing."""
    tutor = pupil.tutor
    correct = action == "answer" and verdict.verdict == "correct"
    seconds = max(0.0, (now - (presented.shown_at or presented.presented_at)).total_seconds())
    before = p_known_of(pupil, presented.skill_id, now)
    template = bank.templates.get(presented.template_id)
    usual = template.engine_format if template is not None else ""
    response_format = _format_as_shown(presented.item, usual)
    if template is not None:
        response = Response(
            item=tutor.curriculum.item(traced_item(bank, template.id)),
            correct=correct,
            hints=presented.hints_shown,
            seconds=seconds,
            outcome=OUTCOMES[action],
            choices=fewer_choices(response_format, usual),
        )
        pupil.learner = tutor.observe(pupil.learner, response, now=now)
    save_learner(pupil, now)
    presented.answered_at = now
    honest = is_honest_try(session, activity.id, pupil.person_id, Try(response_format, correct, seconds))
    opportunity = Opportunity(
        presented_item_id=presented.id,
        person_id=pupil.person_id,
        activity_id=activity.id,
        sitting_id=presented.sitting_id,
        skill_id=presented.skill_id,
        template_id=presented.template_id,
        response=verdict.response,
        outcome=OUTCOMES[action],
        correct=correct,
        hints=presented.hints_shown,
        attempt=1,
        seconds=seconds,
        response_format=response_format,
        honest=honest or action == "cant_hear",
        misconceptions=list(verdict.misconceptions),
        mark=_as_stored(verdict),
        p_before=before,
        p_after=p_known_of(pupil, presented.skill_id, now),
        bank_version=presented.bank_version,
        parameter_version=tutor.parameters.version,
        answered_at=now,
    )
    session.add(opportunity)
    session.flush()
    return opportunity


def _format_as_shown(item: str, response_format: str) -> str:
    """The template's response format, with as many choices as this pupil saw (see `with_fewer_choices`)."""
    if response_format not in CHOICES:
        return response_format
    shown = f"choice{len(Item.from_json(item).response.choices)}"
    return shown if shown in CHOICES else response_format  # places to mark in a sentence are choices without a list


def fewer_choices(as_shown: str, response_format: str) -> int | None:
    """Between how many choices a pupil chose who got fewer of them than the template has; None for everybody else."""
    shown, usual = CHOICES.get(as_shown), CHOICES.get(response_format)
    return shown if shown is not None and usual is not None and shown < usual else None


def _as_stored(verdict: Mark) -> dict[str, Any]:
    """A mark as the database gives it back, so that feedback looks the same the first time and later."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(verdict).items()}


def p_known_of(pupil: Pupil, skill_id: str, now: datetime) -> float:
    """The belief about a skill; of one that has left the bank the last one stored, 0 where there is none."""
    for report in pupil.tutor.report(pupil.learner, now=now, within=[skill_id]).values():
        return report.p_known
    record = pupil.learner.skills.get(skill_id)
    return record.p_known if record else 0.0
