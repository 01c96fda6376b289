"""A disk that is full and a database that may only be read: a sentence for the pupil, and nothing lost."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from lti_tool.persistence.database import Database
from tests.support.pupils import MATH, Desk
from tests.support.school import School


@contextmanager
def read_only(database: Database) -> Iterator[None]:
    """As after an operator's mistake, or while a stand-in server takes over."""

    def forbid(connection: Connection) -> None:
        if database.is_sqlite:
            connection.exec_driver_sql("PRAGMA query_only=ON")
        else:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")

    def allow(connection: Connection) -> None:
        if database.is_sqlite:
            connection.exec_driver_sql("PRAGMA query_only=OFF")

    event.listen(database.engine, "begin", forbid)
    event.listen(database.engine, "rollback", allow)
    try:
        yield
    finally:
        event.remove(database.engine, "begin", forbid)
        event.remove(database.engine, "rollback", allow)


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
