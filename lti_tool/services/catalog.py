"""The item banks as served, and a tutor for each. The one place where content and engine meet."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache, lru_cache

from sqlalchemy.orm import Session

from engine.curriculum import Curriculum, ItemRef
from engine.curriculum import Skill as EngineSkill
from engine.mastery import Policy
from engine.parameters import ParameterSet
from engine.tutor import Tutor
from item_banks.loader import load_banks
from item_banks.schema import Bank
from lti_tool.persistence.database import get_or_create
from lti_tool.persistence.practice import BankVersion, ParameterVersion
from lti_tool.services.parameter_sets import is_fitted, live_version


class BankGone(LookupError):  # noqa: N818 - names what happened to the bank
    """An activity or an answer belongs to a bank that is not served any more."""


class _Banks(dict[str, Bank]):
    def __missing__(self, bank_id: str) -> Bank:
        raise BankGone(bank_id)


class Catalog:
    """All banks, loaded once per process, with the parameters that trace their skills.

    Asking for a bank that is not there, or for its tutor, raises `BankGone`.
    """

    def __init__(self, banks: Mapping[str, Bank]) -> None:
        self.banks: Mapping[str, Bank] = _Banks(banks)
        self._curricula = {bank_id: curriculum_of(bank) for bank_id, bank in banks.items()}
        self.parameters = {bank_id: ParameterSet.default(c) for bank_id, c in self._curricula.items()}
        self.tutor = lru_cache(maxsize=None)(self._tutor)

    @classmethod
    @cache
    def load(cls) -> "Catalog":
        """The banks that ship with Proximal, read once. Raises `item_banks.loader.BankError` for a mistake in one."""
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

    def refresh(self, session: Session, bank_id: str) -> None:
        """Take the bank's live parameters into use."""
        live = live_version(session, bank_id)
        if live is not None and live.version != self.parameters[bank_id].version:
            self.parameters[bank_id] = ParameterSet.from_json(live.parameters)
            self.tutor.cache_clear()

    def curriculum(self, bank_id: str) -> Curriculum:
        """The bank as the engine sees it."""
        return self._curricula[self.banks[bank_id].id]

    def _tutor(self, bank_id: str, standard: float) -> Tutor:
        return Tutor(
            self._curricula[self.banks[bank_id].id],
            self.parameters[bank_id],
            Policy(standard=standard, start_check=True),
        )


def curriculum_of(bank: Bank) -> Curriculum:
    """A bank as the engine sees it: skill ids, prerequisites, and items as references."""
    skills = {skill.id: EngineSkill(skill.id, skill.prerequisites, skill.kind) for skill in bank.skills.values()}
    items = [
        ItemRef(template.id, template.skills, template.engine_format, template.member)
        for template in bank.templates.values()
    ]
    return Curriculum(skills, items)
