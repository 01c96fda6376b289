"""This tool's own signing keys: private halves encrypted in the database, public halves served as a JWKS."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from lti_tool.persistence.base import random_id
from lti_tool.persistence.secrets import Vault
from lti_tool.persistence.tables.keys import ToolKey

LEAD = timedelta(hours=24)
"""How long a new key is published before it signs: longer than platforms cache a key set."""
KEY_BITS = 3072
"""As strong as 128 bits (NIST SP 800-57, part 1, table 2). LMSs take RS256 keys of any size."""
OVERLAP = timedelta(days=2)
"""How long an old key stays published after the new one began to sign, for messages still under way."""

BACKDATED = timedelta(seconds=5)
"""So much earlier than now our messages say that they were made: many an LMS takes none that its clock finds ahead."""


@dataclass(frozen=True)
class SigningKey:
    """A private key ready to sign, and the id under which platforms find its public half."""

    kid: str
    private: rsa.RSAPrivateKey

    @classmethod
    def from_pem(cls, kid: str, pem: str) -> "SigningKey":
        """A key out of our own encrypted column. Raises TypeError for what is no RSA key."""
        # To prove the primes prime again, at each message, would take 50 ms.
        private = serialization.load_pem_private_key(pem.encode(), None, unsafe_skip_rsa_key_validation=True)
        if not isinstance(private, rsa.RSAPrivateKey):
            raise TypeError("The stored signing key is no RSA key.")
        return cls(kid, private)

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A JWT that platforms can verify (RS256, with our `kid`)."""
        return jwt.encode(dict(claims), self.private, algorithm="RS256", headers={"kid": self.kid})


def ensure_signing_key(session: Session, vault: Vault, now: datetime) -> None:
    """Make the first key where there is none.

    Raises `MasterKeyError` where the present one was encrypted under another master key: better at the start than at
    the first grade.
    """
    if session.scalars(select(ToolKey).limit(1)).first() is None:
        session.add(_new_key(vault, signs_from=now))
        session.flush()
    signing_key(session, vault, now)


def signing_key(session: Session, vault: Vault, now: datetime) -> SigningKey:
    """The newest key whose time to sign has come (the oldest, should the clock have been set back)."""
    rows = published_keys(session, now)
    row = next((row for row in rows if row.signs_from <= now), rows[-1])
    return SigningKey.from_pem(row.kid, vault.decrypt(row.encrypted_private_pem))


def public_jwks(session: Session, now: datetime) -> dict[str, Any]:
    """The public keys that platforms must know: the present one, the next, and those not long retired
    (Security Framework 1.1, 6.3 and 7.5)."""
    return {"keys": [row.public_jwk for row in published_keys(session, now)]}


def published_keys(session: Session, now: datetime) -> Sequence[ToolKey]:
    """The rows behind the JWKS, newest first."""
    published = or_(ToolKey.retires_at.is_(None), ToolKey.retires_at > now)
    return session.scalars(select(ToolKey).where(published).order_by(ToolKey.signs_from.desc())).all()


def rotate(session: Session, vault: Vault, now: datetime, *, leaked: bool = False) -> ToolKey:
    """Make the next key. It is published at once, signs after `LEAD`, and the others retire `OVERLAP` after that.

    A key that `leaked` must open nothing any more: the new one signs at once and the others are withdrawn, although
    platforms with a cached key set may refuse us until they read it anew.
    """
    new = _new_key(vault, signs_from=now if leaked else now + LEAD)
    end = now if leaked else new.signs_from + OVERLAP
    for row in published_keys(session, now):
        row.retires_at = min(row.retires_at or end, end)
    session.add(new)
    session.flush()
    return new


def forget_retired(session: Session, now: datetime) -> None:
    """Delete keys that are published no more."""
    session.execute(delete(ToolKey).where(ToolKey.retires_at <= now))


def _new_key(vault: Vault, *, signs_from: datetime) -> ToolKey:
    private = _new_private()
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    kid = random_id()
    jwk = json.loads(RSAAlgorithm.to_jwk(private.public_key()))
    return ToolKey(
        kid=kid,
        public_jwk={"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": jwk["n"], "e": jwk["e"]},
        encrypted_private_pem=vault.encrypt(pem.decode()),
        signs_from=signs_from,
    )


def _new_private() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
