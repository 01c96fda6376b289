"""Transactions on SQLite and PostgreSQL.

SQLite lets one writer in at a time. Its own busy handler sleeps for ever longer spells, so that under a class of 30
pupils some waited a second; a file lock taken before BEGIN IMMEDIATE queues writers of all processes instead.
"""

import fcntl
import math
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from lti_tool.persistence.base import Base

MIGRATION_LOCK = 7_402_911
"""PostgreSQL's advisory lock under which migrations run; any number that nobody else on the server uses."""

COMPARE_SECONDS = 60.0
"""How often this machine's clock is held against the database server's."""

ROW_LOCK = {"key_share": True}
"""Keeps a row from being changed by others; unlike FOR UPDATE it does not stop them from referring to it."""


class DatabaseFileError(OSError):
    """SQLite's file can't be made where it should be; the message says what to do."""


class Database:
    """One database. `write()` and `read()` are the only ways in; each is one transaction."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite and parsed.database in (None, "", ":memory:"):
            raise ValueError("SQLite needs a file: several processes and threads share it.")
        if self.is_sqlite:
            _make_private(Path(str(parsed.database)))
        self._lock_file = Path(f"{parsed.database}.write-lock") if self.is_sqlite else None
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgres_engine(url)
        self._read_engine = self.engine.execution_options(read_only=True)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._read_sessions = sessionmaker(self._read_engine, expire_on_commit=False)
        self._ahead, self._compared_at = timedelta(0), -math.inf

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One read-write transaction: committed at the end, rolled back on any exception.

        Raises SQLAlchemy's `OperationalError` or `InternalError` where nothing can be written.
        """
        with self._write_lock(), self._sessions.begin() as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One read-only transaction that never waits for writers."""
        with self._read_sessions() as session:
            yield session

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """One transaction on a bare connection, alone among all processes that would migrate at once."""
        with self._write_lock(), self.engine.begin() as connection:
            if not self.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            yield connection

    def now(self) -> datetime:
        """The present moment by the clock that the workers of all machines share: the database server's."""
        if not self.is_sqlite and time.monotonic() - self._compared_at > COMPARE_SECONDS:
            self._ahead, self._compared_at = self.clock_difference(), time.monotonic()
        return datetime.now(UTC) + self._ahead

    def clock_difference(self) -> timedelta:
        """What to add to this machine's clock to be on the database server's; zero where they agree to the second."""
        if self.is_sqlite:
            return timedelta(0)
        with self.read() as session:
            theirs: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
        difference = theirs - datetime.now(UTC)
        return difference if abs(difference) >= timedelta(seconds=1) else timedelta(0)

    def shred(self) -> None:
        """Take what was deleted out of the database's files too, as far as the database can."""
        if self.is_sqlite:  # deleted rows are overwritten (secure_delete); the log may still hold them
            with closing(self.engine.raw_connection()) as raw:
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM"))

    def is_reachable(self) -> bool:
        """Whether the database answers at all (for /readyz)."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except Exception:
            return False
        return True

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    def _write_lock(self) -> AbstractContextManager[None]:
        return nullcontext() if self._lock_file is None else _exclusive(self._lock_file)


def _make_private(path: Path) -> None:
    """Make a database file that only its owner can read: SQLite would leave that to the umask."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise DatabaseFileError(
            f"The database {path} can't be made ({error.strerror}). Let PROXIMAL_DATA_DIR name a folder in which this "
            "user may write, or PROXIMAL_DATABASE_URL another database."
        ) from error


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    # Each holder opens the file anew: flock is per open file, so it keeps threads apart as well as processes.
    try:
        handle = path.open("w")
    except OSError as error:  # a disk that may only be read
        raise OperationalError("lock", {}, error) from error
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _postgres_engine(url: str) -> Engine:
    # What a statement was given may be about a child: it stands in no exception.
    return create_engine(url, pool_pre_ping=True, pool_size=10, hide_parameters=True)


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        # The driver must not begin transactions by itself: "begin" below decides which kind.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA secure_delete=ON")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get("read_only", False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


Row = TypeVar("Row", bound=Base)


def get_or_create(
    session: Session, model: type[Row], keys: dict[str, Any], defaults: dict[str, Any] | None = None
) -> tuple[Row, bool]:
    """The row with these keys, made if there is none; and whether it was made.

    Two transactions may arrive at once: the unique constraint decides, and the loser reads the winner's row.
    """
    row = session.query(model).filter_by(**keys).one_or_none()
    if row is not None:
        return row, False
    try:
        with session.begin_nested():
            row = model(**keys, **(defaults or {}))
            session.add(row)
        return row, True
    except IntegrityError:
        return session.query(model).filter_by(**keys).one(), False


def upsert(session: Session, model: type[Base], values: dict[str, Any]) -> None:
    """Insert a row, or update the one with the same primary key; safe when two transactions do so at once."""
    upsert_all(session, model, [values])


def upsert_all(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """The same for many rows with the same columns."""
    if not rows:
        return
    statement = _insert(session, model)
    keys = [column.name for column in model.metadata.tables[model.__tablename__].primary_key.columns]
    changes = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes), rows)


def insert_missing(session: Session, model: type[Base], keys: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows whose unique `keys` are not there yet; the others stay as they are."""
    if rows:
        session.execute(_insert(session, model).on_conflict_do_nothing(index_elements=list(keys)), rows)


def _insert(session: Session, model: type[Base]) -> Any:
    table = model.metadata.tables[model.__tablename__]
    return (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(table)
