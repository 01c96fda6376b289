"""A platform's key set: read, kept, read again when it changed, and survived when it is broken or slow."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from sqlalchemy import delete, func, select, update
from werkzeug.test import TestResponse

from lti_tool.lti.platform_keys import REFETCH_INTERVAL
from lti_tool.persistence.tables.keys import PlatformKeys
from lti_tool.persistence.tables.launches import LaunchSession
from tests.lti.platforms import Platform
from tests.unit.lti_tool.lti.scripted import Call, Reply


@pytest.fixture
def lms(shared: Platform) -> Platform:
    """An LMS whose keys the tool has not read yet."""
    with shared.school.runtime.database.write() as session:
        session.execute(delete(PlatformKeys))
    shared.wire.calls.clear()
    shared.wire.answer = shared.forward
    return shared


@cache
def key_of_nobody() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def numbers_of_nobody() -> dict[str, Any]:
    """That key as a key set has it, without an id."""
    return dict(json.loads(RSAAlgorithm.to_jwk(key_of_nobody().public_key())))


def publish(lms: Platform, answer: Any) -> None:
    """Answer for the key set with this `Reply`, or with JSON."""
    reply = answer if isinstance(answer, Reply) else Reply.json(answer)
    lms.answer_instead(lms.registration.jwks_url, lambda _: reply)


def a_minute_later(lms: Platform) -> None:
    with lms.school.runtime.database.write() as session:
        session.execute(update(PlatformKeys).values(fetched_at=datetime.now(UTC) - REFETCH_INTERVAL))


def fetches(lms: Platform) -> int:
    return len(lms.calls(lms.registration.jwks_url))


def sessions(lms: Platform) -> int:
    with lms.school.runtime.database.read() as session:
        return session.scalar(select(func.count()).select_from(LaunchSession)) or 0


def assert_refused(answer: TestResponse, code: str) -> None:
    assert 400 <= answer.status_code < 500
    assert f"Code: {code}<" in answer.text


def test_one_fetch_serves_all_launches(lms: Platform) -> None:
    for _ in range(3):
        assert lms.launch(lms.pupil).status_code == 303
    assert fetches(lms) == 1


def test_a_rotated_key_opens_when_the_minute_is_over(lms: Platform) -> None:
    assert lms.launch(lms.pupil).status_code == 303
    new = numbers_of_nobody() | {"kid": "the new one"}
    publish(lms, {"keys": [*lms.jwks()["keys"], new]})
    signed_anew = {"key": key_of_nobody(), "header": {"kid": "the new one"}}
    assert_refused(lms.launch(lms.pupil, **signed_anew), "unknown-kid")
    a_minute_later(lms)
    assert lms.launch(lms.pupil, **signed_anew).status_code == 303
    assert lms.launch(lms.pupil).status_code == 303, "for as long as the old one is published"
    assert fetches(lms) == 2


def test_a_key_that_shares_its_id_with_another_is_found(lms: Platform) -> None:
    [good] = lms.jwks()["keys"]
    other = numbers_of_nobody() | {"kid": good["kid"]}
    curve = {"kty": "EC", "kid": good["kid"], "crv": "P-256", "x": "AA", "y": "AA"}
    publish(lms, {"keys": [curve, other, good]})
    assert lms.launch(lms.pupil).status_code == 303


def test_a_new_key_that_has_the_old_ones_id_opens_when_the_minute_is_over(lms: Platform) -> None:
    assert lms.launch(lms.pupil).status_code == 303
    [old] = lms.jwks()["keys"]
    publish(lms, {"keys": [numbers_of_nobody() | {"kid": old["kid"]}]})
    assert_refused(lms.launch(lms.pupil, key=key_of_nobody()), "bad-signature")
    a_minute_later(lms)
    assert lms.launch(lms.pupil, key=key_of_nobody()).status_code == 303
    assert_refused(lms.launch(lms.pupil), "bad-signature")


def test_twenty_five_unknown_keys_cost_one_fetch(lms: Platform) -> None:
    for number in range(25):
        assert_refused(lms.launch(lms.pupil, header={"kid": f"made-up {number}"}), "unknown-kid")
    assert fetches(lms) == 1
    assert lms.launch(lms.pupil).status_code == 303


def test_a_strangers_key_with_the_platforms_kid_opens_nothing(lms: Platform) -> None:
    before = sessions(lms)
    assert_refused(lms.launch(lms.pupil, key=key_of_nobody()), "bad-signature")
    assert sessions(lms) == before


@pytest.mark.parametrize(
    "answer",
    [
        Reply(500),
        Reply(200, b"<html>"),
        Reply.json([]),
        Reply.json({"keys": "none"}),
        Reply.json(None),
        Reply(200, b"[" * 50_000),
        Reply(200, b"x" * 3_000_000),
        Reply(302, headers={"Location": "http://evil.example"}),
    ],
    ids=["down", "a page", "a list", "no list", "null", "nested without end", "three megabytes", "elsewhere"],
)
def test_a_key_set_that_cannot_be_read_opens_nothing(lms: Platform, answer: Reply) -> None:
    before = sessions(lms)
    publish(lms, answer)
    assert_refused(lms.launch(lms.pupil), "no-platform-keys")
    assert sessions(lms) == before


@pytest.mark.parametrize(
    "change",
    [{"n": "!"}, {"n": 5}, {"e": ""}, {"kty": "oct"}, {"use": "enc"}, {"alg": "RSA-OAEP"}, {"n": "AQAB", "e": "AA"}],
    ids=str,
)
def test_a_key_that_is_none_opens_nothing(lms: Platform, change: dict[str, Any]) -> None:
    before = sessions(lms)
    publish(lms, {"keys": [None, 5, lms.jwks()["keys"][0] | change]})
    assert 400 <= lms.launch(lms.pupil).status_code < 500
    assert sessions(lms) == before


def test_a_key_set_that_hangs_holds_one_launch_and_no_other(lms: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lti_tool.lti.platform_keys.WAIT_SECONDS", 0.05)
    asked, over = threading.Event(), threading.Event()

    def hang(_: Call) -> Reply:
        asked.set()
        over.wait(20)
        return Reply(500)

    lms.answer_instead(lms.registration.jwks_url, hang)
    forms = {who: lms.signed(who) for who in (lms.pupil, lms.classmate)}
    with ThreadPoolExecutor(1) as elsewhere:
        held = elsewhere.submit(lms.school.post_launch, lms.pupil, forms[lms.pupil])
        assert asked.wait(20)
        assert_refused(lms.school.post_launch(lms.classmate, forms[lms.classmate]), "no-platform-keys")
        over.set()
        assert_refused(held.result(), "no-platform-keys")
    assert fetches(lms) == 1
