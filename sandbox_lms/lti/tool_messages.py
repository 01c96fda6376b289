"""Checks every JWT that the tool signs: client assertions and deep-linking responses (Security Framework 1.1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from sandbox_lms.errors import Refused
from sandbox_lms.lti.keys import ToolKeys
from sandbox_lms.records.scores import json_object

LEEWAY = timedelta(seconds=10)
LONGEST_LIFE = timedelta(hours=1)


def verified_claims(
    token: str, keys: ToolKeys, *, client_id: str, audiences: tuple[str, ...], now: datetime
) -> dict[str, Any]:
    """The claims of a JWT that the registered tool signed for us and that is valid now.

    Raises Refused (code invalid_client) that names the first thing that is wrong.
    """
    claims = _signed_claims(token, keys)
    if claims.get("iss") != client_id:
        raise _refused(f"iss must be the client_id {client_id!r}, not {claims.get('iss')!r}.")
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if not any(one in audiences for one in named):
        raise _refused(f"aud must be {' or '.join(audiences)}, not {audience!r}.")
    _check_times(claims, now)
    return claims


def expiry(claims: dict[str, Any]) -> datetime:
    """When verified claims run out."""
    return datetime.fromtimestamp(claims["exp"], UTC) + LEEWAY


def named_issuer(token: str) -> str | None:
    """Who a JWT says has signed it, which is not checked yet. Raises Refused (code invalid_client) for no JWT."""
    _kid(token)
    try:
        payload = jwt.PyJWS().decode_complete(token, options={"verify_signature": False})["payload"]
        issuer = json_object(payload.decode()).get("iss")
    except jwt.PyJWTError as problem:
        raise _refused(f"This is no JWT: {problem}.") from problem
    except UnicodeDecodeError as problem:
        raise _refused("The claims are not UTF-8.") from problem
    return issuer if isinstance(issuer, str) else None


def _kid(token: str) -> str:
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError as problem:
        raise _refused(f"This is no JWT: {problem}.") from problem
    kid = header.get("kid")
    if header.get("alg") != "RS256":
        raise _refused(f"The header's alg must be RS256, not {header.get('alg')!r}.")
    if not isinstance(kid, str) or not kid:
        raise _refused("The header has no kid, so we can't know which key signed this.")
    return kid


def _signed_claims(token: str, keys: ToolKeys) -> dict[str, Any]:
    kid = _kid(token)
    try:
        # The signature only: times and audience are checked against our own clock and with our own sentences.
        claims = json_object(jwt.PyJWS().decode(token, keys.key(kid), algorithms=["RS256"]).decode())
    except jwt.PyJWTError as problem:
        raise _refused(f"The signature does not fit: {problem}.") from problem
    except UnicodeDecodeError as problem:
        raise _refused("The claims are not UTF-8.") from problem
    return claims


def _check_times(claims: dict[str, Any], now: datetime) -> None:
    issued, expires = (_moment(claims, name) for name in ("iat", "exp"))
    if issued > now + LEEWAY:
        raise _refused("iat is in the future. Do both clocks tell the same time?")
    if expires <= now - LEEWAY:
        raise _refused("exp has passed.")
    if expires - issued > LONGEST_LIFE or issued < now - LONGEST_LIFE:
        raise _refused("A message may be valid for an hour at most.")


def _moment(claims: dict[str, Any], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refused(f"{name} is missing or is no number of seconds.")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError) as problem:
        raise _refused(f"{name} is no moment that a calendar knows.") from problem


def _refused(reason: str) -> Refused:
    return Refused(401, reason, "invalid_client")
