"""Our signing keys: published before they sign, served until nobody can need them any more."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import jwt
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.lti.tool_keys import (
    LEAD,
    OVERLAP,
    _new_private,  # the real one, taken before tests share a few keys
    ensure_signing_key,
    forget_retired,
    public_jwks,
    published_keys,
    rotate,
    signing_key,
)
from lti_tool.persistence.database import Database
from lti_tool.persistence.secrets import MasterKeyError, Vault
from lti_tool.persistence.tables.keys import ToolKey
from tests.unit.lti_tool.persistence.rows import MONDAY

VAULT = Vault(Fernet.generate_key().decode())
MOMENT = timedelta(seconds=1)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A database with the first key, made on Monday."""
    with database.write() as opened:
        ensure_signing_key(opened, VAULT, MONDAY)
        yield opened


def signs(session: Session, now: datetime) -> str:
    return signing_key(session, VAULT, now).kid


def published(session: Session, now: datetime) -> list[str]:
    return [key["kid"] for key in public_jwks(session, now)["keys"]]


def test_a_new_key_is_as_strong_as_128_bits() -> None:
    assert _new_private().key_size >= 3072


def test_the_first_start_makes_one_key_and_the_second_none(session: Session) -> None:
    first = published(session, MONDAY)
    ensure_signing_key(session, VAULT, MONDAY + LEAD)
    assert published(session, MONDAY) == first
    assert first == [signs(session, MONDAY)]


def test_what_is_published_verifies_what_is_signed_and_holds_nothing_private(session: Session) -> None:
    key = signing_key(session, VAULT, MONDAY)
    [public] = public_jwks(session, MONDAY)["keys"]
    token = key.sign({"a": 1})
    assert jwt.decode(token, jwt.PyJWK(public), ["RS256"]) == {"a": 1}
    assert set(public) == {"kty", "use", "alg", "kid", "n", "e"}
    [row] = session.scalars(select(ToolKey))
    assert b"PRIVATE" not in row.encrypted_private_pem


def test_a_new_key_is_published_a_day_before_it_signs(session: Session) -> None:
    old = signs(session, MONDAY)
    new = rotate(session, VAULT, MONDAY).kid
    assert published(session, MONDAY) == [new, old]
    assert signs(session, MONDAY) == old
    assert signs(session, MONDAY + LEAD - MOMENT) == old
    assert signs(session, MONDAY + LEAD) == new


def test_the_old_key_is_served_two_days_longer_and_then_forgotten(session: Session) -> None:
    old = signs(session, MONDAY)
    new = rotate(session, VAULT, MONDAY).kid
    end = MONDAY + LEAD + OVERLAP
    assert published(session, end - MOMENT) == [new, old]
    assert published(session, end) == [new]
    forget_retired(session, end - MOMENT)
    assert len(session.scalars(select(ToolKey)).all()) == 2
    forget_retired(session, end)
    assert [row.kid for row in session.scalars(select(ToolKey))] == [new]
    assert signs(session, end) == new


def test_a_key_that_leaked_is_withdrawn_and_replaced_at_once(session: Session) -> None:
    rotate(session, VAULT, MONDAY)
    leaked = MONDAY + timedelta(hours=1)
    new = rotate(session, VAULT, leaked, leaked=True).kid
    assert signs(session, leaked) == new
    assert published(session, leaked) == [new], "whoever has the old key can't speak in our name any more"
    assert signs(session, MONDAY + LEAD) == new, "the one that was to come next is withdrawn as well"


def test_rotating_twice_keeps_three_keys_and_never_lengthens_a_life(session: Session) -> None:
    first = signs(session, MONDAY)
    second = rotate(session, VAULT, MONDAY).kid
    third = rotate(session, VAULT, MONDAY + timedelta(hours=1)).kid
    assert published(session, MONDAY + timedelta(hours=1)) == [third, second, first]
    lives = {row.kid: row.retires_at for row in published_keys(session, MONDAY)}
    assert lives == {
        first: MONDAY + LEAD + OVERLAP,
        second: MONDAY + timedelta(hours=1) + LEAD + OVERLAP,
        third: None,
    }


def test_a_clock_that_was_set_back_leaves_a_key_that_signs(session: Session) -> None:
    first = signs(session, MONDAY)
    rotate(session, VAULT, MONDAY)
    assert signs(session, MONDAY - timedelta(days=400)) == first


def test_another_master_key_is_noticed_at_the_start(session: Session) -> None:
    with pytest.raises(MasterKeyError):
        ensure_signing_key(session, Vault(Fernet.generate_key().decode()), MONDAY)
