"""An LMS made of `lti1p3platform` (PyPI): its code signs the launches, checks our messages and guards its services.

Nothing of it comes from us but what its abstract classes leave open: the web framework and the data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import flask
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lti1p3platform.content_item import LTI_DEEP_LINKING_CONTENT_ITEM_TYPE
from lti1p3platform.exceptions import LineItemNotFoundException
from lti1p3platform.lineitem import TDeepLinkingLineItem, TLineItem
from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.membership import Context
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract
from lti1p3platform.oidc_login import OIDCLoginAbstract
from lti1p3platform.registration import Registration
from lti1p3platform.request import Request
from lti1p3platform.response import Response, generate_next_link
from lti1p3platform.score import ActivityProgress, GradeProgress, TScore, UpdateScoreStatus
from lti1p3platform.service_connector import AssignmentsGradesService, NamesRoleProvisioningService

from sandbox_lms.testing import DROP, SHORT_NAMES

Registration.get_jwk = cache(Registration.get_jwk)  # type: ignore[method-assign]
"""It reads the same key anew for each message, which takes longer than the launch."""
URL = "https://lms.other.example"
CLIENT_ID, DEPLOYMENT_ID = "proximal-demo", "1"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
SETTINGS = SHORT_NAMES["deep_linking_settings"]
COURSE = Context(id="5b", label="5B", title="Class 5B")


@dataclass(frozen=True)
class Member:
    """Somebody in the one course there is."""

    id: str
    name: str
    role: str


MEMBERS = [
    Member("t-1", "Tess Teacher", "Instructor"),
    Member("p-1", "Pia Pupil", "Learner"),
    Member("p-2", "Bo Björk", "Learner"),
]


@dataclass
class Errand:
    """What the next launch is to be: its kind, its link, and how it differs from a good one."""

    link: str | None = None
    """A resource link's id; None for deep linking."""
    custom: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


class OtherLms(LTI1P3PlatformConfAbstract):
    """The platform with its one tool, its gradebook, and a Flask app that serves it at `URL`."""

    def init_platform_config(self, *, tool_url: str, tool_jwks: dict[str, Any]) -> None:
        """Register the tool, as an administrator would."""
        self.tool_url = tool_url
        self.errand = Errand()
        self.columns: dict[str, dict[str, Any]] = {}
        self.scores: dict[tuple[str, str], dict[str, Any]] = {}
        self.token_requests: list[dict[str, str]] = []
        private, public = _key_pair()
        registration = Registration().set_iss(URL).set_client_id(CLIENT_ID).set_deployment_id(DEPLOYMENT_ID)
        registration.set_oidc_login_url(f"{tool_url}/lti/login").set_launch_url(f"{tool_url}/lti/launch")
        registration.set_deeplink_launch_url(f"{tool_url}/lti/launch").set_tool_key_set(tool_jwks)
        self._registration = registration.set_platform_private_key(private).set_platform_public_key(public)
        self.app = _app(self)

    @property
    def public_pem(self) -> str:
        """The key that everybody may read."""
        return str(self._registration.get_platform_public_key())

    def get_registration_by_params(self, **_: Any) -> Registration:
        """There is only one."""
        return self._registration

    def change_key(self) -> None:
        """Sign with a new key, which is published."""
        private, public = _key_pair()
        self._registration.set_platform_private_key(private).set_platform_public_key(public)

    def lose_key(self) -> None:
        """Sign with a key that is not published."""
        self._registration.set_platform_private_key(_key_pair()[0])

    def begin_launch(self, who: str, errand: Errand) -> str:
        """The path at the tool to which the browser goes first."""
        self.errand = errand
        login = _Login(None, self)
        login.set_lti_message_hint(errand.link or "deep-linking")
        return str(login.initiate_login(who)).removeprefix(self.tool_url)

    def authenticate(self, location: str) -> dict[str, str]:
        """Follow the tool's redirect; what the browser posts back. Raises AssertionError for a bad request."""
        assert location.startswith(f"{URL}/auth?"), location
        answer = self.app.test_client().get(location.removeprefix(URL), base_url=URL)
        assert answer.status_code == 200, answer.text
        form: dict[str, str] = answer.json
        assert form.pop("launch_url") == f"{self.tool_url}/lti/launch"
        return form

    def take_deep_link(self, token: str) -> list[dict[str, Any]]:
        """Check a deep-linking response with the platform's validator; make its columns."""
        items = self.validate_deeplinking_resp({"JWT": token})
        for item in items:
            known = set(LTI_DEEP_LINKING_CONTENT_ITEM_TYPE[item["type"]].__annotations__)
            assert set(item) - {"type"} <= known
            assert set(item.get("lineItem", {})) <= set(TDeepLinkingLineItem.__annotations__)
        return items

    def add_column(self, **column: Any) -> str:
        """A new column's URL."""
        assert set(column) <= set(TLineItem.__annotations__)
        name = str(len(self.columns) + 1)
        self.columns[name] = {**column, "id": f"{URL}/columns/{name}"}
        return str(self.columns[name]["id"])


class _Login(OIDCLoginAbstract):
    def set_lti_message_hint(self, hint: str) -> None:
        self._lti_message_hint = hint

    def get_redirect(self, url: str) -> str:
        return url


class _FlaskRequest(Request):
    def build_metadata(self, request: flask.Request) -> Any:
        return {
            "method": request.method,
            "form_data": request.form.to_dict(),
            "get_data": {name: _number(value) for name, value in request.args.items()},
            "headers": request.headers,
            "content_type": request.content_type,
            "path": request.path,
            "json": request.get_json(force=True) if "json" in (request.content_type or "") else None,
        }


class _Launch(LTIAdvantageMessageLaunchAbstract):
    """One launch as the errand says. Whatever is changed is changed before the platform signs."""

    def prepare_launch(self, preflight_response: dict[str, Any]) -> None:
        lms: OtherLms = self._platform_config
        who = next(one for one in MEMBERS if one.id == preflight_response["login_hint"])
        self.set_user_data(who.id, [f"{MEMBERSHIP}#{who.role}"], full_name=who.name)
        self.set_launch_context_claim(COURSE.id, [], COURSE.title, COURSE.label)
        self.set_nrps(f"{URL}/members?limit=2")
        if lms.errand.link is None:
            self.set_dl(f"{URL}/deep-link", extra_data="opaque")
            return
        self.set_resource_link_claim(lms.errand.link, title="A link")
        self.set_custom_parameters_claim(dict(lms.errand.custom))
        own = [one["id"] for one in lms.columns.values() if one.get("resourceLinkId") == lms.errand.link]
        self.set_ags(f"{URL}/columns", own[0] if len(own) == 1 else None)

    def generate_launch_request(self) -> Any:
        launch = super().generate_launch_request()
        errand = self._platform_config.errand
        if not errand.changes and not errand.settings:
            return launch
        claims = jwt.decode(launch["id_token"], options={"verify_signature": False})
        if errand.settings:
            claims[SETTINGS] = _changed(claims[SETTINGS], errand.settings)
        changes = {SHORT_NAMES.get(name, name): value for name, value in errand.changes.items()}
        return launch | {"id_token": self._registration.platform_encode_and_sign(_changed(claims, changes))}

    def render_launch_form(self, launch_data: dict[str, Any], **_: Any) -> flask.Response:
        return flask.jsonify(launch_data)


class _Gradebook(AssignmentsGradesService):
    @property
    def lms(self) -> OtherLms:
        return self.platform_config

    def find_lineitems(self, **filters: Any) -> Any:
        names = {"resource_link_id": "resourceLinkId", "resource_id": "resourceId", "tag": "tag"}
        found = [
            column
            for column in self.lms.columns.values()
            if all(str(column.get(key)) == str(filters[name]) for name, key in names.items() if name in filters)
        ]
        return {"content": found, "has_next": False}

    def find_lineitem(self, line_item_id: str) -> Any:
        if line_item_id not in self.lms.columns:
            raise LineItemNotFoundException
        return self.lms.columns[line_item_id]

    def create_lineitem(self, creation_data: Any) -> Any:
        self.lms.add_column(**creation_data)
        return list(self.lms.columns.values())[-1]

    def update_lineitem(self, update_data: Any) -> Any:
        raise NotImplementedError

    def delete_lineitem(self, line_item_id: str) -> None:
        raise NotImplementedError

    def update_score(self, line_item_id: str, score: Any) -> UpdateScoreStatus:
        column = self.find_lineitem(line_item_id)
        assert set(score) <= set(TScore.__annotations__)
        ActivityProgress(score["activityProgress"])
        GradeProgress(score["gradingProgress"])
        key = (column["id"], score["userId"])
        if key in self.lms.scores and self.lms.scores[key]["timestamp"] >= score["timestamp"]:
            return UpdateScoreStatus.OLD_TIMESTAMP
        self.lms.scores[key] = score
        return UpdateScoreStatus.SUCCESS

    def get_results(self, line_item_id: str, **_: Any) -> Any:
        raise NotImplementedError


class _Roster(NamesRoleProvisioningService):
    def get_member_data_page(self, page: int = 1, limit: int = 50, **_: Any) -> Any:
        first = (page - 1) * limit
        found = [
            {"user_id": one.id, "name": one.name, "roles": [f"{MEMBERSHIP}#{one.role}"]}
            for one in MEMBERS[first : first + limit]
        ]
        return {"content": found, "has_next": first + limit < len(MEMBERS)}

    def get_context_by_id(self) -> Context:
        return COURSE


def _app(lms: OtherLms) -> flask.Flask:
    app = flask.Flask("second_platform")

    @app.get("/auth")
    def auth() -> flask.Response:
        return _Launch(_FlaskRequest(flask.request), lms).lti_launch()

    @app.get("/keys")
    def keys() -> flask.Response:
        return flask.jsonify(lms.get_jwks())

    @app.post("/token")
    def token() -> flask.Response:
        lms.token_requests.append(flask.request.form.to_dict())
        return flask.jsonify(lms.get_access_token(flask.request.form.to_dict()))

    @app.get("/columns")
    def columns() -> flask.Response:
        return _answer(gradebook(), "handle_get_lineitems")

    @app.post("/columns")
    def new_column() -> flask.Response:
        return _answer(gradebook(), "handle_create_lineitem")

    @app.get("/columns/<name>")
    def column(name: str) -> flask.Response:
        return _answer(gradebook(), "handle_get_lineitem", name)

    @app.post("/columns/<name>/scores")
    def score(name: str) -> flask.Response:
        return _answer(gradebook(), "handle_update_score", name)

    @app.get("/members")
    def members() -> flask.Response:
        return _answer(_Roster(_FlaskRequest(flask.request), lms, f"{URL}/members"), "handle_get_members")

    def gradebook() -> _Gradebook:
        return _Gradebook(_FlaskRequest(flask.request), lms, f"{URL}/columns")

    return app


def _answer(service: Any, name: str, *arguments: str) -> flask.Response:
    """What the platform's Django adapter makes of a service's answer, for Flask."""
    response: Response = service.handle_resp(lambda: getattr(service, name)(*arguments))
    if response.code >= 300:
        return flask.make_response({"error": response.message}, response.code)
    result = response.result or {}
    answer = flask.jsonify(result.get("content", result))
    answer.status_code, answer.mimetype = response.code, response.media_type
    if result.get("next"):
        answer.headers["Link"] = generate_next_link(result["next"])
    return answer


def _changed(original: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**original, **changes}.items() if value is not DROP}


def _number(text: str) -> str | int:
    # Its paging adds 1 to the page, so that numbers must come as numbers.
    return int(text) if text.isdecimal() and len(text) < 4 else text


def _key_pair() -> tuple[str, str]:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return (
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
        private.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode(),
    )
