"""Words that pupils could not hear: each tap on "I can't hear it" says so, for a recording that takes its place."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from item_banks.schema import Bank
from item_banks.words.audio import RECORDED, name_of, speech_of
from item_banks.words.items import word_of
from lti_tool.persistence.practice import Opportunity, PresentedItem


@dataclass(frozen=True)
class Unheard:
    """A word of a bank, how many pupils could not hear it, and the name of the file that would replace its sound."""

    bank_id: str
    word: str
    sentence: str
    pupils: int
    recording: str


def unheard_words(session: Session, banks: Mapping[str, Bank]) -> list[Unheard]:
    """The words of these banks that were reported, those of most pupils first."""
    pupils = func.count(Opportunity.person_id.distinct())
    query = (
        select(PresentedItem.bank_id, PresentedItem.template_id, pupils)
        .join(Opportunity, Opportunity.presented_item_id == PresentedItem.id)
        .where(Opportunity.outcome == "no_evidence")
        .group_by(PresentedItem.bank_id, PresentedItem.template_id)
        .order_by(pupils.desc(), PresentedItem.template_id)
    )
    found = []
    for bank_id, template_id, count in session.execute(query):
        bank = banks.get(bank_id)
        template = bank.templates.get(template_id) if bank is not None else None
        if bank is None or template is None:
            continue  # a word that its bank has no more
        word = word_of(bank, template)
        recording = name_of(RECORDED, speech_of(bank, word))
        found.append(Unheard(bank_id, word.word, word.sentence, count, recording))
    return found
