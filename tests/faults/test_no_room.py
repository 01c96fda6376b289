"""A disk that is really full, or really read-only, and a PostgreSQL that is: nothing acknowledged is lost.

The disk is a small one in memory; it needs leave to mount.
"""

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import select

from item_banks.schema import Item
from lti_tool.persistence.tables.practice import PresentedItem
from tests.support.databases import BACKENDS, Servers
from tests.support.pupils import MATH, Desk, wrong_answer
from tests.support.requirements import skip_or_fail
from tests.support.school import Page, School, open_school

SIZES = {"sqlite": "12m", "postgresql": "200m"}
MANY = 200
"""Answers among which one meets the end of the room that the database had set aside."""

pytestmark = pytest.mark.long


class Disk:
    """A file system of its own."""

    def __init__(self, size: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="proximal-disk-"))
        self.folder.chmod(0o755)
        if not _run("mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", str(self.folder)):
            self.folder.rmdir()
            skip_or_fail("this machine lets nobody mount a small disk")

    @contextmanager
    def full(self) -> Iterator[None]:
        """To the last byte."""
        ballast = self.folder / "ballast"
        with ballast.open("wb", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                with suppress(OSError):
                    while True:
                        file.write(b"x" * size)
        try:
            yield
        finally:
            ballast.unlink()

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """As after an error of the disk; nothing on it may be open."""
        assert _run("mount", "-o", "remount,ro", str(self.folder))
        try:
            yield
        finally:
            assert _run("mount", "-o", "remount,rw", str(self.folder))

    def close(self) -> None:
        """Take it away with all that is on it."""
        _run("umount", "--lazy", str(self.folder))
        self.folder.rmdir()


def _run(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


class Pupil:
    """Ada, who answers whatever waits for her."""

    def __init__(self, school: School) -> None:
        self.school = school
        self.page = school.open("ada", school.add_activity(*MATH, title="No room"))
        self.desk = Desk.of(self.page)
        self.acknowledged: set[str] = set()

    def answer(self, waiting: tuple[str, Item] | None = None) -> tuple[Page, str]:
        """One answer; the page that came of it, and what was typed."""
        waiting = waiting or self.waiting()
        if waiting is None:
            return self.page.send("again"), ""
        token, item = waiting
        typed = wrong_answer(item)
        reply = self.page.send("answer", item=token, response=typed, action="answer")
        if reply.status == 200:
            self.acknowledged.add(token)
        return reply, typed

    def answer_until_refused(self) -> tuple[Page, str]:
        """The first answer for which there is no room."""
        for _ in range(MANY):
            reply, typed = self.answer()
            if reply.status != 200 and typed:
                return reply, typed
        raise AssertionError(f"{MANY} answers found room")

    def saved(self) -> set[str]:
        """The items whose answers are in the database."""
        with self.school.runtime.database.read() as session:
            query = select(PresentedItem.token).where(PresentedItem.answered_at.is_not(None))
            return set(session.scalars(query))

    def waiting(self) -> tuple[str, Item] | None:
        """The open item and its token."""
        with self.school.runtime.database.read() as session:
            query = select(PresentedItem).where(PresentedItem.answered_at.is_(None))
            row = session.scalars(query).one_or_none()
            return (row.token, Item.from_json(row.item)) if row is not None else None


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def disk(backend: str) -> Iterator[Disk]:
    disk = Disk(SIZES[backend])
    try:
        yield disk
    finally:
        disk.close()


@pytest.fixture
def servers(disk: Disk) -> Iterator[Servers]:
    servers = Servers(disk.folder, everything=True)
    try:
        yield servers
    finally:
        servers.close()


@pytest.fixture
def ada(servers: Servers, backend: str, tmp_path: Path) -> Iterator[Pupil]:
    """Ada in an activity, in a school whose database is on the small disk."""
    with servers.fresh(backend) as url, open_school(url, tmp_path) as school:
        yield Pupil(school)


def told_what_to_do(reply: Page, typed: str) -> None:
    assert reply.status == 503, reply.text
    assert "save anything right now" in reply.text
    assert "Send again" in reply.text
    assert f">{typed}<" in reply.text, "what was typed is not lost"


def goes_on(ada: Pupil, restart: Callable[[], None] = lambda: None) -> None:
    """There is room again: all that was acknowledged is there, and the same answer goes through."""
    restart()
    assert ada.saved() == ada.acknowledged
    for _ in range(3):
        reply, _typed = ada.answer()
        assert reply.status == 200
    assert ada.saved() == ada.acknowledged
    ada.school.deliver_grades_later()
    score = ada.desk.score
    assert score is not None
    assert score.state == "delivered"
    assert score.delivered_points == score.points_given > 0


def test_a_full_disk_costs_no_acknowledged_answer(ada: Pupil, disk: Disk, servers: Servers, backend: str) -> None:
    assert ada.answer()[0].status == 200
    with disk.full():
        told_what_to_do(*ada.answer_until_refused())
        told_what_to_do(*ada.answer())
    goes_on(ada, servers.restart_postgres if backend == "postgresql" else lambda: None)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_disk_that_may_only_be_read_costs_none(ada: Pupil, disk: Disk) -> None:
    assert ada.answer()[0].status == 200
    seen = ada.waiting()
    ada.school.runtime.database.close()
    with disk.read_only():
        told_what_to_do(*ada.answer(seen))
        ada.school.runtime.database.close()
    goes_on(ada)
