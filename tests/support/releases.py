"""A later release of Proximal, with other banks, over the same database."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from item_banks.schema import Bank
from lti_tool.runtime import Runtime
from lti_tool.services.catalog import Catalog
from lti_tool.services.practising.practice import Practice
from lti_tool.services.practising.sittings import SittingRules
from tests.support.school import School


@contextmanager
def released(school: School, bank_id: str, bank: Bank | None) -> Iterator[None]:
    """The school runs a release in which one bank is another one, or gone."""
    before = school.runtime
    banks = {name: each for name, each in before.catalog.banks.items() if name != bank_id}
    catalog = Catalog(banks if bank is None else {**banks, bank_id: bank})
    with before.database.write() as session:
        catalog.record_versions(session, datetime.now(UTC))
    _run(school, replace(before, catalog=catalog, practice=Practice(catalog, SittingRules(15, 15), random.Random(1))))
    try:
        yield
    finally:
        _run(school, before)


def bank_without(school: School, bank_id: str, skill_id: str) -> Bank:
    """A bank after it lost a skill and all that asks for it."""
    bank = school.runtime.catalog.banks[bank_id]
    skills = {
        name: replace(skill, prerequisites=tuple(each for each in skill.prerequisites if each != skill_id))
        for name, skill in bank.skills.items()
        if name != skill_id
    }
    templates = {name: template for name, template in bank.templates.items() if skill_id not in template.skills}
    return replace(bank, version="without", skills=skills, templates=templates)


def _run(school: School, runtime: Runtime) -> None:
    school.runtime = school.app.extensions["proximal"] = runtime
