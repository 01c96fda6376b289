"""The same mistake made more than once: what a teacher can talk about with a pupil, with real answers."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from item_banks.marking import response_in_words
from item_banks.schema import Item
from lti_tool.persistence.tables.practice import Opportunity, PresentedItem

LOOK_BACK = timedelta(days=28)
LATEST = 1500
"""Answers looked at: a class's last weeks, however long an activity has run."""
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
    """One mistake in one skill. `told`: what the pupils were told about it. `times`: by person, on different items.

    `words`: of spelling, how many different words went wrong in this way, of how many that these pupils wrote.
    """

    skill_id: str
    code: str
    told: str
    times: dict[str, int]
    example: Example
    words: tuple[int, int] | None = None


def repeated_mistakes(session: Session, activity_id: str, people: Collection[str], now: datetime) -> list[Mistake]:
    """The mistakes that pupils made on at least two different items, those of most pupils first."""
    items: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    asked: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    newest: dict[tuple[str, str], int] = {}
    for row in session.execute(_latest(activity_id)):
        if row.answered_at <= now - LOOK_BACK or row.person_id not in people:
            continue
        asked[row.skill_id][row.person_id].add(row.item_key)
        for code in row.misconceptions:
            items[row.skill_id, code][row.person_id].add(row.item_key)
            newest.setdefault((row.skill_id, code), row.id)
    times = {
        key: {who: len(keys) for who, keys in by_person.items() if len(keys) >= REPEATED}
        for key, by_person in items.items()
    }
    found = sorted((key for key in times if times[key]), key=lambda key: -len(times[key]))[:MOST_SHOWN]
    answers = _answers(session, [newest[key] for key in found])
    return [
        _mistake(
            key,
            times[key],
            *answers[newest[key]],
            missed=_all(items[key], times[key]),
            asked=_all(asked[key[0]], times[key]),
        )
        for key in found
    ]


def _all(keys: Mapping[str, Collection[str]], people: Collection[str]) -> set[str]:
    return {key for who in people for key in keys.get(who, ())}


def _latest(activity_id: str) -> Select[Any]:
    """The latest answers, narrow and along an index: counted before, so that reading is bounded."""
    latest = (
        select(
            Opportunity.id,
            Opportunity.person_id,
            Opportunity.skill_id,
            Opportunity.outcome,
            Opportunity.answered_at,
            Opportunity.misconceptions,
            Opportunity.presented_item_id,
        )
        .where(Opportunity.activity_id == activity_id)
        .order_by(Opportunity.id.desc())
        .limit(LATEST)
        .subquery()
    )
    return (
        select(latest, PresentedItem.item_key)
        .join(PresentedItem, PresentedItem.id == latest.c.presented_item_id)
        .where(latest.c.outcome == "answered")
        .order_by(latest.c.id.desc())
    )


def _answers(session: Session, ids: Sequence[int]) -> dict[int, tuple[Opportunity, str]]:
    query = (
        select(Opportunity, PresentedItem.item)
        .join(PresentedItem, PresentedItem.id == Opportunity.presented_item_id)
        .where(Opportunity.id.in_(ids))
    )
    return {answer.id: (answer, item) for answer, item in session.execute(query)} if ids else {}


def _mistake(
    key: tuple[str, str], times: dict[str, int], answer: Opportunity, stored: str, *, missed: set[str], asked: set[str]
) -> Mistake:
    item = Item.from_json(stored)
    example = Example(question_in_words(item), response_in_words(item, answer.response), item.language)
    words = (len(_words(missed)), len(_words(asked))) if item.speech is not None else None
    return Mistake(key[0], key[1], str(answer.mark["feedback"]), times, example, words)


def _words(keys: Collection[str]) -> set[str]:
    """The words of a word bank's items, whatever their format ("SP.DOUBLE/running/dictation")."""
    return {key.split("/")[1] for key in keys}


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
