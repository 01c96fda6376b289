"""A practice LMS and a fake tool in one process, without sockets."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from sandbox_lms.app import create_lms
from sandbox_lms.config import ALL_SCOPES, LmsConfig, ToolRegistration
from sandbox_lms.testing import FormPost, SandboxClient
from tests.lti.fake_tool import FakeTool

LMS_URL = "http://lms.test"
TOOL_URL = "http://tool.test"
LINE_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
MEMBERSHIPS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"


class Clock:
    """The LMS's clock: the real time, moved by what a test adds."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class School:
    """Both sides, and what passes between them."""

    app: Flask
    lms: SandboxClient
    tool: FakeTool
    clock: Clock

    def login(self, start: FormPost) -> str:
        """Post the login initiation to the tool. Returns where the tool sends the browser."""
        response = self.tool.app.test_client().post("/lti/login", data=dict(start.fields))
        return str(response.headers["Location"])

    def launch(self, who: str, link: int, *, course: str = "class-5a", target: str = "iframe") -> dict[str, Any]:
        """A whole launch of an activity. Returns the claims that the tool read."""
        start = self.lms.start_launch(who, link, course=course, target=target)
        return self.arrive(self.lms.authorize(who, self.login(start)))

    def begin_choosing(self, who: str = "marit", course: str = "class-5a") -> dict[str, Any]:
        """A whole deep-linking request. Returns its settings."""
        claims = self.arrive(self.lms.authorize(who, self.login(self.lms.start_deep_linking(who, course=course))))
        settings: dict[str, Any] = claims["https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"]
        return settings

    def arrive(self, form: FormPost) -> dict[str, Any]:
        """Post the authentication response to the tool. Returns the claims that it read."""
        response = self.tool.app.test_client().post("/lti/launch", data=dict(form.fields))
        assert response.status_code == 200
        return self.tool.launches[-1]

    def token(self, scope: str = " ".join(ALL_SCOPES), **changes: Any) -> TestResponse:
        """Ask for an access token."""
        return self.app.test_client().post("/lti/token", data=self.tool.token_request(scope, **changes))

    def call(
        self, method: str, url: str, *, accept: str | None = None, scope: str = " ".join(ALL_SCOPES), **options: Any
    ) -> TestResponse:
        """A service call with a fresh token for `scope`."""
        headers = {"Authorization": f"Bearer {self.token(scope).json['access_token']}"}  # type: ignore[index]
        if accept:
            headers["Accept"] = accept
        return self.app.test_client().open(url, method=method, headers=headers, base_url=LMS_URL, **options)

    def activity(self, title: str = "Fractions", course: str = "class-5a", **item: Any) -> int:
        """An activity with a column of 10 points. Returns its link's id."""
        content = {"type": "ltiResourceLink", "title": title, "lineItem": {"scoreMaximum": 10, "label": title}}
        [link] = self.lms.add_activity(course, content | item)
        return link

    def column(self, course: str = "class-5a") -> str:
        """The address of the newest column."""
        return str(self.line_items(course)[-1]["id"])

    def line_items(self, course: str = "class-5a", query: str = "") -> list[dict[str, Any]]:
        """What the line items service lists."""
        response = self.call("GET", f"/lti/courses/{course}/lineitems{query}", accept=LINE_ITEMS)
        assert response.status_code == 200, response.text
        listed: list[dict[str, Any]] = json.loads(response.text)
        return listed

    def score(self, who: str, given: float | None, **changes: Any) -> dict[str, Any]:
        """A score of 10 points as a tool would write it now; `None` as a change leaves a field out."""
        body = {
            "userId": self.lms.sub(who),
            "timestamp": self.clock().isoformat(timespec="microseconds"),
            "activityProgress": "InProgress",
            "gradingProgress": "FullyGraded",
            "scoreGiven": given,
            "scoreMaximum": 10,
        }
        return {name: value for name, value in (body | changes).items() if value is not None}

    def send(self, body: dict[str, Any] | str, column: str | None = None) -> TestResponse:
        """Post a score to the newest column."""
        text = body if isinstance(body, str) else json.dumps(body)
        url = (column or self.column()).replace("?", "/scores?")
        return self.call("POST", url, data=text, content_type=SCORE)

    def grade(self, who: str, column: int = 1, course: str = "class-5a") -> dict[str, Any] | None:
        """A pupil's cell in the gradebook."""
        pupils = {pupil["id"]: pupil for pupil in self.lms.gradebook(course)["pupils"]}
        grade: dict[str, Any] | None = pupils[who]["grades"].get(str(column))
        return grade


def open_school(database: str = ":memory:", *, like: str = "standard", **changes: Any) -> School:
    """A new school, `like` a family of LMSs; `changes` are fields of the tool's registration."""
    registration = replace(ToolRegistration.by_convention(TOOL_URL), **changes)
    tool = FakeTool(TOOL_URL, LMS_URL, lambda: lms.lms.key.jwks())
    clock = Clock()
    config = LmsConfig(LMS_URL, registration, database, like=like)
    tool.token_audience = config.token_audiences[0]
    app = create_lms(config, fetch=lambda url: tool.jwks(), now=clock)
    lms = SandboxClient(app)
    return School(app, lms, tool, clock)
