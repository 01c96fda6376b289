"""Teachers' own lists of words: made once, found again as banks, offered to the course in which they were made."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from item_banks.schema import Bank
from item_banks.words.own_lists import OwnWord, Segmenter, bank_of, own_bank_id
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables import audit
from lti_tool.persistence.tables.activities import WordList
from lti_tool.persistence.tables.launches import LaunchSession
from lti_tool.services.catalog import Catalog

_PREFIX = own_bank_id("")


class ListReader:
    """Reads a list as a bank, for the catalog."""

    def __init__(self, database: Database, catalog: Catalog) -> None:
        self._database = database
        self._catalog = catalog

    def __call__(self, bank_id: str) -> Bank | None:
        """The bank with this id; None if it is no list's, or one of a shipped bank that is gone."""
        if not bank_id.startswith(_PREFIX):
            return None
        with self._database.read() as session:
            found = session.get(WordList, bank_id.removeprefix(_PREFIX))
            return None if found is None else list_bank(self._catalog, found)


def list_bank(catalog: Catalog, word_list: WordList) -> Bank | None:
    """A stored list as a bank."""
    base = catalog.banks.get(word_list.base_bank_id)
    if base is None:
        return None
    words = [OwnWord(each["word"], each["sentence"], tuple(each["graphemes"])) for each in word_list.words]
    return bank_of(base, word_list.id, word_list.title, words, segmenter(catalog, base.id))


def word_banks(catalog: Catalog) -> list[Bank]:
    """The shipped banks of words: a list belongs to one of them by its language."""
    return [bank for bank in catalog.banks.values() if bank.words]


def segmenter(catalog: Catalog, bank_id: str) -> Segmenter:
    """What proposes the graphemes of a word in the language of a bank."""
    return _segmenter(bank_id, catalog.banks[bank_id].version, catalog)


@lru_cache(maxsize=16)
def _segmenter(bank_id: str, _version: str, catalog: Catalog) -> Segmenter:
    return Segmenter(catalog.banks[bank_id].words.values())


def create_list(
    session: Session,
    catalog: Catalog,
    launch: LaunchSession,
    *,
    title: str,
    base_bank_id: str,
    words: Sequence[OwnWord],
    now: datetime,
) -> WordList:
    """Store a list whose words were checked (`item_banks.words.own_lists.check_words`)."""
    made = WordList(
        registration_id=launch.registration_id,
        context_id=launch.context_id,
        author_id=launch.person_id,
        title=title,
        base_bank_id=base_bank_id,
        words=[asdict(word) | {"graphemes": list(word.graphemes)} for word in words],
        created_at=now,
    )
    session.add(made)
    session.flush()
    bank = list_bank(catalog, made)
    if bank is not None:
        catalog.record_list(session, bank, now)
    audit.record(
        session, "word_list.created", made.id, at=now, person_id=launch.person_id,
        registration_id=launch.registration_id, words=len(words),
    )  # fmt: skip
    return made


def lists_for(session: Session, launch: LaunchSession) -> Sequence[WordList]:
    """The lists that a teacher may assign here: those of the course, and her own from other courses; newest first."""
    mine = WordList.author_id == launch.person_id
    here = WordList.context_id == launch.context_id if launch.context_id is not None else mine
    query = (
        select(WordList)
        .where(WordList.registration_id == launch.registration_id, or_(mine, here))
        .order_by(WordList.created_at.desc(), WordList.id)
    )
    return session.scalars(query).all()
