"""Dynamic Registration 1.0: the platform's configuration read, our registration written, its answer understood."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lti_tool.lti.errors import RegistrationRefused, ServiceError
from lti_tool.lti.messages.claims import HISTORY_PARAMETERS
from lti_tool.lti.network.origins import origin_of
from lti_tool.lti.network.transport import Transport
from lti_tool.lti.platform_profile import RegistrationExtras
from lti_tool.lti.services.scopes import WANTED_SCOPES

PLATFORM_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
WANTED_CLAIMS = ("iss", "sub", "name", "given_name", "family_name")
"""Names are for the teacher's eyes; an e-mail address is never asked for."""


@dataclass(frozen=True)
class PlatformConfiguration:
    """What a platform says of itself (section 2.1)."""

    issuer: str
    auth_url: str
    token_url: str
    jwks_url: str
    registration_url: str
    product_family: str
    scopes: frozenset[str]
    """Empty where the platform does not say."""


@dataclass(frozen=True)
class ToolAddresses:
    """Where this tool is reached."""

    base_url: str
    launch: str
    login: str
    jwks: str
    logo: str


@dataclass(frozen=True)
class RegisteredClient:
    """The platform's answer: who we are there, and in which deployment if it made one."""

    client_id: str
    deployment_id: str | None


def read_configuration(transport: Transport, url: str, token: str | None) -> PlatformConfiguration:
    """Fetch and check a platform's OpenID configuration. Raises `RegistrationRefused`.

    Canvas serves it only to the bearer of the registration token; others pass over the header.
    """
    try:
        document = transport.json("GET", url, headers=_headers(token))
    except ServiceError as error:
        raise RegistrationRefused(
            "no-configuration", f"The LMS's configuration can't be read. {error.detail}"
        ) from None
    if not isinstance(document, Mapping):
        raise RegistrationRefused("bad-configuration", "The LMS's configuration is no JSON object.")
    platform = document.get(PLATFORM_CONFIGURATION)
    scopes = document.get("scopes_supported")
    configuration = PlatformConfiguration(
        issuer=_text(document, "issuer"),
        auth_url=_text(document, "authorization_endpoint"),
        token_url=_text(document, "token_endpoint"),
        jwks_url=_text(document, "jwks_uri"),
        registration_url=_text(document, "registration_endpoint"),
        product_family=str(platform.get("product_family_code", "")) if isinstance(platform, Mapping) else "",
        scopes=frozenset(s for s in scopes if isinstance(s, str)) if isinstance(scopes, list) else frozenset(),
    )
    # Section 3.4: the registration must go to the host that the administrator started from, or a forged
    # configuration could register its own keys under a real platform's issuer.
    if origin_of(configuration.registration_url) != (origin_of(url) or None):
        raise RegistrationRefused("foreign-registration-endpoint", "The registration endpoint is on another host.")
    return configuration


def registration_document(
    configuration: PlatformConfiguration,
    tool: ToolAddresses,
    extras: RegistrationExtras,
    *,
    name: str,
    description: str,
) -> dict[str, Any]:
    """Our registration (section 2.2), with what this LMS wants beyond the standard."""
    scopes = [scope for scope in WANTED_SCOPES if not configuration.scopes or scope in configuration.scopes]
    common = {"target_link_uri": tool.launch, "label": name, **extras.message}
    placements = {"placements": list(extras.deep_linking_placements)} if extras.deep_linking_placements else {}
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": tool.login,
        "redirect_uris": [tool.launch],
        "client_name": name,
        "jwks_uri": tool.jwks,
        "logo_uri": tool.logo,
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(scopes),
        TOOL_CONFIGURATION: {
            "domain": urlsplit(tool.base_url).netloc,
            "description": description,
            "target_link_uri": tool.launch,
            "claims": list(WANTED_CLAIMS),
            "custom_parameters": {**HISTORY_PARAMETERS, **extras.custom_parameters},
            "messages": [
                {"type": "LtiDeepLinkingRequest", **common, **placements},
                {"type": "LtiResourceLinkRequest", **common},
                *_course_navigation(extras, common),
            ],
            **extras.tool_configuration,
        },
    }


def _course_navigation(extras: RegistrationExtras, common: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A link in each course's navigation, where this LMS can make one: the teacher's way to all class pages."""
    if not extras.course_navigation_placements:
        return []
    placements = list(extras.course_navigation_placements)
    message = {"type": "LtiResourceLinkRequest", **common, "placements": placements}
    return [message | {"custom_parameters": {"view": "course"}, "roles": [INSTRUCTOR]}]


def register(
    transport: Transport, configuration: PlatformConfiguration, document: Mapping[str, Any], token: str | None
) -> RegisteredClient:
    """Post our registration; `token` authorizes it where the platform gave one. Raises `RegistrationRefused`."""
    try:
        answer = transport.json("POST", configuration.registration_url, json=dict(document), headers=_headers(token))
    except ServiceError as error:
        raise RegistrationRefused("registration-failed", f"The LMS refused the registration. {error.detail}") from None
    if not isinstance(answer, Mapping):
        raise RegistrationRefused("bad-registration-answer", "The LMS's answer is no JSON object.")
    tool = answer.get(TOOL_CONFIGURATION)
    deployment = tool.get("deployment_id") if isinstance(tool, Mapping) else None
    if deployment in (None, ""):
        return RegisteredClient(_text(answer, "client_id"), None)
    if isinstance(deployment, bool) or not isinstance(deployment, str | int):
        raise RegistrationRefused("bad-registration-answer", "The LMS's answer has a deployment_id that is none.")
    return RegisteredClient(_text(answer, "client_id"), str(deployment))


def _headers(token: str | None) -> dict[str, str]:
    return {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})


def _text(document: Mapping[str, Any], key: str) -> str:
    value = document.get(key)
    if not isinstance(value, str) or not value or len(value) > 2000 or "\x00" in value:
        raise RegistrationRefused("bad-configuration", f"The LMS's document has no usable {key}.")
    return value
