"""An LMS as the rows of the conformance table see it. Two implementations drive them, which share nothing but this."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

import jwt
import requests
from requests.adapters import BaseAdapter
from werkzeug.test import TestResponse

from lti_tool.lti.messages.claims import DEEP_LINKING
from lti_tool.services.platforms.registrations import NewRegistration
from tests.support.school import Page, School, onward
from tests.unit.lti_tool.lti.scripted import Call, Reply, ScriptedPlatform


@dataclass(frozen=True)
class Cell:
    """What the gradebook shows of one pupil in one column; `score` in the column's points."""

    score: float
    maximum: float
    comment: str | None


class Platform(ABC):
    """An LMS with one course, people in it, one link to the tool, and the tool itself.

    `wire` carries the tool's calls to it: they are noted there, and a test may answer one in its place.
    """

    name: ClassVar[str]
    teacher: ClassVar[str]
    pupil: ClassVar[str]
    classmate: ClassVar[str]
    course: ClassVar[str]
    """The course's id, as launches tell it."""
    link: str
    """The resource link that launches open unless they name another."""

    def __init__(self, school: School, behind: BaseAdapter) -> None:
        self.school = school
        self._behind = behind
        self.wire = ScriptedPlatform(self.forward)
        school.http.mount(self.origin, self.wire)

    # What it says of itself

    @property
    @abstractmethod
    def registration(self) -> NewRegistration:
        """What an administrator would copy from it."""

    @property
    def origin(self) -> str:
        """Where its pages and services stand."""
        parts = urlsplit(self.registration.auth_url)
        return f"{parts.scheme}://{parts.netloc}"

    @abstractmethod
    def jwks(self) -> dict[str, Any]:
        """Its public keys."""

    @property
    @abstractmethod
    def private_key(self) -> Any:
        """What it signs with, as PyJWT takes it."""

    @property
    @abstractmethod
    def public_pem(self) -> bytes:
        """The public half of that."""

    @abstractmethod
    def sub(self, who: str) -> str:
        """What the tool knows a person by."""

    # Tools

    configuration_url: str
    """Where it says of itself what tools need to know (Dynamic Registration 1.0, section 2.1)."""

    @abstractmethod
    def registration_address(self, address: str, *, choice: str = "", where: str = "frame") -> str:
        """What its administrator opens, in a frame or a tab, to register the tool that has this address.

        `choice`: "new", or the number of the tool that is to be brought up to date.
        """

    @abstractmethod
    def switch_on(self, tool: int = 1) -> None:
        """Let courses use a tool that has registered itself."""

    @abstractmethod
    def offers_tool(self) -> bool:
        """Whether teachers can add activities of the tool."""

    @abstractmethod
    def owner_of(self, token: str) -> str:
        """The client_id to which it gave an access token."""

    # Launches

    @abstractmethod
    def login_fields(self, who: str, link: str | None = None) -> dict[str, str]:
        """What the browser sends to the tool's login address when this person opens a link."""

    @abstractmethod
    def deep_linking_fields(self, tool: int = 1) -> dict[str, str]:
        """The same for the teacher who adds activities of a tool, by its number in the LMS."""

    @abstractmethod
    def answer(self, who: str, location: str, **changes: Any) -> dict[str, str]:
        """Follow the tool's redirect: what the browser posts back.

        `changes` are claims by short name (`DROP` leaves one out); `settings` those of deep linking; `header`, `key`
        and `algorithm` sign anew.
        """

    def begin(self, who: str, link: str | None = None, **more: str) -> TestResponse:
        """Open a link, as far as the tool's answer to the login."""
        return self.school.begin_login(who, {**self.login_fields(who, link), **more})

    def signed(self, who: str, link: str | None = None, **changes: Any) -> dict[str, str]:
        """A login that has come as far as the LMS's answer."""
        return self.answer(who, onward(self.begin(who, link)), **changes)

    def launch(self, who: str, link: str | None = None, **changes: Any) -> TestResponse:
        """Open a link, all the way to the tool's answer to the launch."""
        return self.school.post_launch(who, self.signed(who, link, **changes))

    def open(self, who: str, link: str | None = None, **changes: Any) -> Page:
        """Open a link and follow the redirect to its page."""
        return self.school.page(who, self.launch(who, link, **changes))

    def claims(self, who: str, link: str | None = None) -> dict[str, Any]:
        """What a launch would tell."""
        token = self.signed(who, link)["id_token"]
        return dict(jwt.decode(token, options={"verify_signature": False}))

    # Deep linking

    def launch_picker(self, **changes: Any) -> TestResponse:
        """The teacher adds activities, all the way to the tool's answer to the launch."""
        login = self.school.begin_login(self.teacher, self.deep_linking_fields())
        return self.school.post_launch(self.teacher, self.answer(self.teacher, onward(login), **changes))

    def open_picker(self, **changes: Any) -> Page:
        """The page on which the teacher chooses."""
        return self.school.page(self.teacher, self.launch_picker(**changes))

    @abstractmethod
    def take_back(self, page: Page) -> list[str]:
        """Return a deep-linking response to the LMS, which checks it: the new links, whose columns are made."""

    @abstractmethod
    def dates(self, link: str) -> tuple[str, str]:
        """When a link opens and when it is due, as the LMS keeps it in ISO 8601."""

    def items(self, page: Page) -> list[dict[str, Any]]:
        """The content items of a deep-linking response."""
        found: list[dict[str, Any]] = self.response(page)[DEEP_LINKING + "content_items"]
        return found

    def response(self, page: Page) -> dict[str, Any]:
        """A deep-linking response, checked as an LMS checks it (Deep Linking 2.0, section 4.5; Security 1.1, 5.2.2)."""
        assert page.status == 200, page.text
        token = page.fields("send-back")["JWT"]
        jwks = self.school.browser("lms").get("/lti/jwks").json
        [key] = [jwt.PyJWK(one) for one in jwks["keys"] if one["kid"] == jwt.get_unverified_header(token)["kid"]]
        issuer, client_id = self.registration.issuer, self.registration.client_id
        return dict(jwt.decode(token, key, algorithms=["RS256"], audience=issuer, issuer=client_id))

    def add_activity(self, *skills: str, **fields: str) -> str:
        """The teacher adds an activity; its link."""
        chosen = {"skill": list(skills), "title": "Adding", "points": "10", **fields}
        [link] = self.take_back(self.open_picker().send("choose", **chosen))
        return link

    # Services

    @abstractmethod
    def enrol(self, subs: Sequence[str], *, status: str = "Active", named: bool = True) -> None:
        """Add pupils to the course, whom launches call by these ids."""

    @abstractmethod
    def forget_tokens(self) -> None:
        """All access tokens are over before their time."""

    @abstractmethod
    def columns(self) -> list[Mapping[str, Any]]:
        """The course's columns, as the LMS keeps them: label, score_maximum, resource_link_id, resource_id."""

    @abstractmethod
    def remove_columns(self) -> None:
        """As if nobody had made any."""

    @abstractmethod
    def cell(self, link: str, who: str) -> Cell | None:
        """What the gradebook shows of a pupil in a link's column."""

    # The wire

    def forward(self, call: Call) -> Reply:
        """The LMS's own answer to a call."""
        sent = requests.Request(call.method, call.url, headers=dict(call.headers), data=call.body.encode())
        answer = self._behind.send(sent.prepare())
        return Reply(answer.status_code, answer.raw.read(), dict(answer.headers))

    def answer_instead(self, url: str, answer: Callable[[Call], Reply]) -> None:
        """Answer calls whose address has this part in the LMS's place."""
        self.wire.answer = lambda call: answer(call) if url in call.url else self.forward(call)

    def calls(self, url: str, method: str | None = None) -> list[Call]:
        """The tool's calls to addresses with this part."""
        return [call for call in self.wire.calls if url in call.url and method in (None, call.method)]
