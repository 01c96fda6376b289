"""The practice LMS and the tool as real processes, and what a test may know behind the browser's back."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import func, select, text

from item_banks.loader import load_banks
from item_banks.schema import Item
from lti_tool.cli.running.demo import Demo
from lti_tool.cli.running.processes import Processes, free_port
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.launches import LaunchSession
from lti_tool.persistence.tables.practice import Opportunity, PresentedItem
from sandbox_lms.lti.launches import FormPost
from sandbox_lms.testing import SandboxClient
from tests.support.pupils import wrong_answer

COURSE = "class-5a"


@dataclass(frozen=True)
class Visit:
    """A launch that was opened over plain HTTP."""

    browser: requests.Session
    place: str

    def open(self) -> str:
        """The launch's page."""
        return self.send("GET", self.place).text

    def post(self, step: str, **fields: Any) -> str:
        """Send a form of the launch's page."""
        token = re.search(r'name="form_token" value="([^"]+)"', self.open())
        assert token
        return self.send("POST", f"{self.place}/{step}", {"form_token": token[1], **fields}).text

    def send(self, method: str, url: str, fields: Mapping[str, Any] | None = None) -> requests.Response:
        """One request; a redirect is not followed."""
        answer = self.browser.request(method, url, data=fields, allow_redirects=False, timeout=30)
        assert answer.ok, answer.text
        for cookie in self.browser.cookies:
            cookie.secure = False  # a browser sends Secure cookies to loopback addresses over http as well
        return answer


@dataclass(frozen=True)
class Site:
    """Both sites, running. `database` is the tool's own: tests read answers there that no page may tell."""

    demo: Demo
    database: Database
    lms: SandboxClient

    @property
    def hosts(self) -> set[str]:
        """The only addresses that a page of either site may ask for anything."""
        return {self.demo.lms_url, self.demo.tool_url}

    def add_activity(self, *skills: str, title: str, points: str = "10", course: str = COURSE) -> int:
        """Deep-link an activity over plain HTTP, as Marit; return its resource link's id."""
        picker = self._enter("marit", self.lms.start_deep_linking(course=course))
        back = picker.post("choose", skill=skills, title=title, points=points)
        token, address = re.search(r'name="JWT" value="([^"]+)"', back), re.search(r'action="([^"]+)"', back)
        assert token, back
        assert address, back
        assert self.lms.return_deep_link("marit", unescape(address[1]), token[1]).status < 400
        links = re.findall(rf'href="/courses/{course}/links/(\d+)"', self.lms.get("marit", f"/courses/{course}").text)
        return max(int(link) for link in links)

    def practise(self, who: str, link: int, right: Iterable[bool], *, course: str = COURSE) -> None:
        """Answer items over plain HTTP, as a pupil who is right and wrong in this order."""
        visit = self._enter(who, self.lms.start_launch(who, link, course=course))
        for correct in right:
            token = re.search(r'data-item="([^"]+)"', visit.open())
            if token is None:
                return
            item = self.item(token[1])
            visit.post(
                "answer", item=token[1], response=item.answer if correct else wrong_answer(item), action="answer"
            )

    def _enter(self, who: str, login: FormPost) -> "Visit":
        visit = Visit(requests.Session(), "")
        launch = self.lms.authorize(who, visit.send("POST", login.url, login.fields).headers["Location"])
        opened = visit.send("POST", launch.url, launch.fields)
        return replace(visit, place=self.demo.tool_url + opened.headers["Location"])

    def item(self, token: str) -> Item:
        """The item behind a page's `data-item`, with its answer."""
        with self.database.read() as session:
            row = session.scalars(select(PresentedItem).where(PresentedItem.token == token)).one()
            return Item.from_json(row.item)

    def put(self, token: str, template_id: str) -> Item:
        """Put an item of a shipped bank in place of the one on a page; seen once the page is opened again."""
        with self.database.write() as session:
            row = session.scalars(select(PresentedItem).where(PresentedItem.token == token)).one()
            item = load_banks()[row.bank_id].draw(template_id, 1)
            row.template_id, row.skill_id, row.seed = template_id, item.skill, item.seed
            row.item, row.item_key = item.to_json(), item.key
        return item

    def answers_to(self, token: str) -> int:
        """How often an item was counted as answered."""
        with self.database.read() as session:
            query = select(func.count()).select_from(Opportunity).join(PresentedItem)
            return session.scalar(query.where(PresentedItem.token == token)) or 0

    def expire_all_launches(self) -> None:
        """As if everybody had left their page open for too long."""
        with self.database.write() as session:
            for launch in session.scalars(select(LaunchSession)):
                launch.expires_at = datetime(2020, 1, 1, tzinfo=UTC)

    @contextmanager
    def trouble_with_answers(self) -> Iterator[None]:
        """For a moment the tool's database takes no answers."""
        self._execute("ALTER TABLE opportunity RENAME TO opportunity_away")
        try:
            yield
        finally:
            self._execute("ALTER TABLE opportunity_away RENAME TO opportunity")

    def _execute(self, statement: str) -> None:
        with self.database.write() as session:
            session.execute(text(statement))

    def grade(self, who: str, title: str, *, course: str = COURSE) -> dict[str, Any] | None:
        """A pupil's cell in the LMS's gradebook."""
        book = self.lms.gradebook(course)
        [column] = [str(one["id"]) for one in book["columns"] if one["label"] == title]
        [pupil] = [one for one in book["pupils"] if one["id"] == who]
        grade: dict[str, Any] | None = pupil["grades"].get(column)
        return grade


@contextmanager
def running_site(folder: Path) -> Iterator[Site]:
    """Start both on free ports; both end with the block, however it ends."""
    demo = Demo(free_port(), free_port(), folder)
    with Processes(folder / "logs") as processes:
        demo.start(processes)
        lms = SandboxClient(address=demo.lms_url)
        database = Database(f"sqlite:///{folder / 'proximal' / 'proximal.db'}")
        try:
            yield Site(demo, database, lms)
        finally:
            database.close()
