"""The practice LMS of this repository as one of the two platforms."""

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives import serialization

from lti_tool.services.platforms.registrations import NewRegistration
from sandbox_lms.records import activities, people, scores, tools
from tests.lti.platforms import Cell, Platform
from tests.support.school import COURSE, Page, School


class PracticeLms(Platform):
    """Drives it through the pages and services that people and tools use."""

    name = "practice LMS"
    teacher, pupil, classmate = "marit", "ada", "noa"
    course = COURSE

    def __init__(self, school: School, *, like: str = "standard", registered: bool = True) -> None:
        self.lms = school.lms
        self._like = like
        config = self.lms.lms.config
        self.configuration_url = config.url("/.well-known/openid-configuration")
        super().__init__(school, school.http.get_adapter(config.base_url))
        if registered:
            self.link = str(self.lms.add_activity(COURSE, {"type": "ltiResourceLink", "title": "Fractions"})[0])
        self._opened: str | None = None

    @property
    def registration(self) -> NewRegistration:
        config, tools = self.lms.lms.config, self.lms.lms.tools
        return NewRegistration(
            config.issuer,
            tools[0].client_id if tools else "",
            config.url("/lti/auth"),
            config.token_url,
            config.url("/.well-known/jwks.json"),
            [tools[0].deployment_id] if tools else [],
            profile="generic" if self._like == "standard" else self._like,
        )

    def registration_address(self, address: str, *, choice: str = "", where: str = "frame") -> str:
        return self.school.registration_address(address, choice=choice, where=where)

    def switch_on(self, tool: int = 1) -> None:
        assert self.lms.post("admin", f"/tools/{tool}/activate", {}).status == 303

    def offers_tool(self) -> bool:
        return "Add an activity from Proximal" in self.lms.get(self.teacher, f"/courses/{COURSE}").text

    def owner_of(self, token: str) -> str:
        digest = hashlib.sha256(token.encode()).hexdigest()
        row = self.lms.lms.database.row("SELECT tool_id FROM access_token WHERE token_hash = ?", digest)
        assert row is not None
        return tools.tool(self.lms.lms.database, row["tool_id"]).client_id

    def jwks(self) -> dict[str, Any]:
        return self.lms.lms.key.jwks()

    @property
    def private_key(self) -> Any:
        return self.lms.lms.key.private

    @property
    def public_pem(self) -> bytes:
        return self.lms.lms.key.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def sub(self, who: str) -> str:
        return self.lms.sub(who)

    def login_fields(self, who: str, link: str | None = None) -> dict[str, str]:
        self._opened = link or self.link
        return dict(self.lms.start_launch(who, int(self._opened)).fields)

    def deep_linking_fields(self, tool: int = 1) -> dict[str, str]:
        self._opened = None
        return dict(self.lms.form(self.teacher, f"/courses/{COURSE}/add/launch?tool={tool}").fields)

    def answer(self, who: str, location: str, **changes: Any) -> dict[str, str]:
        if not changes:
            return dict(self.lms.authorize(who, location).fields)
        query = dict(parse_qsl(urlsplit(location).query))
        changes = {"nonce": query["nonce"], **changes}
        if self._opened is None:
            token = self.lms.sign_deep_linking(who, **changes)
        else:
            token = self.lms.sign_launch(who, int(self._opened), **changes)
        return {"state": query["state"], "id_token": token}

    def take_back(self, page: Page) -> list[str]:
        before = {link.id for link in activities.links(self.lms.lms.database, COURSE)}
        answer = self.lms.return_deep_link(self.teacher, page.action("send-back"), page.fields("send-back")["JWT"])
        assert answer.status < 400, answer.text
        return [str(link.id) for link in activities.links(self.lms.lms.database, COURSE) if link.id not in before]

    def dates(self, link: str) -> tuple[str, str]:
        found = activities.link(self.lms.lms.database, COURSE, int(link))
        return str(found.available_from), str(found.due)

    def enrol(self, subs: Sequence[str], *, status: str = "Active", named: bool = True) -> None:
        made = [
            people.person((sub, "Extra" if named else "", f"Pupil {sub}" if named else "", None), "pupil")
            for sub in subs
        ]
        with self.lms.lms.database.transaction() as connection:
            for one, sub in zip(made, subs, strict=True):
                row = dataclasses.astuple(dataclasses.replace(one, sub=sub))
                connection.execute("INSERT INTO person VALUES (?, ?, ?, ?, ?, ?)", row)
                connection.execute(
                    "INSERT INTO membership (course_id, person_id, role, status) VALUES (?, ?, 'Learner', ?)",
                    (COURSE, one.id, status),
                )

    def forget_tokens(self) -> None:
        with self.lms.lms.database.transaction() as connection:
            connection.execute("DELETE FROM access_token")

    def columns(self) -> list[Mapping[str, Any]]:
        return [dataclasses.asdict(item) for item in activities.line_items(self.lms.lms.database, COURSE)]

    def remove_columns(self) -> None:
        with self.lms.lms.database.transaction() as connection:
            connection.execute("DELETE FROM line_item")

    def cell(self, link: str, who: str) -> Cell | None:
        database = self.lms.lms.database
        item = next(one for one in activities.line_items(database, COURSE) if str(one.resource_link_id) == link)
        grade = scores.grades(database, item, self.lms.lms.family.scores).get(who)
        if grade is None or grade.score is None:
            return None
        return Cell(grade.score, grade.maximum, grade.comment)
