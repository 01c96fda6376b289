"""Launches with something changed: what can be changed, how, and (by a second reading of the standard) what holds then.

The oracle here shares no code with lti_tool.lti.messages.claims: it says in one expression per claim what a valid
launch is.
"""

import copy
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from hypothesis import strategies as st

from sandbox_lms.lti.messages import AGS_CLAIM, DEEP_LINKING, LTI, NRPS_CLAIM
from sandbox_lms.testing import DROP
from tests.support.school import CLIENT_ID, DEPLOYMENT_ID, LMS_URL, TOOL_URL

Path = tuple[str, ...]
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
TEACHERS = ("Instructor", "TeachingAssistant", "ContentDeveloper", "Manager", "Officer")
LARGEST_TOKEN = 64_000
SMALL = 1_000
SETTINGS = DEEP_LINKING + "deep_linking_settings"
MORE_CLAIMS = ("azp", "nbf", "name", "given_name", "family_name", "email", "locale", LTI + "custom", LTI + "role_scope")
MORE_HEADERS = ("kid", "typ", "cty", "jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "enc")

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["", " ", "\ud800", "\x00", "x" * 256, "1.3.0", LEARNER, CLIENT_ID, LMS_URL, TOOL_URL, 10**400])
    | st.sampled_from(
        ["javascript:alert(1)", "http://lms.example/", "https://[x", "https://lms.example/a?b=1", "../.."]
    )
)
NAMES = st.sampled_from(["id", "scope", "lineitem", "lineitems", "locale", "title", "return_url", "data", "__proto__"])
JSON = st.recursive(SCALARS, lambda one: st.lists(one, max_size=3) | st.dictionaries(NAMES, one, max_size=3))
CHANGES: st.SearchStrategy[Callable[[Any], Any]] = st.one_of(
    st.just(lambda _: DROP),
    JSON.map(lambda value: lambda _: value),
    st.just(lambda old: [old]),
    st.just(lambda old: {"id": old}),
    st.just(lambda old: str(old)),
    st.just(lambda old: f"{old}x"),
    st.integers(1, 60).map(lambda depth: lambda old: _nested(old, depth)),
    st.sampled_from([300, 5_000, 70_000]).map(lambda size: lambda old: "é" * size),
    st.sampled_from([50, 2_000]).map(lambda size: lambda old: _repeated(old, size)),
)


def _repeated(old: Any, size: int) -> list[Any]:
    """Many of the same, once: three such changes of one claim would be a token of gigabytes, which no test can sign."""
    return [old] * (size if len(repr(old)) < SMALL else 1)


@dataclass(frozen=True)
class Mutation:
    """What is changed: claims and header fields before the signature, and the token after it."""

    claims: tuple[tuple[int, Callable[[Any], Any]], ...]
    """Which of the claims that there are (counted round), and how it changes."""
    header: Mapping[str, Any]
    tamper: str
    """What happens to the signed token: "nothing", "payload", "header", "signature", "unsigned" or "none"."""
    dropped: object = DROP
    """The value of a header field that is left out."""


MUTATIONS = st.builds(
    Mutation,
    claims=st.lists(st.tuples(st.integers(0, 200), CHANGES), max_size=3).map(tuple),
    header=st.just({}) | st.dictionaries(st.sampled_from(MORE_HEADERS), st.just(DROP) | JSON, max_size=2),
    tamper=st.sampled_from(["nothing"] * 8 + ["payload", "header", "signature", "unsigned", "none"]),
)


def mutated(claims: Mapping[str, Any], changes: tuple[tuple[int, Callable[[Any], Any]], ...]) -> dict[str, Any]:
    """The claims after the changes. Each finds its place among the claims, or parts of one, that are left then."""
    changed = copy.deepcopy(dict(claims))
    for number, change in changes:
        places = [*_places(changed), *((name,) for name in MORE_CLAIMS if name not in changed)]
        *above, last = places[number % len(places)]
        inner: Any = changed
        for name in above:
            inner = inner[name]
        value = change(inner.get(last))
        if value is DROP:
            inner.pop(last, None)
        else:
            inner[last] = value
    return changed


def is_valid(header: Mapping[str, Any], claims: Mapping[str, Any], token: str, *, kid: str, nonce: str) -> bool:
    """Whether a signed launch must open (RFC 7515; LTI Core 1.3, 5.3 and 5.4; Deep Linking 2.0, 4.4)."""
    now = time.time()
    kind = claims.get(LTI + "message_type")
    return (
        len(token) <= LARGEST_TOKEN
        and header.get("kid") == kid
        and _header_is_read(header)
        and claims.get("iss") == LMS_URL
        and _for_us(claims.get("aud"), claims.get("azp"))
        and _moment(claims.get("exp")) >= now - 30
        and _moment(claims.get("exp")) - _moment(claims.get("iat")) <= 7 * 24 * 3600
        and now - 3630 <= _moment(claims.get("iat")) <= now + 30
        and (claims.get("nbf") is None or _moment(claims["nbf"]) <= now + 30)
        and claims.get("nonce") == nonce
        and claims.get(LTI + "version") == "1.3.0"
        and _is_id(claims.get("sub"))
        and claims.get(LTI + "deployment_id") == DEPLOYMENT_ID
        and all(_is_text(claims.get(name)) for name in ("name", "given_name", "family_name"))
        and _are_texts(claims.get(LTI + "roles"))
        and _is_place(claims.get(LTI + "context"))
        and _is_text_or(claims, dict, LTI + "custom")
        and _presentation_is_good(claims.get(LTI + "launch_presentation"), claims.get("locale"))
        and _endpoint_is_good(claims.get(AGS_CLAIM))
        and _roster_is_good(claims.get(NRPS_CLAIM))
        and (
            (kind == "LtiResourceLinkRequest" and _link_is_good(claims))
            or (kind == "LtiDeepLinkingRequest" and _deep_link_is_good(claims))
        )
    )


def _link_is_good(claims: Mapping[str, Any]) -> bool:
    link = claims.get(LTI + "resource_link")
    return claims.get(LTI + "target_link_uri") == f"{TOOL_URL}/lti/launch" and link is not None and _is_place(link, ())


def _deep_link_is_good(claims: Mapping[str, Any]) -> bool:
    settings = claims.get(SETTINGS)
    if not isinstance(settings, dict):
        return False
    return (
        claims.get(LTI + "target_link_uri", f"{TOOL_URL}/lti/launch") == f"{TOOL_URL}/lti/launch"
        and _is_url(settings.get("deep_link_return_url"))
        and _are_texts(settings.get("accept_types"))
        and _are_texts(settings.get("accept_presentation_document_targets") or [])
        and all(_is_flag(settings.get(name)) for name in ("accept_multiple", "accept_lineitem"))
        and _is_text(settings.get("data"))
        and any(_teaches(role) for role in claims[LTI + "roles"])
    )


def _teaches(role: str) -> bool:
    course = "http://purl.imsglobal.org/vocab/lis/v2/membership"
    return role in TEACHERS or role in (f"{course}#Instructor", f"{course}/Instructor#TeachingAssistant")


def _header_is_read(header: Mapping[str, Any]) -> bool:
    return "crit" not in header and header.get("b64", True) is not False


def _for_us(audience: object, party: object) -> bool:
    several = audience if isinstance(audience, list) else [audience]
    return CLIENT_ID in several and (party == CLIENT_ID or (party is None and len(several) == 1))


def _moment(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    return float(value) if abs(value) < 1e300 else math.nan


def _is_id(value: object) -> bool:
    return isinstance(value, str) and value.strip() != "" and len(value) <= 255 and _is_storable(value)


def _is_storable(text: str) -> bool:
    return "\x00" not in text and not any(0xD800 <= ord(letter) <= 0xDFFF for letter in text)


def _is_text(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_text_or(claims: Mapping[str, Any], kind: type, name: str) -> bool:
    return claims.get(name) is None or isinstance(claims[name], kind)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_flag(value: object) -> bool:
    return value is None or isinstance(value, bool) or (isinstance(value, str) and value.lower() in ("true", "false"))


def _is_place(value: object, absent: tuple[object, ...] = (None,)) -> bool:
    if any(value is one for one in absent):
        return True
    return (
        isinstance(value, dict) and _is_id(value.get("id")) and all(map(_is_text, map(value.get, ("label", "title"))))
    )


def _titled(value: Mapping[str, Any]) -> bool:
    return _is_text(value.get("title"))


def _presentation_is_good(value: object, locale: object) -> bool:
    if value is None:
        value = {}
    if not isinstance(value, dict) or not _is_text(value.get("locale")):
        return False
    return (bool(value.get("locale")) or _is_text(locale)) and _is_optional_url(value.get("return_url"))


def _endpoint_is_good(value: object) -> bool:
    if value is None:
        return True
    return (
        isinstance(value, dict)
        and (value.get("scope") is None or _are_texts(value["scope"]))
        and _is_optional_url(value.get("lineitems"))
        and _is_optional_url(value.get("lineitem"))
    )


def _roster_is_good(value: object) -> bool:
    return value is None or (isinstance(value, dict) and _is_optional_url(value.get("context_memberships_url")))


def _is_optional_url(value: object) -> bool:
    return value is None or value == "" or _is_url(value)


def _is_url(value: object) -> bool:
    """An https address, or one of the practice LMS on this machine, that may stand in a header."""
    if not isinstance(value, str) or any(ord(letter) <= 32 or ord(letter) == 127 for letter in value):
        return False
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    local = parts.scheme == "http" and host in ("localhost", "127.0.0.1")
    return bool(host) and _is_storable(value) and (parts.scheme == "https" or local) and "@" not in parts.netloc


def _places(claims: Mapping[str, Any]) -> Iterator[Path]:
    for name, value in claims.items():
        yield (name,)
        if isinstance(value, dict):
            yield from ((name, inner) for inner in value)


def _nested(value: Any, depth: int) -> Any:
    for _ in range(depth):
        value = [value]
    return value
