"""The platform's own RSA key, and the keys of the tool as its JWKS tells them (Security Framework 1.1, section 6)."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from sandbox_lms.errors import Refused

JwksFetcher = Callable[[str], Mapping[str, Any]]


@dataclass(frozen=True)
class PlatformKey:
    """The RSA key with which the platform signs; `kid` is derived from the key, so that it never lies."""

    private: rsa.RSAPrivateKey

    @classmethod
    def generate_pem(cls) -> str:
        """A new 2048-bit key as PEM text, ready to be stored."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    @classmethod
    def from_pem(cls, pem: str) -> PlatformKey:
        """The key that `generate_pem` wrote. Raises TypeError if it is no RSA key."""
        # To prove the primes of our own key prime again would take longer than all the rest of a start.
        key = serialization.load_pem_private_key(pem.encode(), None, unsafe_skip_rsa_key_validation=True)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError("The stored platform key is no RSA key.")
        return cls(key)

    @property
    def kid(self) -> str:
        """A short fingerprint of the public key."""
        public = self.private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        digest = hashes.Hash(hashes.SHA256())
        digest.update(public)
        return digest.finalize().hex()[:16]

    def jwks(self) -> dict[str, Any]:
        """The public key as a JSON Web Key Set (RFC 7517)."""
        jwk = json.loads(RSAAlgorithm.to_jwk(self.private.public_key()))
        return {"keys": [{**jwk, "kid": self.kid, "alg": "RS256", "use": "sig", "key_ops": ["verify"]}]}

    def sign(self, claims: Mapping[str, Any]) -> str:
        """The claims as an RS256 JWT with our kid."""
        return jwt.encode(dict(claims), self.private, algorithm="RS256", headers={"kid": self.kid})


def fetch_jwks(url: str) -> Mapping[str, Any]:
    """The tool's key set over HTTP. Raises requests.RequestException or ValueError."""
    response = requests.get(url, timeout=5, headers={"Accept": "application/json"})
    response.raise_for_status()
    jwks = response.json()
    if not isinstance(jwks, dict):
        raise ValueError("the key set is no JSON object")
    return jwks


class KeyRing:
    """The public keys of all tools."""

    def __init__(self, fetch: JwksFetcher) -> None:
        self._fetch = fetch
        self._rings: dict[str, ToolKeys] = {}

    def of(self, jwks_url: str) -> ToolKeys:
        """The keys that are published at an address."""
        return self._rings.setdefault(jwks_url, ToolKeys(jwks_url, self._fetch))


class ToolKeys:
    """A tool's public keys. A kid that we do not know makes us ask again, so a rotation needs no notice."""

    def __init__(self, url: str, fetch: JwksFetcher) -> None:
        self._url = url
        self._fetch = fetch
        self._keys: dict[str, Any] = {}
        self._lock = threading.Lock()

    def key(self, kid: str) -> Any:
        """The RSA public key with this kid. Raises Refused (invalid_client) if the tool does not publish one."""
        with self._lock:
            if kid not in self._keys:
                self._keys = self._load()
            if kid not in self._keys:
                raise Refused(
                    401, f"The tool's key set at {self._url} has no RSA key with kid {kid!r}.", "invalid_client"
                )
            return self._keys[kid]

    def _load(self) -> dict[str, Any]:
        try:
            entries = self._fetch(self._url).get("keys", [])
            return {
                entry["kid"]: jwt.PyJWK(entry, algorithm="RS256").key
                for entry in entries
                if entry.get("kty") == "RSA" and "kid" in entry and entry.get("use", "sig") == "sig"
            }
        except (requests.RequestException, ValueError, AttributeError, TypeError, jwt.PyJWTError) as problem:
            raise Refused(
                401, f"The tool's key set at {self._url} could not be read: {problem}", "invalid_client"
            ) from problem
