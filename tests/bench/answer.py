"""Server CPU for one answer, against the least that any tool would do for it.

The floor checks a token, inserts one row, updates one, commits, and renders a page of 4 KB: the same Flask, SQLAlchemy
and SQLite settings, without a tutor, a bank or an outbox. Both are called in this process, in turns, so that the
machine's mood is the same for both.
"""

import gzip
import hmac
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, render_template_string, request
from sqlalchemy import text

from lti_tool.persistence.database import Database
from tests.support.databases import Servers
from tests.support.school import TOOL_URL, Page, School, open_school

ROUNDS, WARM_UP = 200, 20
PAGE = "<!doctype html><title>{{ title }}</title>" + "<p>{{ word }}: a line of a page that is about so long.</p>" * 60


@dataclass(frozen=True)
class Cost:
    """What one request costs: median CPU and wall time, in milliseconds."""

    cpu: float
    wall: float


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder, _school(Path(folder)) as school, _floor(Path(folder)) as floor:
        pupil = Pupil(school)
        ours, least = _in_turns(pupil.answer, floor)
        print(f"an answer: {ours.cpu:.1f} ms CPU ({ours.wall:.1f} ms wall)")
        print(f"the floor: {least.cpu:.1f} ms CPU ({least.wall:.1f} ms wall)")
        print(f"ratio: {ours.cpu / least.cpu:.1f} x the floor's CPU")
        print(f"bytes of an answer (htmx, uncompressed): {pupil.largest_answer}")
        print(f"bytes of the first page with style, script and font (compressed): {pupil.first_page_weight()}")


class Pupil:
    """Somebody who answers one item after the other, as htmx does."""

    def __init__(self, school: School) -> None:
        bank = school.runtime.catalog.banks["math-en"]
        self._link = school.add_activity(*bank.skills, title="Everything")
        self._page: Page = school.open("ada", self._link)
        self._school = school
        self.largest_answer = 0

    def answer(self) -> None:
        """One answer; the page that follows is opened outside of what is measured."""
        answered = self._page.respond("1", htmx=True)
        self.largest_answer = max(self.largest_answer, len(answered.answer.data))

    def prepare(self) -> None:
        """Open the next item."""
        self._page = self._page.reload()

    def first_page_weight(self) -> int:
        """All bytes of a first visit, compressed where a server compresses."""
        browser = self._school.browser("ada")
        total = len(gzip.compress(self._page.reload().answer.data))
        for address in sorted(set(re.findall(r'(?:href|src)="(/static/[^"]+)"', self._page.text))):
            data = browser.get(address, base_url=TOOL_URL).data
            total += len(data if address.endswith(".woff2") else gzip.compress(data))
        return total


def _in_turns(ours: Callable[[], None], floor: Callable[[], None]) -> tuple[Cost, Cost]:
    costs: dict[Callable[[], None], list[tuple[float, float]]] = {ours: [], floor: []}
    prepare = getattr(getattr(ours, "__self__", None), "prepare", lambda: None)
    for _ in range(ROUNDS + WARM_UP):
        prepare()
        for call in (ours, floor):
            cpu, wall = time.process_time(), time.perf_counter()
            call()
            costs[call].append((time.process_time() - cpu, time.perf_counter() - wall))
    return _median(costs[ours]), _median(costs[floor])


def _median(samples: list[tuple[float, float]]) -> Cost:
    measured = samples[WARM_UP:]
    cpu, wall = (statistics.median(values) * 1000 for values in zip(*measured, strict=True))
    return Cost(cpu, wall)


@contextmanager
def _school(folder: Path) -> Iterator[School]:
    servers = Servers(folder)
    with (
        servers.fresh("sqlite") as url,
        open_school(url, folder, sitting_items=200, sitting_minutes=240) as school,
    ):
        yield school


@contextmanager
def _floor(folder: Path) -> Iterator[Callable[[], None]]:
    database = Database(f"sqlite:///{folder / 'floor.db'}")
    with database.write() as session:
        session.execute(text("CREATE TABLE answer (id INTEGER PRIMARY KEY, response TEXT)"))
        session.execute(text("CREATE TABLE learner (id INTEGER PRIMARY KEY, state TEXT)"))
        session.execute(text("INSERT INTO learner VALUES (1, '')"))
    app = Flask(__name__)

    @app.post("/answer")
    def answer() -> str:
        if not hmac.compare_digest(request.form["token"], "x" * 32):
            raise PermissionError
        with database.write() as session:
            session.execute(text("INSERT INTO answer (response) VALUES (:response)"), dict(request.form.items()))
            session.execute(text("UPDATE learner SET state = :response WHERE id = 1"), dict(request.form.items()))
        return render_template_string(PAGE, title="Answered", word="right")

    client = app.test_client()
    try:
        yield lambda: (client.post("/answer", data={"token": "x" * 32, "response": "42"}), None)[1]
    finally:
        database.close()
