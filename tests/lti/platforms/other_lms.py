"""An LMS made of `lti1p3platform` (PyPI): its code signs the launches, checks our messages and guards its services.

Nothing of it comes from us but what its abstract classes leave open: the web framework and the data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import flask
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lti1p3platform.content_item import LTI_DEEP_LINKING_CONTENT_ITEM_TYPE
from lti1p3platform.lineitem import TDeepLinkingLineItem, TLineItem
from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.membership import Context
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract
from lti1p3platform.oidc_login import OIDCLoginAbstract
from lti1p3platform.registration import Registration
from lti1p3platform.request import Request

from sandbox_lms.testing import DROP, SHORT_NAMES

Registration.get_jwk = cache(Registration.get_jwk)  # type: ignore[method-assign]
"""It reads the same key anew for each message, which takes longer than the launch."""
URL = "https://lms.other.example"
CLIENT_ID, DEPLOYMENT_ID = "proximal-demo", "1"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
OF_COLUMNS = ("course", "type_id")
"""Parameters that stand in the address of columns from the start; the library takes parameters of its own only."""
SETTINGS = SHORT_NAMES["deep_linking_settings"]
COURSE = Context(id="5b", label="5B", title="Class 5B")
FORM_POST = """<!doctype html><title>One moment</title>
<form method="post" action="{{ launch_url }}">
<input type="hidden" name="id_token" value="{{ id_token }}"><input type="hidden" name="state" value="{{ state }}">
</form><script>document.forms[0].submit()</script>"""
"""What a browser gets in place of the launch's fields (OAuth 2.0 Form Post Response Mode)."""


@dataclass(frozen=True)
class Member:
    """Somebody in the one course there is."""

    id: str
    name: str | None
    role: str
    status: str = "Active"


TEACHER, PUPIL, CLASSMATE = "t-1", "p-1", "p-2"
MEMBERS = (
    Member(TEACHER, "Tess Teacher", "Instructor"),
    Member(PUPIL, "Pia Pupil", "Learner"),
    Member(CLASSMATE, "Bo Björk", "Learner"),
)


@dataclass(frozen=True)
class Errand:
    """What a launch is to be: its tool, its link (None for deep linking), and how it differs from a good one."""

    client_id: str
    link: str | None
    changes: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Ways:
    """What an LMS does that is like one of the three, where the standards leave it open or it departs from them."""

    product: str = "other"
    column_query: str = "?course=5b"
    """Of each column's address: its scores stand at the path before it."""
    whole_seconds: bool = False
    """Whether two scores' moments are compared without fractions."""
    stale_status: int = 409
    token_audience: str | None = None
    """The one `aud` of a token request; None: the token address."""
    registration_token: bool = True
    configuration_for_bearer: bool = False
    """Whether only the bearer of a registration token may read the configuration."""
    names_deployment: bool = True
    """Whether the answer to a registration names a deployment."""
    sections: bool = False
    """Whether members come with their sections when the class list is asked for with the course's id as `rlid`."""


LIKE = {
    "standard": Ways(),
    "moodle": Ways("moodle", column_query="?type_id=1", whole_seconds=True),
    "canvas": Ways("canvas", stale_status=400, configuration_for_bearer=True, names_deployment=False, sections=True),
    "brightspace": Ways(
        "desire2learn", token_audience="https://api.brightspace.com/auth/token", registration_token=False
    ),
}


class OtherLms(LTI1P3PlatformConfAbstract):
    """The platform with its tools, its one course and gradebook, and a Flask app that serves it."""

    def init_platform_config(self, *, ways: Ways, url: str = URL) -> None:
        """An LMS at an address, which is its issuer too; it knows no tool yet."""
        self.ways, self.url = ways, url
        self.tools: dict[str, Registration] = {}
        self.active: set[str] = set()
        """Which of them courses may use, by client_id."""
        self.members = list(MEMBERS)
        self.links: dict[str, dict[str, str]] = {"link-1": {}}
        """Custom parameters by resource link."""
        self.items: dict[str, dict[str, Any]] = {}
        """The content items from which links were made."""
        self.errands: dict[str, Errand] = {}
        self.columns: dict[str, dict[str, Any]] = {}
        self.scores: dict[tuple[str, str], dict[str, Any]] = {}
        self.page_size = 0
        """Members and columns on a page; 0: all on one."""
        self._keys_made = 0
        self._private, self._public = self._next_keys()
        self.app = flask.Flask("other_lms")
        self.app.add_url_rule("/auth", "auth", view_func=self._auth)
        self.app.add_url_rule("/keys", "keys", view_func=lambda: flask.jsonify(self.jwks()))

    # Tools

    def add_tool(self, client_id: str, deployment_id: str, tool: Mapping[str, str], keys: dict[str, Any]) -> None:
        """Register a tool, as an administrator would; `tool` has its addresses "login" and "launch"."""
        registration = Registration().set_iss(self.url).set_client_id(client_id).set_deployment_id(deployment_id)
        registration.set_oidc_login_url(tool["login"]).set_launch_url(tool["launch"])
        registration.set_deeplink_launch_url(tool["launch"]).set_tool_key_set(keys)  # type: ignore[arg-type]
        registration.set_platform_private_key(self._private).set_platform_public_key(self._public)
        self.tools[client_id] = registration
        self.turn_to(client_id)

    def get_registration_by_params(self, *, client_id: str, **_: Any) -> Registration:
        """The one of a client."""
        return self.tools[client_id]

    def login_url(self, client_id: str) -> str:
        """Where launches of a tool begin."""
        return str(self.tools[client_id].get_oidc_login_url())

    def turn_to(self, client_id: str) -> None:
        """The library knows one registration at a time: this one from now on."""
        self._registration = self.tools[client_id]

    # Keys

    @property
    def public_pem(self) -> bytes:
        """The key that everybody may read."""
        return self._public.encode()

    @property
    def private_pem(self) -> str:
        """The key that signs."""
        return self._private

    def jwks(self) -> dict[str, Any]:
        """The key set, which is the same for all tools."""
        return {"keys": [Registration.get_jwk(self._public)]}

    def change_key(self) -> None:
        """Sign with a new key, which is published."""
        self._private, self._public = self._next_keys()
        for registration in self.tools.values():
            registration.set_platform_private_key(self._private).set_platform_public_key(self._public)

    def _next_keys(self) -> tuple[str, str]:
        self._keys_made += 1
        return _key_pair(self._keys_made)

    # Launches

    def begin_launch(self, who: str, errand: Errand) -> dict[str, str]:
        """The fields with which the browser goes to the tool."""
        assert errand.client_id in self.active, "a tool is switched on before it is used"
        hint = f"errand-{len(self.errands)}"
        self.errands[hint] = errand
        self.turn_to(errand.client_id)
        login = _Login(None, self)
        login.set_lti_message_hint(hint)
        return dict(parse_qsl(urlsplit(str(login.initiate_login(who))).query))

    def authenticate(self, location: str) -> dict[str, str]:
        """Follow the tool's redirect; what the browser posts back. Raises AssertionError for a bad request."""
        assert location.startswith(f"{self.url}/auth?"), location
        answer = self.app.test_client().get(location.removeprefix(self.url), base_url=self.url)
        assert answer.status_code == 200, answer.text
        form: dict[str, str] = answer.json
        assert form.pop("launch_url") == dict(parse_qsl(urlsplit(location).query))["redirect_uri"]
        return form

    def _auth(self) -> flask.Response:
        self.turn_to(flask.request.args["client_id"])
        return _Launch(FlaskRequest(flask.request), self).lti_launch()

    # What a teacher has in the course

    def take_deep_link(self, token: str) -> list[str]:
        """Check a deep-linking response with the platform's validator; its new links, with their columns."""
        made = []
        for item in self.validate_deeplinking_resp({"JWT": token}):
            known = set(LTI_DEEP_LINKING_CONTENT_ITEM_TYPE[item["type"]].__annotations__)
            assert set(item) - {"type"} <= known
            assert set(item.get("lineItem", {})) <= set(TDeepLinkingLineItem.__annotations__)
            link = f"link-{len(self.links) + 1}"
            self.links[link], self.items[link] = dict(item.get("custom", {})), item
            if "lineItem" in item:
                self.add_column(**item["lineItem"], resourceLinkId=link)
            made.append(link)
        return made

    def add_column(self, **column: Any) -> dict[str, Any]:
        """A new column."""
        assert set(column) <= set(TLineItem.__annotations__)
        name = str(len(self.columns) + 1)
        self.columns[name] = {**column, "id": f"{self.url}/columns/{name}{self.ways.column_query}"}
        return self.columns[name]


class _Login(OIDCLoginAbstract):
    def set_lti_message_hint(self, hint: str) -> None:
        self._lti_message_hint = hint

    def get_redirect(self, url: str) -> str:
        return url


class FlaskRequest(Request):
    """What the library wants to know of a request."""

    def build_metadata(self, request: flask.Request) -> Any:
        """See `Request`."""
        return {
            "method": request.method,
            "form_data": request.form.to_dict(),
            "get_data": {name: _number(value) for name, value in request.args.items() if name not in OF_COLUMNS},
            "headers": request.headers,
            "content_type": request.content_type,
            "path": request.path,
            "json": request.get_json(force=True) if "json" in (request.content_type or "") else None,
        }


class _Launch(LTIAdvantageMessageLaunchAbstract):
    """One launch as its errand says. Whatever is changed is changed before the platform signs."""

    def prepare_launch(self, preflight_response: dict[str, Any]) -> None:
        lms: OtherLms = self._platform_config
        self.errand = lms.errands[preflight_response["lti_message_hint"]]
        who = next(one for one in lms.members if one.id == preflight_response["login_hint"])
        self.set_user_data(who.id, [f"{MEMBERSHIP}#{who.role}"], full_name=who.name)
        self.set_launch_context_claim(COURSE.id, [], COURSE.title, COURSE.label)
        self.set_nrps(f"{lms.url}/members" + (f"?limit={lms.page_size}" if lms.page_size else ""))
        link = self.errand.link
        if link is None:
            self.set_dl(f"{lms.url}/deep-link", extra_data="opaque")
            return
        self.set_resource_link_claim(link, title="A link")
        self.set_custom_parameters_claim(dict(lms.links[link]))
        own = [one["id"] for one in lms.columns.values() if one.get("resourceLinkId") == link]
        self.set_ags(f"{lms.url}/columns{lms.ways.column_query}", own[0] if len(own) == 1 else None)

    def generate_launch_request(self) -> Any:
        launch = super().generate_launch_request()
        if not self.errand.changes and not self.errand.settings:
            return launch
        claims = jwt.decode(launch["id_token"], options={"verify_signature": False})
        if self.errand.settings:
            claims[SETTINGS] = _changed(claims[SETTINGS], self.errand.settings)
        changes = {SHORT_NAMES.get(name, name): value for name, value in self.errand.changes.items()}
        return launch | {"id_token": self._registration.platform_encode_and_sign(_changed(claims, changes))}

    def render_launch_form(self, launch_data: dict[str, Any], **_: Any) -> flask.Response:
        if not flask.request.accept_mimetypes.accept_html:
            return flask.jsonify(launch_data)
        return flask.make_response(flask.render_template_string(FORM_POST, **launch_data))


def _changed(original: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**original, **changes}.items() if value is not DROP}


def _number(text: str) -> str | int:
    # Its paging adds 1 to the page, so that numbers must come as numbers.
    return int(text) if text.isdecimal() and len(text) < 4 else text


@cache
def _key_pair(_: int) -> tuple[str, str]:
    """Made once in a run: the n-th of each LMS."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return (
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
        private.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode(),
    )
