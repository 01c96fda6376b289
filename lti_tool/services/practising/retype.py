"""After a misspelling the word is looked at, covered and written from memory, so that the right letters come last.

It is practice, no evidence: nothing is traced or graded. How it went is noted as an exposure, for studies.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from item_banks.marking import mark
from item_banks.schema import Item, Piece
from lti_tool.persistence.tables.practice import Exposure, PresentedItem
from lti_tool.services.practising.choosing.start_check import is_of_check
from lti_tool.services.practising.presented import Feedback, NotYourItem, feedback_on, find_presented


@dataclass(frozen=True)
class Retyped:
    """What came of writing the word again. `pieces` join to the word; `wrong` where the letters differed."""

    item: Item
    right: bool
    pieces: tuple[Piece, ...]


def misspelled(feedback: Feedback) -> bool:
    """Whether an answered item is a word that was written and not right yet."""
    return not feedback.correct and feedback.item.speech is not None and feedback.item.response.kind == "text"


def asks_to_retype(feedback: Feedback) -> bool:
    """Whether a misspelled word is written once more; the start check goes on at once."""
    return misspelled(feedback) and not is_of_check(feedback.presented.reason)


def item_to_retype(session: Session, activity_id: str, person_id: str, token: str) -> tuple[PresentedItem, Item]:
    """The item behind a token. Raises `NotYourItem`, also where there is nothing to write again."""
    presented = find_presented(session, activity_id, person_id, token)
    feedback = feedback_on(session, presented)
    if not asks_to_retype(feedback):
        raise NotYourItem(token)
    return presented, feedback.item


def retype(session: Session, activity_id: str, person_id: str, token: str, response: str, now: datetime) -> Retyped:
    """Compare what was written with the whole word. Raises `NotYourItem`."""
    presented, item = item_to_retype(session, activity_id, person_id, token)
    word = "".join(item.rules.graphemes)
    marked = mark(replace(item, answer=word, rules=replace(item.rules, before="", after="")), response)
    right = marked.verdict == "correct"
    session.add(
        Exposure(
            person_id=person_id,
            activity_id=activity_id,
            presented_item_id=presented.id,
            kind="retype",
            detail="right" if right else "again",
            shown_at=now,
        )
    )
    return Retyped(item, right, marked.differences or (Piece(word, wrong=False),))
