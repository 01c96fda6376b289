"""Dynamic Registration 1.0 on the other LMS's side, written from the specification: the library has none of it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import flask

from tests.lti.platforms.other_lms import OtherLms

PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
SCOPES = [
    "openid",
    *(f"https://purl.imsglobal.org/spec/lti-ags/scope/{name}" for name in ("lineitem", "result.readonly", "score")),
    "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
]


@dataclass
class Offer:
    """A registration that an administrator has begun: good once. `client_id` is a tool's to be brought up to date."""

    client_id: str | None
    used: bool = False


class RegistrationDesk:
    """Where tools register themselves; what they send is held against sections 2 and 3 of the specification."""

    def __init__(self, lms: OtherLms, fetch: Callable[[str], dict[str, Any]]) -> None:
        """`fetch` reads JSON from a tool's address."""
        self._lms = lms
        self.address = f"{lms.url}/openid-configuration"
        self._fetch = fetch
        self._offers: dict[str, Offer] = {}
        lms.app.add_url_rule("/openid-configuration", "configuration", self._configuration)
        lms.app.add_url_rule("/registrations", "register", self._register, methods=["POST"])

    def begin(self, tool_address: str, client_id: str | None = None) -> str:
        """What the administrator's browser opens (3.3): the tool's address, with where to read and a token."""
        token = secrets.token_urlsafe(16)
        self._offers[token] = Offer(client_id)
        told = {"openid_configuration": self.address}
        if self._lms.ways.registration_token:
            told["registration_token"] = token
        parts = urlsplit(tool_address)
        return urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query), *told.items()])))

    def _configuration(self) -> flask.typing.ResponseReturnValue:
        if self._lms.ways.configuration_for_bearer and self._offer() is None:
            return {"error": "invalid_token"}, 401
        url = self._lms.url
        return {
            "issuer": url,
            "authorization_endpoint": f"{url}/auth",
            "token_endpoint": f"{url}/token",
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
            "jwks_uri": f"{url}/keys",
            "registration_endpoint": f"{url}/registrations",
            "scopes_supported": SCOPES,
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_supported": ["sub", "iss", "name"],
            PLATFORM: {
                "product_family_code": self._lms.ways.product,
                "version": "1.0",
                "messages_supported": [{"type": "LtiResourceLinkRequest"}, {"type": "LtiDeepLinkingRequest"}],
                "variables": ["ResourceLink.id.history", "Context.id.history"],
            },
        }

    def _register(self) -> flask.typing.ResponseReturnValue:
        offer = self._offer()
        if offer is None:
            return {"error": "invalid_token"}, 401
        if flask.request.mimetype != "application/json":
            return {"error": "invalid_client_metadata"}, 400
        document = flask.request.get_json()
        if problem := _problem(document):
            return {"error": "invalid_client_metadata", "error_description": problem}, 400
        offer.used = True
        client_id = offer.client_id or secrets.token_hex(6)
        known = self._lms.tools.get(client_id)
        deployment = str(known.get_deployment_id()) if known else f"deployment-{len(self._lms.tools) + 1}"
        addresses = {"login": document["initiate_login_uri"], "launch": document["redirect_uris"][0]}
        self._lms.add_tool(client_id, deployment, addresses, self._fetch(document["jwks_uri"]))
        named = {"deployment_id": deployment} if self._lms.ways.names_deployment else {}
        return {**document, "client_id": client_id, TOOL: {**document[TOOL], **named}}, 201

    def _offer(self) -> Offer | None:
        if not self._lms.ways.registration_token:
            return next((offer for offer in reversed(self._offers.values()) if not offer.used), None)
        kind, _, token = flask.request.headers.get("Authorization", "").partition(" ")
        offer = self._offers.get(token) if kind == "Bearer" else None
        return None if offer is None or offer.used else offer


def _problem(document: Any) -> str | None:
    """What section 2.2 asks of a tool and this one lacks."""
    if not isinstance(document, dict) or not isinstance(document.get(TOOL), dict):
        return "no tool configuration"
    tool = document[TOOL]
    wanted = {
        "application_type": document.get("application_type") == "web",
        "grant_types": {"client_credentials", "implicit"} <= set(document.get("grant_types", [])),
        "response_types": document.get("response_types") == ["id_token"],
        "token_endpoint_auth_method": document.get("token_endpoint_auth_method") == "private_key_jwt",
        "client_name": bool(document.get("client_name")),
        "scope": set(document.get("scope", "").split()) <= set(SCOPES),
        "domain": urlsplit(str(tool.get("target_link_uri"))).netloc == tool.get("domain"),
        "messages": {"LtiDeepLinkingRequest", "LtiResourceLinkRequest"}
        <= {m["type"] for m in tool.get("messages", [])},
        "claims": {"iss", "sub"} <= set(tool.get("claims", [])),
        **{
            name: urlsplit(str(url)).netloc == tool.get("domain")
            for name, url in (
                ("initiate_login_uri", document.get("initiate_login_uri")),
                ("redirect_uris", (document.get("redirect_uris") or [None])[0]),
                ("jwks_uri", document.get("jwks_uri")),
            )
        },
    }
    return next((name for name, right in wanted.items() if not right), None)
