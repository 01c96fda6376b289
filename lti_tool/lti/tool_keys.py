"""This tool's own signing key: made at the first start, private half encrypted, public half served as a JWKS."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.persistence.base import random_id
from lti_tool.persistence.keys import ToolKey
from lti_tool.persistence.secrets import Vault


@dataclass(frozen=True)
class SigningKey:
    """A private key ready to sign, and the id under which platforms find its public half."""

    kid: str
    private_pem: str


def ensure_signing_key(session: Session, vault: Vault, now: datetime) -> None:
    """Make the first key where there is none.

    Raises `MasterKeyError` where the newest was encrypted under another master key: better at the start than at the
    first grade.
    """
    if session.scalars(select(ToolKey).limit(1)).first() is None:
        session.add(_new_key(vault, now))
    else:
        signing_key(session, vault)


def signing_key(session: Session, vault: Vault) -> SigningKey:
    """The newest key."""
    row = session.scalars(select(ToolKey).order_by(ToolKey.created_at.desc()).limit(1)).one()
    return SigningKey(kid=row.kid, private_pem=vault.decrypt(row.encrypted_private_pem))


def public_jwks(session: Session) -> dict[str, Any]:
    """All public keys, as platforms fetch them (Security Framework 1.1, 6.3)."""
    return {"keys": [row.public_jwk for row in session.scalars(select(ToolKey).order_by(ToolKey.created_at.desc()))]}


def _new_key(vault: Vault, now: datetime) -> ToolKey:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    kid = random_id()
    jwk = json.loads(RSAAlgorithm.to_jwk(private.public_key()))
    return ToolKey(
        kid=kid,
        public_jwk={"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": jwk["n"], "e": jwk["e"]},
        encrypted_private_pem=vault.encrypt(pem.decode()),
        created_at=now,
    )
