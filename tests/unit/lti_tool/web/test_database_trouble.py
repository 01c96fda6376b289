"""A disk that is full and a database that may only be read: a sentence for the pupil, and nothing lost.

tests/faults/test_no_room.py has the same with a real disk.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from lti_tool.persistence.database import Database
from tests.support.databases import Servers
from tests.support.pupils import MATH, Desk
from tests.support.school import School, open_school

pytestmark = pytest.mark.both_databases


@contextmanager
def read_only(database: Database) -> Iterator[None]:
    """As after an operator's mistake, or while a stand-in server takes over."""
    if database.is_sqlite:
        with _read_only_file(database):
            yield
        return
    address = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as operator:
        _set_server(operator, "on")
        try:
            yield
        finally:
            _set_server(operator, "off")


def _set_server(operator: psycopg.Connection, value: LiteralString) -> None:
    """Change the server for all sessions, also those that are open, and wait until it is so."""
    operator.execute(sql.SQL("ALTER SYSTEM SET default_transaction_read_only = {}").format(sql.Literal(value)))
    operator.execute("SELECT pg_reload_conf()")
    for _ in range(100):
        if operator.execute("SHOW default_transaction_read_only").fetchone() == (value,):
            return
        time.sleep(0.05)
    raise AssertionError("the server keeps its settings")


@contextmanager
def _read_only_file(database: Database) -> Iterator[None]:
    def forbid(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA query_only=ON")

    def allow(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA query_only=OFF")

    event.listen(database.engine, "begin", forbid)
    event.listen(database.engine, "rollback", allow)
    try:
        yield
    finally:
        event.remove(database.engine, "begin", forbid)
        event.remove(database.engine, "rollback", allow)


@contextmanager
def no_lock(database: Database) -> Iterator[None]:
    """The disk has become read-only under open files: the lock before each write can't be opened any more."""
    lock = database._lock_file
    assert lock is not None
    lock.unlink()
    lock.mkdir()
    try:
        yield
    finally:
        lock.rmdir()


@contextmanager
def full_disk(database: Database) -> Iterator[None]:
    """The disk is full when a transaction is to be kept: the worst moment for it."""

    def fail(_connection: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

    event.listen(database.engine, "commit", fail)
    try:
        yield
    finally:
        event.remove(database.engine, "commit", fail)


def answer_in_trouble(school: School, trouble: object) -> None:
    page = school.open("ada", school.add_activity(*MATH))
    first = page.respond(page.item.answer)
    assert first.status == 200
    page = page.reload()
    before = len(Desk.of(page).opportunities)
    with trouble(school.runtime.database):  # type: ignore[operator]
        refused = page.respond("1234")
    assert refused.status == 503
    assert "save anything right now" in refused.text
    assert "1234" in refused.text, "what was typed is not lost"
    assert "Send again" in refused.text
    assert len(Desk.of(page).opportunities) == before, "nothing was acknowledged, and nothing half saved"
    after = page.respond("1234")
    assert after.status in (200, 422)
    school.deliver_grades()
    score = Desk.of(page).score
    assert score is not None
    assert score.state == "delivered"


def test_a_database_that_may_only_be_read(school: School) -> None:
    answer_in_trouble(school, read_only)


def test_a_full_disk(school: School) -> None:
    answer_in_trouble(school, full_disk)


def test_a_lock_file_that_can_not_be_opened(database_servers: Servers, tmp_path: Path) -> None:
    with database_servers.fresh("sqlite") as url, open_school(url, tmp_path) as school:
        answer_in_trouble(school, no_lock)
