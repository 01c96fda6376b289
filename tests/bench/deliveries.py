"""Deliveries per second with one and with four workers, against an LMS that takes 50 ms for an answer; and what
putting a score into the outbox adds to an answer.

python -m tests.bench deliveries [--scores 200]
"""

import argparse
import random
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

from lti_tool.lti.access_tokens import AccessTokens
from lti_tool.lti.transport import Transport
from lti_tool.persistence.activities import Activity
from lti_tool.persistence.database import Database
from lti_tool.services.delivery.grade_delivery import GradeDelivery
from lti_tool.services.grading.grades import Progress, enqueue_grade, progress_of
from lti_tool.services.practising import practice
from tests.support.databases import BACKENDS, Servers
from tests.support.pupils import MATH, Desk
from tests.support.school import open_school
from tests.unit.lti_tool.lti.gradebook import VAULT, Gradebook, Office, open_office
from tests.unit.lti_tool.lti.scripted import Call, Reply

ANSWER_SECONDS = 0.05
ANSWERS, BLOCK = 200, 20


class SlowGradebook(Gradebook):
    """Answers each call after 50 ms, any number of them at once."""

    def __init__(self) -> None:
        super().__init__()
        self.platform.answer = self._slowly

    def _slowly(self, call: Call) -> Reply:
        time.sleep(ANSWER_SECONDS)
        return self.answer(call)


def deliver(database: Database, office: Office, workers: int, scores: int) -> float:
    """Seconds until so many scores of as many pupils are in the gradebook."""
    pupils = [f"{workers}-{number}" for number in range(scores)]
    office.enrol(*pupils)
    with database.write() as session:
        activity = session.get_one(Activity, office.place.activity_id)
        for pupil in pupils:
            progress = Progress(3, 10, 0, 1)
            enqueue_grade(session, activity, office.pupils[pupil], progress, locale="en", now=datetime.now(UTC))
    start = threading.Barrier(workers + 1)

    def work(_: int) -> None:
        transport = Transport(allow_http_on_loopback=False, session=office.gradebook.platform.session())
        worker = GradeDelivery(database, AccessTokens(database, VAULT, transport), transport, random.Random(1))
        start.wait()
        while worker.deliver_due(datetime.now(UTC)):
            pass

    with ThreadPoolExecutor(workers) as pool:
        running = pool.map(work, range(workers))
        start.wait()
        began = time.perf_counter()
        list(running)
    return time.perf_counter() - began


def enqueue_share(servers: Servers, backend: str, folder: Path) -> float:
    """What the outbox adds to the CPU time of an answer, as a share of it; with and without take turns."""
    cpu = {True: 0.0, False: 0.0}
    endless = {"sitting_items": 200, "sitting_minutes": 240}
    with servers.fresh(backend) as url, open_school(url, folder, **endless) as school:
        desk = Desk.of(school.open("ada", school.add_activity(*MATH)))

        def without(session: Any, activity: Any, person_id: str, report: Any, *_: Any, **__: Any) -> Progress:
            return progress_of(session, activity, person_id, report)

        for number in range(ANSWERS // BLOCK):
            counted = number % 2 == 0
            replaced = mock.patch.object(practice, "post_progress", practice.post_progress if counted else without)
            with replaced:
                for _ in range(BLOCK):
                    waiting = desk.open().open_item
                    if waiting is None:
                        desk.again()
                        continue
                    desk.now += desk.pace
                    began = time.process_time()
                    desk.send(waiting.token, "7")
                    cpu[counted] += time.process_time() - began
    return 1 - cpu[False] / cpu[True]


def main(words: list[str] | None = None) -> None:
    """Measure on both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scores", type=int, default=200)
    scores = parser.parse_args(words).scores
    with tempfile.TemporaryDirectory() as name:
        servers = Servers(Path(name))
        try:
            for backend in BACKENDS:
                with servers.fresh(backend) as url:
                    database = Database(url)
                    office = open_office(database)
                    office.gradebook = SlowGradebook()
                    rates = {workers: scores / deliver(database, office, workers, scores) for workers in (1, 4)}
                    database.close()
                folder = Path(name) / backend
                folder.mkdir()
                share = enqueue_share(servers, backend, folder)
                best = 1 / ANSWER_SECONDS
                print(
                    f"  {backend}: one worker {rates[1] / best:.2f} x what an LMS of {1000 * ANSWER_SECONDS:.0f} ms "
                    f"allows ({rates[1]:.1f}/s), four workers {rates[4] / rates[1]:.2f} x one ({rates[4]:.1f}/s); "
                    f"the outbox is {100 * share:.0f}% of an answer's CPU"
                )
        finally:
            servers.close()
