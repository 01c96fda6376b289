"""Deliveries per second with one and with four workers, to the practice LMS over HTTP, whose services take 50 ms for an
answer; and what putting a score into the outbox adds to an answer.

python -m tests.bench deliveries [--scores 200]
"""

import argparse
import multiprocessing
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any
from unittest import mock

import structlog
from sqlalchemy import func, select

from lti_tool.config import Settings
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.persistence.tables.people import Membership
from lti_tool.runtime import Runtime
from lti_tool.services.grading.grades import Progress, enqueue_grade, progress_of
from lti_tool.services.practising import practice
from tests.support.databases import BACKENDS, Servers
from tests.support.pupils import MATH, Desk
from tests.support.school import open_school
from tests.support.sites import CLASS, Site, running_site

ANSWER_SECONDS = 0.05
ANSWERS = 400
WORKERS = (1, 4)


def deliveries_per_second(site: Site, activities: Sequence[str], tries: int, workers: int) -> float:
    """How fast so many workers, a process each, empty an outbox with a score of each pupil in each activity."""
    put_scores(site.database, activities, tries)
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(workers + 1)
    running = [context.Process(target=work, args=(site.demo.environment, gate)) for _ in range(workers)]
    for process in running:
        process.start()
    gate.wait()
    began = time.perf_counter()
    for process in running:
        process.join()
    seconds = time.perf_counter() - began
    with site.database.read() as session:
        delivered = ScoreOutbox.state == "delivered"
        waiting = session.scalar(select(func.count()).select_from(ScoreOutbox).where(~delivered))
    assert waiting == 0, f"{waiting} scores did not arrive"
    return len(CLASS) * len(activities) / seconds


def prepare(site: Site, number: int) -> list[str]:
    """So many activities that a pupil has opened, a class that has opened one, and an LMS that takes its time."""
    titles = [f"Adding {each}" for each in range(number)]
    links = [site.add_activity("M.NBT2.ADDREG", title=title) for title in titles]
    for link in links:
        site.open(CLASS[0], link)
    for who in CLASS[1:]:
        site.open(who, links[0])
    site.kill_tool()
    site.start_tool(PROXIMAL_EMBEDDED_WORKER="false")
    site.kill_lms()
    site.start_rough_lms(site.demo.folder / "never", wait=ANSWER_SECONDS)
    return titles


def put_scores(database: Database, activities: Sequence[str], tries: int) -> None:
    """A score for each pupil in each activity."""
    with database.write() as session:
        pupils = session.scalars(select(Membership.person_id).where(Membership.role == "pupil")).all()
        assert len(pupils) == len(CLASS)
        for title in activities:
            activity = session.scalars(select(Activity).where(Activity.title == title)).one()
            for pupil in pupils:
                enqueue_grade(session, activity, pupil, Progress(tries, 10, 0, 1), locale="en", now=datetime.now(UTC))


def work(environment: Mapping[str, str], gate: Barrier) -> None:
    """A worker's process: what is due, until nothing is."""
    os.environ.update(environment)
    be_quiet()
    runtime = Runtime.start(Settings.load())
    gate.wait()
    while runtime.delivery.deliver_due(datetime.now(UTC)):
        pass


def enqueue_share(servers: Servers, backend: str, folder: Path) -> float:
    """What the outbox adds to the CPU time of an answer, as a share of it; with and without take turns."""
    cpu = {True: 0.0, False: 0.0}
    endless = {"sitting_items": 200, "sitting_minutes": 240}
    with servers.fresh(backend) as url, open_school(url, folder, **endless) as school:
        desk = Desk.of(school.open("ada", school.add_activity(*MATH)))

        def without(session: Any, activity: Any, person_id: str, report: Any, *_: Any, **__: Any) -> Progress:
            return progress_of(session, activity, person_id, report)

        for number in range(ANSWERS):
            waiting = desk.open().open_item
            if waiting is None:
                desk.again()
                continue
            counted = number % 2 == 0
            desk.now += desk.pace
            with mock.patch.object(practice, "post_progress", practice.post_progress if counted else without):
                began = time.process_time()
                desk.send(waiting.token, "7")
                cpu[counted] += time.process_time() - began
    return 1 - cpu[False] / cpu[True]


def be_quiet() -> None:
    """No line of a log stands between the figures."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())


def main(words: list[str] | None = None) -> None:
    """Measure on both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scores", type=int, default=200)
    scores = parser.parse_args(words).scores
    be_quiet()
    with tempfile.TemporaryDirectory() as name:
        servers = Servers(Path(name))
        try:
            for backend in BACKENDS:
                home = Path(name) / f"site-{backend}"
                home.mkdir()
                with servers.fresh(backend) as url, running_site(home, url) as site:
                    titles = prepare(site, scores // len(CLASS))
                    rates = {
                        workers: deliveries_per_second(site, titles, tries, workers)
                        for tries, workers in enumerate(WORKERS, 3)
                    }
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
