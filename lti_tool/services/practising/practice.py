"""The life of an answer: mark, trace, remember, grade, choose the next item; all in one transaction."""

import random
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.learner import SkillReport
from item_banks.marking import mark
from item_banks.schema import Item
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.practice import Exposure, Opportunity, PresentedItem, Sitting
from lti_tool.services.assigning.features import is_on, switched_off
from lti_tool.services.catalog import Catalog
from lti_tool.services.grading.grades import MASTERED, Progress, post_progress, progress_of
from lti_tool.services.practising.choosing.presenting import Presenter
from lti_tool.services.practising.choosing.start_check import is_of_check
from lti_tool.services.practising.learners import Pupil
from lti_tool.services.practising.presented import (
    Feedback,
    OpenItem,
    feedback_of,
    feedback_on,
    find_presented,
    open_item,
)
from lti_tool.services.practising.replay import current_pupil
from lti_tool.services.practising.sittings import (
    SittingRules,
    begin_sitting,
    current_sitting,
    end_if_due,
    end_sitting,
    items_in,
    sitting_under_way,
    waiting_item,
)
from lti_tool.services.practising.sound_reports import report_sound
from lti_tool.services.practising.tracing import Action, trace_answer
from lti_tool.services.pupil.certificates import renew_certificates
from lti_tool.services.pupil.reflection import asks_how_sure, note_asked, note_how_sure, reflects
from lti_tool.services.pupil.summaries import count_practice

Level = Literal["easier", "harder"]
Purpose = Literal["practice", "test_out", "challenge"]


@dataclass(frozen=True)
class PracticeView:
    """What the practice page shows: the open item, or how the sitting ended, after `items_done` answers."""

    activity: Activity
    open_item: OpenItem | None
    progress: Progress
    items_done: int
    sitting: Sitting
    asks_how_sure: bool
    report: Mapping[str, SkillReport]

    @property
    def end_reason(self) -> str | None:
        """How the sitting ended; None while it is under way."""
        return self.sitting.end_reason


@dataclass(frozen=True)
class TopicChoice:
    """With what a pupil begins: a skill, or None for what the tutor thinks of; and to which end."""

    topic: str | None = None
    purpose: Purpose = "practice"


@dataclass(frozen=True)
class Unmarkable:
    """An answer that says nothing (empty, not a number): asked again, nothing stored."""

    message: str
    response: str


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
            if self._asks_how_sure(session, activity, presented):
                note_asked(session, presented, now)
        view = self._view(session, activity, pupil, sitting, presented, now)
        if view.progress.all_mastered:
            skills = self._catalog.bank_of(activity).skills
            post_progress(session, activity, person_id, view.report, skills, locale=locale, now=now)
        return view

    def begin_again(self, session: Session, activity: Activity, person_id: str, *, now: datetime) -> None:
        """Start another sitting after one has ended; a second tap finds it begun."""
        pupil = self._pupil(session, activity, person_id)
        if sitting_under_way(session, activity.id, person_id) is None:
            sitting = begin_sitting(session, activity.id, person_id, now)
            self._presenter.present_next(session, activity, pupil, sitting, now)

    def choose(
        self, session: Session, activity: Activity, person_id: str, choice: TopicChoice, *, now: datetime
    ) -> None:
        """Begin with what the pupil chose. What was under way ends, unless it is the same or was not looked at yet."""
        pupil, choice = self._pupil(session, activity, person_id), _allowed(choice, switched_off(session, activity))
        sitting = sitting_under_way(session, activity.id, person_id)
        if sitting is not None and (sitting.topic, sitting.purpose) == (choice.topic, choice.purpose):
            return
        if sitting is not None:
            waiting = waiting_item(session, sitting)
            if items_in(session, sitting) or (waiting is not None and waiting.shown_at is not None):
                end_sitting(session, sitting, "stopped", now)
                sitting = None
            elif waiting is not None:
                session.delete(waiting)
        sitting = sitting or begin_sitting(session, activity.id, person_id, now)
        sitting.topic, sitting.purpose, sitting.level = choice.topic, choice.purpose, None
        session.flush()
        session.add(
            Exposure(
                person_id=person_id,
                activity_id=activity.id,
                kind="topic",
                detail=f"{activity.control} {choice.purpose} {choice.topic or ''}".strip()[:255],
                shown_at=now,
            )
        )
        self._presenter.present_next(session, activity, pupil, sitting, now)

    def wish(self, session: Session, activity: Activity, person_id: str, level: Level, *, now: datetime) -> None:
        """Something easier or harder, please: the next item is chosen anew, as long as nobody has seen it.

        The start check takes no wishes: it goes up and down by itself.
        """
        pupil = self._pupil(session, activity, person_id)
        sitting = sitting_under_way(session, activity.id, person_id)
        waiting = waiting_item(session, sitting) if sitting is not None else None
        if sitting is None or waiting is None or waiting.shown_at is not None or is_of_check(waiting.reason):
            return
        if not is_on(session, activity, "level"):
            return
        sitting.level = level
        session.delete(waiting)
        session.flush()
        session.add(Exposure(person_id=person_id, activity_id=activity.id, kind="wish", detail=level, shown_at=now))
        self._presenter.present_next(session, activity, pupil, sitting, now)

    def stop(self, session: Session, activity: Activity, person_id: str, *, now: datetime) -> None:
        """The pupil has done enough for now; a second tap finds it ended."""
        self._pupil(session, activity, person_id)
        sitting = sitting_under_way(session, activity.id, person_id)
        if sitting is not None:
            end_sitting(session, sitting, "stopped", now)

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
        sure: int | None = None,
    ) -> Feedback | Unmarkable:
        """Take one answer. A second one to the same item changes nothing and gets the first one's feedback.

        `sure` is how sure the pupil is of it, where that was asked and said.

        Raises `NotYourItem`.
        """
        pupil = self._pupil(session, activity, person_id)  # locks the learner: answers of one pupil queue up here
        presented = find_presented(session, activity.id, person_id, token, lock=True)
        if presented.answered_at is not None:
            return feedback_on(session, presented)
        item = Item.from_json(presented.item)
        if action == "cant_hear" and item.format != "dictation":
            action = "dont_know"  # only what must be heard can go unheard
        if action == "cant_hear" and item.speech is not None:
            report_sound(session, person_id, "pupil", "unheard", item.speech, now)
        verdict = mark(item, response if action == "answer" else "")
        if action == "answer" and verdict.verdict == "unreadable":
            return Unmarkable(verdict.message, verdict.response)
        if "slip" in verdict.misconceptions and _first_slip(session, presented, now):
            return Unmarkable(item.strings["slip_again"], verdict.response)
        bank = self._catalog.bank_of(activity)
        if sure is not None and action == "answer":
            note_how_sure(session, presented, sure, now)
        opportunity = trace_answer(session, bank, activity, pupil, presented, verdict, action, now)
        template = bank.templates.get(presented.template_id)
        touched = template.skills if template is not None else ()
        report = pupil.report(now=now, within={*activity.skill_ids, *touched})
        shown = {skill_id: each for skill_id, each in report.items() if skill_id not in pupil.said}
        renew_certificates(session, person_id, activity.standard, shown, now)
        levels = [report[skill_id] for skill_id in activity.skill_ids if skill_id in report]
        count_practice(session, activity, person_id, levels)
        progress = post_progress(session, activity, person_id, report, bank.skills, locale=locale, now=now)
        _settle_test_out(presented.sitting, opportunity, report, now)
        if not end_if_due(session, presented.sitting, progress, self._rules, now):
            self._presenter.present_next(session, activity, pupil, presented.sitting, now)
        return feedback_of(presented, item, opportunity)

    def hint(self, session: Session, activity: Activity, person_id: str, token: str, now: datetime) -> None:
        """Show one more hint for the open item. Raises `NotYourItem`."""
        presented = find_presented(session, activity.id, person_id, token, lock=True)
        if not gives_hints(session, activity, presented):
            return
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
        return current_pupil(session, self._catalog, activity, person_id)

    def _asks_how_sure(self, session: Session, activity: Activity, presented: PresentedItem) -> bool:
        """Whether a pupil says how sure the answer is; not yet at the first question, where a plan is made."""
        wanted = reflects(session, activity, self._catalog.banks[activity.bank_id]) and asks_how_sure(presented)
        return wanted and items_in(session, presented.sitting) > 0

    def _view(
        self,
        session: Session,
        activity: Activity,
        pupil: Pupil,
        sitting: Sitting,
        presented: PresentedItem | None,
        now: datetime,
    ) -> PracticeView:
        report = pupil.report(now=now, within=activity.skill_ids)
        hints = presented is not None and gives_hints(session, activity, presented)
        return PracticeView(
            activity=activity,
            open_item=open_item(presented, hints) if presented is not None else None,
            progress=progress_of(session, activity, pupil.person_id, report),
            items_done=items_in(session, sitting),
            sitting=sitting,
            asks_how_sure=presented is not None and self._asks_how_sure(session, activity, presented),
            report=report,
        )


def _allowed(choice: TopicChoice, off: AbstractSet[str]) -> TopicChoice:
    """A pupil's choice as far as the class has such: else the tutor's, as ordinary practice."""
    purpose = "practice" if "ahead" in off else choice.purpose
    kept = purpose != "practice" or "choice" not in off
    return TopicChoice(choice.topic if kept else None, purpose)


def gives_hints(session: Session, activity: Activity, presented: PresentedItem) -> bool:
    """Whether there are hints: where the teacher wants them, and where they hide nothing.

    Not while a pupil shows that a skill is known, nor in the start check: an answer after a hint would end it, and
    "I don't know this yet" says more.
    """
    if presented.sitting.purpose == "test_out" or is_of_check(presented.reason):
        return False
    return activity.hints and is_on(session, activity, "hints")


def _settle_test_out(
    sitting: Sitting, opportunity: Opportunity, report: Mapping[str, SkillReport], now: datetime
) -> None:
    """Who wants to show that a skill is known has done so once it is strong; an answer that is not right, or with
    help, turns the sitting into practice of it."""
    if sitting.purpose != "test_out":
        return
    topic = report.get(sitting.topic or "")
    if topic is not None and topic.state in MASTERED:
        sitting.ended_at, sitting.end_reason = now, "shown"
    elif not opportunity.correct or opportunity.hints:
        sitting.purpose = "practice"


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
