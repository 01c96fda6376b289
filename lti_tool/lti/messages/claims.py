"""A launch's claims, checked one by one and frozen. Past this module nothing sees raw claims."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, TypeVar
from urllib.parse import unquote

from lti_tool.lti.errors import LaunchRefused
from lti_tool.lti.messages.roles import Role, is_test_user, role_in_context
from lti_tool.lti.network.origins import is_usable, origin_of

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/"
AGS_ENDPOINT = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"

MAX_ID = 255
"""LTI Core 1.3, 5.3: identifiers are at most 255 characters."""

LINK_HISTORY, CONTEXT_HISTORY = "link_history", "context_history"
HISTORY_PARAMETERS: Mapping[str, str] = {
    LINK_HISTORY: "$ResourceLink.id.history",
    CONTEXT_HISTORY: "$Context.id.history",
}
"""Custom parameters that ask the platform where a copied link comes from (LTI Core 1.3, appendix B)."""
MAX_HISTORY = 20
SECTIONS = "sections"
"""Custom parameter that names the sections of the course in which somebody is, where an LMS tells them."""
MAX_SECTIONS, MAX_SECTION_NAME = 20, 100

MessageKind = Literal["resource", "deep_link"]
_MESSAGE_KINDS: Mapping[str, MessageKind] = {
    "LtiResourceLinkRequest": "resource",
    "LtiDeepLinkingRequest": "deep_link",
}

_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,3}")
"""BCP 47, as far as it is used (also with `_`, as some platforms write it): at most 30 characters."""

T = TypeVar("T")


@dataclass(frozen=True)
class ContextClaim:
    """The course or class of the launch."""

    id: str
    label: str
    title: str


@dataclass(frozen=True)
class ResourceLinkClaim:
    """The link that was opened."""

    id: str
    title: str


@dataclass(frozen=True)
class EndpointClaim:
    """Assignment and Grade Services as this launch offers them (AGS 2.0, 3.6)."""

    scopes: tuple[str, ...]
    lineitems: str | None
    lineitem: str | None


@dataclass(frozen=True)
class DeepLinkingClaim:
    """What the platform accepts back (Deep Linking 2.0, 4.4.1). `data` must be echoed when it was sent."""

    return_url: str
    accepts_resource_links: bool
    accepts_several: bool
    accepts_line_item: bool
    data: str | None


@dataclass(frozen=True)
class LaunchClaims:
    """A valid launch: who, where, as what, and for which message."""

    kind: MessageKind
    sub: str
    name: str | None
    role: Role
    preview: bool
    """Whether this is the LMS's own test pupil."""
    deployment_id: str
    target_link_uri: str | None
    """None in deep-linking requests only."""
    context: ContextClaim | None
    resource_link: ResourceLinkClaim | None
    deep_linking: DeepLinkingClaim | None
    endpoint: EndpointClaim | None
    memberships_url: str | None
    custom: Mapping[str, str]
    locale: str
    return_url: str | None

    @property
    def origins(self) -> frozenset[str]:
        """Where the platform's pages and services of this launch stand: Canvas names a school's own host only here."""
        endpoint, chosen = self.endpoint, self.deep_linking
        urls = (
            self.return_url,
            self.memberships_url,
            endpoint and endpoint.lineitems,
            endpoint and endpoint.lineitem,
            chosen and chosen.return_url,
        )
        return frozenset(origin_of(url) for url in urls if url)

    @property
    def link_history(self) -> tuple[str, ...]:
        """The links that this one was copied from, the nearest first (LTI Core 1.3, 3.8, `ResourceLink.id.history`)."""
        return _history(self.custom.get(LINK_HISTORY, ""))

    @property
    def sections(self) -> tuple[str, ...] | None:
        """The sections of the course in which this person is; None where the platform does not say."""
        return read_sections(self.custom)

    @property
    def context_history(self) -> tuple[str, ...]:
        """The courses that this one was copied from, the nearest first (`Context.id.history`)."""
        return _history(self.custom.get(CONTEXT_HISTORY, ""))


def read_claims(claims: Mapping[str, Any], *, allow_http: bool) -> LaunchClaims:
    """Check every claim that Proximal relies on and freeze the launch.

    The signature and the registered claims (iss, aud, exp, ...) are the validator's matter. `allow_http` permits
    plain http URLs on this machine (practice LMS only). Raises `LaunchRefused` at the first claim that is missing or
    malformed.
    """
    if _required(claims, LTI + "version", str, "version") != "1.3.0":
        raise LaunchRefused("wrong-version", "The LTI version is not 1.3.0.")
    message_type = _required(claims, LTI + "message_type", str, "message-type")
    kind = _MESSAGE_KINDS.get(message_type)
    if kind is None:
        raise LaunchRefused("unknown-message-type", "The message type is none that Proximal knows.")
    if "sub" not in claims:
        raise LaunchRefused("anonymous", "The platform does not say who launches (no `sub`).")
    roles = _roles(claims)
    role = role_in_context(roles)
    if kind == "deep_link" and role is Role.ADMINISTRATOR:
        # Who looks after the LMS may prepare a course without being in it (Canvas's account admins): the picker shows
        # no pupil.
        role = Role.TEACHER
    launch = LaunchClaims(
        kind=kind,
        sub=_identifier(claims, "sub", "sub"),
        name=_name(claims),
        role=role,
        preview=is_test_user(roles),
        deployment_id=_identifier(claims, LTI + "deployment_id", "deployment-id"),
        target_link_uri=_target_link_uri(claims, kind),
        context=_context(claims),
        resource_link=_resource_link(claims) if kind == "resource" else None,
        deep_linking=_deep_linking(claims, allow_http) if kind == "deep_link" else None,
        endpoint=_endpoint(claims, allow_http),
        memberships_url=_memberships_url(claims, allow_http),
        custom=_custom(claims),
        locale=_locale(claims),
        return_url=_return_url(claims, allow_http),
    )
    if launch.kind == "deep_link" and launch.role is not Role.TEACHER:
        raise LaunchRefused("not-a-teacher", "Only teachers may choose content for a course.")
    return launch


def read_sections(custom: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Names of sections out of the custom parameters of a launch or a roster: a list in JSON, as Canvas writes it."""
    text = custom.get(SECTIONS)
    if not isinstance(text, str) or text.startswith("$"):
        return None  # a variable that the platform does not know stays as it was written
    names = None
    for written in (text, text.replace('\\"', '"')):  # Canvas's documentation shows it escaped once more
        with suppress(ValueError, RecursionError):
            names = json.loads(written)
            break
    if not isinstance(names, list):
        return None
    usable = (storable(name).strip()[:MAX_SECTION_NAME] for name in names if isinstance(name, str))
    return tuple(dict.fromkeys(name for name in usable if name))[:MAX_SECTIONS]


def _required(claims: Mapping[str, Any], key: str, kind: type[T], name: str) -> T:
    if key not in claims:
        raise LaunchRefused(f"missing-{name}", f"The launch has no {name.replace('-', ' ')} claim.")
    value = claims[key]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise LaunchRefused(f"malformed-{name}", f"The {name.replace('-', ' ')} claim has the wrong type.")
    return value


def _optional(claims: Mapping[str, Any], key: str, kind: type[T], name: str) -> T | None:
    # A claim that is null is a claim that is not there: several platforms write nulls for what they do not know.
    return None if claims.get(key) is None else _required(claims, key, kind, name)


def _identifier(claims: Mapping[str, Any], key: str, name: str) -> str:
    value = _required(claims, key, str, name)
    if not value.strip() or len(value) > MAX_ID or value != storable(value):
        raise LaunchRefused(f"malformed-{name}", f"The {name} must be 1 to {MAX_ID} characters long.")
    return value


def _text(claims: Mapping[str, Any], key: str, name: str) -> str:
    return storable(_optional(claims, key, str, name) or "")[:1000]


def storable(text: str) -> str:
    """The text as a database keeps it.

    PostgreSQL keeps no NUL, and half a surrogate pair has no UTF-8: LMSs make them by cutting a name in the middle
    of an emoji.
    """
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _strings(claims: Mapping[str, Any], key: str, name: str) -> tuple[str, ...]:
    values = _required(claims, key, list, name)
    if not all(isinstance(value, str) for value in values):
        raise LaunchRefused(f"malformed-{name}", f"The {name} must be a list of strings.")
    return tuple(values)


def _roles(claims: Mapping[str, Any]) -> tuple[str, ...]:
    return _strings(claims, LTI + "roles", "roles")


def _name(claims: Mapping[str, Any]) -> str | None:
    full = _text(claims, "name", "name").strip()
    parts = (_text(claims, "given_name", "given-name"), _text(claims, "family_name", "family-name"))
    return full or " ".join(part.strip() for part in parts if part.strip()) or None


def _target_link_uri(claims: Mapping[str, Any], kind: MessageKind) -> str | None:
    # Deep Linking 2.0 leaves the claim out of some platforms' requests; for resource links it is required (5.3.4).
    if kind == "deep_link" and (LTI + "target_link_uri") not in claims:
        return None
    return _required(claims, LTI + "target_link_uri", str, "target-link-uri")


def _context(claims: Mapping[str, Any]) -> ContextClaim | None:
    claim: Mapping[str, Any] | None = _optional(claims, LTI + "context", dict, "context")
    if claim is None:
        return None
    return ContextClaim(
        id=_identifier(claim, "id", "context-id"),
        label=_text(claim, "label", "context-label"),
        title=_text(claim, "title", "context-title"),
    )


def _resource_link(claims: Mapping[str, Any]) -> ResourceLinkClaim:
    claim: Mapping[str, Any] = _required(claims, LTI + "resource_link", dict, "resource-link")
    return ResourceLinkClaim(
        id=_identifier(claim, "id", "resource-link-id"), title=_text(claim, "title", "resource-link-title")
    )


def _deep_linking(claims: Mapping[str, Any], allow_http: bool) -> DeepLinkingClaim:
    settings: Mapping[str, Any] = _required(
        claims, DEEP_LINKING + "deep_linking_settings", dict, "deep-linking-settings"
    )
    if settings.get("accept_presentation_document_targets") is not None:  # nothing depends on it but its type
        _strings(settings, "accept_presentation_document_targets", "accept-presentation-document-targets")
    return DeepLinkingClaim(
        return_url=_url(_required(settings, "deep_link_return_url", str, "return-url"), "return-url", allow_http),
        accepts_resource_links="ltiResourceLink" in _strings(settings, "accept_types", "accept-types"),
        accepts_several=_flag(settings, "accept_multiple", default=False),
        # Absent means that the platform does not say; a line item that it can't use is passed over (2.0, 4.4.1).
        accepts_line_item=_flag(settings, "accept_lineitem", default=True),
        data=_optional(settings, "data", str, "data"),
    )


def _flag(settings: Mapping[str, Any], key: str, *, default: bool) -> bool:
    value = settings.get(key)
    if value is None:
        return default
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise LaunchRefused(f"malformed-{key.replace('_', '-')}", f"{key} must be true or false.")
    return value


def _endpoint(claims: Mapping[str, Any], allow_http: bool) -> EndpointClaim | None:
    claim: Mapping[str, Any] | None = _optional(claims, AGS_ENDPOINT, dict, "ags-endpoint")
    if claim is None:
        return None
    lineitems, lineitem = (_optional(claim, key, str, key) for key in ("lineitems", "lineitem"))
    return EndpointClaim(
        scopes=_strings(claim, "scope", "ags-scope") if claim.get("scope") is not None else (),
        lineitems=lineitems and _url(lineitems, "lineitems", allow_http),
        lineitem=lineitem and _url(lineitem, "lineitem", allow_http),
    )


def _memberships_url(claims: Mapping[str, Any], allow_http: bool) -> str | None:
    claim: Mapping[str, Any] | None = _optional(claims, NRPS, dict, "nrps")
    url = None if claim is None else _optional(claim, "context_memberships_url", str, "memberships-url")
    return url and _url(url, "memberships-url", allow_http)


def _custom(claims: Mapping[str, Any]) -> Mapping[str, str]:
    claim: Mapping[str, Any] = _optional(claims, LTI + "custom", dict, "custom") or {}
    return {key: storable(value) for key, value in claim.items() if isinstance(value, str)}


def _history(text: str) -> tuple[str, ...]:
    # Ids are URL-encoded, between commas. A variable that the platform does not know stays as it was written.
    entries = (unquote(entry).strip() for entry in text.split(",")[:MAX_HISTORY] if not entry.startswith("$"))
    return tuple(storable(entry) for entry in entries if 0 < len(entry) <= MAX_ID)


def _presentation(claims: Mapping[str, Any], key: str) -> str | None:
    claim: Mapping[str, Any] = _optional(claims, LTI + "launch_presentation", dict, "launch-presentation") or {}
    return _optional(claim, key, str, f"launch-presentation-{key.replace('_', '-')}")


def _locale(claims: Mapping[str, Any]) -> str:
    text = _presentation(claims, "locale") or _optional(claims, "locale", str, "locale") or ""
    # It names a folder of translations, so it must not be able to name another.
    return text if _LANGUAGE_TAG.fullmatch(text) else "en"


def _return_url(claims: Mapping[str, Any], allow_http: bool) -> str | None:
    url = _presentation(claims, "return_url")
    return url and _url(url, "return-url", allow_http)


def _url(value: str, name: str, allow_http: bool) -> str:
    if value != storable(value) or not is_usable(value, allow_http=allow_http):
        raise LaunchRefused(f"malformed-{name}", f"The {name.replace('-', ' ')} is not an https URL.")
    return value
