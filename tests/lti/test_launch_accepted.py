"""Launches that must open, however little or how much the platform tells; and any mutation of one ends in a page."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from sqlalchemy import func, select, update

from lti_tool.lti.platform_keys import REFETCH_INTERVAL
from lti_tool.persistence.tables.keys import PlatformKeys
from lti_tool.persistence.tables.launches import LaunchSession
from lti_tool.persistence.tables.people import DisplayName
from sandbox_lms.testing import DROP
from tests.support.databases import BACKENDS, Servers
from tests.support.school import CLIENT_ID, LMS_URL, TOOL_URL, School, open_school
from tests.unit.lti_tool.lti.scripted import Reply, ScriptedPlatform

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
LEARNER, INSTRUCTOR = f"{MEMBERSHIP}#Learner", f"{MEMBERSHIP}#Instructor"
NO_NAMES = {"name": DROP, "given_name": DROP, "family_name": DROP}


@pytest.fixture(scope="module", params=BACKENDS)
def place(
    request: pytest.FixtureRequest, database_servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[School]:
    """One school for all of these launches."""
    with (
        database_servers.fresh(request.param) as url,
        open_school(url, tmp_path_factory.mktemp("accepted")) as opened,
    ):
        opened.lms.add_activity("class-5a", {"type": "ltiResourceLink", "title": "Fractions"})
        yield opened


def newest(school: School) -> LaunchSession:
    with school.runtime.database.read() as session:
        return session.scalars(select(LaunchSession).order_by(LaunchSession.created_at.desc()).limit(1)).one()


def count_sessions(school: School) -> int:
    with school.runtime.database.read() as session:
        return session.scalar(select(func.count()).select_from(LaunchSession)) or 0


ACCEPTED: list[tuple[str, str, dict[str, Any]]] = [
    ("as the platform sends it", "pupil", {}),
    ("several roles", "teacher", {"roles": [LEARNER, INSTRUCTOR]}),
    ("short role Learner", "pupil", {"roles": ["Learner"]}),
    ("short role Instructor", "teacher", {"roles": ["Instructor"]}),
    ("a teaching assistant's sub-role", "teacher", {"roles": [f"{MEMBERSHIP}/Instructor#TeachingAssistant"]}),
    ("an unknown role beside a known one", "pupil", {"roles": ["urn:x:wizard", LEARNER]}),
    ("no role at all", "none", {"roles": []}),
    ("unknown roles only", "none", {"roles": ["urn:x:wizard"]}),
    (
        "a role elsewhere in the school",
        "none",
        {"roles": ["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor"]},
    ),
    ("no personal data", "pupil", NO_NAMES),
    ("an email only", "pupil", NO_NAMES | {"email": "ada@school.example"}),
    ("names only", "pupil", {"email": DROP}),
    ("an email and no context", "pupil", {"email": "ada@school.example", "context": DROP}),
    (
        "null where nothing is known",
        "pupil",
        {"name": None, "context": None, "custom": None, "ags": None, "nrps": None},
    ),
    (
        "a resource link and nothing else",
        "pupil",
        dict.fromkeys(("context", "launch_presentation", "custom", "ags", "nrps", "tool_platform"), DROP),
    ),
    ("its audience in a list", "pupil", {"aud": [CLIENT_ID]}),
    ("several audiences and our azp", "pupil", {"aud": ["other", CLIENT_ID], "azp": CLIENT_ID}),
    ("a clock that is 20 s ahead", "pupil", {"iat": lambda: int(time.time()) + 20}),
    ("times with fractions", "pupil", {"iat": lambda: time.time() - 0.5, "exp": lambda: time.time() + 60.5}),
    ("a name in another script", "pupil", NO_NAMES | {"name": "Ада 艾达 آدا 👩🏽‍🚀"}),
    ("a name cut in the middle of an emoji", "pupil", {"name": "Ada \ud83d"}),
    ("a title with NUL", "pupil", {"resource_link": {"id": "1", "title": "a\x00b"}}),
    ("a context's title beyond all length", "pupil", {"context": {"id": "5a", "title": "x" * 20_000}}),
    (
        "ids of 255 characters",
        "pupil",
        {"sub": "é" * 255, "context": {"id": "c" * 255}, "resource_link": {"id": "r" * 255}},
    ),
    ("a locale that would be a path", "pupil", {"launch_presentation": {"locale": "../../etc"}}),
    (
        "custom parameters of odd types",
        "pupil",
        {"custom": {"activity_id": ["x"], "n": 5, "nul": "\x00", "half": "\ud83d"}},
    ),
    ("an activity id that nobody made", "pupil", {"custom": {"activity_id": "a\x00b\ud83d" + "x" * 5000}}),
    ("a claim that we do not know", "pupil", {"https://lms.example/claim": {"deep": [[[{}]]]}}),
]


@pytest.mark.parametrize(("name", "role", "changes"), ACCEPTED, ids=[row[0] for row in ACCEPTED])
def test_a_launch_opens_with(place: School, name: str, role: str, changes: dict[str, Any]) -> None:
    arguments = {key: value() if callable(value) else value for key, value in changes.items()}
    before = count_sessions(place)
    answer = place.launch_signed("ada", 1, **arguments)
    assert answer.status_code == 303, answer.text
    assert count_sessions(place) == before + 1
    assert newest(place).role == role
    page = place.browser("ada").get(answer.location, base_url=TOOL_URL)
    assert page.status_code == (403 if role == "none" else 200)


def test_a_name_is_kept_encrypted_and_whole(place: School) -> None:
    place.launch_signed("ada", 1, sub="a-new-pupil", name="Ада 👩🏽‍🚀")
    with place.runtime.database.read() as session:
        stored = session.get_one(DisplayName, newest(place).person_id).encrypted_name
    assert "Ада".encode() not in stored
    assert place.runtime.vault.decrypt(stored) == "Ада 👩🏽‍🚀"


class TestPlatformKeys:
    @pytest.fixture
    def keys(self, school: School) -> ScriptedPlatform:
        """The platform's key set under our control; the rest of the LMS works as ever."""
        school.lms.add_activity("class-5a", {"type": "ltiResourceLink", "title": "Fractions"})
        platform = ScriptedPlatform(lambda _: Reply.json(school.lms.lms.key.jwks()))
        school.runtime.transport._session.mount(f"{LMS_URL}/.well-known/", platform)
        return platform

    def test_a_rotated_key_is_found_and_one_fetch_serves_all_launches(
        self, school: School, keys: ScriptedPlatform
    ) -> None:
        for _ in range(3):
            assert school.launch_signed("ada", 1).status_code == 303
        assert len(keys.calls) == 1

    def test_a_key_that_shares_its_id_with_another_is_found(self, school: School, keys: ScriptedPlatform) -> None:
        [good] = school.lms.lms.key.jwks()["keys"]
        stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
        other = RSAAlgorithm.to_jwk(stranger, as_dict=True) | {"kid": good["kid"]}
        curve = {"kty": "EC", "kid": good["kid"], "crv": "P-256", "x": "AA", "y": "AA"}
        keys.answer = lambda _: Reply.json({"keys": [curve, other, good]})
        assert school.launch_signed("ada", 1).status_code == 303
        forger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        assert "bad-signature" in school.launch_signed("ada", 1, key=forger).text

    def test_a_new_key_that_has_the_old_ones_id_opens_when_the_minute_is_over(
        self, school: School, keys: ScriptedPlatform
    ) -> None:
        assert school.launch_signed("ada", 1).status_code == 303
        [old] = school.lms.lms.key.jwks()["keys"]
        new = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        numbers = RSAAlgorithm.to_jwk(new.public_key(), as_dict=True)
        keys.answer = lambda _: Reply.json({"keys": [numbers | {"kid": old["kid"]}]})
        assert "bad-signature" in school.launch_signed("ada", 1, key=new).text
        with school.runtime.database.write() as session:
            session.execute(update(PlatformKeys).values(fetched_at=datetime.now(UTC) - REFETCH_INTERVAL))
        assert school.launch_signed("ada", 1, key=new).status_code == 303
        assert "bad-signature" in school.launch_signed("ada", 1).text, "the old one is over"

    def test_twenty_five_unknown_keys_cost_one_fetch(self, school: School, keys: ScriptedPlatform) -> None:
        for number in range(25):
            answer = school.launch_signed("ada", 1, header={"kid": f"made-up {number}"})
            assert "Code: unknown-kid<" in answer.text
        assert len(keys.calls) == 1
        assert school.launch_signed("ada", 1).status_code == 303

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
    def test_a_key_set_that_cannot_be_read_opens_nothing(
        self, school: School, keys: ScriptedPlatform, answer: Reply
    ) -> None:
        keys.answer = lambda _: answer
        refused = school.launch_signed("ada", 1)
        assert refused.status_code == 403
        assert "Code: no-platform-keys<" in refused.text
        assert count_sessions(school) == 0

    @pytest.mark.parametrize(
        "change", [{"n": "!"}, {"n": 5}, {"e": ""}, {"kty": "oct"}, {"use": "enc"}, {"n": "AQAB", "e": "AA"}], ids=str
    )
    def test_a_key_that_is_none_opens_nothing(
        self, school: School, keys: ScriptedPlatform, change: dict[str, Any]
    ) -> None:
        good = school.lms.lms.key.jwks()["keys"][0]
        keys.answer = lambda _: Reply.json({"keys": [None, 5, good | change]})
        refused = school.launch_signed("ada", 1)
        assert 400 <= refused.status_code < 500
        assert count_sessions(school) == 0

    def test_a_strangers_key_with_the_platforms_kid_opens_nothing(self, school: School, keys: ScriptedPlatform) -> None:
        stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        assert school.launch_signed("ada", 1, key=stranger).status_code == 403
