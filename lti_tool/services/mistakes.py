"""The same mistake made more than once: what a teacher can talk about with a pupil, with real answers."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from item_banks.schema import Item
from lti_tool.persistence.practice import Opportunity, PresentedItem

LOOK_BACK = timedelta(days=28)
LATEST = 600
"""Wrong answers looked at: a class's last weeks, however long an activity has run."""
REPEATED = 2
"""One answer may be a slip; the same mistake on so many different items is not."""
MOST_SHOWN = 5


@dataclass(frozen=True)
class Example:
    """A real answer: what was asked, what was answered. `question` is empty where it was only heard."""

    question: str
    response: str
    language: str


@dataclass(frozen=True)
class Mistake:
    """One mistake in one skill. `told`: what the pupils were told about it. `times`: by person, on different items."""

    skill_id: str
    code: str
    told: str
    times: dict[str, int]
    example: Example


def repeated_mistakes(session: Session, activity_id: str, people: Sequence[str], now: datetime) -> list[Mistake]:
    """The mistakes that pupils made on at least two different items, those of most pupils first."""
    query = (
        select(Opportunity, PresentedItem)
        .join(PresentedItem, PresentedItem.id == Opportunity.presented_item_id)
        .where(
            Opportunity.activity_id == activity_id,
            Opportunity.correct.is_(False),
            Opportunity.outcome == "answered",
            Opportunity.answered_at > now - LOOK_BACK,
        )
        .order_by(Opportunity.id.desc())
        .limit(LATEST)
    )
    items: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    newest: dict[tuple[str, str], tuple[Opportunity, PresentedItem]] = {}
    for answer, presented in session.execute(query):
        for code in answer.misconceptions:
            items[answer.skill_id, code][answer.person_id].add(presented.item_key)
            newest.setdefault((answer.skill_id, code), (answer, presented))
    found = []
    for (skill_id, code), by_person in items.items():
        times = {who: len(keys) for who, keys in by_person.items() if len(keys) >= REPEATED and who in people}
        if times:
            answer, presented = newest[skill_id, code]
            found.append(Mistake(skill_id, code, str(answer.mark["feedback"]), times, _example(answer, presented)))
    found.sort(key=lambda mistake: -len(mistake.times))
    return found[:MOST_SHOWN]


def _example(answer: Opportunity, presented: PresentedItem) -> Example:
    item = Item.from_json(presented.item)
    return Example(question_in_words(item), answer.response, item.language)


def question_in_words(item: Item) -> str:
    """An item's question as one line: the sum, the gapped word, or for a word that is heard the word itself."""
    if item.speech is not None:
        return item.speech.word
    parts = []
    for block in item.prompt:
        if block.kind in ("gapped", "sentence"):
            parts.append(f"{block.before}…{block.after}")
        elif block.kind != "meaning":
            parts.append(block.spoken if block.kind == "math" else block.text)
    return " ".join(part for part in parts[-1:] if part)
