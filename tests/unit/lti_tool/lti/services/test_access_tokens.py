"""Access tokens: fetched when needed, shared by processes, never by districts."""

from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.network.transport import Transport
from lti_tool.lti.services.access_tokens import AccessTokens
from lti_tool.lti.tool_keys import ensure_signing_key, public_jwks
from lti_tool.persistence.database import Database
from lti_tool.persistence.secrets import Vault
from lti_tool.persistence.tables.keys import AccessToken
from tests.unit.lti_tool.lti.scripted import Call, Reply, ScriptedPlatform
from tests.unit.lti_tool.persistence.rows import LMS, MONDAY, add_lms

VAULT = Vault(Fernet.generate_key().decode())


class Desk:
    """A token endpoint that numbers its tokens by client."""

    def __init__(self, database: Database, **answer: Any) -> None:
        self.database = database
        self.extra = answer
        self.platform = ScriptedPlatform(self.issue)
        with database.write() as session:
            ensure_signing_key(session, VAULT, MONDAY)
            self.north = add_lms(session, client_id="north")
            self.south = add_lms(session, client_id="south")

    def issue(self, call: Call) -> Reply:
        client = jwt.decode(call.form["client_assertion"], options={"verify_signature": False})["iss"]
        token = f"{client}-{len(self.platform.calls)}"
        return Reply.json({"access_token": token, "token_type": "Bearer", "expires_in": 3600} | self.extra)

    def tokens(self) -> AccessTokens:
        transport = Transport(allow_http_on_loopback=False, session=self.platform.session())
        return AccessTokens(self.database, VAULT, transport)


def test_the_request_is_signed_for_this_client_and_the_token_url(database: Database) -> None:
    desk = Desk(database)
    desk.tokens().get(desk.north, ["b", "a", "b"], MONDAY)
    [call] = desk.platform.calls
    assert call.url == f"{LMS}/token"
    assert call.form["grant_type"] == "client_credentials"
    assert call.form["scope"] == "a b"
    assertion = call.form["client_assertion"]
    with database.read() as session:
        [key] = public_jwks(session, MONDAY)["keys"]
    assert jwt.get_unverified_header(assertion)["kid"] == key["kid"]
    claims = jwt.decode(
        assertion,
        jwt.PyJWK(key),
        algorithms=["RS256"],
        audience=f"{LMS}/token",
        options={"verify_exp": False, "verify_iat": False},
    )
    assert (claims["iss"], claims["sub"]) == ("north", "north")
    assert claims["exp"] - claims["iat"] == 60
    assert claims["jti"]


def test_a_token_is_shared_between_processes_until_most_of_its_life_is_over(database: Database) -> None:
    desk = Desk(database)
    assert desk.tokens().get(desk.north, ["a"], MONDAY) == "north-1"
    assert desk.tokens().get(desk.north, ["a"], MONDAY + timedelta(minutes=47)) == "north-1"
    assert desk.tokens().get(desk.north, ["a"], MONDAY + timedelta(minutes=48)) == "north-2"


def test_two_districts_on_one_issuer_never_share_a_token(database: Database) -> None:
    desk = Desk(database)
    tokens = desk.tokens()
    for _ in range(2):
        assert tokens.get(desk.north, ["a"], MONDAY) == "north-1"
        assert tokens.get(desk.south, ["a"], MONDAY) == "south-2"
    tokens.forget(desk.north)
    assert tokens.get(desk.south, ["a"], MONDAY) == "south-2"
    assert tokens.get(desk.north, ["a"], MONDAY) == "north-3"


def test_other_scopes_need_another_token(database: Database) -> None:
    desk = Desk(database)
    tokens = desk.tokens()
    assert tokens.get(desk.north, ["a"], MONDAY) != tokens.get(desk.north, ["b"], MONDAY)


def test_a_stored_token_cannot_be_read_without_the_master_key(database: Database) -> None:
    desk = Desk(database)
    desk.tokens().get(desk.north, ["a"], MONDAY)
    with database.read() as session:
        assert b"north" not in session.scalars(select(AccessToken.encrypted_token)).one()


@pytest.mark.parametrize(
    ("expires_in", "minutes"),
    [
        (3600, 48),
        ("3600", 48),
        (0, 0),
        (10**8, 60 * 24 * 0.8),
        (None, 4),
        ("soon", 4),
        (-1, 4),
        (1e300, 4),
        (float("nan"), 4),
        (True, 4),
        ([], 4),
    ],
    ids=str,
)
def test_a_lifetime_is_believed_as_far_as_it_makes_sense(database: Database, expires_in: Any, minutes: float) -> None:
    desk = Desk(database, expires_in=expires_in)
    desk.tokens().get(desk.north, ["a"], MONDAY)
    with database.read() as session:
        assert session.scalars(select(AccessToken.refresh_at)).one() == MONDAY + timedelta(minutes=minutes)


@pytest.mark.parametrize("token", [None, 5, "", "  ", "a\nb", "tokén", "\ud800", ["x"]], ids=repr)
def test_an_answer_without_a_usable_token_is_an_error(database: Database, token: Any) -> None:
    desk = Desk(database, access_token=token)
    with pytest.raises(ServiceError, match="bad-token-answer"):
        desk.tokens().get(desk.north, ["a"], MONDAY)


def test_an_answer_that_is_no_object_is_an_error(database: Database) -> None:
    desk = Desk(database)
    desk.platform.answer = lambda _: Reply.json(["token"])
    with pytest.raises(ServiceError, match="bad-token-answer"):
        desk.tokens().get(desk.north, ["a"], MONDAY)


@pytest.mark.parametrize(
    ("reply", "code", "permanent"),
    [
        (Reply.json({"error": "invalid_scope"}, 400), "not-allowed", True),
        (Reply.json({"error": "invalid_client"}, 401), "token-refused", False),
        (Reply.json(["?"], 400), "token-refused", False),
        (Reply(403, b"<html>"), "token-refused", False),
        (Reply(503), "http-503", False),
    ],
    ids=["scope withdrawn", "key not known yet", "no object", "a page", "busy"],
)
def test_a_refused_key_may_be_accepted_later_and_a_withdrawn_scope_may_not(
    database: Database, reply: Reply, code: str, permanent: bool
) -> None:
    desk = Desk(database)
    desk.platform.answer = lambda _: reply
    with pytest.raises(ServiceError) as refusal:
        desk.tokens().get(desk.north, ["a"], MONDAY)
    assert (refusal.value.code, refusal.value.permanent) == (code, permanent)
    assert refusal.value.status in (None, 503), "a refused token is no answer to what it was wanted for"
