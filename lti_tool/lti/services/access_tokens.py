"""Access tokens for a platform's services (Security Framework 1.1, 4.1: client credentials with a signed assertion)."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.network.transport import Transport
from lti_tool.lti.tool_keys import BACKDATED, signing_key
from lti_tool.persistence.database import Database, upsert
from lti_tool.persistence.secrets import Vault
from lti_tool.persistence.tables.keys import AccessToken
from lti_tool.persistence.tables.tenancy import Registration

ASSERTION_LIFETIME = timedelta(minutes=1)
DEFAULT_LIFETIME = timedelta(minutes=5)
"""For answers that do not say how long their token lives. A token used too long costs one 401."""
LONGEST_LIFETIME = timedelta(days=1)
CLOCKS_DIFFER = timedelta(seconds=5)
"""A refusal that tells us of a difference in clocks larger than this is worth asking once more by the other clock."""
REFRESH_AT = 0.8
"""Share of a token's lifetime after which a new one is fetched, so that none expires on its way."""


class AccessTokens:
    """Fetches tokens and shares them between processes through the database."""

    def __init__(self, database: Database, vault: Vault, transport: Transport) -> None:
        self._database = database
        self._vault = vault
        self._transport = transport

    def get(self, registration: Registration, scopes: Iterable[str], now: datetime) -> str:
        """A bearer token for these scopes. Raises `ServiceError` where the platform gives none."""
        wanted = " ".join(sorted(set(scopes)))
        with self._database.read() as session:
            row = session.get(AccessToken, (registration.id, wanted))
            if row is not None and row.refresh_at > now:
                return self._vault.decrypt(row.encrypted_token)
        try:
            answer = self._request_by_their_clock(registration, wanted, now)
        except ServiceError as refusal:
            raise _as_token_refusal(refusal) from None
        token = answer.get("access_token")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token.strip():
            raise ServiceError("bad-token-answer", "The platform's token answer has no access_token.")
        with self._database.write() as session:
            values = {
                "registration_id": registration.id,
                "scopes": wanted,
                "encrypted_token": self._vault.encrypt(token),
                "refresh_at": now + REFRESH_AT * _lifetime(answer.get("expires_in")),
            }
            upsert(session, AccessToken, values)
        return token

    def forget(self, registration: Registration) -> None:
        """Drop all tokens of a registration: the platform refused one."""
        with self._database.write() as session:
            session.execute(delete(AccessToken).where(AccessToken.registration_id == registration.id))

    def _request_by_their_clock(self, registration: Registration, scopes: str, now: datetime) -> dict[str, Any]:
        """An assertion is good for a minute on the platform's clock, whatever ours says."""
        shift = self._transport.clock_shift(registration.token_url)
        try:
            return self._request(registration, scopes, now + shift)
        except ServiceError as refusal:
            learned = self._transport.clock_shift(registration.token_url)
            if refusal.status is None or abs(learned - shift) < CLOCKS_DIFFER:
                raise
            return self._request(registration, scopes, now + learned)

    def _request(self, registration: Registration, scopes: str, now: datetime) -> dict[str, Any]:
        with self._database.read() as session:
            key = signing_key(session, self._vault, now)
        assertion = key.sign(
            {
                "iss": registration.client_id,
                "sub": registration.client_id,
                "aud": registration.token_audience or registration.token_url,
                "iat": int((now - BACKDATED).timestamp()),
                "exp": int((now - BACKDATED + ASSERTION_LIFETIME).timestamp()),
                "jti": uuid.uuid4().hex,
            }
        )
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion,
            "scope": scopes,
        }
        answer = self._transport.json("POST", registration.token_url, data=form)
        return answer if isinstance(answer, dict) else {}


def _as_token_refusal(refusal: ServiceError) -> ServiceError:
    """A refused key may be accepted later: the platform could not fetch our public keys, or an administrator mends it.

    Only scopes that were withdrawn stay so until somebody acts. The refusal bears no status: it says nothing of what
    the token was wanted for.
    """
    if not refusal.permanent or refusal.status is None:
        return refusal
    withdrawn = refusal.reason == "invalid_scope"
    code = "not-allowed" if withdrawn else "token-refused"
    return ServiceError(code, refusal.detail, permanent=withdrawn, reason=refusal.reason)


def _lifetime(expires_in: object) -> timedelta:
    """`expires_in` where it makes sense, bounded; it is only recommended (RFC 6749, 5.1), and some send it as text."""
    try:
        seconds = float(str(expires_in))
    except ValueError:
        return DEFAULT_LIFETIME
    # Written so that NaN is no lifetime either.
    return min(timedelta(seconds=seconds), LONGEST_LIFETIME) if 0 <= seconds <= 1e9 else DEFAULT_LIFETIME
