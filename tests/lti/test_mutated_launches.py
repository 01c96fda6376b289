"""A thousand launches with something changed: valid ones open, all others get a page and leave nothing behind."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from hypothesis import HealthCheck, given, settings
from sqlalchemy import func, literal, select, union_all

from lti_tool.persistence.base import Base
from tests.lti.mutations import MUTATIONS, Mutation, is_valid, mutated
from tests.support.databases import BACKENDS, Servers
from tests.support.school import TOOL_URL, School, open_school

BEFORE_ANY_LAUNCH = {"login_attempt", "platform_keys"}
"""What a login leaves behind, whatever becomes of it."""
KINDS: dict[str, tuple[str, Callable[[School, str], str]]] = {
    "a pupil's launch": ("ada", lambda school, nonce: school.lms.sign_launch("ada", 1, nonce=nonce)),
    "a teacher's launch": ("marit", lambda school, nonce: school.lms.sign_launch("marit", 1, nonce=nonce)),
    "deep linking": ("marit", lambda school, nonce: school.lms.sign_deep_linking("marit", nonce=nonce)),
}
RELAXED = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@pytest.fixture(scope="module", params=BACKENDS)
def place(
    request: pytest.FixtureRequest, database_servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[School]:
    """One school for all launches."""
    with (
        database_servers.fresh(request.param) as url,
        open_school(url, tmp_path_factory.mktemp("mutated")) as opened,
    ):
        opened.lms.add_activity("class-5a", {"type": "ltiResourceLink", "title": "Fractions"})
        yield opened


def everything_stored(school: School) -> dict[str, int]:
    """How many rows each table holds, but for those that any login fills."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in BEFORE_ANY_LAUNCH]
    counts = (select(literal(table.name), func.count()).select_from(table) for table in tables)
    with school.runtime.database.read() as session:
        return dict(session.execute(union_all(*counts)).all())


def part(content: Mapping[str, Any]) -> str:
    return encoded(json.dumps(content).encode())


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decoded(text: str) -> dict[str, Any]:
    return dict(json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))


def signed(school: School, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    """An RS256 token with any header and claims, by no library that would refuse them."""
    message = f"{part(header)}.{part(claims)}"
    signature = school.lms.lms.key.private.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{message}.{encoded(signature)}"


def tampered(token: str, how: str) -> str:
    """A token that somebody changed after it was signed."""
    header, claims, signature = token.split(".")
    if how == "payload":
        return f"{header}.{part(decoded(claims) | {'sub': 'somebody else'})}.{signature}"
    if how == "header":
        return f"{part(decoded(header) | {'alg': 'RS512'})}.{claims}.{signature}"
    if how == "signature":
        return f"{header}.{claims}.{signature[:-8]}AAAAAAAA"
    if how == "unsigned":
        return f"{header}.{claims}."
    if how == "none":
        return f"{part({'alg': 'none', 'typ': 'JWT'})}.{claims}."
    return token


def check(place: School, kind: str, mutation: Mutation) -> None:
    """Launch with a mutation; hold the answer and all that is stored against what the oracle says."""
    who, sign = KINDS[kind]
    state, nonce = place.pending_login(who, 1)
    header, claims, _ = sign(place, nonce).split(".")
    changed_header = decoded(header) | mutation.header
    changed_header = {name: value for name, value in changed_header.items() if value is not mutation.dropped}
    changed = mutated(decoded(claims), mutation.claims)
    token = tampered(signed(place, changed_header, changed), mutation.tamper)
    kid = place.lms.lms.key.kid
    valid = mutation.tamper == "nothing" and is_valid(changed_header, changed, token, kid=kid, nonce=nonce)
    before = everything_stored(place)
    answer = place.post_launch(who, {"state": state, "id_token": token})
    after = everything_stored(place)
    if valid:
        assert answer.status_code == 303, answer.text
        assert after["launch_session"] == before["launch_session"] + 1
        assert place.browser(who).get(answer.location, base_url=TOOL_URL).status_code in (200, 403)
    else:
        assert 400 <= answer.status_code < 500
        assert "Code: " in answer.text
        assert [cookie for cookie in answer.headers.getlist("Set-Cookie") if "Max-Age=0" not in cookie] == []
        assert after == before
    place._browsers.clear()


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, derandomize=True, **RELAXED)
@given(mutation=MUTATIONS)
def test_a_changed_launch_opens_only_if_it_is_still_a_launch(place: School, kind: str, mutation: Mutation) -> None:
    check(place, kind, mutation)


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=167, **RELAXED)
@given(mutation=MUTATIONS)
def test_a_thousand_changed_launches_open_only_if_they_are_still_launches(
    place: School, kind: str, mutation: Mutation
) -> None:
    check(place, kind, mutation)
