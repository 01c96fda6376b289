"""After a first error in a skill: another question of the same kind, worked out, to look at before the next try.

Correct examples teach best, and to ask for explanations beside them does harm: so it is shown, and nothing is asked.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from item_banks.schema import Bank, Item
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.practice import Exposure, Opportunity, PresentedItem
from lti_tool.services.assigning.features import is_on
from lti_tool.services.practising.choosing.start_check import is_of_check

SEEDS = 20
"""How many seeds are tried for another question than the one that was asked."""


@dataclass(frozen=True)
class Example:
    """A question with the way to its answer."""

    item: Item

    @property
    def solution(self) -> str:
        """The way, in the bank's words."""
        return self.item.strings["solution"]


def has_example(session: Session, bank: Bank, presented: PresentedItem, *, correct: bool) -> bool:
    """Whether a worked example follows an answer: the first one in this sitting and skill that was not right.

    None in the start check: it finds out what is known, and what is not comes later, one skill at a time.
    """
    if correct or bank.words or presented.template_id not in bank.templates or is_of_check(presented.reason):
        return False
    if not is_on(session, session.get_one(Activity, presented.activity_id), "worked_examples"):
        return False
    earlier = (
        select(PresentedItem.reason)
        .join(Opportunity, Opportunity.presented_item_id == PresentedItem.id)
        .where(
            Opportunity.sitting_id == presented.sitting_id,
            Opportunity.skill_id == presented.skill_id,
            Opportunity.correct.is_(False),
            PresentedItem.id < presented.id,
        )
    )
    return all(is_of_check(reason) for reason in session.scalars(earlier))


def worked_example(session: Session, bank: Bank, presented: PresentedItem, now: datetime) -> Example:
    """The example after an item: the same each time it is opened. It is noted that it was shown."""
    seeds = range(presented.seed + 1, presented.seed + 1 + SEEDS)
    drawn = (bank.draw(presented.template_id, seed) for seed in seeds)
    item = next((item for item in drawn if item.key != presented.item_key), Item.from_json(presented.item))
    session.add(
        Exposure(
            person_id=presented.person_id,
            activity_id=presented.activity_id,
            presented_item_id=presented.id,
            kind="worked_example",
            shown_at=now,
        )
    )
    return Example(item)
