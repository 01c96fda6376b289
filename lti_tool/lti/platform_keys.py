"""A platform's public keys, cached in the database and refetched when a token names a key that we do not know."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import jwt

from lti_tool.lti.errors import LaunchRefused, ServiceError
from lti_tool.lti.network.transport import Transport
from lti_tool.persistence.database import Database, upsert
from lti_tool.persistence.tables.keys import PlatformKeys
from lti_tool.persistence.tables.tenancy import Registration

REFETCH_INTERVAL = timedelta(minutes=1)
"""Tokens with made-up key ids cost the platform at most one fetch in this time."""
TRUSTED_FOR = timedelta(days=1)
"""After this the keys are fetched anew, so that one that the platform withdrew stops opening doors."""
WAIT_SECONDS = 3.0
"""How long a launch waits for the fetch of another one. A platform that hangs must not hold all threads."""
MOST_OF_ONE_ID = 3
LEAST_BITS = 2048
"""RS256 asks for keys of this size or larger (RFC 7518, 3.3)."""
_fetching: dict[int, threading.Lock] = {}
"""By registration, held while this process asks its platform."""


class KeysNotAtHand(Exception):  # noqa: N818 - no error: it says which way to go
    """The platform has to be asked: what is stored of its keys is not enough to go by."""


@dataclass(frozen=True)
class StoredKeys:
    """A platform's keys as last fetched, and when."""

    jwks: Mapping[str, Any]
    fetched_at: datetime

    def look_up(self, kid: str, now: datetime) -> tuple[Sequence[jwt.PyJWK], bool]:
        """The keys of this id, and whether they are new enough to go by."""
        known = _find(self.jwks, kid)
        return known, now - self.fetched_at < (TRUSTED_FOR if known else REFETCH_INTERVAL)


@dataclass(frozen=True)
class KeysAtHand:
    """What is stored of a platform's keys (a `lti.messages.validation.KeySource`), for use while a transaction is open.

    It never asks the platform: both ways to look raise `KeysNotAtHand` where `PlatformKeySource` would.
    """

    stored: StoredKeys | None
    now: datetime

    def keys(self, kid: str) -> Sequence[jwt.PyJWK]:
        """The keys with this id. Raises `KeysNotAtHand`."""
        known, fresh = self.stored.look_up(kid, self.now) if self.stored else ([], False)
        if not (known and fresh):
            raise KeysNotAtHand
        return known

    def newest_keys(self, kid: str) -> Sequence[jwt.PyJWK]:
        """Raises `KeysNotAtHand`: only the platform knows its newest keys."""
        raise KeysNotAtHand


class PlatformKeySource:
    """The keys of one registration's platform (an `lti.messages.validation.KeySource`).

    Platforms rotate their keys without notice, so an unknown `kid` leads to a new fetch; no transaction is open
    while the platform is asked.
    """

    def __init__(
        self,
        database: Database,
        transport: Transport,
        registration: Registration,
        now: datetime,
        stored: StoredKeys | None = None,
    ) -> None:
        """`stored`: what the database holds of the platform's keys, where the caller has just read it."""
        self._database = database
        self._transport = transport
        self._registration = registration
        self._now = now
        self._stored = stored

    def keys(self, kid: str) -> Sequence[jwt.PyJWK]:
        """The RSA keys with this id. Raises `LaunchRefused` where the platform has none or can't be asked."""
        cached = self._stored or self._read()
        known, fresh = cached.look_up(kid, self._now) if cached else ([], False)
        if not fresh:
            with self._one_at_a_time():
                cached = self._read()  # the launch that went first may have fetched it
                known, fresh = cached.look_up(kid, self._now) if cached else ([], False)
                if not fresh:
                    known = _find(self._fetch(cached), kid)
        if not known:
            raise LaunchRefused(
                "unknown-kid", f"The platform has no RSA key of {LEAST_BITS} bits or more with this id."
            )
        return known

    def newest_keys(self, kid: str) -> Sequence[jwt.PyJWK]:
        """The keys with this id as the platform has them now, unless it was asked within the last minute.

        Some platforms give every key of theirs the same id: a new one is known by signatures that the old does not fit.
        """
        with self._one_at_a_time():
            cached = self._read()
            if cached is None or self._now - cached.fetched_at >= REFETCH_INTERVAL:
                return _find(self._fetch(cached), kid)
        return _find(cached.jwks, kid)  # perhaps of another launch, a moment ago

    def _read(self) -> StoredKeys | None:
        with self._database.read() as session:
            row = session.get(PlatformKeys, self._registration.id)
        return StoredKeys(row.jwks, row.fetched_at) if row is not None else None

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        lock = _fetching.setdefault(self._registration.id, threading.Lock())
        if not lock.acquire(timeout=WAIT_SECONDS):
            raise LaunchRefused("no-platform-keys", "The platform's keys are being fetched, and that takes long.")
        try:
            yield
        finally:
            lock.release()

    def _fetch(self, cached: StoredKeys | None) -> Mapping[str, Any]:
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
            return dict(cached.jwks)
        self._store(jwks)
        return jwks

    def _store(self, jwks: Mapping[str, Any]) -> None:
        with self._database.write() as session:
            values = {"registration_id": self._registration.id, "jwks": dict(jwks), "fetched_at": self._now}
            upsert(session, PlatformKeys, values)


def launch_keys(jwks: object) -> list[str]:
    """The ids of the keys in a key set by which a launch can be verified."""
    found = jwks.get("keys") if isinstance(jwks, dict) else None
    kept = {"keys": [key for one in found if (key := _rsa_key(one))]} if isinstance(found, list) else {"keys": []}
    return [key["kid"] for key in kept["keys"] if _find(kept, key["kid"])]


def _rsa_key(found: object) -> dict[str, str] | None:
    """The parts of a signing key that we use (RFC 7518, 6.3.1); None for anything else in the set."""
    if not isinstance(found, dict) or found.get("kty") != "RSA":
        return None
    # A key that is there for something else verifies no launch (RFC 7517, 4.2 and 4.4).
    if found.get("use", "sig") != "sig" or found.get("alg", "RS256") != "RS256":
        return None
    parts = {name: part for name in ("kty", "kid", "n", "e") if isinstance(part := found.get(name), str)}
    return parts if len(parts) == 4 else None


def _find(jwks: Mapping[str, Any], kid: str) -> Sequence[jwt.PyJWK]:
    found: list[jwt.PyJWK] = []
    for key in jwks["keys"]:
        if key["kid"] == kid and len(found) < MOST_OF_ONE_ID:
            with suppress(jwt.PyJWTError, ValueError):
                found.append(_parsed(kid, key["n"], key["e"]))
    return found


@lru_cache(maxsize=256)
def _parsed(kid: str, n: str, e: str) -> jwt.PyJWK:
    key = jwt.PyJWK({"kty": "RSA", "kid": kid, "n": n, "e": e}, algorithm="RS256")
    if key.key.key_size < LEAST_BITS:
        raise jwt.PyJWTError(f"an RSA key of less than {LEAST_BITS} bits")
    return key
