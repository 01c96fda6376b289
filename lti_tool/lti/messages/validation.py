"""The id_token of a launch: signature and registered claims (Security Framework 1.1, 5.1.3).

pylti1p3 accepts tokens without `exp` or `iat`, a foreign `azp`, a changed target, and replays; so these checks are
our own, over PyJWT.
"""

import json
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import jwt
from jwt.utils import base64url_decode

from lti_tool.lti.errors import LaunchRefused
from lti_tool.lti.messages.claims import LaunchClaims, read_claims
from lti_tool.lti.network.origins import origin_of

LEEWAY = timedelta(seconds=30)
"""How far the LMS's clock may be from ours."""
MAX_LIFETIME = timedelta(hours=1)
"""A token that claims to be younger or older than this is not a launch that just happened."""
LONGEST_VALIDITY = timedelta(days=7)
"""From `iat` to `exp`. LMSs give a launch a minute (Moodle) to an hour (Canvas): one that is good for years was
made for something else. A week lets an LMS with an odd setting in."""
MAX_TOKEN_CHARACTERS = 64_000
_JWS = jwt.PyJWS(["RS256"])


class KeySource(Protocol):
    """Where the platform's public keys come from."""

    def keys(self, kid: str) -> Sequence[jwt.PyJWK]:
        """The keys of this id, one as a rule. Raises `LaunchRefused` if the platform has none."""

    def newest_keys(self, kid: str) -> Sequence[jwt.PyJWK]:
        """The same as the platform has them now, for a signature that none of those fits."""


@dataclass(frozen=True)
class ExpectedLaunch:
    """What the login began, to which the token must fit."""

    issuer: str
    client_id: str
    nonce: str
    target_link_uri: str
    """What the login announced. The claim must say the same (LTI Core 1.3, 5.3.4)."""
    tool_origin: str
    """Scheme and host of this tool: `target_link_uri` must stand on it."""
    allow_http: bool


def validate_launch(id_token: str, *, keys: KeySource, expected: ExpectedLaunch, now: datetime) -> LaunchClaims:
    """Verify an id_token and return its claims, frozen. Raises `LaunchRefused` with a code for every defect."""
    if len(id_token) > MAX_TOKEN_CHARACTERS:
        raise LaunchRefused("token-too-large", "The id_token is larger than any launch.")
    claims = _verified_payload(id_token, keys)
    _check_registered_claims(claims, expected, now)
    launch = read_claims(claims, allow_http=expected.allow_http)
    _check_target(launch.target_link_uri, expected)
    return launch


def _verified_payload(id_token: str, keys: KeySource) -> Mapping[str, Any]:
    try:
        # Of the header alone: PyJWT looks at each character of what it is given, and below it will look at them all.
        encoded = id_token.partition(".")[0]
        header = jwt.get_unverified_header(f"{encoded}..")
        _json_object(base64url_decode(encoded))
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        raise LaunchRefused("not-a-jwt", "The id_token is not a JSON Web Token.") from None
    if header.get("alg") != "RS256":
        raise LaunchRefused("wrong-algorithm", "The id_token must be signed with RS256.")
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise LaunchRefused("missing-kid", "The id_token does not say which key signed it (no `kid`).")
    for look_up in (keys.keys, keys.newest_keys):
        for key in look_up(kid):  # a set may have two keys of one id (RFC 7517, 4.5: ids only "SHOULD" differ)
            with suppress(jwt.InvalidSignatureError):
                return _payload(id_token, key)
    raise LaunchRefused("bad-signature", "The signature does not fit the platform's key.")


def _payload(id_token: str, key: jwt.PyJWK) -> Mapping[str, Any]:
    """What the token says. Raises `jwt.InvalidSignatureError` where another key signed it."""
    try:
        # Times and audience are checked below, with a code of their own for each way of being wrong.
        return _json_object(_JWS.decode(id_token, key, algorithms=["RS256"]))
    except jwt.InvalidSignatureError:
        raise
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        # RecursionError: JSON that is nested thousands deep.
        raise LaunchRefused("not-a-jwt", "The id_token could not be read.") from None


def _json_object(document: bytes) -> dict[str, Any]:
    """A JSON object in UTF-8. Raises `ValueError` for anything else.

    Header and claims are UTF-8 (RFC 7519, 2 and 7.2); from bytes, Python's parser would take UTF-16 and UTF-32 as well.
    """
    found = json.loads(document.decode(), object_pairs_hook=_named_once)
    if not isinstance(found, dict):
        raise ValueError("a JSON object was expected")
    return found


def _named_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object none of whose names comes twice (RFC 7519, 4): of two values, two readers may take another each."""
    found = dict(members)
    if len(found) != len(members):
        raise ValueError("a name comes twice")
    return found


def _check_registered_claims(claims: Mapping[str, Any], expected: ExpectedLaunch, now: datetime) -> None:
    if claims.get("iss") != expected.issuer:
        raise LaunchRefused("wrong-issuer", "The id_token was issued by another platform.")
    _check_audience(claims, expected.client_id)
    issued, expires = (_timestamp(claims, key) for key in ("iat", "exp"))
    current, leeway = now.timestamp(), LEEWAY.total_seconds()
    if expires < issued:
        raise LaunchRefused("malformed-exp", "The id_token ends before it begins.")
    if expires - issued > LONGEST_VALIDITY.total_seconds():
        raise LaunchRefused("malformed-exp", "The id_token is good for longer than any launch.")
    if expires < current - leeway:
        raise LaunchRefused("expired", "The id_token has expired: open the activity again.")
    if issued > current + leeway:
        raise LaunchRefused("issued-in-future", "The id_token is from the future: a clock is wrong.")
    if issued < current - MAX_LIFETIME.total_seconds() - leeway:
        raise LaunchRefused("expired", "The id_token is too old: open the activity again.")
    if _optional_timestamp(claims, "nbf", default=issued) > current + leeway:
        raise LaunchRefused("issued-in-future", "The id_token is not valid yet: a clock is wrong.")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not nonce:
        raise LaunchRefused("missing-nonce", "The id_token has no nonce.")
    if nonce != expected.nonce:
        raise LaunchRefused("wrong-nonce", "The nonce belongs to another login.")


def _check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or client_id not in audiences or not all(isinstance(a, str) for a in audiences):
        raise LaunchRefused("wrong-audience", "The id_token is meant for another tool.")
    party = claims.get("azp")
    if (len(audiences) > 1 or party is not None) and party != client_id:
        raise LaunchRefused("wrong-authorized-party", "The id_token names another tool as its authorized party.")


def _check_target(target: str | None, expected: ExpectedLaunch) -> None:
    if target is None:  # a deep-linking request without one
        return
    if origin_of(target) != expected.tool_origin:
        raise LaunchRefused("foreign-target", "The target_link_uri is not an address of this tool.")
    # Moodle, Canvas and Brightspace send one value twice; two values are two launches mixed up.
    if target != expected.target_link_uri:
        raise LaunchRefused("changed-target", "The target_link_uri is not the one that the login announced.")


def _timestamp(claims: Mapping[str, Any], key: str) -> float:
    if key not in claims:
        raise LaunchRefused(f"missing-{key}", f"The id_token has no `{key}`.")
    value = claims[key]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise LaunchRefused(f"malformed-{key}", f"`{key}` must be a number of seconds.")
    try:
        seconds = float(value)
    except OverflowError:  # an integer of more than 308 digits
        seconds = math.inf
    # Python's JSON reader takes NaN and Infinity, and NaN passes every comparison.
    if not math.isfinite(seconds):
        raise LaunchRefused(f"malformed-{key}", f"`{key}` must be a number of seconds.")
    return seconds


def _optional_timestamp(claims: Mapping[str, Any], key: str, *, default: float) -> float:
    return _timestamp(claims, key) if claims.get(key) is not None else default
