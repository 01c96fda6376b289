"""The background loops go on, whatever a round of them meets."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest

from lti_tool.services.upkeep import worker
from lti_tool.services.upkeep.worker import run_worker
from tests.support.pupils import MATH, Desk, wrong_answer
from tests.support.school import School
from tests.unit.lti_tool.persistence.rows import MONDAY

SOON = 60


@contextmanager
def working(school: School, *, grades: object = None, rosters: object = None) -> Iterator[threading.Event]:
    """A worker in a thread; it must end by itself when it is told to."""
    stop = threading.Event()
    runtime = school.runtime
    chores = ((rosters or Rosters()).read_due, runtime.reconciliation.check_due, runtime.retention.apply_due)
    parts = (runtime.database, grades or runtime.delivery, chores)
    thread = threading.Thread(target=run_worker, args=(*parts, stop), daemon=True)
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(SOON)
        assert not thread.is_alive()


class Rosters:
    """Stands for a reader of class lists that has nothing to read, or fails, or hangs."""

    def __init__(self, wait_for: threading.Event | None = None) -> None:
        self.reads = threading.Semaphore(0)
        self._wait_for = wait_for

    def read_due(self, now: datetime) -> int:
        self.reads.release()
        if self._wait_for is not None:
            self._wait_for.wait(SOON)
        return 0


class FailsFirst:
    """Stands for a delivery whose first round meets a broken database."""

    def __init__(self) -> None:
        self.rounds = 0
        self.second = threading.Event()

    def deliver_due(self, now: datetime) -> int:
        self.rounds += 1
        if self.rounds == 1:
            raise RuntimeError("the database went away")
        self.second.set()
        return 0


def test_a_round_that_fails_is_followed_by_the_next(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "GRADES_POLL_SECONDS", 0.01)
    grades = FailsFirst()
    with working(school, grades=grades):
        assert grades.second.wait(SOON)


def test_rounds_that_go_on_failing_come_ever_more_seldom() -> None:
    rests: list[float] = []

    class Patience(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            rests.append(timeout or 0.0)
            if len(rests) == 8:
                self.set()
            return False

    def fail(now: datetime) -> int:
        if len(rests) == 6:
            return 0
        raise RuntimeError("the database is away")

    worker._loop(fail, lambda: MONDAY, 0.5, Patience())
    assert rests == [1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 0.5, 1.0]


def test_grades_are_sent_while_a_class_list_takes_for_ever(school: School) -> None:
    hangs = threading.Event()
    page = school.open("ada", school.add_activity(*MATH))
    page.respond(wrong_answer(page.item))
    with working(school, rosters=Rosters(wait_for=hangs)):
        arrived = threading.Event()
        for _ in range(SOON * 10):
            score = Desk.of(page).score
            if score is not None and score.state == "delivered":
                arrived.set()
                break
            arrived.wait(0.1)
        assert arrived.is_set()
        hangs.set()


def test_chores_are_done_from_the_start(school: School) -> None:
    rosters = Rosters()
    with working(school, rosters=rosters):
        assert rosters.reads.acquire(timeout=SOON)
