"""The helper that tests of the tool use: it must sign what it is told to, good or bad."""

from __future__ import annotations

import base64
import json
import runpy
import sys
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from sandbox_lms import __main__ as command
from sandbox_lms.lti.messages import DEEP_LINKING, LTI
from sandbox_lms.testing import DROP, SandboxClient
from tests.lti.fake_tool import first_key
from tests.unit.sandbox_lms.school import School


def read(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, unverified."""
    header, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2])
    return header, claims


def test_an_unchanged_launch_is_a_good_one(school: School) -> None:
    link = school.activity()
    token = school.lms.sign_launch("ada", link, nonce="n")
    key = school.lms.lms.key.private.public_key()
    claims = jwt.decode(token, key, ["RS256"], audience="proximal-demo")
    assert claims["nonce"] == "n"
    assert claims["sub"] == school.lms.sub("ada")


def test_claims_are_changed_and_dropped_by_short_or_full_name(school: School) -> None:
    token = school.lms.sign_launch(
        "ada", school.activity(), sub=5, exp=DROP, roles=[], version=DROP, iss=7, **{LTI + "deployment_id": "9"}
    )
    _, claims = read(token)
    assert (claims["sub"], claims["iss"]) == (5, 7)
    assert "exp" not in claims
    assert claims[LTI + "roles"] == []
    assert LTI + "version" not in claims
    assert claims[LTI + "deployment_id"] == "9"


def test_header_key_and_algorithm_can_be_wrong(school: School) -> None:
    link = school.activity()
    header, _ = read(school.lms.sign_launch("ada", link, header={"kid": DROP}))
    assert "kid" not in header
    unsigned = school.lms.sign_launch("ada", link, algorithm="none")
    assert read(unsigned)[0]["alg"] == "none"
    assert unsigned.endswith(".")
    foreign = school.lms.sign_launch("ada", link, key=first_key())
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(foreign, school.lms.lms.key.private.public_key(), ["RS256"], audience="proximal-demo")
    pem = school.lms.lms.key.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    for secret in (pem, pem.decode()):
        assert read(school.lms.sign_launch("ada", link, key=secret, algorithm="HS256"))[0]["alg"] == "HS256"


def test_a_deep_linking_request_can_offer_other_settings(school: School) -> None:
    _, claims = read(school.lms.sign_deep_linking(nonce="n", settings={"accept_multiple": False, "data": DROP}))
    assert claims[DEEP_LINKING + "deep_linking_settings"]["accept_multiple"] is False
    assert "data" not in claims[DEEP_LINKING + "deep_linking_settings"]
    assert claims["nonce"] == "n"


def test_who_does_not_exist_cannot_do_anything(school: School) -> None:
    with pytest.raises(KeyError):
        school.lms.sub("nobody")


def test_a_page_without_a_form_is_shown_in_the_failure(school: School) -> None:
    with pytest.raises(AssertionError, match="HTTP 404"):
        school.lms.start_launch("ada", 99)


def test_a_tool_that_redirects_to_somebody_else_is_noticed(school: School) -> None:
    with pytest.raises(AssertionError, match=r"not to http://lms\.test/lti/auth"):
        school.lms.authorize("ada", "http://evil.test/lti/auth?state=1")


def test_from_outside_the_inside_is_out_of_reach() -> None:
    with pytest.raises(ValueError, match="needs an app"):
        SandboxClient()
    with pytest.raises(RuntimeError, match="needs the app itself"):
        SandboxClient(address="http://localhost:1").sub("ada")


def test_the_command_serves_the_address_that_it_prints(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made: dict[str, Any] = {}

    class Server:
        def __init__(self, host: str, port: int, app: Any, threaded: bool) -> None:
            made.update(host=host, port=port, lms=app.extensions["practice_lms"], threaded=threaded)

        def serve_forever(self) -> None:
            raise KeyboardInterrupt

        def server_close(self) -> None:
            made["closed"] = True

    monkeypatch.setattr("werkzeug.serving.make_server", Server)
    arguments = ["sandbox_lms", "--port", "8765", "--database", ":memory:", "--tool-url", "http://127.0.0.1:8766"]
    monkeypatch.setattr(sys, "argv", arguments)
    monkeypatch.delitem(sys.modules, command.__name__)
    runpy.run_module("sandbox_lms", run_name="__main__")
    assert capsys.readouterr().out == "Practice LMS: http://localhost:8765\n"
    assert (made["host"], made["port"], made["threaded"], made["closed"]) == ("localhost", 8765, True, True)
    tool = made["lms"].tool
    assert tool.login_url == "http://127.0.0.1:8766/lti/login"
    assert tool.redirect_uris == (tool.launch_url,) == (tool.deep_link_url,) == ("http://127.0.0.1:8766/lti/launch",)
    assert (tool.jwks_url, tool.client_id, tool.deployment_id) == (
        "http://127.0.0.1:8766/lti/jwks",
        "proximal-demo",
        "1",
    )
