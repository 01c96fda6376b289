"""The item banks as served, and a tutor for each. The one place where content and engine meet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import TypeVar

import structlog
from sqlalchemy.orm import Session

from engine.curriculum import Curriculum, ItemRef
from engine.curriculum import Skill as EngineSkill
from engine.mastery import Policy
from engine.parameters import ParameterError, ParameterSet
from engine.population import PopulationError
from engine.tutor import Tutor
from item_banks.loader import load_banks, load_own_banks
from item_banks.schema import Bank
from lti_tool.persistence.database import get_or_create
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.practice import BankVersion, ParameterVersion
from lti_tool.services.parameters.parameter_sets import is_fitted, live_version

OWN_BANKS = "banks"
"""Folder in the data directory with a school's own banks of fixed questions (`proximal banks import`)."""
OWN_LISTS = 200
"""Teachers' lists that a process keeps at hand."""

log = structlog.get_logger()


class BankGone(LookupError):  # noqa: N818 - names what happened to the bank
    """An activity or an answer belongs to a bank that is not served any more."""


T = TypeVar("T")


class _Served(dict[str, T]):
    """What is served for each shipped bank, and for a teacher's list what `of_list` makes when it is asked for."""

    def __init__(self, shipped: Mapping[str, T], of_list: Callable[[str], T]) -> None:
        super().__init__(shipped)
        self._of_list = of_list

    def __missing__(self, bank_id: str) -> T:
        return self._of_list(bank_id)


@dataclass(frozen=True)
class _OwnList:
    """A teacher's list with what the engine needs of it."""

    bank: Bank
    curriculum: Curriculum
    parameters: ParameterSet


def _no_list(_bank_id: str) -> Bank | None:
    return None


class Catalog:
    """All banks, loaded once per process, with the parameters that trace their skills.

    `banks` and `parameters` hold the shipped ones; a teacher's own list is found by its id too, but is none of them.
    Asking for a bank that is not there, or for its tutor, raises `BankGone`.
    """

    def __init__(
        self,
        banks: Mapping[str, Bank],
        *,
        own_list: Callable[[str], Bank | None] = _no_list,
        curricula: Mapping[str, Curriculum] | None = None,
        parameters: Mapping[str, ParameterSet] | None = None,
    ) -> None:
        self._own_list = own_list
        self.unreadable: set[str] = set()
        """Versions of parameter sets that this release can't read."""
        own = lru_cache(maxsize=OWN_LISTS)(self._read_list)
        curricula = curricula or {bank_id: curriculum_of(bank) for bank_id, bank in banks.items()}
        parameters = parameters or {bank_id: ParameterSet.default(each) for bank_id, each in curricula.items()}
        self.banks: Mapping[str, Bank] = _Served(banks, lambda bank_id: own(bank_id).bank)
        self._curricula = _Served(curricula, lambda bank_id: own(bank_id).curriculum)
        self.parameters = _Served(parameters, lambda bank_id: own(bank_id).parameters)
        self.tutor = lru_cache(maxsize=None)(self._tutor)

    def with_lists(self, own_list: Callable[[str], Bank | None]) -> "Catalog":
        """The same catalog for one database, whose teachers' lists `own_list` reads by the id of their bank."""
        return Catalog(self.banks, own_list=own_list, curricula=self._curricula, parameters=self.parameters)

    @classmethod
    def load(cls, own: Path | None = None) -> "Catalog":
        """The banks that ship with Proximal, read once, and the school's own in a folder.

        Raises `item_banks.loader.BankError` for a mistake in one.
        """
        shipped = cls._shipped()
        found = load_own_banks(own, shipped.banks) if own is not None else {}
        return cls({**shipped.banks, **found}) if found else shipped

    @classmethod
    @cache
    def _shipped(cls) -> "Catalog":
        return cls(load_banks())

    def record_versions(self, session: Session, now: datetime) -> None:
        """Remember which versions are served, so that answers given with them can be read later.

        A bank whose parameters were never fitted is served with the experts' of its present version.
        """
        for bank_id, bank in self.banks.items():
            get_or_create(session, BankVersion, {"bank_id": bank_id, "version": bank.version}, {"first_served_at": now})
            expert = ParameterSet.default(self._curricula[bank_id])
            row, _ = get_or_create(
                session,
                ParameterVersion,
                {"version": expert.version},
                {"bank_id": bank_id, "parameters": expert.to_json(), "first_used_at": now},
            )
            live = live_version(session, bank_id)
            if live is None or (live.version != expert.version and not is_fitted(live)):
                row.live_since = now
                session.flush()
            self.refresh(session, bank_id)

    def record_list(self, session: Session, bank: Bank, now: datetime) -> None:
        """Remember a teacher's list that is just being made; its parameters are the experts', and never fitted."""
        expert = ParameterSet.default(curriculum_of(bank))
        get_or_create(session, BankVersion, {"bank_id": bank.id, "version": bank.version}, {"first_served_at": now})
        get_or_create(
            session,
            ParameterVersion,
            {"version": expert.version},
            {"bank_id": bank.id, "parameters": expert.to_json(), "first_used_at": now},
        )

    def refresh(self, session: Session, bank_id: str) -> None:
        """Take the bank's live parameters into use.

        After a return to an earlier release these can be of a kind that it can't read: then those before them.
        """
        while (live := live_version(session, bank_id, but=self.unreadable)) is not None:
            if live.version == self.parameters[bank_id].version:
                return
            try:
                self.parameters[bank_id] = ParameterSet.from_json(live.parameters)
            except (ParameterError, PopulationError) as error:
                self.unreadable.add(live.version)
                log.warning("parameters.unreadable", bank=bank_id, version=live.version, error=str(error))
            else:
                self.tutor.cache_clear()
                return

    def bank_of(self, activity: Activity) -> Bank:
        """The activity's bank, in the language and notation that the activity is for."""
        return self.banks[activity.bank_id].in_locale(activity.content_locale)

    def curriculum(self, bank_id: str) -> Curriculum:
        """The bank as the engine sees it."""
        return self._curricula[self.banks[bank_id].id]

    def _read_list(self, bank_id: str) -> _OwnList:
        bank = self._own_list(bank_id)
        if bank is None:
            raise BankGone(bank_id)
        curriculum = curriculum_of(bank)
        return _OwnList(bank, curriculum, ParameterSet.default(curriculum))

    def _tutor(self, bank_id: str, standard: float) -> Tutor:
        return Tutor(
            self._curricula[self.banks[bank_id].id],
            self.parameters[bank_id],
            Policy(standard=standard, start_check=True, breathers=True),
        )


def curriculum_of(bank: Bank) -> Curriculum:
    """A bank as the engine sees it: skill ids, prerequisites, and items as references."""
    skills = {skill.id: EngineSkill(skill.id, skill.prerequisites, skill.kind) for skill in bank.skills.values()}
    items = [
        ItemRef(template.id, template.skills, template.engine_format, template.member)
        for template in bank.templates.values()
        if not template.twin_of
    ]
    return Curriculum(skills, items)


def traced_item(bank: Bank, template_id: str) -> str:
    """The item that an answer to this template is evidence of: a template may stand in for another."""
    template = bank.templates.get(template_id)
    return template_id if template is None else template.twin_of or template.id
