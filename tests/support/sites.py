"""The practice LMS and the tool as real processes that can be killed, and pupils who practise over HTTP."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from html import unescape
from pathlib import Path
from random import Random
from typing import Any

import requests
from sqlalchemy import func, select, update

from engine.curriculum import Curriculum
from engine.learner import Learner
from engine.simulation import SimulatedLearner
from item_banks.schema import Item
from lti_tool.cli.running.demo import Demo
from lti_tool.cli.running.processes import Processes, free_port
from lti_tool.cli.running.server import GUNICORN
from lti_tool.persistence.database import Database, upsert
from lti_tool.persistence.tables.grades import PlatformGate, ScoreOutbox
from lti_tool.persistence.tables.people import Person
from lti_tool.persistence.tables.practice import LearnerState, Opportunity, PresentedItem
from lti_tool.persistence.tables.tenancy import Registration
from lti_tool.services.catalog import Catalog
from sandbox_lms.lti.launches import FormPost
from sandbox_lms.records.people import PUPILS
from sandbox_lms.testing import SandboxClient
from tests.support.pupils import wrong_answer

COURSE = "class-5a"
CLASS = tuple(pupil[0] for pupil in PUPILS)
HTMX = {"HX-Request": "true"}


@dataclass
class Visit:
    """One person's launch, over plain HTTP."""

    browser: requests.Session
    place: str
    text: str

    @property
    def token(self) -> str | None:
        """The open item; None at the end of a sitting."""
        found = re.search(r'data-item="([^"]+)"', self.text)
        return found and found[1]

    def send(self, method: str, step: str = "", **fields: Any) -> requests.Response:
        """One request as htmx makes it, with the session's form token."""
        token = re.search(r'name="form_token" value="([^"]+)"', self.text)
        data = {"form_token": token[1] if token else "", **fields} if method == "POST" else None
        return self.browser.request(method, f"{self.place}{step}", data=data, headers=HTMX, timeout=30)

    def go_on(self) -> None:
        """Ask for the next item, or the end."""
        answer = self.send("GET")
        assert answer.status_code == 200, answer.text
        form_token = re.search(r'<input type="hidden" name="form_token" value="[^"]+">', self.text)
        # The page of a sitting's end has a form too, so that the token is at hand all the time.
        self.text = answer.text if "form_token" in answer.text or form_token is None else answer.text + form_token[0]


@dataclass(frozen=True)
class Site:
    """Both sites, running. `database` is the tool's own: tests read there what no page may tell."""

    demo: Demo
    processes: Processes
    database: Database
    lms: SandboxClient

    def start_tool(self, **environment: str) -> None:
        """Start the tool's web processes (again)."""
        self.processes.start("proximal", GUNICORN, self.demo.environment | environment)
        self.processes.wait_until_healthy("proximal", f"{self.demo.tool_url}/readyz")

    def kill_tool(self) -> None:
        """kill -9 for the web server and all its workers at once."""
        self.kill("proximal")

    def start_worker(self, name: str) -> None:
        """Start a `proximal worker` of its own."""
        command = [sys.executable, "-c", "from lti_tool.cli import main; main()", "worker"]
        self.processes.start(name, command, self.demo.environment)

    def start_lms(self) -> None:
        """Start the practice LMS again."""
        command = [sys.executable, "-m", "sandbox_lms", "--port", str(self.demo.lms_port)]
        command += ["--database", str(self.demo.folder / "lms.db"), "--tool-url", self.demo.tool_url]
        self.processes.start("practice-lms", command, {})
        self.processes.wait_until_healthy("practice-lms", f"{self.demo.lms_url}/healthz")

    def kill_lms(self) -> None:
        """kill -9 for the practice LMS."""
        self.kill("practice-lms")

    def start_rough_lms(self, switch: Path, seed: int = 1, wait: float = 0.0) -> None:
        """Start the practice LMS so that its services fail by chance while the file `switch` is there.

        Each of their answers takes `wait` seconds longer.
        """
        command = [sys.executable, "-m", "tests.support.rough_lms", "--port", str(self.demo.lms_port)]
        command += ["--database", str(self.demo.folder / "lms.db"), "--tool-url", self.demo.tool_url]
        self.processes.start(
            "practice-lms", [*command, "--rough", str(switch), "--seed", str(seed), "--wait", str(wait)], {}
        )
        self.processes.wait_until_healthy("practice-lms", f"{self.demo.lms_url}/healthz")

    def kill(self, name: str) -> None:
        """kill -9 for one of the processes and its children."""
        running: subprocess.Popen[bytes] = self.processes._running[name]
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()

    def add_activity(self, *skills: str, title: str, points: str = "10") -> int:
        """Deep-link an activity as Marit; return its resource link's id."""
        picker = self.enter("marit", self.lms.start_deep_linking(course=COURSE))
        back = picker.send("POST", "/choose", skill=skills, title=title, points=points).text
        token, address = re.search(r'name="JWT" value="([^"]+)"', back), re.search(r'action="([^"]+)"', back)
        assert token, back
        assert address, back
        assert self.lms.return_deep_link("marit", unescape(address[1]), token[1]).status < 400
        links = re.findall(rf'href="/courses/{COURSE}/links/(\d+)"', self.lms.get("marit", f"/courses/{COURSE}").text)
        return max(int(link) for link in links)

    def open(self, who: str, link: int) -> Visit:
        """Launch an activity."""
        return self.enter(who, self.lms.start_launch(who, link, course=COURSE))

    def enter(self, who: str, login: FormPost) -> Visit:
        """The rest of a launch, from the LMS's form on."""
        browser = requests.Session()
        start = browser.post(login.url, dict(login.fields), allow_redirects=False, timeout=30)
        _allow_cookies_over_http(browser)
        launch = self.lms.authorize(who, start.headers["Location"])
        answer = browser.post(launch.url, dict(launch.fields), allow_redirects=False, timeout=30)
        assert answer.status_code == 303, answer.text
        _allow_cookies_over_http(browser)
        place = f"{self.demo.tool_url}{answer.headers['Location']}"
        return Visit(browser, place, browser.get(place, timeout=30).text)

    def item(self, token: str) -> Item:
        """The item behind a page's `data-item`, with its answer."""
        with self.database.read() as session:
            row = session.scalars(select(PresentedItem).where(PresentedItem.token == token)).one()
            return Item.from_json(row.item)

    def column(self, title: str) -> dict[str, dict[str, Any]]:
        """The grades of one activity in the LMS's gradebook, by pupil."""
        book = self.lms.gradebook(COURSE)
        [column] = [str(each["id"]) for each in book["columns"] if each["label"] == title]
        return {pupil["id"]: pupil["grades"][column] for pupil in book["pupils"] if column in pupil["grades"]}

    def scores_received(self) -> tuple[int, int]:
        """How many scores arrived at the LMS in all, and how many of them it refused."""
        book = self.lms.gradebook(COURSE)
        return book["scores_received"], book["scores_refused"]

    def figures(self) -> dict[str, "Figures"]:
        """The tool's own figures of each pupil with a score."""
        names = {pupil["sub"]: pupil["id"] for pupil in self.lms.gradebook(COURSE)["pupils"]}
        theirs = select(func.count()).where(Opportunity.person_id == Person.id)
        answers, tries = theirs.scalar_subquery(), theirs.where(Opportunity.honest).scalar_subquery()
        query = select(Person.sub, answers, tries, ScoreOutbox, LearnerState.learner).join(ScoreOutbox.person)
        query = query.join(LearnerState, LearnerState.person_id == Person.id)
        with self.database.read() as session:
            return {
                names[sub]: Figures(
                    answers=count,
                    tries=honest,
                    traced=Learner.from_json(learner).presented,
                    points=row.points_given,
                    state=row.state,
                    delivered=row.delivered_points,
                )
                for sub, count, honest, row, learner in session.execute(query)
            }

    def wait_for_grades(self, seconds: float = 120) -> None:
        """Wait until no score is under way."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if all(each.state == "delivered" for each in self.figures().values()):
                return
            time.sleep(0.2)
        raise AssertionError(f"Still under way: {self.figures()}")

    def shut_gates(self) -> None:
        """As if the LMS were in trouble: no worker calls it."""
        with self.database.write() as session:
            for registration_id in session.scalars(select(Registration.id)):
                values = {
                    "registration_id": registration_id,
                    "failures": 1,
                    "shut_until": datetime(2099, 1, 1, tzinfo=UTC),
                }
                upsert(session, PlatformGate, values)

    def reopen_gates(self) -> None:
        """As if the half minute had passed for which an LMS that gave no answer is left alone."""
        with self.database.write() as session:
            session.execute(update(PlatformGate).values(shut_until=None, failures=0))
            session.execute(update(ScoreOutbox).values(next_attempt_at=datetime(2020, 1, 1, tzinfo=UTC)))

    def let_leases_run_out(self) -> None:
        """As if the minute had passed for which a killed worker holds what it was about to send."""
        with self.database.write() as session:
            session.execute(update(ScoreOutbox).values(leased_until=datetime(2020, 1, 1, tzinfo=UTC)))


@dataclass(frozen=True)
class Figures:
    """What the tool knows of one pupil: answers, honest tries and what taught the model, points worked out and sent."""

    answers: int
    tries: int
    traced: int
    points: float
    state: str
    delivered: float | None


@dataclass
class SimulatedPupil:
    """A pupil of the engine's simulation at a real browser."""

    site: Site
    visit: Visit
    rng: Random
    bank_id: str
    acknowledged: int = 0
    seconds: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._curriculum = _curriculum(self.bank_id)
        self._mind = SimulatedLearner.two_state(self._curriculum, self.rng)

    def practise(self, answers: int) -> None:
        """Answer until the sitting ends or so many answers were acknowledged."""
        while self.acknowledged < answers and self.visit.token is not None:
            self.answer()
            self.visit.go_on()

    def answer(self) -> None:
        """Answer the open item with the simulation's chance of being right."""
        token = self.visit.token
        assert token is not None
        item = self.site.item(token)
        reference = self._curriculum.item(item.template)
        correct = self._mind.respond(reference, self.rng)
        self._mind.practise(reference)
        started = time.perf_counter()
        answer = self.visit.send(
            "POST", "/answer", item=token, response=item.answer if correct else wrong_answer(item), action="answer"
        )
        self.seconds.append(time.perf_counter() - started)
        assert answer.status_code == 200, answer.text
        self.acknowledged += 1


@cache
def _curriculum(bank_id: str) -> Curriculum:
    return Catalog.load().tutor(bank_id, 0.8).curriculum


def practise_together(site: Site, link: int, bank_id: str, answers: int) -> dict[str, SimulatedPupil]:
    """All pupils of the class open an activity and practise at the same time."""

    def practise(number: int) -> SimulatedPupil:
        pupil = SimulatedPupil(site, site.open(CLASS[number], link), Random(number), bank_id)
        pupil.practise(answers)
        return pupil

    _curriculum(bank_id)
    with ThreadPoolExecutor(len(CLASS)) as classroom:
        return dict(zip(CLASS, classroom.map(practise, range(len(CLASS))), strict=True))


def _allow_cookies_over_http(browser: requests.Session) -> None:
    for cookie in browser.cookies:
        cookie.secure = False  # a browser sends Secure cookies to loopback addresses over http as well


@contextmanager
def running_site(folder: Path, database_url: str) -> Iterator[Site]:
    """Start both on free ports, the tool on this database; both end with the block, however it ends."""
    demo = Demo(free_port(), free_port(), folder)
    before = os.environ.get("PROXIMAL_DATABASE_URL")
    os.environ["PROXIMAL_DATABASE_URL"] = database_url
    database = Database(database_url)
    try:
        with Processes(folder / "logs") as processes:
            demo.start(processes)
            yield Site(demo, processes, database, SandboxClient(address=demo.lms_url))
    finally:
        database.close()
        if before is None:
            del os.environ["PROXIMAL_DATABASE_URL"]
        else:
            os.environ["PROXIMAL_DATABASE_URL"] = before
