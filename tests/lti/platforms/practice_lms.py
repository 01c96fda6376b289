"""The practice LMS of this repository as one of the two platforms."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives import serialization

from lti_tool.services.platforms.registrations import NewRegistration, all_registrations
from sandbox_lms.records import activities, people, scores
from tests.lti.platforms import Cell, Platform
from tests.support.school import COURSE, Page, School


class PracticeLms(Platform):
    """Drives it through the pages and services that people and tools use."""

    name = "practice LMS"
    teacher, pupil, classmate = "marit", "ada", "noa"
    course = COURSE

    def __init__(self, school: School, *, like: str = "standard") -> None:
        with school.runtime.database.read() as session:
            [(found, deployments), *_] = all_registrations(session)
            fields = {
                name: getattr(found, name) for name in ("issuer", "client_id", "auth_url", "token_url", "jwks_url")
            }
            self._registration = NewRegistration(**fields, deployment_ids=list(deployments), profile=found.profile)
        self.lms = school.lms
        super().__init__(school, school.http.get_adapter(self.lms.lms.config.base_url))
        self.link = str(self.lms.add_activity(COURSE, {"type": "ltiResourceLink", "title": "Fractions"})[0])
        self._opened: str | None = self.link

    @property
    def registration(self) -> NewRegistration:
        return self._registration

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

    def deep_linking_fields(self) -> dict[str, str]:
        self._opened = None
        return dict(self.lms.start_deep_linking(self.teacher).fields)

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
