"""The life of an answer: mark, trace, remember, grade, choose the next item; all in one transaction."""

import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from engine.learner import Response, SkillReport
from item_banks.marking import KEPT_LENGTH, Mark, clean, mark
from item_banks.schema import Item
from lti_tool.persistence.activities import Activity
from lti_tool.persistence.practice import Exposure, Opportunity, PresentedItem, Sitting
from lti_tool.services.catalog import Catalog
from lti_tool.services.certificates import renew_certificates
from lti_tool.services.grades import Progress, post_progress, progress_of
from lti_tool.services.grading.evidence import is_honest_try
from lti_tool.services.grading.honesty import Try
from lti_tool.services.learners import Pupil, load_pupil, save_learner
from lti_tool.services.presenting import Presenter
from lti_tool.services.replay import replay
from lti_tool.services.sittings import (
    SittingRules,
    begin_sitting,
    current_sitting,
    end_if_due,
    items_in,
    sitting_under_way,
)

Action = Literal["answer", "dont_know", "cant_hear"]
OUTCOMES: Mapping[Action, Literal["answered", "dont_know", "no_evidence"]] = {
    "answer": "answered",
    "dont_know": "dont_know",
    "cant_hear": "no_evidence",
}


@dataclass(frozen=True)
class OpenItem:
    """The item that waits for the pupil's answer. `item` holds the answer: pages use `item.public()` only."""

    token: str
    skill_id: str
    template_id: str
    item: Item
    reason: Mapping[str, Any]
    hints: tuple[str, ...]
    more_hints: bool
    draft: str


@dataclass(frozen=True)
class PracticeView:
    """What the practice page shows: the open item, or how the sitting ended, after `items_done` answers."""

    activity: Activity
    open_item: OpenItem | None
    progress: Progress
    items_done: int
    end_reason: str | None
    report: Mapping[str, SkillReport]


@dataclass(frozen=True)
class Feedback:
    """What the pupil is told about one answer, as often as the page is opened."""

    presented: PresentedItem
    item: Item
    mark: Mapping[str, Any]
    outcome: str
    correct: bool


@dataclass(frozen=True)
class Unmarkable:
    """An answer that says nothing (empty, not a number): asked again, nothing stored."""

    message: str
    response: str


class NotYourItem(LookupError):  # noqa: N818 - names what the pupil did
    """The answer names an item that was not put before this pupil in this activity."""


class Practice:
    """Practice in one process: the banks, the rules of a sitting, and a source of chance."""

    def __init__(self, catalog: Catalog, rules: SittingRules, rng: random.Random) -> None:
        self._catalog = catalog
        self._rules = rules
        self._presenter = Presenter(catalog, rng)

    def open(
        self, session: Session, activity: Activity, person_id: str, *, since: datetime, locale: str, now: datetime
    ) -> PracticeView:
        """The pupil's place in an activity; begins a sitting unless one ended after `since` (the launch).

        Who has every skill already, from other activities, is given the full grade here: there may be no answer.
        """
        pupil = self._pupil(session, activity, person_id)
        sitting, presented = current_sitting(session, activity.id, person_id, rules=self._rules, since=since, now=now)
        if sitting.ended_at is None and presented is None:
            presented = self._presenter.present_next(session, activity, pupil, sitting, now)
        if presented is not None and presented.shown_at is None:
            presented.shown_at = now
        view = self._view(session, activity, pupil, sitting, presented, now)
        if view.progress.all_mastered:
            skills = self._catalog.banks[activity.bank_id].skills
            post_progress(session, activity, person_id, view.report, skills, locale=locale, now=now)
        return view

    def begin_again(self, session: Session, activity: Activity, person_id: str, *, now: datetime) -> None:
        """Start another sitting after one has ended; a second tap finds it begun."""
        pupil = self._pupil(session, activity, person_id)
        if sitting_under_way(session, activity.id, person_id) is None:
            sitting = begin_sitting(session, activity.id, person_id, now)
            self._presenter.present_next(session, activity, pupil, sitting, now)

    def answer(
        self,
        session: Session,
        activity: Activity,
        person_id: str,
        *,
        token: str,
        response: str,
        action: Action,
        locale: str,
        now: datetime,
    ) -> Feedback | Unmarkable:
        """Take one answer. A second one to the same item changes nothing and gets the first one's feedback.

        Raises `NotYourItem`.
        """
        pupil = self._pupil(session, activity, person_id)  # locks the learner: answers of one pupil queue up here
        presented = find_presented(session, activity.id, person_id, token, lock=True)
        if presented.answered_at is not None:
            return feedback_on(session, presented)
        item = Item.from_json(presented.item)
        if action == "cant_hear" and item.format != "dictation":
            action = "dont_know"  # only what must be heard can go unheard
        verdict = mark(item, response if action == "answer" else "")
        if action == "answer" and verdict.verdict == "unreadable":
            return Unmarkable(verdict.message, verdict.response)
        if "slip" in verdict.misconceptions and _first_slip(session, presented, now):
            return Unmarkable(item.strings["slip_again"], verdict.response)
        opportunity = self._trace(session, activity, pupil, presented, verdict, action, now)
        bank = self._catalog.banks[activity.bank_id]
        template = bank.templates.get(presented.template_id)
        touched = template.skills if template is not None else ()
        report = pupil.tutor.report(pupil.learner, now=now, within={*activity.skill_ids, *touched})
        renew_certificates(session, person_id, activity.standard, report, now)
        progress = post_progress(session, activity, person_id, report, bank.skills, locale=locale, now=now)
        if not end_if_due(session, presented.sitting, progress, self._rules, now):
            self._presenter.present_next(session, activity, pupil, presented.sitting, now)
        return _feedback(presented, item, opportunity)

    def hint(self, session: Session, activity: Activity, person_id: str, token: str, now: datetime) -> None:
        """Show one more hint for the open item. Raises `NotYourItem`."""
        presented = find_presented(session, activity.id, person_id, token, lock=True)
        if presented.answered_at is None and presented.hints_shown < len(Item.from_json(presented.item).hints):
            presented.hints_shown += 1
            session.add(
                Exposure(
                    person_id=person_id,
                    activity_id=activity.id,
                    presented_item_id=presented.id,
                    kind="hint",
                    detail=str(presented.hints_shown),
                    shown_at=now,
                )
            )

    def _pupil(self, session: Session, activity: Activity, person_id: str) -> Pupil:
        tutor = self._catalog.tutor(activity.bank_id, activity.standard)
        pupil = load_pupil(session, tutor, person_id, activity.bank_id)
        if pupil.row.parameter_version not in (None, tutor.parameters.version):
            self._catalog.refresh(session, activity.bank_id)
            replay(session, pupil, self._catalog.tutor(activity.bank_id, activity.standard))
        return pupil

    def _trace(
        self,
        session: Session,
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
        before = _p_known(pupil, presented.skill_id, now)
        template = self._catalog.banks[activity.bank_id].templates.get(presented.template_id)
        if template is not None:
            response = Response(
                item=tutor.curriculum.item(template.twin_of or template.id),
                correct=correct,
                hints=presented.hints_shown,
                seconds=seconds,
                outcome=OUTCOMES[action],
            )
            pupil.learner = tutor.observe(pupil.learner, response, now=now)
        save_learner(pupil, now)
        presented.answered_at = now
        template = self._catalog.banks[activity.bank_id].templates.get(presented.template_id)
        response_format = template.engine_format if template is not None else ""
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
            p_after=_p_known(pupil, presented.skill_id, now),
            bank_version=presented.bank_version,
            parameter_version=tutor.parameters.version,
            answered_at=now,
        )
        session.add(opportunity)
        session.flush()
        return opportunity

    def _view(
        self,
        session: Session,
        activity: Activity,
        pupil: Pupil,
        sitting: Sitting,
        presented: PresentedItem | None,
        now: datetime,
    ) -> PracticeView:
        report = pupil.tutor.report(pupil.learner, now=now, within=activity.skill_ids)
        return PracticeView(
            activity=activity,
            open_item=open_item(presented) if presented is not None else None,
            progress=progress_of(session, activity, pupil.person_id, report),
            items_done=items_in(session, sitting) if sitting.ended_at is not None else 0,
            end_reason=sitting.end_reason,
            report=report,
        )


def _first_slip(session: Session, presented: PresentedItem, now: datetime) -> bool:
    """Whether a finger slipped for the first time in this item: that costs nothing, the pupil may look again."""
    known = select(Exposure.id).where(Exposure.presented_item_id == presented.id, Exposure.kind == "slip")
    if session.scalars(known.limit(1)).first() is not None:
        return False
    session.add(
        Exposure(
            person_id=presented.person_id,
            activity_id=presented.activity_id,
            presented_item_id=presented.id,
            kind="slip",
            shown_at=now,
        )
    )
    return True


def _as_stored(verdict: Mark) -> dict[str, Any]:
    """A mark as the database gives it back, so that feedback looks the same the first time and later."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(verdict).items()}


def _p_known(pupil: Pupil, skill_id: str, now: datetime) -> float:
    """The belief about a skill; of one that has left the bank the last one stored, 0 where there is none."""
    for report in pupil.tutor.report(pupil.learner, now=now, within=[skill_id]).values():
        return report.p_known
    record = pupil.learner.skills.get(skill_id)
    return record.p_known if record else 0.0


def open_item(presented: PresentedItem) -> OpenItem:
    """A stored, unanswered item as the page needs it."""
    item = Item.from_json(presented.item)
    return OpenItem(
        token=presented.token,
        skill_id=presented.skill_id,
        template_id=presented.template_id,
        item=item,
        reason=presented.reason,
        hints=item.hints[: presented.hints_shown],
        more_hints=presented.hints_shown < len(item.hints),
        draft=presented.draft or "",
    )


def find_presented(
    session: Session, activity_id: str, person_id: str, token: str, *, lock: bool = False
) -> PresentedItem:
    """The item with this token, if it was put before this pupil in this activity. Raises `NotYourItem`."""
    if "\x00" in token:
        raise NotYourItem(token)  # PostgreSQL would not even look for it
    query = (
        select(PresentedItem)
        .where(
            PresentedItem.token == token,
            PresentedItem.person_id == person_id,
            PresentedItem.activity_id == activity_id,
        )
        .options(joinedload(PresentedItem.sitting))
    )
    presented = session.scalars(query.with_for_update(of=PresentedItem) if lock else query).one_or_none()
    if presented is None:
        raise NotYourItem(token)
    return presented


def find_sounding(session: Session, token: str) -> PresentedItem | None:
    """The item with this token, whoever's it is: for its sound only."""
    if "\x00" in token:
        return None  # PostgreSQL would not even look for it
    return session.scalars(select(PresentedItem).where(PresentedItem.token == token)).one_or_none()


def feedback_on(session: Session, presented: PresentedItem) -> Feedback:
    """The feedback on an answered item. Raises `NotYourItem` while it is unanswered."""
    opportunity = session.scalars(
        select(Opportunity).where(Opportunity.presented_item_id == presented.id)
    ).one_or_none()
    if opportunity is None:
        raise NotYourItem(presented.token)
    return _feedback(presented, Item.from_json(presented.item), opportunity)


def _feedback(presented: PresentedItem, item: Item, opportunity: Opportunity) -> Feedback:
    return Feedback(presented, item, opportunity.mark, opportunity.outcome, opportunity.correct)


def keep_draft(session: Session, activity_id: str, person_id: str, token: str, response: str) -> bool:
    """Keep what a pupil typed after the session had run out; whether it will be offered again."""
    try:
        presented = find_presented(session, activity_id, person_id, token, lock=True)
    except NotYourItem:
        return False
    if presented.answered_at is not None:
        return False
    presented.draft = clean(response)[:KEPT_LENGTH]
    return True
