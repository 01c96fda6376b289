"""Launches that must open, however little or how much the platform tells; and any mutation of one ends in a page."""

import time
from typing import Any

import pytest
from sqlalchemy import func, select

from lti_tool.persistence.tables.launches import LaunchSession
from lti_tool.persistence.tables.people import DisplayName, Person
from lti_tool.persistence.tables.tenancy import Registration
from sandbox_lms.testing import DROP
from tests.lti.conftest import Opener
from tests.lti.platforms import Platform
from tests.lti.platforms.other_platform import OtherPlatform
from tests.lti.platforms.practice_lms import PracticeLms
from tests.support.school import CLIENT_ID

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
LEARNER, INSTRUCTOR = f"{MEMBERSHIP}#Learner", f"{MEMBERSHIP}#Instructor"
NO_NAMES = {"name": DROP, "given_name": DROP, "family_name": DROP}


def newest(platform: Platform) -> LaunchSession:
    with platform.school.runtime.database.read() as session:
        return session.scalars(select(LaunchSession).order_by(LaunchSession.created_at.desc()).limit(1)).one()


def count_sessions(platform: Platform) -> int:
    with platform.school.runtime.database.read() as session:
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
def test_a_launch_opens_with(shared: Platform, name: str, role: str, changes: dict[str, Any]) -> None:
    arguments = {key: value() if callable(value) else value for key, value in changes.items()}
    before = count_sessions(shared)
    page = shared.open(shared.pupil, **arguments)
    assert count_sessions(shared) == before + 1
    assert newest(shared).role == role
    assert page.status == (403 if role == "none" else 200)


@pytest.mark.parametrize("role", ["teacher", "pupil"])
def test_a_launch_opens(shared: Platform, role: str) -> None:
    who = shared.teacher if role == "teacher" else shared.pupil
    answer = shared.launch(who)
    assert answer.location.startswith("/a/")
    assert any(cookie.startswith("__Host-proximal-") for cookie in answer.headers.getlist("Set-Cookie"))
    assert shared.school.page(who, answer).status == 200
    with shared.school.runtime.database.read() as session:
        launch = session.get_one(LaunchSession, answer.location.rsplit("/", 1)[-1])
        assert (launch.role, launch.person.sub, launch.kind) == (role, shared.sub(who), "resource")
        registration = session.get_one(Registration, launch.registration_id)
        assert (registration.issuer, registration.client_id) == (
            shared.registration.issuer,
            shared.registration.client_id,
        )


def test_a_launch_opens_through_a_tls_proxy(open_platform: Opener) -> None:
    public, inside = "https://proximal.school.example", "http://10.0.0.5:9001"
    proxy = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "proximal.school.example",
        "X-Forwarded-For": "192.0.2.7",
    }
    with open_platform(base_url=public, trusted_proxies=1) as platform:
        browser = platform.school.app.test_client(use_cookies=False)
        target = f"{public}/lti/launch"
        fields = platform.login_fields(platform.pupil) | {"target_link_uri": target}
        login = browser.post("/lti/login", data=fields, base_url=inside, headers=proxy)
        cookie = login.headers["Set-Cookie"]
        assert cookie.startswith("__Host-")
        assert "Secure" in cookie
        headers = proxy | {"Cookie": cookie.partition(";")[0]}
        form = platform.answer(platform.pupil, login.location, target_link_uri=target)
        opened = browser.post("/lti/launch", data=form, base_url=inside, headers=headers)
        assert opened.status_code == 303, opened.text
        again = browser.post("/lti/launch", data=form, base_url=inside, headers=headers)
        assert (again.status_code, "used-state" in again.text) == (403, True)


def test_a_name_is_kept_encrypted_and_whole(shared: Platform) -> None:
    shared.launch(shared.pupil, sub="a-new-pupil", name="Ада 👩🏽‍🚀")
    with shared.school.runtime.database.read() as session:
        stored = session.get_one(DisplayName, newest(shared).person_id).encrypted_name
    assert "Ада".encode() not in stored
    assert shared.school.runtime.vault.decrypt(stored) == "Ада 👩🏽‍🚀"


def test_somebody_of_one_lms_is_nobody_of_another_with_the_same_client_id(platform: Platform) -> None:
    other = (OtherPlatform if isinstance(platform, PracticeLms) else PracticeLms)(platform.school)
    assert other.registration.client_id == platform.registration.client_id
    same = other.sub(other.pupil)
    assert other.launch(other.pupil).status_code == 303
    assert platform.launch(platform.pupil, sub=same).status_code == 303
    with platform.school.runtime.database.read() as session:
        found = session.scalars(select(Person).where(Person.sub == same)).all()
        assert len({person.registration_id for person in found}) == 2
