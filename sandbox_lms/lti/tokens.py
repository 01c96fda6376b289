"""Access tokens for the services (Security Framework 1.1, section 4.1: client_credentials with a signed assertion)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta

from sandbox_lms.errors import Refused
from sandbox_lms.lms import Lms
from sandbox_lms.lti.tool_messages import expiry, named_issuer, verified_claims
from sandbox_lms.records import tools
from sandbox_lms.records.database import instant
from sandbox_lms.records.tools import Tool

TOKEN_LIFE = timedelta(hours=1)
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def grant_token(lms: Lms, form: Mapping[str, str]) -> dict[str, object]:
    """The token response for a token request. Raises Refused with an OAuth 2 error code (RFC 6749, section 5.2)."""
    if form.get("grant_type") != "client_credentials":
        raise Refused(400, "grant_type must be client_credentials.", "unsupported_grant_type")
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise Refused(400, f"client_assertion_type must be {ASSERTION_TYPE}.")
    tool = _check_assertion(lms, form.get("client_assertion", ""))
    granted = [scope for scope in form.get("scope", "").split() if scope in tool.scopes]
    if not granted:
        raise Refused(400, "None of the scopes asked for is granted to this tool.", "invalid_scope")
    token = secrets.token_urlsafe(32)
    with lms.database.transaction() as connection:
        connection.execute("DELETE FROM access_token WHERE expires_at < ?", (instant(lms.now()),))
        connection.execute(
            "INSERT INTO access_token (token_hash, scopes, expires_at, tool_id) VALUES (?, ?, ?, ?)",
            (_hash(token), " ".join(granted), instant(lms.now() + TOKEN_LIFE), tool.id),
        )
    scheme = "Bearer"
    return {
        "access_token": token,
        "token_type": scheme,
        "expires_in": int(TOKEN_LIFE.total_seconds()),
        "scope": " ".join(granted),
    }


def bearer(lms: Lms, authorization: str, *scopes: str) -> Tool:
    """The tool that makes a service call, by its Authorization header.

    Raises Refused 401 without a valid token, 403 (insufficient_scope) if it has none of `scopes` (RFC 6750).
    """
    kind, _, token = authorization.partition(" ")
    row = lms.database.row("SELECT * FROM access_token WHERE token_hash = ?", _hash(token.strip()))
    if kind.lower() != "bearer" or row is None or row["expires_at"] < instant(lms.now()):
        raise Refused(401, "A valid access token is needed: Authorization: Bearer ...", "invalid_token")
    tool = tools.tool(lms.database, row["tool_id"])
    if not tool.active:
        raise Refused(401, "The tool of this access token is switched off.", "invalid_token")
    if not set(scopes) & set(row["scopes"].split()):
        raise Refused(403, f"The token does not carry the scope {' or '.join(scopes)}.", "insufficient_scope")
    return tool


def _check_assertion(lms: Lms, assertion: str) -> Tool:
    issuer = named_issuer(assertion)
    tool = tools.client(lms.database, issuer)
    if tool is None:
        raise Refused(401, f"iss must be the client_id of an active tool, not {issuer!r}.", "invalid_client")
    claims = verified_claims(
        assertion,
        lms.tool_keys.of(tool.jwks_url),
        client_id=tool.client_id,
        audiences=lms.config.token_audiences,
        now=lms.now(),
    )
    if claims.get("sub") != tool.client_id:
        raise Refused(401, "sub of the client assertion must be the client_id, as iss is.", "invalid_client")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not jti:
        raise Refused(401, "jti of the client assertion is missing.", "invalid_client")
    if not lms.database.first_time("jti", jti, expires=expiry(claims), now=lms.now()):
        raise Refused(401, "This client assertion was used already: its jti is known.", "invalid_client")
    return tool


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
