"""All again with an LMS that we did not write (`lti1p3platform` from PyPI): no misreading of ours helps it."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lti_tool.lti.services.scopes import SCOPE_SCORE
from lti_tool.persistence.tables.launches import LaunchSession
from lti_tool.persistence.tables.people import Membership, Person
from lti_tool.persistence.tables.tenancy import Context
from lti_tool.services.platforms.registrations import NewRegistration, add_registration
from sandbox_lms.testing import DROP, AnySecret
from tests.lti.second_platform import CLIENT_ID, DEPLOYMENT_ID, URL, Errand, OtherLms
from tests.lti.test_launch_accepted import ACCEPTED
from tests.lti.test_launch_refused import (
    BAD_DEEP_LINKS,
    MESSAGE,
    PLACE,
    SERVICES,
    STRANGER,
    TIMES,
    WHO_AND_FOR_WHOM,
    Bad,
    assert_refused,
    name_of,
    on_backends,
)
from tests.lti.test_mutated_launches import part, tampered
from tests.support.databases import SQLITE_FIRST, Servers
from tests.support.pupils import MATH
from tests.support.school import TOOL_URL, Page, School, open_school
from tests.support.wires import AppAdapter

TESS, PIA, BO = "t-1", "p-1", "p-2"
GROUPS = (WHO_AND_FOR_WHOM, TIMES, MESSAGE, PLACE, SERVICES)
SIGNABLE = [[row for row in group if not isinstance(row.changes.get("iss"), int)] for group in GROUPS]
"""Its signing code refuses an issuer that is a number; key, algorithm and header it always chooses right."""


class World:
    """The tool, the other LMS, and people between them."""

    def __init__(self, school: School, *, tool_url: str = TOOL_URL) -> None:
        self.school = school
        jwks: dict[str, Any] = school.app.test_client().get("/lti/jwks", base_url=tool_url).json
        self.lms = OtherLms(tool_url=tool_url, tool_jwks=jwks)
        school.runtime.transport._session.mount(URL, AppAdapter(self.lms.app))
        new = NewRegistration(URL, CLIENT_ID, f"{URL}/auth", f"{URL}/token", f"{URL}/keys", [DEPLOYMENT_ID])
        with school.runtime.database.write() as session:
            self.registration_id = add_registration(session, new, datetime.now(UTC)).id

    def launch(self, who: str, errand: Errand) -> TestResponse:
        """All the way to the tool's answer to the launch."""
        login = self.school.browser(who).get(self.lms.begin_launch(who, errand), base_url=TOOL_URL)
        assert login.status_code == 302, login.text
        return self.school.post_launch(who, self.lms.authenticate(login.location))

    def open(self, who: str, errand: Errand) -> Page:
        """The page behind a launch."""
        answer = self.launch(who, errand)
        assert answer.status_code == 303, answer.text
        page = self.school.browser(who).get(answer.location, base_url=TOOL_URL)
        return Page(self.school, who, answer.location, page)

    def add_activity(self, link: str, **fields: Any) -> dict[str, str]:
        """Choose an activity by deep linking; make its link and column. Returns the link's custom parameters."""
        chosen = {"skill": list(MATH), "title": "Adding", "points": "10"} | fields
        back = self.open(TESS, Errand()).send("choose", **chosen)
        [item] = self.lms.take_deep_link(back.fields("send-back")["JWT"])
        self.lms.add_column(**item["lineItem"], resourceLinkId=link)
        return dict(item["custom"])

    def count_sessions(self) -> int:
        with self.school.runtime.database.read() as session:
            return session.scalar(select(func.count()).select_from(LaunchSession)) or 0


@pytest.fixture(scope="module", params=SQLITE_FIRST)
def shared(
    request: pytest.FixtureRequest, database_servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """One world for launches that leave nothing behind."""
    with (
        database_servers.fresh(request.param) as url,
        open_school(url, tmp_path_factory.mktemp("second")) as opened,
    ):
        yield World(opened)


@pytest.fixture
def world(school: School) -> World:
    """A world of one's own."""
    return World(school)


@pytest.mark.parametrize(("who", "role"), [(TESS, "teacher"), (PIA, "pupil")])
def test_a_launch_opens(shared: World, who: str, role: str) -> None:
    page = shared.open(who, Errand("link-1"))
    assert page.status == 200
    with shared.school.runtime.database.read() as session:
        launch = session.get_one(LaunchSession, page.place.rsplit("/", 1)[-1])
        assert (launch.role, launch.person.sub, launch.kind) == (role, who, "resource")
        assert launch.registration_id == shared.registration_id


@pytest.mark.parametrize(("name", "role", "changes"), ACCEPTED, ids=[row[0] for row in ACCEPTED])
def test_a_launch_opens_with(shared: World, name: str, role: str, changes: dict[str, Any]) -> None:
    called = {key: value() if callable(value) else value for key, value in changes.items()}
    page = shared.open(PIA, Errand("link-2", changes=called))
    assert page.status == (403 if role == "none" else 200)
    with shared.school.runtime.database.read() as session:
        assert session.get_one(LaunchSession, page.place.rsplit("/", 1)[-1]).role == role


def test_a_launch_opens_through_a_tls_proxy(database_url: str, tmp_path: Path) -> None:
    public, inside = "https://proximal.school.example", "http://10.0.0.5:9001"
    proxy = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "proximal.school.example",
        "X-Forwarded-For": "192.0.2.7",
    }
    options: dict[str, Any] = {"base_url": public, "trusted_proxies": 1, "allow_http_on_loopback": False}
    with open_school(database_url, tmp_path, **options) as school:
        world = World(school, tool_url=public)
        browser = school.app.test_client(use_cookies=False)
        login = browser.get(world.lms.begin_launch(PIA, Errand("link-1")), base_url=inside, headers=proxy)
        cookie = login.headers["Set-Cookie"]
        assert cookie.startswith("__Host-")
        assert "Secure" in cookie
        headers = proxy | {"Cookie": cookie.partition(";")[0]}
        form = world.lms.authenticate(login.location)
        opened = browser.post("/lti/launch", data=form, base_url=inside, headers=headers)
        assert opened.status_code == 303, opened.text
        again = browser.post("/lti/launch", data=form, base_url=inside, headers=headers)
        assert_refused(again, "used-state")


@pytest.mark.parametrize(("shared", "row", "who"), on_backends(SIGNABLE, (TESS, PIA)), indirect=["shared"], ids=name_of)
def test_a_launch_is_refused_with(shared: World, row: Bad, who: str) -> None:
    before = shared.count_sessions()
    # This LMS names us as the authorized party in every launch, which the rows expect only where they say so.
    changes = {"azp": DROP} | row.arguments(shared.school)
    assert_refused(shared.launch(who, Errand("link-1", changes=changes)), row.code)
    assert shared.count_sessions() == before


def without_signature(token: str, algorithm: str) -> str:
    claims = token.split(".")[1]
    return f"{part({'alg': algorithm, 'typ': 'JWT', 'kid': jwt.get_unverified_header(token)['kid']})}.{claims}."


def signed_with(token: str, key: Any, algorithm: str = "RS256", **header: str) -> str:
    claims = jwt.decode(token, options={"verify_signature": False})
    jws = jwt.PyJWS()
    jws.unregister_algorithm("HS256")
    jws.register_algorithm("HS256", AnySecret(AnySecret.SHA256))
    return jws.encode(json.dumps(claims).encode(), key, algorithm=algorithm, headers=header)


FORGERIES: dict[str, tuple[str, Callable[[World, str], str]]] = {
    "no kid": ("missing-kid", lambda world, token: signed_with(token, STRANGER)),
    "the signature of another key": (
        "bad-signature",
        lambda world, token: signed_with(token, STRANGER, kid=jwt.get_unverified_header(token)["kid"]),
    ),
    "no signature at all": ("wrong-algorithm", lambda world, token: without_signature(token, "none")),
    "HS256 with the public key as its secret": (
        "wrong-algorithm",
        lambda world, token: signed_with(token, world.lms.public_pem, "HS256", kid="any"),
    ),
    "half a token": ("not-a-jwt", lambda world, token: token[: len(token) // 3]),
    "a megabyte": ("token-too-large", lambda world, token: token + "a" * 1_000_000),
    "changed claims": ("bad-signature", lambda world, token: tampered(token, "payload")),
}


@pytest.mark.parametrize("who", [TESS, PIA])
@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_is_refused_with(shared: World, forgery: str, who: str) -> None:
    code, forge = FORGERIES[forgery]
    before = shared.count_sessions()
    login = shared.school.browser(who).get(shared.lms.begin_launch(who, Errand("link-1")), base_url=TOOL_URL)
    form = shared.lms.authenticate(login.location)
    answer = shared.school.post_launch(who, form | {"id_token": forge(shared, form["id_token"])})
    assert_refused(answer, code)
    assert shared.count_sessions() == before


@pytest.mark.parametrize("row", BAD_DEEP_LINKS, ids=name_of)
def test_deep_linking_is_refused_with(shared: World, row: Bad) -> None:
    before = shared.count_sessions()
    changes = row.arguments(shared.school)
    settings = changes.pop("settings", {})
    assert_refused(shared.launch(TESS, Errand(changes=changes, settings=settings)), row.code)
    assert shared.count_sessions() == before


def test_a_pupil_opens_no_picker(shared: World) -> None:
    assert_refused(shared.launch(PIA, Errand()), "not-a-teacher")


def test_the_same_token_opens_nothing_twice(world: World) -> None:
    browser = world.school.browser(PIA)
    login = browser.get(world.lms.begin_launch(PIA, Errand("link-1")), base_url=TOOL_URL)
    form = world.lms.authenticate(login.location)
    assert world.school.post_launch(PIA, form).status_code == 303
    assert world.school.post_launch(PIA, form).status_code == 403
    assert world.school.post_launch(BO, form).status_code == 403
    assert world.count_sessions() == 1


def test_a_key_that_nobody_published_opens_nothing(world: World) -> None:
    world.lms.lose_key()
    assert_refused(world.launch(PIA, Errand("link-1")), "unknown-kid")


def test_a_rotated_key_opens_after_a_minute(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert world.launch(PIA, Errand("link-1")).status_code == 303
    world.lms.change_key()
    assert_refused(world.launch(PIA, Errand("link-1")), "unknown-kid")
    monkeypatch.setattr("lti_tool.lti.platform_keys.REFETCH_INTERVAL", timedelta(0))
    assert world.launch(PIA, Errand("link-1")).status_code == 303


def test_a_chosen_activity_comes_back_in_a_form_that_the_platform_takes(world: World) -> None:
    back = world.open(TESS, Errand()).send("choose", skill=list(MATH), title="Adding", points="8")
    token = back.fields("send-back")["JWT"]
    [item] = world.lms.take_deep_link(token)
    assert (item["type"], item["title"], item["url"]) == ("ltiResourceLink", "Adding", f"{TOOL_URL}/lti/launch")
    assert item["lineItem"]["scoreMaximum"] == 8
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["iss"], claims["aud"]) == (CLIENT_ID, [URL])
    assert claims["https://purl.imsglobal.org/spec/lti-dl/claim/data"] == "opaque"


def test_data_that_was_not_sent_is_not_echoed_and_no_column_comes_unasked(world: World) -> None:
    settings = {"data": DROP, "accept_lineitem": False}
    back = world.open(TESS, Errand(settings=settings)).send("choose", skill=list(MATH), title="Adding", points="8")
    token = back.fields("send-back")["JWT"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert "https://purl.imsglobal.org/spec/lti-dl/claim/data" not in claims
    [item] = world.lms.take_deep_link(token)
    assert "lineItem" not in item


def test_two_subjects_are_one_too_many_and_no_links_are_none_at_all(world: World) -> None:
    both = [next(iter(bank.skills)) for bank in list(world.school.runtime.catalog.banks.values())[:2]]
    picker = world.open(TESS, Errand(settings={"accept_multiple": False}))
    assert picker.send("choose", skill=both, title="", points="10").status == 422
    nothing = world.open(TESS, Errand(settings={"accept_types": ["file"]}))
    assert 'name="skill"' not in nothing.text
    assert world.lms.take_deep_link(nothing.send("cancel").fields("send-back")["JWT"]) == []


def test_two_subjects_come_back_as_two_activities_and_a_cancel_as_none(world: World) -> None:
    picker = world.open(TESS, Errand())
    both = [next(iter(bank.skills)) for bank in list(world.school.runtime.catalog.banks.values())[:2]]
    several = picker.send("choose", skill=both, title="", points="10")
    assert len(world.lms.take_deep_link(several.fields("send-back")["JWT"])) == 2
    assert world.lms.take_deep_link(world.open(TESS, Errand()).send("cancel").fields("send-back")["JWT"]) == []


def test_the_whole_way_from_a_chosen_activity_to_a_grade_in_the_gradebook(world: World) -> None:
    custom = world.add_activity("link-1")
    page = world.open(PIA, Errand("link-1", custom))
    page.respond(page.item.answer)
    world.school.deliver_grades()
    [[(column, user), score]] = world.lms.scores.items()
    assert (column, user) == (f"{URL}/columns/1", PIA)
    assert 0 < score["scoreGiven"] <= score["scoreMaximum"] == 10
    assert score["comment"]


def test_the_token_request_is_one_that_the_platform_takes(world: World) -> None:
    custom = world.add_activity("link-1")
    page = world.open(PIA, Errand("link-1", custom))
    page.respond(page.item.answer)
    world.school.deliver_grades()
    [asked] = [one for one in world.lms.token_requests if one["scope"] == SCOPE_SCORE]
    assert asked["grant_type"] == "client_credentials"
    claims = jwt.decode(asked["client_assertion"], options={"verify_signature": False})
    assert (claims["iss"], claims["sub"], claims["aud"]) == (CLIENT_ID, CLIENT_ID, f"{URL}/token")
    assert claims["jti"]


def test_a_link_without_a_column_gets_one_and_only_one(world: World) -> None:
    custom = world.add_activity("link-1")
    world.lms.columns.clear()
    for who in (PIA, BO):
        page = world.open(who, Errand("link-1", custom))
        page.respond(page.item.answer)
        world.school.deliver_grades()
    assert [column["resourceLinkId"] for column in world.lms.columns.values()] == ["link-1"]
    assert {user for _, user in world.lms.scores} == {PIA, BO}


def test_the_roster_is_read_over_all_its_pages(world: World) -> None:
    world.open(TESS, Errand("link-1"))
    with world.school.runtime.database.read() as session:
        context_id = session.scalars(select(Context.id).where(Context.lms_id == "5b")).one()
    assert world.school.runtime.rosters.read(context_id, datetime.now(UTC)) == 3
    with world.school.runtime.database.read() as session:
        rows = session.execute(select(Person.sub, Membership.role).join(Membership).order_by(Person.sub))
        assert dict(rows.all()) == {TESS: "teacher", PIA: "pupil", BO: "pupil"}


def test_somebody_of_this_lms_is_nobody_of_another_with_the_same_client_id(world: World) -> None:
    sandbox_link = world.school.add_activity(MATH[0])
    world.school.open("ada", sandbox_link)
    same = world.school.lms.sub("ada")
    answer = world.launch(PIA, Errand("link-1", changes={"sub": same}))
    assert answer.status_code == 303
    with world.school.runtime.database.read() as session:
        found = session.scalars(select(Person).where(Person.sub == same)).all()
        assert {person.registration_id for person in found} == {world.registration_id, world.school.registration_id}
