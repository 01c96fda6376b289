"""While a release is put in place, processes of the one before go on reading and writing over the new tables.

Whether they can is read from the tables: after each migration everything that the release before selects and inserts
is still there, and nothing is demanded that it does not give.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from lti_tool.persistence import migrate
from lti_tool.persistence.database import Database

REVISIONS = [
    script.revision
    for script in reversed(list(ScriptDirectory.from_config(migrate._config()).walk_revisions("base", "heads")))
]
Tables = dict[str, dict[str, Any]]


def upgrade_to(database: Database, revision: str) -> Tables:
    """The tables as they are after a migration."""
    config = migrate._config()
    with database.migrating() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine = create_engine(database.engine.url)
    found = inspect(engine)
    tables = {
        name: {
            "columns": {column["name"]: column for column in found.get_columns(name)},
            "unique": {
                *(tuple(sorted(one["column_names"])) for one in found.get_unique_constraints(name)),
                *(tuple(sorted(map(str, one["column_names"]))) for one in found.get_indexes(name) if one["unique"]),
            },
        }
        for name in found.get_table_names()
    }
    engine.dispose()
    return tables


def in_the_way(before: Tables, after: Tables) -> Iterator[str]:
    """What the release before would stumble over."""
    for name, table in before.items():
        if name not in after:
            yield f"{name} is gone"
            continue
        now = after[name]
        for column, was in table["columns"].items():
            found = now["columns"].get(column)
            if found is None:
                yield f"{name}.{column} is gone"
            elif str(found["type"]) != str(was["type"]) and "CHAR" not in str(found["type"]):
                yield f"{name}.{column} was {was['type']}, is {found['type']}"
            elif was["nullable"] and not found["nullable"]:
                yield f"{name}.{column} may not be empty any more"
        for column, found in now["columns"].items():
            if column not in table["columns"] and not found["nullable"] and found["default"] is None:
                yield f"{name}.{column} is new, and has no default in the database"
        for unique in now["unique"] - table["unique"]:
            yield f"{name}: {', '.join(unique)} must be unique now"


def test_after_each_migration_the_release_before_still_reads_and_writes(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'proximal.db'}")
    before = upgrade_to(database, REVISIONS[0])
    assert "opportunity" in before
    problems = []
    for revision in REVISIONS[1:]:
        after = upgrade_to(database, revision)
        problems += [f"{revision}: {problem}" for problem in in_the_way(before, after)]
        before = after
    database.close()
    assert problems == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda table: table["columns"].pop("name"), "t.name is gone"),
        (lambda table: table["columns"]["name"].update(nullable=False), "t.name may not be empty any more"),
        (lambda table: table["columns"]["name"].update(type="INTEGER"), "t.name was TEXT, is INTEGER"),
        (
            lambda table: table["columns"].update(more={"type": "TEXT", "nullable": False, "default": None}),
            "t.more is new, and has no default in the database",
        ),
        (lambda table: table["unique"].add(("name",)), "t: name must be unique now"),
    ],
)
def test_what_would_be_in_the_way_is_seen(change: Any, problem: str) -> None:
    def table() -> dict[str, Any]:
        return {"columns": {"name": {"type": "TEXT", "nullable": True, "default": None}}, "unique": set()}

    after = table()
    change(after)
    assert list(in_the_way({"t": table()}, {"t": after})) == [problem]
    assert list(in_the_way({"t": table()}, {})) == ["t is gone"]
    assert list(in_the_way({"t": table()}, {"t": table(), "new": table()})) == []
