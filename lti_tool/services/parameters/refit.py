"""Fits each bank's parameters to the answers in the database. Needs numpy and numba: a child process of a worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.curriculum import Curriculum
from engine.fitting.bkt import Priors
from engine.fitting.parameter_set import fit_set
from engine.fitting.responses import Responses
from engine.parameters import ParameterSet
from item_banks.schema import Bank
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.people import Person
from lti_tool.persistence.tables.practice import Opportunity, PresentedItem
from lti_tool.services.catalog import Catalog, traced_item
from lti_tool.services.parameters.parameter_files import ParameterDocument, data_hash, provenance
from lti_tool.services.parameters.parameter_sets import keep, live_version
from lti_tool.services.practising.tracing import fewer_choices

FEWEST_RESPONSES = 500
FEWEST_LEARNERS = 10


@dataclass(frozen=True)
class Refitted:
    """What became of one bank.

    Attributes:
        bank_id: the bank.
        version: of the set that was fitted; None if there were too few answers, or the same as last time.
        live: whether it is in use now.
        provenance: where it comes from, with its hold-out figures.
    """

    bank_id: str
    version: str | None
    live: bool
    provenance: Mapping[str, object]


def refit(database: Database, catalog: Catalog, now: datetime) -> list[Refitted]:
    """Fit every bank that has enough answers, and take into use what is not worse."""
    return [_refit_bank(database, catalog, bank_id, now) for bank_id in catalog.banks]


def _refit_bank(database: Database, catalog: Catalog, bank_id: str, now: datetime) -> Refitted:
    curriculum = catalog.curriculum(bank_id)
    with database.read() as session:
        responses = responses_of(session, catalog.banks[bank_id], curriculum)
        catalog.refresh(session, bank_id)
        row = live_version(session, bank_id, but=catalog.unreadable)
        live = ParameterDocument.from_json(row.parameters) if row else None
    counts = {"responses": len(responses), "learners": len(responses.learners)}
    if len(responses) < FEWEST_RESPONSES or len(responses.learners) < FEWEST_LEARNERS:
        return Refitted(bank_id, None, False, {"data": counts})
    if live is not None and live.provenance.get("data", {}).get("sha256") == data_hash(responses):
        return Refitted(bank_id, None, False, {"data": counts})
    beside = (live.parameters, live.predictor) if live else (ParameterSet.default(curriculum), None)
    fitted = fit_set(curriculum, responses, live=beside)
    origin = provenance(fitted, responses, Priors(), "map", now)
    with database.write() as session:
        kept = keep(session, bank_id, ParameterDocument(fitted.parameters, fitted.predictor, origin), now)
        return Refitted(bank_id, kept.version, kept.live_since == now, origin)


def responses_of(session: Session, bank: Bank, curriculum: Curriculum) -> Responses:
    """The unaided answers to a bank's items that say something, of all pupils, in order; no teacher's preview, and no
    fast guesses."""
    skills_of = {item.id: item.skills for item in curriculum.items}
    formats = {item.id: item.response_format for item in curriculum.items}
    rows = session.execute(
        select(
            Opportunity.person_id,
            Opportunity.template_id,
            Opportunity.skill_id,
            Opportunity.response_format,
            Opportunity.correct,
            Opportunity.answered_at,
        )
        .join(PresentedItem)
        .join(Person, Person.id == Opportunity.person_id)
        .where(
            PresentedItem.bank_id == bank.id,
            Person.preview.is_(False),
            Opportunity.hints == 0,
            Opportunity.attempt == 1,
            Opportunity.outcome != "no_evidence",
            Opportunity.honest,
        )
        .order_by(Opportunity.person_id, Opportunity.answered_at, Opportunity.id)
    ).all()
    rows = [row for row in rows if not _met_otherwise(bank, row.template_id, row.response_format)]
    learner, learners = _numbered([row.person_id for row in rows])
    traced = [traced_item(bank, row.template_id) for row in rows]
    item, items = _numbered(traced)
    touched = [skills_of.get(name, (row.skill_id,)) for name, row in zip(traced, rows, strict=True)]
    skill, skills = _numbered([name for names in touched for name in names])
    return Responses(
        learner=learner,
        item=item,
        right=np.array([row.correct for row in rows], dtype=np.int8),
        hours=np.array([row.answered_at.timestamp() / 3600.0 for row in rows]),
        skill_start=np.concatenate(([0], np.cumsum([len(names) for names in touched], dtype=np.int64))).astype(
            np.int64
        ),
        skill=skill,
        learners=learners,
        items=items,
        skills=skills,
        formats=tuple(formats.get(name, "") for name in items),
    )


def _met_otherwise(bank: Bank, template_id: str, as_shown: str) -> bool:
    """Whether the pupil chose among fewer than others do: it says nothing of how hard the item is for those."""
    template = bank.templates.get(template_id)
    return template is not None and fewer_choices(as_shown, template.engine_format) is not None


def _numbered(names: Sequence[str]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    number = {name: n for n, name in enumerate(dict.fromkeys(names))}
    return np.array([number[name] for name in names], dtype=np.int64), tuple(number)
