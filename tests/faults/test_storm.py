"""A whole school practises while everything that can die dies, and the LMS has its worst day."""

import json
import random
import sqlite3
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import click
import pytest
import requests
from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError

from lti_tool.cli.running import processes
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.persistence.tables.practice import Opportunity, PresentedItem
from tests.support.databases import BACKENDS, Servers
from tests.support.pupils import wrong_answer
from tests.support.sites import CLASS, COURSE, Site, Visit, running_site

SKILLS = ("M.NBT2.ADDREG", "M.NBT2.SUBREG", "M.NBT3.SUB0")
PUPILS, ANSWERS, KILLS = 100, 20, 24
AT_ONCE = 12
GIVE_UP_SECONDS = 1500
DOWN_SECONDS = 60
PATIENCE_SECONDS = 180
"""For a process to start on a machine that a whole school keeps busy."""
WORKERS = ("worker-1", "worker-2")

pytestmark = pytest.mark.long


@dataclass
class Storm:
    """What is killed, by chance, and how often it was."""

    site: Site
    servers: Servers
    backend: str
    switch: Path
    rng: random.Random = field(default_factory=lambda: random.Random(7))
    killed: Counter[str] = field(default_factory=Counter)

    def rage(self) -> None:
        """Kill something every few seconds until enough was killed; once the LMS is down for a minute."""
        down = threading.Thread(target=self._take_lms_down)
        down.start()
        blows: list[Callable[[], None]] = [self._kill_web, self._kill_web, *(self._worker(name) for name in WORKERS)]
        if self.backend == "postgresql":
            blows.append(self._kill_database)
        while self.killed.total() < KILLS:
            time.sleep(self.rng.uniform(3, 9))
            self.rng.choice(blows)()
        down.join()

    def _kill_web(self) -> None:
        self.site.kill_tool()
        self.killed["web"] += 1
        with suppress(click.ClickException):  # a busy machine takes its time; pupils wait for it themselves
            self.site.start_tool(PROXIMAL_EMBEDDED_WORKER="false")

    def _worker(self, name: str) -> Callable[[], None]:
        def blow() -> None:
            self.site.kill(name)
            self.killed["worker"] += 1
            self.site.start_worker(name)

        return blow

    def _kill_database(self) -> None:
        self.servers.kill_postgres()
        self.killed["database"] += 1

    def _take_lms_down(self) -> None:
        time.sleep(20)
        self.site.kill_lms()
        time.sleep(DOWN_SECONDS)
        self.site.start_rough_lms(self.switch, seed=2)


@dataclass
class Pupil:
    """Answers over HTTP, and sends the same answer again until somebody says that it has arrived."""

    site: Site
    who: str
    visit: Visit
    acknowledged: set[str] = field(default_factory=set)
    resent: int = 0

    def practise(self) -> None:
        """Give so many answers as were asked for."""
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while len(self.acknowledged) < ANSWERS and time.monotonic() < deadline:
            try:
                self._one_step()
            except (requests.RequestException, SQLAlchemyError, AssertionError):
                self.resent += 1
                time.sleep(0.5)

    def _one_step(self) -> None:
        token = self.visit.token
        if token is None:
            self.visit.send("POST", "/again")
        elif token not in self.acknowledged:
            answer = wrong_answer(self.site.item(token))
            reply = self.visit.send("POST", "/answer", item=token, response=answer, action="answer")
            assert reply.status_code == 200, reply.status_code
            self.acknowledged.add(token)
        self.visit.go_on()


@pytest.fixture(params=BACKENDS)
def storm(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Storm]:
    """A site of its own, on a database server of its own: it will be killed."""
    monkeypatch.setattr(processes, "START_SECONDS", PATIENCE_SECONDS)
    servers = Servers(tmp_path)
    try:
        with servers.fresh(request.param) as url, running_site(tmp_path, url) as site:
            yield Storm(site, servers, request.param, tmp_path / "rough")
    finally:
        servers.close()


def test_no_grade_is_lost_doubled_or_wrong(storm: Storm, capsys: pytest.CaptureFixture[str]) -> None:
    site = storm.site
    link = site.add_activity(*SKILLS, title="Storm", points="20")
    with site.database.write() as session:
        session.execute(update(Activity).values(mastery_columns="activity", attempts_for_full_points=ANSWERS))
    names = enrol(site, PUPILS)
    site.kill_lms()
    site.start_rough_lms(storm.switch, seed=1)
    site.kill_tool()
    site.start_tool(PROXIMAL_EMBEDDED_WORKER="false")
    for worker in WORKERS:
        site.start_worker(worker)
    with ThreadPoolExecutor(AT_ONCE) as school:
        pupils = list(school.map(lambda who: Pupil(site, who, site.open(who, link)), names))
        storm.switch.touch()
        began = time.monotonic()
        weather = threading.Thread(target=storm.rage)
        weather.start()
        list(school.map(Pupil.practise, pupils))
        practised = time.monotonic() - began
        weather.join()
    told = json.loads(storm.switch.with_suffix(".told").read_text())
    arrived = wait_for_all(site)
    book = site.lms.gradebook(COURSE)
    columns = Counter(column["label"] for column in book["columns"])
    lost, wrong = compare(site, book)
    missing = unsaved(site, pupils)
    figures = {
        "answers": sum(len(pupil.acknowledged) for pupil in pupils),
        "pupils": len(pupils),
        "seconds": round(practised),
        "kills": dict(storm.killed),
        "the LMS": told | {"seconds down": DOWN_SECONDS},
        "requests sent again": sum(pupil.resent for pupil in pupils),
        "seconds until all grades were there": round(arrived),
        "scores received and refused": (book["scores_received"], book["scores_refused"]),
        "lost, wrong, answers missing": (lost, wrong, missing),
        "columns": dict(columns),
    }
    with capsys.disabled():
        sys.stdout.write(f"\n  {storm.backend}: {json.dumps(figures)}\n")
    assert [len(pupil.acknowledged) for pupil in pupils] == [ANSWERS] * PUPILS
    assert storm.killed.total() >= KILLS
    assert (lost, wrong, missing) == (0, 0, 0)
    assert columns == {"Storm": 1, "Storm: skills mastered": 1}


def enrol(site: Site, number: int) -> list[str]:
    """A larger class: its own 25 and made-up ones. Written where the LMS keeps its people."""
    names = [f"storm-{extra}" for extra in range(number - len(CLASS))]
    with closing(sqlite3.connect(site.demo.folder / "lms.db")) as database, database:
        for name in names:
            database.execute(
                "INSERT INTO person VALUES (?, ?, ?, ?, ?, 'pupil')", (name, f"sub-{name}", name, name, "")
            )
            database.execute(
                "INSERT INTO membership (course_id, person_id, role) VALUES (?, ?, 'Learner')", (COURSE, name)
            )
    return [*CLASS, *names]


def wait_for_all(site: Site, seconds: float = 900) -> float:
    """Wait until no score is under way; how long that took."""
    began = time.monotonic()
    while time.monotonic() < began + seconds:
        with site.database.read() as session:
            states = set(session.scalars(select(ScoreOutbox.state).distinct()))
        if states == {"delivered"}:
            break
        time.sleep(1)
    return time.monotonic() - began


def compare(site: Site, book: dict[str, object]) -> tuple[int, int]:
    """Grades that the gradebook lacks, and those that it has with another value than the tool."""
    ids = {column["label"]: str(column["id"]) for column in book["columns"]}  # type: ignore[attr-defined]
    cells = {pupil["id"]: pupil["grades"] for pupil in book["pupils"]}  # type: ignore[attr-defined]
    subs = {pupil["sub"]: pupil["id"] for pupil in book["pupils"]}  # type: ignore[attr-defined]
    lost = wrong = 0
    with site.database.read() as session:
        for row in session.scalars(select(ScoreOutbox)):
            label = row.line_item.label or row.line_item.activity.title
            cell = cells[subs[row.person.sub]].get(ids.get(label, ""))
            if cell is None:
                lost += 1
            elif abs(cell["score"] - row.points_given) > 1e-3:
                wrong += 1
        honest = select(func.count()).where(Opportunity.person_id == ScoreOutbox.person_id, Opportunity.honest)
        expected = select(ScoreOutbox.points_given, honest.scalar_subquery()).join(ScoreOutbox.line_item)
        for points, tries in session.execute(expected.where(ScoreOutbox.points_maximum == 20)):
            wrong += abs(points - min(tries, ANSWERS)) > 1e-6
    return lost, wrong


def unsaved(site: Site, pupils: list[Pupil]) -> int:
    """Answers that a pupil saw acknowledged and that are not in the database."""
    with site.database.read() as session:
        query = select(PresentedItem.token).join(Opportunity, Opportunity.presented_item_id == PresentedItem.id)
        saved = set(session.scalars(query))
    return len({token for pupil in pupils for token in pupil.acknowledged} - saved)
