"""The first half of a launch: a login is begun for one browser, and used once."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from lti_tool.lti.errors import LaunchRefused
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.launches import LoginAttempt
from lti_tool.services.launching.logins import (
    LOGIN_LIFETIME,
    LoginStart,
    begin_login,
    digest,
    forget_old,
    use_up,
    waiting_login,
)
from tests.support.databases import Servers
from tests.unit.lti_tool.persistence.rows import LMS, MONDAY, add_lms

OURS = "https://proximal.example/lti/launch"
REQUEST = {"iss": LMS, "client_id": "client-1", "login_hint": "ada & co", "target_link_uri": OURS}


@pytest.fixture
def tool(database_servers: Servers) -> Iterator[Database]:
    """A tool that knows one LMS. What is tested here does not depend on the kind of database."""
    with database_servers.fresh("sqlite") as url:
        database = Database(url)
        with database.write() as session:
            add_lms(session)
        yield database
        database.close()


def begin(tool: Database, **changes: str) -> LoginStart:
    with tool.write() as session:
        return begin_login(session, REQUEST | changes, redirect_uri=OURS, now=MONDAY)


def use(tool: Database, state: str, secret: str | None, *, after: timedelta = timedelta(0)) -> str:
    """Finish a login; the nonce, or the code of the refusal."""
    with tool.write() as session:
        try:
            login = waiting_login(session, state, MONDAY + after)
            login.check_browser(secret)
            use_up(session, state, MONDAY + after)
            return login.nonce
        except LaunchRefused as refusal:
            return refusal.code


def test_the_browser_is_sent_to_the_lms_with_all_that_the_standard_asks_for(tool: Database) -> None:
    start = begin(tool, lti_message_hint='{"cmid":3}', lti_deployment_id="1")
    address = urlsplit(start.redirect_to)
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{LMS}/auth"
    query = {name: value[0] for name, value in parse_qs(address.query).items()}
    assert query.pop("state") == start.state
    assert len(query.pop("nonce")) >= 32
    assert query == {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": "client-1",
        "redirect_uri": OURS,
        "login_hint": "ada & co",
        "lti_message_hint": '{"cmid":3}',
    }


def test_a_query_in_the_lms_s_address_stays(tool: Database) -> None:
    with tool.write() as session:
        add_lms(session).auth_url = f"{LMS}/auth?tenant=7&empty="
    assert begin(tool).redirect_to.startswith(f"{LMS}/auth?tenant=7&empty=&scope=openid")


def test_neither_state_nor_secret_is_stored(tool: Database) -> None:
    start = begin(tool)
    with tool.read() as session:
        row = session.scalars(select(LoginAttempt)).one()
    assert {start.state, start.browser_secret}.isdisjoint({row.state_hash, row.browser_hash, row.nonce})
    assert (row.state_hash, row.browser_hash) == (digest(start.state), digest(start.browser_secret))


def test_no_two_logins_share_anything(tool: Database) -> None:
    starts = [begin(tool) for _ in range(5)]
    assert len({start.state for start in starts} | {start.browser_secret for start in starts}) == 10


def test_a_login_is_used_once_by_its_own_browser_within_ten_minutes(tool: Database) -> None:
    start = begin(tool)
    assert use(tool, start.state, None) == "no-cookie"
    assert use(tool, start.state, "guess") == "foreign-state"
    assert use(tool, start.state, begin(tool).browser_secret) == "foreign-state"
    nonce = use(tool, start.state, start.browser_secret, after=LOGIN_LIFETIME)
    assert len(nonce) >= 32
    assert use(tool, start.state, start.browser_secret) == "used-state"


def test_a_login_that_took_too_long_is_none(tool: Database) -> None:
    start = begin(tool)
    late = LOGIN_LIFETIME + timedelta(seconds=1)
    assert use(tool, start.state, start.browser_secret, after=late) == "expired-state"


@pytest.mark.parametrize(("state", "code"), [("", "missing-state"), ("made-up", "unknown-state")])
def test_a_state_of_nobody(tool: Database, state: str, code: str) -> None:
    assert use(tool, state, "x") == code
    with tool.read() as session, pytest.raises(LaunchRefused, match=code):
        waiting_login(session, state, MONDAY)


def test_looking_at_a_waiting_login_does_not_use_it_up(tool: Database) -> None:
    start = begin(tool, lti_storage_target="post_message_forwarding")
    with tool.read() as session:
        waiting = waiting_login(session, start.state, MONDAY)
    assert (waiting.registration.client_id, waiting.target_link_uri) == ("client-1", OURS)
    assert waiting.storage is not None
    assert (waiting.storage.target, waiting.storage.origin) == ("post_message_forwarding", LMS)
    assert use(tool, start.state, start.browser_secret) == waiting.nonce
    with tool.read() as session, pytest.raises(LaunchRefused, match="used-state"):
        waiting_login(session, start.state, MONDAY)


def test_only_what_is_over_is_forgotten(tool: Database) -> None:
    start = begin(tool)
    with tool.write() as session:
        forget_old(session, MONDAY + LOGIN_LIFETIME)
    assert use(tool, start.state, start.browser_secret) != "unknown-state"
    with tool.write() as session:
        forget_old(session, MONDAY + LOGIN_LIFETIME + timedelta(seconds=1))
    assert use(tool, start.state, start.browser_secret) == "unknown-state"


class TestSeveralRegistrationsOnOneIssuer:
    """All customers of Canvas share its issuer."""

    @pytest.fixture(autouse=True)
    def second(self, tool: Database) -> None:
        with tool.write() as session:
            add_lms(session, client_id="client-2")

    def test_the_client_id_decides(self, tool: Database) -> None:
        for client in ("client-1", "client-2"):
            assert f"client_id={client}&" in begin(tool, client_id=client).redirect_to

    def test_without_one_nobody_is_guessed(self, tool: Database) -> None:
        with pytest.raises(LaunchRefused, match="ambiguous-platform"):
            begin(tool, client_id="")

    def test_one_that_is_switched_off_is_not_there(self, tool: Database) -> None:
        with tool.write() as session:
            add_lms(session, client_id="client-2").state = "disabled"
        with pytest.raises(LaunchRefused, match="unknown-platform"):
            begin(tool, client_id="client-2")
        assert "client_id=client-1&" in begin(tool, client_id="").redirect_to, "and the other is the only one"
