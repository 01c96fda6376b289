"""A platform's keys: cached, found again after a rotation, let go of once withdrawn."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from lti_tool.lti.errors import LaunchRefused
from lti_tool.lti.network.transport import Transport
from lti_tool.lti.platform_keys import (
    REFETCH_INTERVAL,
    TRUSTED_FOR,
    KeysAtHand,
    KeysNotAtHand,
    PlatformKeySource,
    StoredKeys,
)
from lti_tool.persistence.database import Database
from lti_tool.services.platforms.registrations import NewRegistration, add_registration
from tests.unit.lti_tool.lti.scripted import Call, Reply, ScriptedPlatform
from tests.unit.lti_tool.persistence.rows import LMS, MONDAY, add_lms

PUBLIC = json.loads(RSAAlgorithm.to_jwk(rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()))


class Platform:
    """A key set that changes, and a tool that asks for keys at different times."""

    def __init__(self, database: Database, *kids: str) -> None:
        self.database = database
        self.kids = list(kids)
        self.web = ScriptedPlatform(lambda _: Reply.json({"keys": [PUBLIC | {"kid": kid} for kid in self.kids]}))
        self.transport = Transport(allow_http_on_loopback=False, session=self.web.session())
        with database.write() as session:
            self.registration = add_lms(session)

    def find(self, kid: str, now: datetime = MONDAY) -> str | None:
        """The key's id, or the code of the refusal."""
        try:
            return PlatformKeySource(self.database, self.transport, self.registration, now).keys(kid)[0].key_id
        except LaunchRefused as refusal:
            return refusal.code

    @property
    def fetches(self) -> int:
        return len(self.web.calls)


def test_a_known_key_is_not_fetched_again_for_a_day(database: Database) -> None:
    platform = Platform(database, "one")
    for hours in (0, 1, 23):
        assert platform.find("one", MONDAY + timedelta(hours=hours)) == "one"
    assert platform.fetches == 1


def test_a_new_key_is_found_at_once_but_unknown_ones_cost_a_fetch_a_minute_at_most(database: Database) -> None:
    platform = Platform(database, "one")
    platform.find("one")
    platform.kids = ["two"]
    assert platform.find("two", MONDAY + timedelta(seconds=30)) == "unknown-kid"
    assert platform.find("two", MONDAY + REFETCH_INTERVAL) == "two"
    for second in range(59):
        assert platform.find("made-up", MONDAY + REFETCH_INTERVAL + timedelta(seconds=second)) == "unknown-kid"
    assert platform.fetches == 2


def test_a_new_key_with_the_id_of_the_old_costs_a_fetch_a_minute_at_most(database: Database) -> None:
    platform = Platform(database, "one")
    platform.find("one")
    platform.kids = ["one", "one"]

    def found(seconds: int) -> int:
        now = MONDAY + timedelta(seconds=seconds)
        source = PlatformKeySource(database, platform.transport, platform.registration, now)
        return len(source.newest_keys("one"))

    assert [found(0), found(59), found(60), found(61), found(119)] == [1, 1, 2, 2, 2]
    assert platform.fetches == 2


def test_a_withdrawn_key_opens_nothing_after_a_day(database: Database) -> None:
    platform = Platform(database, "stolen")
    platform.find("stolen")
    platform.kids = ["new"]
    assert platform.find("stolen", MONDAY + TRUSTED_FOR) == "unknown-kid"


@pytest.mark.parametrize("answer", [Reply(500), Reply.json({"error": "busy"}), Reply(200, b"<html>")], ids=str)
def test_good_keys_outlive_a_platform_that_cannot_be_asked(database: Database, answer: Reply) -> None:
    platform = Platform(database, "one")
    platform.find("one")
    platform.web.answer = lambda _: answer
    assert platform.find("made-up", MONDAY + REFETCH_INTERVAL) == "unknown-kid"
    assert platform.find("one", MONDAY + TRUSTED_FOR * 2) == "one"
    assert platform.find("one", MONDAY + TRUSTED_FOR * 2) == "one"
    assert platform.fetches == 3, "a platform that is down is left alone"


@pytest.mark.parametrize(
    ("kid", "age"), [("made-up", timedelta(0)), ("one", TRUSTED_FOR)], ids=["unknown", "too old to be trusted"]
)
def test_what_is_at_hand_alone_opens_nothing_that_the_platform_would_be_asked_about(kid: str, age: timedelta) -> None:
    at_hand = KeysAtHand(StoredKeys({"keys": [PUBLIC | {"kid": "one"}]}, MONDAY), MONDAY + age)
    with pytest.raises(KeysNotAtHand):
        at_hand.keys(kid)
    with pytest.raises(KeysNotAtHand):
        at_hand.newest_keys(kid)
    with pytest.raises(KeysNotAtHand):
        KeysAtHand(None, MONDAY).keys("one")


def test_keys_at_hand_are_trusted_for_a_day() -> None:
    stored = StoredKeys({"keys": [PUBLIC | {"kid": "one"}]}, MONDAY)
    assert len(KeysAtHand(stored, MONDAY + TRUSTED_FOR - timedelta(seconds=1)).keys("one")) == 1


def test_a_broken_key_does_not_hide_a_good_one_of_the_same_id(database: Database) -> None:
    platform = Platform(database)
    broken: list[Any] = [None, "key", PUBLIC | {"kid": 1}, PUBLIC | {"kid": "one", "n": ""}]
    platform.web.answer = lambda _: Reply.json({"keys": [*broken, PUBLIC | {"kid": "one"}]})
    assert platform.find("one") == "one"


def test_of_two_keys_of_one_id_both_are_tried(database: Database) -> None:
    platform = Platform(database, "one", "one", "two")
    source = PlatformKeySource(database, platform.transport, platform.registration, MONDAY)
    assert len(source.keys("one")) == 2


def test_a_whole_class_with_a_new_key_costs_one_fetch(database: Database) -> None:
    platform = Platform(database, "old")
    platform.find("old")
    original, platform.kids = platform.web.answer, ["new"]

    def slowly(call: Call) -> Reply:
        time.sleep(0.2)
        return original(call)

    platform.web.answer = slowly
    with ThreadPoolExecutor(8) as class_5a:
        found = list(class_5a.map(lambda _: platform.find("new", MONDAY + REFETCH_INTERVAL), range(8)))
    assert found == ["new"] * 8
    assert platform.fetches == 2


def test_a_platform_that_hangs_holds_one_launch_and_no_other(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lti_tool.lti.platform_keys.WAIT_SECONDS", 0.05)
    platform, asked, over = Platform(database), threading.Event(), threading.Event()

    def hangs(_: Call) -> Reply:
        asked.set()
        over.wait(20)
        return Reply(500)

    platform.web.answer = hangs
    with ThreadPoolExecutor(1) as elsewhere:
        first = elsewhere.submit(platform.find, "one")
        asked.wait(20)
        assert platform.find("two") == "no-platform-keys"
        over.set()
        assert first.result() == "no-platform-keys"
    assert platform.fetches == 1


def test_numbers_that_no_database_keeps_do_no_harm(database: Database) -> None:
    platform = Platform(database)
    platform.web.answer = lambda _: Reply(
        200, json.dumps({"keys": [PUBLIC | {"kid": "one", "x": float("nan"), "y": "\x00"}]}).encode()
    )
    assert platform.find("one") == "one"


def test_a_key_too_small_for_rs256_is_not_found(database: Database) -> None:
    platform = Platform(database, "one")
    private = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - so small that it is refused
    small = json.loads(RSAAlgorithm.to_jwk(private.public_key()))
    platform.web.answer = lambda _: Reply.json({"keys": [small | {"kid": "small"}, PUBLIC | {"kid": "one"}]})
    assert (platform.find("small"), platform.find("one")) == ("unknown-kid", "one")


def test_keys_of_an_old_address_open_nothing_once_the_registration_is_corrected(database: Database) -> None:
    platform = Platform(database, "of the wrong lms")
    platform.find("of the wrong lms")
    with database.write() as session:
        new = NewRegistration(
            issuer=LMS,
            client_id="client-1",
            auth_url=f"{LMS}/auth",
            token_url=f"{LMS}/token",
            jwks_url=f"{LMS}/right-keys",
            deployment_ids=["1"],
        )
        platform.registration = add_registration(session, new, MONDAY)
    platform.kids = ["right"]
    assert platform.find("of the wrong lms") == "unknown-kid"
    assert platform.find("right") == "right"
    assert platform.web.calls[-1].url == f"{LMS}/right-keys"
