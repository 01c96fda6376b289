"""Migrations make the tables that the models describe, whoever runs them and however often."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from lti_tool.persistence import migrate
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables import Base
from tests.support.databases import BACKENDS, Servers

UPGRADE = "import sys; from lti_tool.persistence.database import Database; from lti_tool.persistence import migrate; "
UPGRADE += "migrate.upgrade(Database(sys.argv[1]))"


def test_the_migrations_equal_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_second_upgrade_changes_nothing(database: Database) -> None:
    tables = inspect(database.engine).get_table_names()
    migrate.upgrade(database)
    assert inspect(database.engine).get_table_names() == tables
    assert migrate.is_current(database)


@pytest.mark.parametrize("backend", BACKENDS)
def test_processes_that_upgrade_at_once_all_succeed(backend: str, database_servers: Servers) -> None:
    with database_servers.fresh(backend) as url:
        database = Database(url)
        with database.engine.begin() as connection:
            connection.execute(text("PRAGMA foreign_keys=OFF" if database.is_sqlite else "SELECT 1"))
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(text(f'DROP TABLE "{table.name}"'))
            connection.execute(text("DROP TABLE alembic_version"))
        assert not migrate.is_current(database)
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])}
        command = [sys.executable, "-c", UPGRADE, url]
        started = [subprocess.Popen(command, stderr=subprocess.PIPE, env=environment) for _ in range(2)]
        complaints = [process.communicate()[1].decode() for process in started]
        assert [process.returncode for process in started] == [0, 0], complaints
        assert migrate.is_current(database)
        database.close()
