"""The next item: chosen by the tutor, drawn from the bank, stored before anybody sees it."""

import random
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.learner import Choice
from item_banks.schema import Bank, Item
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.practice import Opportunity, PresentedItem, Sitting
from lti_tool.services.assigning.features import switched_off
from lti_tool.services.catalog import Catalog
from lti_tool.services.helping.accommodations import accommodations_of
from lti_tool.services.helping.steering import steer_of
from lti_tool.services.practising.choosing.offering import in_order, offered_skills, steered, wishes_of
from lti_tool.services.practising.choosing.start_check import may_check
from lti_tool.services.practising.choosing.word_choice import fitting_word, twin
from lti_tool.services.practising.learners import Pupil
from lti_tool.services.practising.sittings import end_sitting
from lti_tool.services.pupil.preferences import preferences_of

DRAWS = 12
"""How many seeds are tried for an item whose parameters this pupil has not had lately."""
LATELY = 100
"""So many items of the template were put before the pupil lately."""
FEW_CHOICES = 3
UNHEARD = 3
"""After so many words that could not be heard, the rest of the sitting does without dictation."""


class Presenter:
    """Puts items before pupils: the banks, and a source of chance."""

    def __init__(self, catalog: Catalog, rng: random.Random) -> None:
        self._catalog = catalog
        self._rng = rng

    def present_next(
        self, session: Session, activity: Activity, pupil: Pupil, sitting: Sitting, now: datetime
    ) -> PresentedItem | None:
        """Choose, draw and store the next item; where nothing is left to choose, end the sitting."""
        bank = self._catalog.bank_of(activity).about(preferences_of(session, pupil.person_id).theme or "")
        needs = accommodations_of(session, pupil.person_id)
        wanted = steer_of(session, activity.id, pupil.person_id)
        if wanted.resting:
            end_sitting(session, sitting, "resting", now)
            return None
        offered = offered_skills(bank, activity, pupil, start_grade=needs.start_grade)
        if sitting.purpose == "challenge" and sitting.topic is not None:
            offered = in_order(bank, {*offered, sitting.topic})
        choice = pupil.tutor.next_item(
            pupil.learner,
            now=now,
            rng=self._rng,
            within=offered,
            wishes=steered(wishes_of(sitting, activity, switched_off(session, activity)), wanted, pupil.said),
            start_check=may_check(session, activity, pupil.person_id),
        )
        if choice is None:
            end_sitting(session, sitting, "mastered", now)
            return None
        template_id = choice.item.id
        if bank.words:
            report = pupil.report(now=now, within=[choice.skill])[choice.skill]
            template_id = fitting_word(
                session, bank, pupil.person_id, template_id, report, activity.standard, rng=self._rng, now=now
            )
        silent = needs.no_audio or _unheard(session, sitting)
        item = self._draw(session, bank, pupil.person_id, _readable(bank, template_id, silent=silent))
        if needs.fewer_choices:
            item = with_fewer_choices(item)
        return _store(session, sitting, bank, choice, item, now)

    def _draw(self, session: Session, bank: Bank, person_id: str, template_id: str) -> Item:
        """An item of the template with other parameters than those shown lately, as far as chance finds one."""
        recent = set(
            session.scalars(
                select(PresentedItem.item_key)
                .where(PresentedItem.person_id == person_id, PresentedItem.template_id == template_id)
                .order_by(PresentedItem.id.desc())
                .limit(LATELY)
            )
        )
        for _ in range(DRAWS):
            item = bank.draw(template_id, self._rng.getrandbits(31))
            if item.key not in recent or item.key == template_id:  # an item without parameters is always the same
                break
        return item


def _store(session: Session, sitting: Sitting, bank: Bank, choice: Choice, item: Item, now: datetime) -> PresentedItem:
    presented = PresentedItem(
        person_id=sitting.person_id,
        sitting_id=sitting.id,
        activity_id=sitting.activity_id,
        bank_id=bank.id,
        bank_version=bank.version,
        template_id=item.template,
        skill_id=choice.skill,
        seed=item.seed,
        item_key=item.key,
        item=item.to_json(),
        reason={"key": choice.reason.key, "values": dict(choice.reason.values), "trace": dict(choice.reason.trace)},
        hints_shown=0,
        presented_at=now,
    )
    session.add(presented)
    session.flush()
    return presented


def _readable(bank: Bank, template_id: str, *, silent: bool) -> str:
    """The template; in place of a dictation for a pupil without sound, the same word to be read."""
    return (
        twin(bank, template_id, "cloze")
        if silent and bank.templates[template_id].format == "dictation"
        else template_id
    )


def _unheard(session: Session, sitting: Sitting) -> bool:
    query = select(func.count()).where(Opportunity.sitting_id == sitting.id, Opportunity.outcome == "no_evidence")
    return (session.scalar(query) or 0) >= UNHEARD


def with_fewer_choices(item: Item) -> Item:
    """The item with three choices at most; which wrong ones stay is the same each time."""
    choices = item.response.choices
    if item.response.kind != "choice" or len(choices) <= FEW_CHOICES:
        return item
    wrong = [choice for choice in choices if choice.value != item.answer]
    kept = {item.answer, *(choice.value for choice in wrong[: FEW_CHOICES - 1])}
    fewer = tuple(choice for choice in choices if choice.value in kept)
    return replace(item, response=replace(item.response, choices=fewer))
