"""Items that were put before pupils: found by their token, shown without the answer, and what was said about them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from item_banks.marking import KEPT_LENGTH, clean
from item_banks.schema import Item
from lti_tool.persistence.tables.practice import Opportunity, PresentedItem


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
class Feedback:
    """What the pupil is told about one answer, as often as the page is opened."""

    presented: PresentedItem
    item: Item
    mark: Mapping[str, Any]
    outcome: str
    correct: bool


class NotYourItem(LookupError):  # noqa: N818 - names what the pupil did
    """The answer names an item that was not put before this pupil in this activity."""


def open_item(presented: PresentedItem, gives_hints: bool = True) -> OpenItem:
    """A stored, unanswered item as the page needs it."""
    item = Item.from_json(presented.item)
    return OpenItem(
        token=presented.token,
        skill_id=presented.skill_id,
        template_id=presented.template_id,
        item=item,
        reason=presented.reason,
        hints=item.hints[: presented.hints_shown],
        more_hints=gives_hints and presented.hints_shown < len(item.hints),
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
    return feedback_of(presented, Item.from_json(presented.item), opportunity)


def feedback_of(presented: PresentedItem, item: Item, opportunity: Opportunity) -> Feedback:
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
