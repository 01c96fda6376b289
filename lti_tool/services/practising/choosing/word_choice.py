"""Which word of a spelling pattern is asked: the tutor chooses pattern and format, any word shows whether it is known.

Practice takes words that the pupil was not asked lately, and every other time one that went wrong and has rested; some
of a pattern's words are sorted by their letters before one of them is completed. Where
the next answer may make the pattern strong, or tell whether it still is, the word was not shown for three weeks, so
that it can't be remembered as a picture: one kept for checks, if every other was. Once strong, each word comes back
at its own date (`engine.reviews`). Words of a list are learned one by one: there the tutor's choice stands.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.beliefs.records import MemberRecord
from engine.learner import SkillReport
from engine.mastery import MASTERED
from engine.reviews import member_due_since, member_reviews
from item_banks.schema import Bank, ItemTemplate
from item_banks.words.items import sorted_words, word_of
from lti_tool.persistence.tables.practice import Opportunity, PresentedItem

NOT_SHOWN_FOR = timedelta(days=21)
REST = 4
"""Words asked between a miss and the same word again: long enough to leave working memory."""
TURN = 0.5
"""How often a word that waits to come back takes the turn of a new one."""
SORTED = 1 / 3
"""How often words are sorted by their letters in place of one word's gap: it lets the pattern be seen."""
IN_REACH = 0.5
"""P(meets the standard) above which one right answer may complete mastery; below it none can."""


@dataclass(frozen=True)
class _Met:
    """What a pupil has done with one word: when it was asked last, how many words ago, and its reviews."""

    at: datetime
    ago: int
    record: MemberRecord


def fitting_word(
    session: Session,
    bank: Bank,
    person_id: str,
    template_id: str,
    report: SkillReport,
    standard: float,
    *,
    rng: random.Random,
    now: datetime,
) -> str:
    """The template to draw in place of the one that was chosen: of the same skill and format, with a word that fits."""
    chosen = bank.templates[template_id]
    if not bank.words or chosen.member is not None:
        return template_id
    words = [each for each in bank.templates.values() if (each.skill, each.format) == (chosen.skill, chosen.format)]
    met, seen = _words_met(session, person_id, chosen.skill)
    fresh = [each for each in words if not _lately(seen.get(_name(each)), now)]
    practised = [each for each in words if not word_of(bank, each).reserved] or words
    unseen = [each for each in fresh if each in practised]
    in_reach = max(report.p_meets_standard, report.p_known) >= min(IN_REACH, standard)
    if report.state in MASTERED:
        pool = _due(words, met, now) or unseen or fresh
    elif in_reach:
        pool = unseen or fresh
    else:
        missed = [each for each in practised if _missed_and_rested(met.get(_name(each)))]
        unasked = [each for each in practised if _name(each) not in met or not _lately(met[_name(each)].at, now)]
        pool = missed if missed and rng.random() < TURN else unasked
    pool = pool or _longest_ago(practised, met)
    found = chosen if chosen in pool else rng.choice(pool)
    if report.state in MASTERED:
        return twin(bank, found.id, "proofread")  # others should see no mistake
    sort = twin(bank, found.id, "sort")
    return sort if sort != found.id and not in_reach and rng.random() < SORTED else found.id


def _name(template: ItemTemplate) -> str:
    return str(template.options["word"])


def _lately(shown_at: datetime | None, now: datetime) -> bool:
    return shown_at is not None and shown_at > now - NOT_SHOWN_FOR


def _missed_and_rested(met: _Met | None) -> bool:
    return met is not None and met.record.right == 0 and met.ago >= REST


def _due(words: Sequence[ItemTemplate], met: Mapping[str, _Met], now: datetime) -> list[ItemTemplate]:
    """The word whose date came first; none before any date has come."""
    minute = _minute(now)
    due = {_name(each): member_due_since(met[_name(each)].record) for each in words if _name(each) in met}
    first = min((at for at in due.values() if at <= minute), default=None)
    return [] if first is None else [each for each in words if due.get(_name(each)) == first]


def _longest_ago(words: Sequence[ItemTemplate], met: Mapping[str, _Met]) -> list[ItemTemplate]:
    """Where every word was shown lately: the one that has rested longest."""
    return [max(words, key=lambda each: met[_name(each)].ago if _name(each) in met else len(met))]


def twin(bank: Bank, template_id: str, form: str) -> str:
    """The template of a format that may take the place of another one; that one itself where there is none."""
    other = bank.templates.get(f"{template_id.rpartition('/')[0]}/{form}")
    return other.id if other is not None and other.twin_of == template_id else template_id


def _words_met(session: Session, person_id: str, skill_id: str) -> tuple[dict[str, _Met], dict[str, datetime]]:
    """The words of a skill that a pupil was asked, with what came of each, and when each word was seen last.

    Words on the cards of a sort were seen; how one of them is spelled was not asked.
    """
    query = (
        select(
            PresentedItem.template_id,
            PresentedItem.item_key,
            PresentedItem.presented_at,
            Opportunity.outcome,
            Opportunity.correct,
        )
        .outerjoin(Opportunity, Opportunity.presented_item_id == PresentedItem.id)
        .where(PresentedItem.person_id == person_id, PresentedItem.skill_id == skill_id)
        .order_by(PresentedItem.id)
    )
    shown = session.execute(query).all()
    found: dict[str, _Met] = {}
    seen: dict[str, datetime] = {}
    for ago, (template_id, item_key, presented_at, outcome, correct) in enumerate(shown, 1 - len(shown)):
        if cards := sorted_words(item_key):
            seen |= dict.fromkeys(cards, presented_at)
            continue
        word, minute = template_id.split("/")[1], _minute(presented_at)
        seen[word] = presented_at
        old = found[word].record if word in found else None
        record = old or MemberRecord(0.0, minute)
        if outcome in ("answered", "dont_know"):
            record = MemberRecord(0.0, minute, int(correct), member_reviews(old, correct, minute))
        found[word] = _Met(presented_at, -ago, record)
    return found, seen


def _minute(at: datetime) -> int:
    return int(at.timestamp()) // 60
