"""Drives the practice LMS from a test or a script: people, activities, launches (good and bad), grades.

    lms = SandboxClient(create_lms(config, fetch=lambda url: tool_jwks))          # in this process, no socket
    [link] = lms.add_activity("class-5a", {"type": "ltiResourceLink", "title": "Fractions"})
    start = lms.start_launch("ada", link)           # POST start.fields to start.url: the tool's login
    form = lms.authorize("ada", location)           # follow the tool's redirect: POST form.fields to form.url
    bad = lms.sign_launch("ada", link, nonce=nonce, roles=DROP)                   # an id_token of your own making

With `address` it speaks HTTP to a running LMS instead; what needs the inside (`sign_launch` and its kin) then
needs the app as well. Each person has a browser session of their own.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any, cast
from urllib.parse import urlsplit

import jwt
import requests
from flask import Flask
from flask.testing import FlaskClient
from jwt.algorithms import HMACAlgorithm
from werkzeug.serving import make_server

from sandbox_lms.lms import Lms
from sandbox_lms.lti import deep_linking
from sandbox_lms.lti.launches import FormPost, new_settings, store_deep_link
from sandbox_lms.lti.messages import (
    AGS_CLAIM,
    DEEP_LINKING,
    LTI,
    NRPS_CLAIM,
    Occasion,
    deep_linking_claims,
    launch_claims,
)
from sandbox_lms.records import activities, people, school, tools

DROP = object()
"""As the value of a claim or header field: leave it out."""

_LTI_NAMES = (
    *("message_type", "version", "deployment_id", "target_link_uri", "resource_link"),
    *("roles", "context", "tool_platform", "launch_presentation", "custom"),
)
SHORT_NAMES = {
    **{name: LTI + name for name in _LTI_NAMES},
    **{name: DEEP_LINKING + name for name in ("deep_linking_settings", "data", "content_items")},
    "ags": AGS_CLAIM,
    "nrps": NRPS_CLAIM,
}
"""Short names for claims in `sign_launch` and `sign_deep_linking`; any other name is taken as it stands."""


@dataclass(frozen=True)
class Page:
    """An HTTP answer. `headers` has names in lower case."""

    status: int
    text: str
    headers: Mapping[str, str]


class SandboxClient:
    """A school full of browsers. People are named by their id: "marit" (teacher), "ada" (pupil), "admin"."""

    def __init__(self, app: Flask | None = None, *, address: str | None = None) -> None:
        if app is None and address is None:
            raise ValueError("SandboxClient needs an app, the address of a running LMS, or both.")
        self._app = app
        self._address = address
        self._browsers: dict[str, FlaskClient | requests.Session] = {}

    @property
    def lms(self) -> Lms:
        """The inside of the LMS. Raises RuntimeError if only an address is known."""
        if self._app is None:
            raise RuntimeError("This needs the app itself, not only its address: SandboxClient(app, address=...).")
        return cast(Lms, self._app.extensions["practice_lms"])

    # Pages

    def get(self, who: str, path: str) -> Page:
        """A page as this person sees it; a whole address is fine too. Redirects are not followed."""
        return self._request(who, "GET", path)

    def post(self, who: str, path: str, fields: Mapping[str, str]) -> Page:
        """Post a form as this person."""
        return self._request(who, "POST", path, fields)

    def gradebook(self, course: str) -> dict[str, Any]:
        """The grades of a course: columns, and for each pupil the grades by column id."""
        page = self.get("admin", f"/api/gradebook/{course}")
        return cast(dict[str, Any], json.loads(page.text))

    # Activities

    def add_activity(self, course: str, *items: Mapping[str, Any]) -> list[int]:
        """Add content items as if a deep-linking response had brought them. Returns the resource links' ids."""
        lms = self.lms
        offered = {"accept_types": ["ltiResourceLink"], "accept_multiple": True, "accept_lineitem": True}
        links = [deep_linking.new_link(dict(item), offered, lms.tool.launch_url) for item in items]
        with lms.database.transaction() as connection:
            return activities.add_links(connection, course, links, lms.tool.id)

    def add_link_by_hand(self, course: str, title: str, teacher: str = "marit") -> int:
        """Add a link without any settings, through the teacher's form. Returns its id."""
        self.post(teacher, f"/courses/{course}/links", {"title": title})
        return activities.links(self.lms.database, course)[-1].id

    def add_pupils(self, course: str, count: int, *, status: str = "Active") -> list[str]:
        """Enrol made-up pupils, for large classes. `status` may be "Inactive". Returns their ids."""
        made = [
            people.person((f"extra-{secrets.token_hex(6)}", "Extra", f"Pupil {n}", None), "pupil") for n in range(count)
        ]
        with self.lms.database.transaction() as connection:
            for one in made:
                connection.execute("INSERT INTO person VALUES (?, ?, ?, ?, ?, ?)", dataclasses.astuple(one))
                connection.execute(
                    "INSERT INTO membership (course_id, person_id, role, status) VALUES (?, ?, 'Learner', ?)",
                    (course, one.id, status),
                )
        return [one.id for one in made]

    def add_assistant(self, course: str) -> str:
        """Add a teacher who does not edit to a course. Returns the id."""
        made = people.person((f"assistant-{secrets.token_hex(6)}", "Ingrid", "Assistant", None), "teacher")
        with self.lms.database.transaction() as connection:
            connection.execute("INSERT INTO person VALUES (?, ?, ?, ?, ?, ?)", dataclasses.astuple(made))
            connection.execute(
                "INSERT INTO membership (course_id, person_id, role, sub_role)"
                " VALUES (?, ?, 'Instructor', 'TeachingAssistant')",
                (course, made.id),
            )
        return made.id

    def use_rate_limit(self, share: float, *, tool_id: int = 1) -> None:
        """As if a tool had used up this share of what it may ask for. Raises RuntimeError where there is no limit."""
        if self.lms.throttle is None:
            raise RuntimeError("This LMS has no rate limit.")
        self.lms.throttle.fill(tool_id, share)

    def sub(self, who: str) -> str:
        """What the tool knows a person by. Raises KeyError for somebody who does not exist."""
        return self._person(who).sub

    # Launches

    def start_launch(self, who: str, link: int, *, course: str = "class-5a", target: str = "iframe") -> FormPost:
        """Open an activity: what the browser posts to the tool's login address."""
        return self.form(who, f"/courses/{course}/links/{link}/launch?target={target}")

    def start_deep_linking(self, who: str = "marit", *, course: str = "class-5a") -> FormPost:
        """Begin to add activities: what the browser posts to the tool's login address."""
        return self.form(who, f"/courses/{course}/add/launch")

    def authorize(self, who: str, location: str) -> FormPost:
        """Follow the tool's redirect to our authentication: what the browser posts to the redirect URI.

        That is `id_token` and `state`, or `error`, `error_description` and `state`.
        Raises AssertionError if the tool redirected to somewhere else.
        """
        expected = self._address if self._app is None else self.lms.config.base_url
        if not location.startswith((f"{expected}/lti/auth?", "/lti/auth?")):
            raise AssertionError(f"The tool redirected to {location!r}, not to {expected}/lti/auth.")
        return self.form(who, location)

    def form(self, who: str, path: str) -> FormPost:
        """The form that a page posts by itself. Raises AssertionError with the page if it has none."""
        return read_form(self.get(who, path))

    def return_deep_link(self, who: str, return_url: str, token: str) -> Page:
        """Post a deep-linking response to the address that the request gave."""
        return self.post(who, return_url, {"JWT": token})

    # Messages of your own making

    def sign_launch(
        self,
        who: str,
        link: int,
        *,
        course: str = "class-5a",
        nonce: str = "",
        header: Mapping[str, Any] | None = None,
        key: Any = None,
        algorithm: str = "RS256",
        **changes: Any,
    ) -> str:
        """An id_token for a resource link launch with some claims changed, or left out with `DROP`.

        `changes` are claims by short name (SHORT_NAMES) or full name. `header` changes the JOSE header
        ({"kid": DROP}), `key` and `algorithm` sign with something else ("none" needs no key).
        """
        person, where = self._person(who), activities.link(self.lms.database, course, link)
        claims = launch_claims(self.lms, self._tool_of(where), person, where, Occasion(nonce))
        return self.sign(claims, header=header, key=key, algorithm=algorithm, **changes)

    def sign_deep_linking(
        self,
        who: str = "marit",
        *,
        course: str = "class-5a",
        nonce: str = "",
        settings: Mapping[str, Any] | None = None,
        header: Mapping[str, Any] | None = None,
        key: Any = None,
        algorithm: str = "RS256",
        **changes: Any,
    ) -> str:
        """An id_token for a deep-linking request. `settings` change its settings, `DROP` leaves one out.

        The response to it can be returned and is held against the changed settings.
        """
        person, where = self._person(who), school.course(self.lms.database, course)
        deep_link_id, offered = new_settings(self.lms, where)
        offered = _changed(offered, settings or {})
        tool = self.lms.tool
        store_deep_link(self.lms, tool, deep_link_id, where.id, person.id, offered)
        claims = deep_linking_claims(self.lms, tool, person, where, offered, Occasion(nonce))
        return self.sign(claims, header=header, key=key, algorithm=algorithm, **changes)

    def sign(
        self,
        claims: Mapping[str, Any],
        *,
        header: Mapping[str, Any] | None = None,
        key: Any = None,
        algorithm: str = "RS256",
        **changes: Any,
    ) -> str:
        """Sign any claims with the platform's key, or with another, after the changes of `sign_launch`."""
        named = {SHORT_NAMES.get(name, name): value for name, value in changes.items()}
        fields = _changed({"kid": self.lms.key.kid}, header or {})
        signing_key = None if algorithm == "none" else key or self.lms.key.private
        # PyJWT's own door would refuse what a bad platform sends: an `iss` that is a number, a PEM as HMAC secret.
        jws = jwt.PyJWS()
        jws.unregister_algorithm("HS256")
        jws.register_algorithm("HS256", AnySecret(HMACAlgorithm.SHA256))
        payload = json.dumps(_changed(claims, named)).encode()
        return jws.encode(payload, cast(Any, signing_key), algorithm=algorithm, headers=fields)

    # Inside

    def _tool_of(self, link: activities.ResourceLink) -> tools.Tool:
        return tools.active_tool(self.lms.database, link.tool_id)

    def _person(self, who: str) -> people.Person:
        found = school.find_person(self.lms.database, who)
        if found is None:
            raise KeyError(who)
        return found

    def _request(self, who: str, method: str, path: str, fields: Mapping[str, str] | None = None) -> Page:
        if who not in self._browsers:
            self._browsers[who] = self._app.test_client() if self._address is None and self._app else requests.Session()
            self._send(who, "POST", "/sign-in", {"person": who})
        return self._send(who, method, path, fields)

    def _send(self, who: str, method: str, path: str, fields: Mapping[str, str] | None) -> Page:
        parts = urlsplit(path)
        local = parts.path + (f"?{parts.query}" if parts.query else "")
        browser = self._browsers[who]
        if isinstance(browser, requests.Session):
            answer = browser.request(method, f"{self._address}{local}", data=fields, allow_redirects=False, timeout=30)
            return Page(
                answer.status_code, answer.text, {name.lower(): value for name, value in answer.headers.items()}
            )
        response = browser.open(local, method=method, data=fields, base_url=self.lms.config.base_url)
        return Page(response.status_code, response.text, {name.lower(): value for name, value in response.headers})


class AnySecret(HMACAlgorithm):
    """HMAC with whatever bytes as its secret, as somebody uses it who forges a token with a public key."""

    def prepare_key(self, key: str | bytes) -> bytes:
        return key.encode() if isinstance(key, str) else key


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.url: str | None = None
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "form" and "data-post" in named:
            self.url = named["action"]
        elif tag == "input" and self.url is not None:
            self.fields[named["name"]] = named["value"]


def read_form(page: Page) -> FormPost:
    """The form that a page of the LMS posts by itself. Raises AssertionError with the page if it has none."""
    parser = _Form()
    parser.feed(page.text)
    if parser.url is None:
        raise AssertionError(f"No form on this page (HTTP {page.status}):\n{page.text}")
    return FormPost(parser.url, parser.fields)


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve an app of this process on its configured address, in a thread. Gives the address."""
    address: str = cast(Lms, app.extensions["practice_lms"]).config.base_url
    parts = urlsplit(address)
    server = make_server(parts.hostname or "localhost", parts.port or 80, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield address
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _page(status: int, text: str, headers: Iterable[tuple[str, str]]) -> Page:
    return Page(status, text, {name.lower(): value for name, value in headers})


def _changed(original: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**original, **changes}.items() if value is not DROP}
