"""A platform's public keys, cached in the database and refetched when a token names a key that we do not know."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import jwt

from lti_tool.lti.errors import LaunchRefused, ServiceError
from lti_tool.lti.transport import Transport
from lti_tool.persistence.database import Database, upsert
from lti_tool.persistence.keys import PlatformKeys
from lti_tool.persistence.tenancy import Registration

REFETCH_INTERVAL = timedelta(minutes=1)
"""Tokens with made-up key ids cost the platform at most one fetch in this time."""


class PlatformKeySource:
    """The keys of one registration's platform (an `lti.validation.KeySource`).

    Platforms rotate their keys without notice, so an unknown `kid` leads to a new fetch; no transaction is open
    while the platform is asked.
    """

    def __init__(self, database: Database, transport: Transport, registration: Registration, now: datetime) -> None:
        self._database = database
        self._transport = transport
        self._registration = registration
        self._now = now

    def key(self, kid: str) -> jwt.PyJWK:
        """The RSA key with this id. Raises `LaunchRefused` where the platform has none or can't be asked."""
        with self._database.read() as session:
            cached = session.get(PlatformKeys, self._registration.id)
        if cached is not None:
            if key := _find(cached.jwks, kid):
                return key
            if self._now - cached.fetched_at < REFETCH_INTERVAL:
                raise LaunchRefused("unknown-kid", "The platform has no key with this id.")
        if key := _find(self._fetch(cached), kid):
            return key
        raise LaunchRefused("unknown-kid", "The platform has no key with this id.")

    def _fetch(self, cached: PlatformKeys | None) -> Mapping[str, Any]:
        try:
            fetched = self._transport.json("GET", self._registration.jwks_url)
        except ServiceError as error:
            self._store(cached.jwks if cached else {"keys": []})
            raise LaunchRefused("no-platform-keys", f"The platform's keys could not be read. {error.detail}") from None
        jwks = fetched if isinstance(fetched, dict) and isinstance(fetched.get("keys"), list) else {"keys": []}
        self._store(jwks)
        return jwks

    def _store(self, jwks: Mapping[str, Any]) -> None:
        with self._database.write() as session:
            values = {"registration_id": self._registration.id, "jwks": dict(jwks), "fetched_at": self._now}
            upsert(session, PlatformKeys, values)


def _find(jwks: Mapping[str, Any], kid: str) -> jwt.PyJWK | None:
    for key in jwks["keys"]:
        if isinstance(key, dict) and key.get("kid") == kid and key.get("kty") == "RSA":
            try:
                return jwt.PyJWK(key, algorithm="RS256")
            except (jwt.PyJWTError, ValueError, TypeError):
                return None
    return None
