"""`proximal platforms test`: what an administrator reads when an LMS does not answer as it should."""

import base64
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import requests
from cryptography.fernet import Fernet

from lti_tool.lti.network.transport import Transport
from lti_tool.lti.tool_keys import ensure_signing_key
from lti_tool.persistence.database import Database
from lti_tool.persistence.secrets import Vault
from lti_tool.services.platforms.platform_check import Check, check_platform
from tests.unit.lti_tool.lti.scripted import Call, Reply, ScriptedPlatform
from tests.unit.lti_tool.persistence.rows import LMS, MONDAY, add_lms

VAULT = Vault(Fernet.generate_key().decode())
KEY_SET = "https://proximal.school.example/lti/jwks"


def numbers(bits: int) -> dict[str, str]:
    """The public half of an RSA key that nobody has."""
    n = base64.urlsafe_b64encode((2 ** (bits - 1) + 1).to_bytes(bits // 8, "big")).rstrip(b"=").decode()
    return {"kty": "RSA", "n": n, "e": "AQAB"}


KEYS = [numbers(2048) | {"kid": "1"}, numbers(3072) | {"kid": "2"}, {"kty": "EC", "kid": "3"}, numbers(2048), None]


class Lms:
    """An LMS in good order, until a test changes something."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.keys: Any = {"keys": KEYS}
        self.clock: datetime | None = MONDAY
        self.token = Reply.json({"access_token": "t", "expires_in": 3600})
        self.platform = ScriptedPlatform(self.answer)
        with database.write() as session:
            ensure_signing_key(session, VAULT, MONDAY)
            self.registration = add_lms(session)

    def answer(self, call: Call) -> Reply:
        if call.url == f"{LMS}/token":
            return self.token
        headers = {"Date": format_datetime(self.clock, usegmt=True)} if self.clock else {}
        return Reply.json(self.keys, **headers)

    def check(self) -> dict[str, Check]:
        transport = Transport(allow_http_on_loopback=False, session=self.platform.session())
        checks = check_platform(self.database, VAULT, transport, self.registration, MONDAY, key_set=KEY_SET)
        return {check.what: check for check in checks}


@pytest.fixture
def lms(database: Database) -> Lms:
    return Lms(database)


def test_an_lms_in_good_order(lms: Lms) -> None:
    assert [(check.what, check.good, check.found) for check in lms.check().values()] == [
        ("registration", True, "switched on"),
        ("public keys", True, "2 RSA keys"),
        ("clock", True, "+0 s from ours"),
        ("access token", True, "given for sending scores"),
        ("gradebook columns", True, "allowed"),
        ("grades read back", True, "allowed"),
        ("class lists", True, "allowed"),
    ]


@pytest.mark.parametrize(
    "keys",
    [
        {"keys": []},
        {"keys": None},
        {"keys": [{"kty": "EC", "kid": "1"}]},
        {"keys": [{"kty": "RSA", "kid": "1"}]},
        {"keys": [numbers(1024) | {"kid": "1"}]},
        {"keys": [numbers(2048) | {"kid": "1", "use": "enc"}]},
        [],
        {},
    ],
    ids=lambda keys: str(keys)[:60],
)
def test_an_lms_without_a_usable_key(lms: Lms, keys: Any) -> None:
    lms.keys = keys
    check = lms.check()["public keys"]
    assert not check.good
    assert check.found == f"{LMS}/keys holds no RSA key of 2048 bits or more with a kid."


@pytest.mark.parametrize(("seconds", "good"), [(30, True), (-30, True), (31, False), (-3600, False)])
def test_a_clock_that_is_wrong_would_refuse_launches(lms: Lms, seconds: int, good: bool) -> None:
    lms.clock = MONDAY + timedelta(seconds=seconds)
    check = lms.check()["clock"]
    assert check.good is good
    assert f"{seconds:+d} s from ours" in check.found


def test_an_lms_that_does_not_tell_the_time_is_believed(lms: Lms) -> None:
    lms.clock = None
    assert lms.check()["clock"] == Check("clock", True, "the LMS does not say what time it has")


def test_an_lms_that_gives_no_token_says_why(lms: Lms) -> None:
    lms.token = Reply.json({"error": "invalid_client"}, 401)
    check = lms.check()["access token"]
    assert not check.good
    assert check.detail.startswith("lms.example answered 401")
    assert "is its client id client-1" in check.found
    assert check.found.endswith(f"does the LMS read our keys from {KEY_SET}?")
    assert "class lists" not in lms.check(), "there is no use in asking further"


def test_an_lms_that_allows_scores_only_is_usable_and_says_what_is_missing(lms: Lms) -> None:
    lms.platform.answer = lambda call: (
        lms.answer(call) if "/token" not in call.url or "scope%2Fscore" in call.body else Reply(400)
    )
    checks = lms.check()
    assert all(check.good for check in checks.values() if check.needed)
    assert checks["class lists"] == Check(
        "class lists",
        False,
        "Not allowed there: class pages show only pupils who have opened Proximal.",
        needed=False,
        advice="Allow it for this tool in the LMS's tool settings.",
    )


@pytest.mark.parametrize(("state", "command"), [("waiting", "approve"), ("disabled", "enable")])
def test_a_registration_that_is_not_on_names_the_command_for_it(lms: Lms, state: str, command: str) -> None:
    lms.registration.state = state
    check = lms.check()["registration"]
    assert not check.good
    assert check.found.endswith(f"proximal platforms {command}")


def test_a_token_from_before_proves_nothing_so_a_new_one_is_fetched(lms: Lms) -> None:
    assert lms.check()["access token"].good
    lms.token = Reply(500)
    assert not lms.check()["access token"].good


def test_an_lms_that_is_not_there_is_so_many_findings_and_no_traceback(lms: Lms) -> None:
    def nobody(_: Call) -> Reply:
        raise requests.ConnectionError

    lms.platform.answer = nobody
    checks = lms.check()
    assert [check.good for check in checks.values()] == [True, False, False, False]
    assert checks["clock"].advice == checks["public keys"].advice, "of a clock that nobody has seen nothing is said"
