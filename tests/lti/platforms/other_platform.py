"""The LMS made of `lti1p3platform` as one of the two platforms."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt

from lti_tool.services.platforms.registrations import NewRegistration, add_registration
from sandbox_lms.testing import DROP, AnySecret
from tests.lti.platforms import Cell, Platform
from tests.lti.platforms.other_lms import (
    CLASSMATE,
    CLIENT_ID,
    COURSE,
    DEPLOYMENT_ID,
    LIKE,
    PUPIL,
    TEACHER,
    Errand,
    Member,
    OtherLms,
)
from tests.lti.platforms.other_registration import RegistrationDesk
from tests.lti.platforms.other_services import serve_services
from tests.support.school import Page, School
from tests.support.wires import AppAdapter


class OtherPlatform(Platform):
    """Drives it through what the library does; only forgeries are signed anew, in its name."""

    name = "lti1p3platform"
    teacher, pupil, classmate = TEACHER, PUPIL, CLASSMATE
    course = COURSE.id
    link = "link-1"

    def __init__(self, school: School, *, like: str = "standard", registered: bool = True) -> None:
        self._like = like
        self.lms = OtherLms(ways=LIKE[like])
        serve_services(self.lms)
        self._desk = RegistrationDesk(self.lms, fetch=lambda url: school.app.test_client().get(url).json)
        self.configuration_url = self._desk.address
        super().__init__(school, AppAdapter(self.lms.app))
        if registered:
            tool = school.runtime.settings.base_url
            addresses = {"login": f"{tool}/lti/login", "launch": f"{tool}/lti/launch"}
            keys: dict[str, Any] = school.app.test_client().get(f"{tool}/lti/jwks").json
            self.lms.add_tool(CLIENT_ID, DEPLOYMENT_ID, addresses, keys)
            self.switch_on()
            with school.runtime.database.write() as session:
                add_registration(session, self.registration, datetime.now(UTC))

    def registration_address(self, address: str, *, choice: str = "", where: str = "frame") -> str:
        return self._desk.begin(address, self._client(int(choice)) if choice.isdecimal() else None)

    def switch_on(self, tool: int = 1) -> None:
        self.lms.active.add(self._client(tool))

    def offers_tool(self) -> bool:
        return bool(self.lms.active)

    def owner_of(self, token: str) -> str:
        return str(jwt.decode(token, self.lms.public_pem, algorithms=["RS256"])["sub"])

    def _client(self, tool: int) -> str:
        return list(self.lms.tools)[tool - 1]

    @property
    def registration(self) -> NewRegistration:
        url = self.lms.url
        return NewRegistration(
            url,
            next(iter(self.lms.tools), ""),
            f"{url}/auth",
            f"{url}/token",
            f"{url}/keys",
            [DEPLOYMENT_ID],
            token_audience=self.lms.ways.token_audience,
            profile="generic" if self._like == "standard" else self._like,
        )

    def jwks(self) -> dict[str, Any]:
        return self.lms.jwks()

    @property
    def private_key(self) -> Any:
        return self.lms.private_pem

    @property
    def public_pem(self) -> bytes:
        return self.lms.public_pem

    def sub(self, who: str) -> str:
        return who

    def login_fields(self, who: str, link: str | None = None) -> dict[str, str]:
        return self.lms.begin_launch(who, Errand(self._client(1), link or self.link))

    def deep_linking_fields(self, tool: int = 1) -> dict[str, str]:
        return self.lms.begin_launch(self.teacher, Errand(self._client(tool), None))

    def answer(self, who: str, location: str, **changes: Any) -> dict[str, str]:
        hint = dict(parse_qsl(urlsplit(location).query))["lti_message_hint"]
        settings = changes.pop("settings", {})
        forged = {name: changes.pop(name) for name in ("header", "key", "algorithm") if name in changes}
        if isinstance(changes.get("iss"), int):  # which its signing code refuses
            forged["claims"] = {"iss": changes.pop("iss")}
        self.lms.errands[hint] = replace(self.lms.errands[hint], changes=changes, settings=settings)
        form = self.lms.authenticate(location)
        return form | {"id_token": self._signed_anew(form["id_token"], **forged)} if forged else form

    def _signed_anew(
        self,
        token: str,
        *,
        key: Any = None,
        algorithm: str = "RS256",
        header: Mapping[str, Any] | None = None,
        claims: Mapping[str, Any] | None = None,
    ) -> str:
        fields = {"kid": jwt.get_unverified_header(token)["kid"], **(header or {})}
        payload = jwt.decode(token, options={"verify_signature": False}) | dict(claims or {})
        jws = jwt.PyJWS()
        jws.unregister_algorithm("HS256")
        jws.register_algorithm("HS256", AnySecret(AnySecret.SHA256))
        return jws.encode(
            json.dumps(payload).encode(),
            None if algorithm == "none" else key or self.private_key,
            algorithm=algorithm,
            headers={name: value for name, value in fields.items() if value is not DROP},
        )

    def take_back(self, page: Page) -> list[str]:
        return self.lms.take_deep_link(page.fields("send-back")["JWT"])

    def dates(self, link: str) -> tuple[str, str]:
        item = self.lms.items[link]
        return item["available"]["startDateTime"], item["submission"]["endDateTime"]

    def enrol(self, subs: Sequence[str], *, status: str = "Active", named: bool = True) -> None:
        self.lms.members += [Member(sub, f"Pupil {sub}" if named else None, "Learner", status) for sub in subs]

    def forget_tokens(self) -> None:
        self.lms.change_key()

    def columns(self) -> list[Mapping[str, Any]]:
        return [
            {
                "label": one["label"],
                "score_maximum": one["scoreMaximum"],
                "resource_link_id": one.get("resourceLinkId"),
                "resource_id": one.get("resourceId"),
            }
            for one in self.lms.columns.values()
        ]

    def remove_columns(self) -> None:
        self.lms.columns.clear()

    def cell(self, link: str, who: str) -> Cell | None:
        column = next(one for one in self.lms.columns.values() if one.get("resourceLinkId") == link)
        score = self.lms.scores.get((column["id"], who))
        if score is None:
            return None
        scale = column["scoreMaximum"] / score["scoreMaximum"]
        return Cell(score["scoreGiven"] * scale, column["scoreMaximum"], score.get("comment"))
