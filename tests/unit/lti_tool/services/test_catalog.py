"""The banks as served: content and engine meet here, and say which versions were served."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.parameters import ParameterSet
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.practice import BankVersion, ParameterVersion
from lti_tool.services.catalog import BankGone, Catalog, curriculum_of
from tests.unit.lti_tool.persistence.rows import MONDAY

CATALOG = Catalog.load()


@pytest.mark.parametrize("bank_id", sorted(CATALOG.banks))
def test_the_engine_sees_each_bank_whole(bank_id: str) -> None:
    bank, curriculum = CATALOG.banks[bank_id], curriculum_of(CATALOG.banks[bank_id])
    assert set(curriculum.skills) == set(bank.skills)
    asked = {
        template.id for template in bank.templates.values() if not template.twin_of
    }  # a twin stands in for its item
    assert {item.id for item in curriculum.items} == asked
    for skill in bank.skills.values():
        seen = curriculum.skills[skill.id]
        assert (seen.prerequisites, seen.kind) == (skill.prerequisites, skill.kind)


def test_a_bank_that_is_not_served_is_gone_and_no_key_error_from_somewhere() -> None:
    with pytest.raises(BankGone, match="latin"):
        CATALOG.banks["latin"]
    with pytest.raises(BankGone, match="latin"):
        CATALOG.tutor("latin", 0.8)


def test_the_banks_are_read_once_per_process_and_each_tutor_is_made_once() -> None:
    assert Catalog.load() is CATALOG
    [first, *_] = CATALOG.banks
    assert CATALOG.tutor(first, 0.8) is CATALOG.tutor(first, 0.8)
    assert CATALOG.tutor(first, 0.9).policy.standard == 0.9


def test_what_is_served_is_recorded_once_with_the_parameters_it_was_traced_with(database: Database) -> None:
    for later in (timedelta(0), timedelta(days=1)):
        with database.write() as session:
            CATALOG.record_versions(session, MONDAY + later)
    with database.read() as session:
        banks = {row.bank_id: row for row in session.scalars(select(BankVersion))}
        parameters = list(session.scalars(select(ParameterVersion)))
    assert {bank_id: row.version for bank_id, row in banks.items()} == {
        bank_id: bank.version for bank_id, bank in CATALOG.banks.items()
    }
    assert {row.first_served_at for row in banks.values()} == {MONDAY}
    for row in parameters:
        assert ParameterSet.from_json(row.parameters).version == row.version
