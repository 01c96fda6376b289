"""Reads the document with which a tool registers itself (Dynamic Registration 1.0, section 2.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sandbox_lms.config import ALL_SCOPES, ToolRegistration
from sandbox_lms.errors import Refused
from sandbox_lms.families import Family

TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
RESOURCE_LINK, DEEP_LINK = "LtiResourceLinkRequest", "LtiDeepLinkingRequest"
LONGEST_TEXT = 2000
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def read_document(
    document: Mapping[str, Any], family: Family, *, client_id: str, deployment_id: str
) -> ToolRegistration:
    """The registration that a document asks for. Raises Refused 400 that names the first fault.

    The error codes are those of OpenID Connect Dynamic Client Registration 1.0, section 3.3.
    """
    _check_protocol(document)
    configuration = document.get(TOOL_CONFIGURATION)
    if not isinstance(configuration, dict):
        raise _wrong(f"{TOOL_CONFIGURATION} is missing or is no object.")
    domain = _text(configuration, "domain").lower()
    launch_url = _target(configuration, domain)
    messages = _messages(configuration)
    return ToolRegistration(
        client_id=client_id,
        deployment_id=deployment_id,
        name=_text(document, "client_name"),
        login_url=_url(document.get("initiate_login_uri"), "initiate_login_uri"),
        launch_url=launch_url,
        deep_link_url=_deep_link_url(messages, domain) or launch_url,
        redirect_uris=_redirect_uris(document),
        jwks_url=_url(document.get("jwks_uri"), "jwks_uri"),
        scopes=_scopes(document),
        custom=_custom(configuration),
        privacy=family.privacy(_texts(configuration, "claims")),
    )


def _check_protocol(document: Mapping[str, Any]) -> None:
    """What LTI fixes for every tool (section 2.2.1, and Security Framework 1.1)."""
    if document.get("application_type") != "web":
        raise _wrong("application_type must be web.")
    if document.get("token_endpoint_auth_method") != "private_key_jwt":
        raise _wrong("token_endpoint_auth_method must be private_key_jwt.")
    for name, needed in (("response_types", {"id_token"}), ("grant_types", {"implicit", "client_credentials"})):
        if not needed <= set(_texts(document, name)):
            raise _wrong(f"{name} must list {' and '.join(sorted(needed))}.")


def _redirect_uris(document: Mapping[str, Any]) -> tuple[str, ...]:
    uris = _texts(document, "redirect_uris")
    if not uris:
        raise Refused(400, "redirect_uris is missing or empty.", "invalid_redirect_uri")
    return tuple(_url(uri, "redirect_uris", "invalid_redirect_uri") for uri in uris)


def _scopes(document: Mapping[str, Any]) -> tuple[str, ...]:
    asked = document.get("scope", "")
    if not isinstance(asked, str):
        raise _wrong("scope must be text: scopes with spaces between them.")
    if unknown := [scope for scope in asked.split() if scope not in (*ALL_SCOPES, "openid")]:
        raise _wrong(f"scope names what this platform does not have: {', '.join(unknown)}.")
    return tuple(scope for scope in ALL_SCOPES if scope in asked.split())


def _target(configuration: Mapping[str, Any], domain: str) -> str:
    target = configuration.get("target_link_uri", f"https://{domain}")
    return _on_domain(_url(target, "target_link_uri"), domain)


def _deep_link_url(messages: list[Mapping[str, Any]], domain: str) -> str | None:
    for message in messages:
        if message["type"] == DEEP_LINK and "target_link_uri" in message:
            return _on_domain(_url(message["target_link_uri"], "target_link_uri"), domain)
    return None


def _on_domain(url: str, domain: str) -> str:
    if urlsplit(url).netloc.lower() != domain:
        raise _wrong(f"target_link_uri {url!r} is not on the domain {domain!r}.")
    return url


def _messages(configuration: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    messages = configuration.get("messages", [])
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise _wrong("messages must be a list of objects.")
    for message in messages:
        if message.get("type") not in (RESOURCE_LINK, DEEP_LINK):
            raise _wrong(f"The message type {message.get('type')!r} is none that this platform sends.")
    return messages


def _custom(configuration: Mapping[str, Any]) -> dict[str, str]:
    custom = configuration.get("custom_parameters", {})
    if not isinstance(custom, dict) or not all(isinstance(value, str) for value in custom.values()):
        raise _wrong("custom_parameters must be an object whose values are text.")
    return custom


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT:
        raise _wrong(f"{name} is missing or is no usable text.")
    return value.strip()


def _texts(document: Mapping[str, Any], name: str) -> list[str]:
    values = document.get(name, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise _wrong(f"{name} must be a list of texts.")
    return values


def _url(value: object, name: str, code: str = "invalid_client_metadata") -> str:
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        host = parts.netloc.rpartition(":")[0] or parts.netloc
    except ValueError:
        host = ""
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)) or parts.fragment:
        raise Refused(400, f"{name} must be an https address, not {value!r}.", code)
    return str(value)


def _wrong(reason: str) -> Refused:
    return Refused(400, reason, "invalid_client_metadata")
