"""A school: the tool and the practice LMS in one process, people with browsers, and the ways they take."""

import random
import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from item_banks.schema import Item
from lti_tool.config import Settings
from lti_tool.persistence.tables.practice import PresentedItem
from lti_tool.runtime import Runtime
from lti_tool.services.platforms.invitations import invite
from lti_tool.services.platforms.registrations import NewRegistration, add_registration, all_registrations
from sandbox_lms.app import create_lms
from sandbox_lms.config import LmsConfig, ToolRegistration
from sandbox_lms.records import activities
from sandbox_lms.testing import SandboxClient
from tests.support.apps import compiled_once, tool_app
from tests.support.wires import wired

LMS_URL, TOOL_URL = "http://localhost:9000", "http://127.0.0.1:9001"
CANVAS_URL = "https://sso.canvaslms.com"
"""The one host that speaks for Canvas's issuer."""
CLIENT_ID, DEPLOYMENT_ID = "proximal-demo", "1"
COURSE = "class-5a"


@dataclass
class School:
    """The tool, the LMS, and one browser for each person's visits to the tool."""

    runtime: Runtime
    app: Flask
    lms: SandboxClient
    http: requests.Session
    """What carries the tool's calls to LMSs; tests mount more hosts on it."""
    registration_id: int = 0

    def __post_init__(self) -> None:
        self._browsers: dict[str, FlaskClient] = {}

    def browser(self, who: str) -> FlaskClient:
        """This person's browser, as far as the tool sees it."""
        return self._browsers.setdefault(who, self.app.test_client())

    # Ways into the tool

    def begin_login(self, who: str, fields: Mapping[str, str]) -> TestResponse:
        """Post a login initiation to the tool."""
        return self.browser(who).post("/lti/login", data=dict(fields), base_url=TOOL_URL)

    def post_launch(self, who: str, fields: Mapping[str, str]) -> TestResponse:
        """Post the platform's answer to the tool."""
        return self.browser(who).post("/lti/launch", data=dict(fields), base_url=TOOL_URL)

    def launch(self, who: str, link: int, *, course: str = COURSE) -> TestResponse:
        """Open an activity, all the way to the tool's answer to the launch (a redirect, or a refusal)."""
        login = self.begin_login(who, self.lms.start_launch(who, link, course=course).fields)
        return self.post_launch(who, self.lms.authorize(who, onward(login)).fields)

    def launch_signed(self, who: str, link: int, **changes: Any) -> TestResponse:
        """A launch whose id_token is changed on the way (see `SandboxClient.sign_launch`)."""
        state, nonce = self.pending_login(who, link)
        changes.setdefault("nonce", nonce)
        return self.post_launch(who, {"state": state, "id_token": self.lms.sign_launch(who, link, **changes)})

    def pending_login(self, who: str, link: int) -> tuple[str, str]:
        """Begin a login as a browser would; return its state and nonce."""
        return self.pending_login_in(COURSE, who, link)

    def pending_login_in(self, course: str, who: str, link: int) -> tuple[str, str]:
        """The same in another course."""
        login = self.begin_login(who, self.lms.start_launch(who, link, course=course).fields)
        query = dict(part.split("=", 1) for part in urlsplit(onward(login)).query.split("&"))
        return query["state"], query["nonce"]

    def open(self, who: str, link: int, *, course: str = COURSE) -> "Page":
        """Open an activity and follow the redirect to its page."""
        return self.page(who, self.launch(who, link, course=course))

    def page(self, who: str, answer: TestResponse) -> "Page":
        """Follow a launch's redirect to its page."""
        assert answer.status_code == 303, answer.text
        return Page(self, who, answer.location, self.browser(who).get(answer.location, base_url=TOOL_URL))

    def open_deep_linking(self, who: str = "marit", *, course: str = COURSE) -> "Page":
        """Open the picker as a teacher who adds an activity."""
        login = self.begin_login(who, self.lms.start_deep_linking(who, course=course).fields)
        return self.page(who, self.post_launch(who, self.lms.authorize(who, onward(login)).fields))

    # Registration

    def invitation(self) -> str:
        """A one-time registration address, as the tool's administrator gets it."""
        with self.runtime.database.write() as session:
            return f"{TOOL_URL}/lti/register?invitation={invite(session, datetime.now(UTC))}"

    def registration_address(self, address: str, **choice: str) -> str:
        """What the LMS opens when its administrator registers the tool with an address."""
        page = self.lms.post("admin", "/tools/register", {"address": address, **choice})
        found = re.search(r'<iframe class="tool" src="([^"]+)"', page.text)
        found = found or re.search(r'href="([^"]+)" target="_blank" rel="opener"', page.text)
        assert found, page.text
        return unescape(found[1])

    def register(self, address: str, **choice: str) -> TestResponse:
        """Register the tool in the LMS as its administrator; return the tool's page about it."""
        return self.browser("admin").get(self.registration_address(address, **choice))

    def connect(self) -> None:
        """Register the tool by invitation and switch it on in the LMS."""
        answer = self.register(self.invitation())
        assert answer.status_code == 200, answer.text
        self.lms.post("admin", "/tools/1/activate", {})

    # Content and grades

    def add_activity(self, *skills: str, title: str = "", points: str = "10", course: str = COURSE) -> int:
        """Deep-link an activity as a teacher; return its resource link's id."""
        picker = self.open_deep_linking(course=course)
        back = picker.send("choose", skill=list(skills), title=title, points=points)
        assert back.status == 200, back.text
        token = back.fields("send-back")["JWT"]
        returned = self.lms.return_deep_link("marit", back.action("send-back"), token)
        assert returned.status < 400, returned.text
        return activities.links(self.lms.lms.database, course)[-1].id

    def deliver_grades(self) -> None:
        """Do a worker's round until nothing is due."""
        while self.runtime.delivery.deliver_due(datetime.now(UTC)):
            pass

    def deliver_grades_later(self) -> None:
        """The same, once an LMS that tells scores apart by seconds takes another one."""
        while self.runtime.delivery.deliver_due(datetime.now(UTC) + timedelta(seconds=5)):
            pass

    def waiting_item(self, token: str) -> Item:
        """What the tool stored for an item that waits for its answer: the test knows the answer, the page does not."""
        with self.runtime.database.read() as session:
            row = session.scalars(select(PresentedItem).where(PresentedItem.token == token)).one()
            return Item.from_json(row.item)


@dataclass
class Page:
    """A page of the tool in somebody's browser."""

    school: School
    who: str
    place: str
    answer: TestResponse

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.answer.status_code

    @property
    def text(self) -> str:
        """The page's HTML."""
        return self.answer.text

    @property
    def item_token(self) -> str:
        """The token of the item on the page."""
        found = re.search(r'data-item="([^"]+)"', self.text)
        assert found, self.text
        return found[1]

    @property
    def item(self) -> Item:
        """The item on the page, with its answer."""
        return self.school.waiting_item(self.item_token)

    def fields(self, form_id: str) -> dict[str, str]:
        """The hidden fields of a form."""
        return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', self._form(form_id)))

    def action(self, form_id: str) -> str:
        """Where a form goes."""
        found = re.search(r'action="([^"]*)"', self._form(form_id))
        assert found
        return unescape(found[1])

    def send(self, step: str, *, htmx: bool = False, **fields: Any) -> "Page":
        """Post to a step of this launch, such as "answer", with the form token; follow redirects."""
        token = re.search(r'name="form_token" value="([^"]+)"', self.text)
        data = {"form_token": token[1] if token else "", **fields}
        headers = {"HX-Request": "true"} if htmx else {}
        answer = self.school.browser(self.who).post(
            f"{self.place}/{step}", data=data, headers=headers, base_url=TOOL_URL, follow_redirects=True
        )
        return Page(self.school, self.who, self.place, answer)

    def respond(self, response: str, **fields: Any) -> "Page":
        """Answer the item on the page."""
        return self.send("answer", item=self.item_token, response=response, **fields)

    def reload(self) -> "Page":
        """Open the launch's own page again ("Next")."""
        answer = self.school.browser(self.who).get(self.place, base_url=TOOL_URL)
        return Page(self.school, self.who, self.place, answer)

    def _form(self, form_id: str) -> str:
        found = re.search(rf'<form id="{form_id}".*?</form>', self.text, re.DOTALL)
        assert found, self.text
        return found[0]


@contextmanager
def open_school(
    database_url: str, folder: Path, *, seed: int = 1, like: str = "standard", registered: bool = True, **settings: Any
) -> Iterator[School]:
    """A school on a migrated database. `settings` override the tool's.

    An LMS that is `like` a real one registers the tool by itself, a plain one has it from the start; without
    `registered`, neither knows the other.
    """
    plain = registered and like == "standard"
    tool = ToolRegistration.by_convention(TOOL_URL, client_id=CLIENT_ID, deployment_id=DEPLOYMENT_ID) if plain else None
    address = CANVAS_URL if like == "canvas" else LMS_URL
    apps: dict[str, Flask] = {}
    lms_app = create_lms(
        LmsConfig(base_url=address, tool=tool, like=like), fetch=lambda url: wired(apps).get(url, timeout=5).json()
    )
    apps[address] = compiled_once(lms_app)
    chosen = {"base_url": TOOL_URL, "data_dir": folder, "database_url": database_url, "allow_http_on_loopback": True}
    # One pupil of a school here may open hundreds of pages in a minute; tests of the limits set their own.
    chosen |= {"platform_launches_per_minute": 100_000, "person_requests_per_minute": 100_000}
    http = wired(apps)
    runtime = Runtime.start(Settings.load(**(chosen | settings)), rng=random.Random(seed), http=http)
    with closing(runtime.database), tool_app(runtime) as app:
        apps[TOOL_URL] = app
        school = School(runtime, app, SandboxClient(lms_app), http)
        if plain:
            with runtime.database.write() as session:
                school.registration_id = add_registration(session, practice_lms_registration(), datetime.now(UTC)).id
        elif registered:
            school.connect()
            with runtime.database.read() as session:
                [(registration, _)] = all_registrations(session)
                school.registration_id = registration.id
        yield school


def onward(login: TestResponse) -> str:
    """Where a login sends the browser: at once, or after the LMS was asked to keep its secret."""
    if login.status_code == 302:
        return str(login.location)
    found = re.search(r'data-next="([^"]+)"', login.text)
    assert found, login.text
    return unescape(found[1])


def practice_lms_registration(**changes: Any) -> NewRegistration:
    """The practice LMS as its administrator would register it."""
    values = {
        "issuer": LMS_URL,
        "client_id": CLIENT_ID,
        "auth_url": f"{LMS_URL}/lti/auth",
        "token_url": f"{LMS_URL}/lti/token",
        "jwks_url": f"{LMS_URL}/.well-known/jwks.json",
        "deployment_ids": [DEPLOYMENT_ID],
    }
    return NewRegistration(**(values | changes))
