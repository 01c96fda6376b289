"""A platform's public keys, cached in the database and refetched when a token names a key that we do not know."""

from collections.abc import Mapping
from contextlib import suppress
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
TRUSTED_FOR = timedelta(days=1)
"""After this the keys are fetched anew, so that one that the platform withdrew stops opening doors."""


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
        known = _find(cached.jwks, kid) if cached else None
        age = self._now - cached.fetched_at if cached else None
        if age is None or age >= (TRUSTED_FOR if known else REFETCH_INTERVAL):
            known = _find(self._fetch(cached), kid)
        if known is None:
            raise LaunchRefused("unknown-kid", "The platform has no key with this id.")
        return known

    def _fetch(self, cached: PlatformKeys | None) -> Mapping[str, Any]:
        """The platform's keys of now; those of before where it can't be asked at present."""
        try:
            fetched = self._transport.json("GET", self._registration.jwks_url)
            if not isinstance(fetched, dict) or not isinstance(fetched.get("keys"), list):
                raise ServiceError("not-a-jwks", "The answer is no JSON Web Key Set.")
            jwks = {"keys": [key for found in fetched["keys"] if (key := _rsa_key(found))]}
        except ServiceError as error:
            self._store(cached.jwks if cached else {"keys": []})
            if cached is None or not cached.jwks["keys"]:
                detail = f"The platform's keys could not be read. {error.detail}"
                raise LaunchRefused("no-platform-keys", detail) from None
            return cached.jwks
        self._store(jwks)
        return jwks

    def _store(self, jwks: Mapping[str, Any]) -> None:
        with self._database.write() as session:
            values = {"registration_id": self._registration.id, "jwks": dict(jwks), "fetched_at": self._now}
            upsert(session, PlatformKeys, values)


def _rsa_key(found: object) -> dict[str, str] | None:
    """The parts of a signing key that we use (RFC 7518, 6.3.1); None for anything else in the set."""
    if not isinstance(found, dict) or found.get("kty") != "RSA" or found.get("use", "sig") != "sig":
        return None
    parts = {name: part for name in ("kty", "kid", "n", "e") if isinstance(part := found.get(name), str)}
    return parts if len(parts) == 4 else None


def _find(jwks: Mapping[str, Any], kid: str) -> jwt.PyJWK | None:
    for key in jwks["keys"]:
        if key["kid"] == kid:
            with suppress(jwt.PyJWTError, ValueError):
                return jwt.PyJWK(key, algorithm="RS256")
    return None
