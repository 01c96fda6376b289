"""Access tokens: who gets one, for what, and for how long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from sandbox_lms.config import ALL_SCOPES, SCOPE_LINE_ITEM, SCOPE_RESULT_READ, SCOPE_SCORE
from sandbox_lms.errors import Refused
from sandbox_lms.lti import keys
from sandbox_lms.lti.keys import PlatformKey, ToolKeys
from tests.unit.sandbox_lms.school import LINE_ITEMS, LMS_URL, School, open_school

LIST = "/lti/courses/class-5a/lineitems"


def test_a_token_is_opaque_for_an_hour_and_never_stored(school: School) -> None:
    response = school.token(SCOPE_SCORE)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    body = response.json
    assert body is not None
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 3600
    assert body["scope"] == SCOPE_SCORE
    stored = school.lms.lms.database.row("SELECT token_hash FROM access_token")
    assert stored is not None
    assert body["access_token"] not in stored["token_hash"]


def test_only_granted_scopes_come_back() -> None:
    school = open_school(scopes=(SCOPE_SCORE,))
    body = school.token(f"{SCOPE_SCORE} {SCOPE_LINE_ITEM} https://example.org/scope").json
    assert body is not None
    assert body["scope"] == SCOPE_SCORE
    refused = school.token(SCOPE_LINE_ITEM)
    assert (refused.status_code, refused.json and refused.json["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "other"}, "iss must be"),
        ({"sub": "other"}, "sub of the client assertion"),
        ({"sub": None}, "sub of the client assertion"),
        ({"aud": "http://other.test"}, "aud must be"),
        ({"aud": ["http://other.test"]}, "aud must be"),
        ({"jti": None}, "jti of the client assertion is missing"),
        ({"jti": 5}, "jti of the client assertion is missing"),
        ({"exp": 1}, "exp has passed"),
        ({"iat": True}, "iat is missing"),
        ({"iat": 4102444800, "exp": 4102444900}, "in the future"),
    ],
)
def test_a_faulty_assertion_gets_no_token(school: School, changes: dict[str, Any], reason: str) -> None:
    response = school.token(**changes)
    assert response.status_code == 401
    assert response.json is not None
    assert response.json["error"] == "invalid_client"
    assert reason in response.json["error_description"]


@pytest.mark.parametrize("audience", [f"{LMS_URL}/lti/token", LMS_URL, ["http://other.test", LMS_URL]])
def test_the_token_address_or_the_issuer_is_the_audience(school: School, audience: Any) -> None:
    assert school.token(aud=audience).status_code == 200


def test_an_assertion_is_good_once_and_its_jti_is_forgotten_after_it_ran_out(school: School) -> None:
    assert school.token(jti="one").status_code == 200
    again = school.token(jti="one")
    assert again.status_code == 401
    assert "jti is known" in again.text
    school.clock.ahead = timedelta(minutes=2)
    school.lms.lms.database.first_time("jti", "two", expires=school.clock(), now=school.clock())
    assert school.lms.lms.database.row("SELECT 1 FROM seen WHERE value = 'one'") is None


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("grant_type", "authorization_code", "unsupported_grant_type"),
        ("client_assertion_type", "secret", "invalid_request"),
        ("client_assertion", "", "invalid_client"),
        ("client_assertion", "not.a.jwt", "invalid_client"),
        ("scope", "", "invalid_scope"),
    ],
)
def test_a_faulty_request_gets_the_error_code_of_oauth(school: School, field: str, value: str, error: str) -> None:
    form = school.tool.token_request(" ".join(ALL_SCOPES)) | {field: value}
    response = school.app.test_client().post("/lti/token", data=form)
    assert response.json is not None
    assert response.json["error"] == error
    assert response.json["error_description"]


def test_a_token_request_must_be_a_form(school: School) -> None:
    response = school.app.test_client().post("/lti/token", json=school.tool.token_request(SCOPE_SCORE))
    assert response.status_code == 400


@pytest.mark.parametrize(
    ("header", "payload", "reason"),
    [
        ({}, b"{}", "no kid"),
        ({"kid": ""}, b"{}", "no kid"),
        ({"kid": "unknown"}, b'{"iss": "proximal-demo"}', "no RSA key with kid"),
        (None, b"[]", "JSON object"),
        (None, b"{", "no JSON"),
        (None, b"\xff", "not UTF-8"),
    ],
)
def test_a_token_that_only_looks_like_a_jwt_is_refused(
    school: School, header: dict[str, str] | None, payload: bytes, reason: str
) -> None:
    headers = {"kid": school.tool.kid} if header is None else header
    token = jwt.PyJWS().encode(payload, school.tool.key, "RS256", headers=headers)
    form = school.tool.token_request(SCOPE_SCORE) | {"client_assertion": token}
    response = school.app.test_client().post("/lti/token", data=form)
    assert response.status_code in {400, 401}
    assert reason in response.text


def test_an_assertion_signed_with_another_algorithm_or_key_is_refused(school: School) -> None:
    form = school.tool.token_request(SCOPE_SCORE)
    forged = jwt.encode({"iss": "proximal-demo"}, "k" * 40, "HS256", headers={"kid": school.tool.kid})
    response = school.app.test_client().post("/lti/token", data=form | {"client_assertion": forged})
    assert "alg must be RS256" in response.text
    kid = school.tool.kid
    school.token()
    school.tool.rotate_key()
    school.tool.kid = kid
    assert "signature does not fit" in school.token().text


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", "Basic abc"])
def test_a_call_without_a_valid_token_is_told_so(school: School, authorization: str) -> None:
    headers = {"Authorization": authorization, "Accept": LINE_ITEMS}
    response = school.app.test_client().get(LIST, headers=headers)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_token_runs_out(school: School) -> None:
    body = school.token().json
    assert body is not None
    school.clock.ahead = timedelta(hours=1, seconds=1)
    headers = {"Authorization": f"Bearer {body['access_token']}", "Accept": LINE_ITEMS}
    assert school.app.test_client().get(LIST, headers=headers).status_code == 401


def test_a_token_does_what_its_scopes_say_and_no_more(school: School) -> None:
    refused = school.call("GET", LIST, accept=LINE_ITEMS, scope=f"{SCOPE_SCORE} {SCOPE_RESULT_READ}")
    assert refused.status_code == 403
    assert refused.json is not None
    assert refused.json["error"] == "insufficient_scope"


def test_a_tool_whose_keys_cannot_be_read_gets_no_token() -> None:
    def fails(url: str) -> dict[str, Any]:
        raise requests.ConnectionError("no route")

    for fetch in (fails, lambda url: {"keys": 5}, lambda url: {"keys": [{"kty": "RSA", "kid": "a", "n": "", "e": ""}]}):
        with pytest.raises(Refused, match="could not be read"):
            ToolKeys("http://tool.test/lti/jwks", fetch).key("a")


def test_keys_that_are_not_for_rsa_signatures_are_passed_over() -> None:
    published = {"keys": [{"kty": "EC", "kid": "a"}, {"kty": "RSA", "kid": "b", "use": "enc"}, {"kty": "RSA"}]}
    with pytest.raises(Refused, match="no RSA key"):
        ToolKeys("http://tool.test/lti/jwks", lambda url: published).key("a")


def test_the_tools_keys_are_fetched_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    class Answer:
        def __init__(self, body: object) -> None:
            self.body = body

        def raise_for_status(self) -> None:
            return None

        def json(self) -> object:
            return self.body

    monkeypatch.setattr(keys.requests, "get", lambda url, **options: Answer({"keys": []}))
    assert keys.fetch_jwks("http://tool.test/lti/jwks") == {"keys": []}
    monkeypatch.setattr(keys.requests, "get", lambda url, **options: Answer([]))
    with pytest.raises(ValueError, match="no JSON object"):
        keys.fetch_jwks("http://tool.test/lti/jwks")


def test_a_stored_key_that_is_no_rsa_key_is_not_used() -> None:
    pem = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(TypeError):
        PlatformKey.from_pem(pem.decode())
