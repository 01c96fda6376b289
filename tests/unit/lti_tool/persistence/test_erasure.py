"""Every table says whose data it holds; erasing Ada leaves nothing of her and everything of Ben."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Date, DateTime, Float, Integer, LargeBinary, String, Table, Text, select
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

from lti_tool.persistence.database import Database
from lti_tool.persistence.erasure import erase_person
from lti_tool.persistence.tables import Base
from lti_tool.persistence.tables.practice import MasteryOverride
from tests.unit.lti_tool.persistence.rows import MONDAY

NUMBERS = itertools.count()
TABLES = sorted(Base.metadata.tables.values(), key=lambda table: table.name)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_names_its_person_and_its_erasure_or_says_why_it_has_none(table: Table) -> None:
    columns = table.info["person_columns"]
    refers = {key.parent.name for key in table.foreign_keys if key.column.table.name == "person"}
    assert columns or table.info["reason"]
    assert refers <= set(columns), "each reference to a person is one that erasure deletes or empties"
    for name, erasure in columns.items():
        assert erasure in ("delete", "pseudonymise")
        assert name in table.columns
        assert erasure == "delete" or table.columns[name].nullable


def fill(session: Session, person: str, shared: dict[str, Any]) -> dict[str, Any]:
    """One row in every table: shared ones once, personal ones for this person. Returns their keys by table."""
    keys = dict(shared)
    for table in Base.metadata.sorted_tables:
        if table.name in keys:
            continue
        values: dict[str, Any] = {}
        for column in table.columns:
            reference = next(iter(column.foreign_keys), None)
            if reference is not None:
                # None for the one table that refers to itself.
                values[column.name] = keys.get(reference.column.table.name, {}).get(reference.column.name)
            elif not (column.primary_key and isinstance(column.type, Integer)):
                values[column.name] = _value(column.type)
        values |= dict.fromkeys(table.info["person_columns"], person)
        inserted = session.execute(table.insert().values(values)).inserted_primary_key
        keys[table.name] = values | dict(zip((c.name for c in table.primary_key.columns), inserted, strict=True))
    return keys


def _value(kind: Any) -> Any:
    if isinstance(kind, TypeDecorator | DateTime):
        return MONDAY + timedelta(days=1)
    if isinstance(kind, Date):
        return MONDAY.date()
    if isinstance(kind, JSON):
        return {}
    if isinstance(kind, LargeBinary):
        return b"x"
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Float | Integer):
        return 1
    assert isinstance(kind, String | Text)
    return f"text {next(NUMBERS)}"


def is_deleted(table: Table) -> bool:
    """Whether a person's rows in this table go with the person."""
    return "delete" in table.info["person_columns"].values()


def contents(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    return {table.name: [tuple(row) for row in session.execute(select(table))] for table in TABLES}


def test_erasing_ada_leaves_nothing_of_her_and_everything_of_ben(database: Database) -> None:
    with database.write() as session:
        adas = fill(session, "ada-by-her-random-id", {})
        shared = {table.name: adas[table.name] for table in TABLES if not is_deleted(table)}
        fill(session, "ben-by-his-random-id", shared)
    with database.read() as session:
        before = contents(session)
    assert all(before.values()), "a table without a row proves nothing"
    with database.write() as session:
        touched = erase_person(session, "ada-by-her-random-id")
    with database.read() as session:
        after = contents(session)
    assert "ada-by-her-random-id" not in str(after)
    for name, rows in before.items():
        table = Base.metadata.tables[name]
        if not table.info["person_columns"]:
            assert after[name] == rows
            assert name not in touched
            continue
        assert touched[name] == 1
        if is_deleted(table):
            assert after[name] == [row for row in rows if "ada-by-her-random-id" not in row]
            assert len(after[name]) == 1
        else:
            assert len(after[name]) == len(rows)


def test_erasing_nobody_touches_nothing(database: Database) -> None:
    with database.write() as session:
        assert set(erase_person(session, "nobody").values()) == {0}


def test_a_teachers_word_on_ada_outlives_the_teacher_without_the_name(database: Database) -> None:
    with database.write() as session:
        shared = fill(session, "ada", {})
        fill(session, "marit", {name: row for name, row in shared.items() if name != "person"})
        session.execute(MasteryOverride.__table__.update().values(author_id="marit"))
    with database.write() as session:
        assert erase_person(session, "marit")["mastery_override"] == 1
    with database.read() as session:
        [word] = session.scalars(select(MasteryOverride)).all()
        assert (word.person_id, word.author_id) == ("ada", None)
