"""Which word of a spelling pattern is asked: the tutor chooses pattern and format, any word shows whether it is known.

Practice leaves the reserved words alone. A check, when the pupil seems to know the pattern, asks a word that was not
shown for three weeks, so that it can't be remembered as a picture; reserved ones make sure that there is one.
"""

import random
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.learner import SkillReport
from item_banks.schema import Bank, ItemTemplate
from item_banks.words.items import word_of
from lti_tool.persistence.practice import PresentedItem

NOT_SHOWN_FOR = timedelta(days=21)


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
    """The template to draw in place of the one that was chosen: of the same skill and format, with a word that fits.

    Lists (each word is learned for itself) and banks of other subjects keep what was chosen.
    """
    chosen = bank.templates[template_id]
    if not bank.words or chosen.member is not None:
        return template_id
    words = [each for each in bank.templates.values() if (each.skill, each.format) == (chosen.skill, chosen.format)]
    shown = _words_shown(session, person_id, chosen.skill, now)
    checking = report.state in ("strong", "kept") or report.p_known >= standard
    fresh = [each for each in words if each.options["word"] not in shown]
    if not checking:
        words = [each for each in words if not word_of(bank, each).reserved] or words
        fresh = [each for each in fresh if not word_of(bank, each).reserved]
    found = chosen if chosen in (fresh or words) else rng.choice(fresh or words)
    return _as_proof(bank, found) if report.state in ("strong", "kept") else found.id


def _as_proof(bank: Bank, template: ItemTemplate) -> str:
    """Who is strong finds the mistake in a sentence instead of filling a gap; others should see no mistake."""
    return twin(bank, template.id, "proofread")


def twin(bank: Bank, template_id: str, form: str) -> str:
    """The template of a format that may take the place of another one; that one itself where there is none."""
    other = bank.templates.get(f"{template_id.rpartition('/')[0]}/{form}")
    return other.id if other is not None and other.twin_of == template_id else template_id


def _words_shown(session: Session, person_id: str, skill_id: str, now: datetime) -> set[str]:
    query = (
        select(PresentedItem.template_id)
        .where(
            PresentedItem.person_id == person_id,
            PresentedItem.skill_id == skill_id,
            PresentedItem.presented_at > now - NOT_SHOWN_FOR,
        )
        .distinct()
    )
    return {template_id.split("/")[1] for template_id in session.scalars(query)}
