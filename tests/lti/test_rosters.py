"""The class list (NRPS 2.0): asked for as the launch says, read over all its pages, whatever stands in it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.services.access_tokens import AccessTokens
from lti_tool.lti.services.nrps import read_roster
from lti_tool.lti.services.platform_services import PlatformServices
from lti_tool.persistence.tables.people import DisplayName, Membership, Person
from lti_tool.persistence.tables.tenancy import Context, Registration
from tests.lti.conftest import SQLITE_FIRST, Opener, opened
from tests.lti.platforms import Platform
from tests.support.databases import Servers
from tests.unit.lti_tool.lti.scripted import Call, Reply

NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
CONTAINER = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"


@pytest.fixture(params=SQLITE_FIRST)
def lms(request: pytest.FixtureRequest, database_servers: Servers, tmp_path: Any) -> Iterator[Platform]:
    """An LMS of one's own: what is done to its course stays done."""
    with opened(request.param, database_servers, tmp_path) as found:
        yield found


def read(lms: Platform, query: str = "") -> int:
    """The teacher opens the activity, and the class list is read; how many are in it. `query` is the LMS's own."""
    url = lms.claims(lms.teacher)[NRPS]["context_memberships_url"]
    claim = {"context_memberships_url": url + query, "service_versions": ["2.0"]}
    lms.open(lms.teacher, nrps=claim)
    with lms.school.runtime.database.read() as session:
        context_id = session.scalars(select(Context.id).where(Context.lms_id == lms.course)).one()
    lms.wire.calls.clear()
    return lms.school.runtime.rosters.read(context_id, datetime.now(UTC))


def memberships(lms: Platform) -> dict[str, Membership]:
    """Who is in the class, as the tool knows it."""
    with lms.school.runtime.database.read() as session:
        rows = session.execute(select(Person.sub, Membership).join(Membership, Membership.person_id == Person.id))
        return dict(rows.all())


def asked(lms: Platform) -> list[Call]:
    return lms.calls("/members")


def test_it_is_asked_for_exactly_where_the_launch_said_it_is_and_whole(lms: Platform) -> None:
    count = read(lms)
    [call] = asked(lms)
    assert call.url == lms.claims(lms.teacher)[NRPS]["context_memberships_url"], "no role, no link, no limit is added"
    assert call.headers["Accept"] == CONTAINER
    [token] = lms.calls(lms.registration.token_url)
    assert (token.form["grant_type"], token.form["scope"]) == ("client_credentials", SCOPE)
    found = memberships(lms)
    assert len(found) == count
    roles = {who: found[lms.sub(who)].role for who in (lms.teacher, lms.pupil, lms.classmate)}
    assert list(roles.values()) == ["teacher", "pupil", "pupil"]


def test_a_thousand_members_come_over_all_pages_each_once(lms: Platform) -> None:
    before = read(lms)
    lms.enrol([f"pupil-{number}" for number in range(1000)])
    assert read(lms, "?limit=250") == before + 1000
    assert len(memberships(lms)) == before + 1000
    assert len(asked(lms)) == 5


@pytest.mark.parametrize(
    ("address", "code"),
    [("https://evil.example/members", "foreign-page"), ("", "endless-list")],
    ids=["another host", "back to the beginning"],
)
def test_a_next_page_that_leads_astray_is_not_followed(lms: Platform, address: str, code: str) -> None:
    def astray(call: Call) -> Reply:
        reply = lms.forward(call)
        return replace(reply, headers={**reply.headers, "Link": f'<{address or call.url}>; rel="next"'})

    lms.answer_instead("/members", astray)
    with pytest.raises(ServiceError, match=code):
        read(lms)
    assert len(lms.wire.calls) == len(asked(lms)) + len(lms.calls(lms.registration.token_url))


def test_a_list_that_never_ends_is_given_up(lms: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lti_tool.lti.services.platform_services.MAX_PAGES", 5)

    def another(call: Call) -> Reply:
        reply = lms.forward(replace(call, url=call.url.partition("?")[0]))
        following = f'<{call.url.partition("?")[0]}?page={len(asked(lms)) + 1}>; rel="next"'
        return replace(reply, headers={**reply.headers, "Link": following})

    lms.answer_instead("/members", another)
    with pytest.raises(ServiceError, match="too-many-pages"):
        read(lms)
    assert len(asked(lms)) == 5


def test_who_has_left_is_not_active(lms: Platform) -> None:
    lms.enrol(["was-here"], status="Inactive")
    lms.enrol(["is-here"])
    read(lms)
    found = memberships(lms)
    assert [found[sub].active for sub in ("was-here", "is-here", lms.sub(lms.pupil))] == [False, True, True]


def test_a_member_without_a_name_is_a_member(lms: Platform) -> None:
    lms.enrol(["nameless"], named=False)
    read(lms)
    with lms.school.runtime.database.read() as session:
        named = set(session.scalars(select(Person.sub).join(DisplayName, DisplayName.person_id == Person.id)))
    assert memberships(lms)["nameless"].role == "pupil"
    assert "nameless" not in named
    assert lms.sub(lms.classmate) in named


def test_where_the_course_is_a_link_the_roster_tells_each_members_sections(open_platform: Opener) -> None:
    with open_platform(like="canvas") as lms:
        assert read(lms) > 2
        assert all(f"rlid={lms.course}" in call.url for call in asked(lms))
        assert memberships(lms)[lms.sub(lms.classmate)].sections


def test_an_lms_that_takes_no_course_for_a_link_still_tells_who_is_in_it(lms: Platform) -> None:
    with lms.school.runtime.database.write() as session:
        for registration in session.scalars(select(Registration)):
            registration.profile = "canvas"
    read(lms)
    assert memberships(lms)[lms.sub(lms.classmate)].role == "pupil"
    assert [f"rlid={lms.course}" in call.url for call in asked(lms)] == [True, False]


def test_ten_thousand_members_may_come_in_one_page(lms: Platform) -> None:
    parts = lms.school.runtime
    url = lms.claims(lms.teacher)[NRPS]["context_memberships_url"]
    lms.enrol([f"pupil-{number}" for number in range(10_000)])
    with parts.database.read() as session:
        this = Registration.issuer == lms.registration.issuer
        registration = session.scalars(select(Registration).where(this)).one()
    tokens = AccessTokens(parts.database, parts.vault, parts.transport)
    services = PlatformServices(tokens, parts.transport, registration, datetime.now(UTC))
    assert len(read_roster(services, url)) > 10_000
    assert len(asked(lms)) == 1


def test_a_token_that_is_refused_in_the_middle_of_a_list_costs_that_page_a_second_try(lms: Platform) -> None:
    lms.enrol([f"pupil-{number}" for number in range(10)])
    whole = read(lms)

    def forgetful(call: Call) -> Reply:
        if "page=2" in call.url and len(asked(lms)) == 2:
            lms.forget_tokens()
        return lms.forward(call)

    lms.answer_instead("/members", forgetful)
    assert read(lms, "?limit=10") == whole
    pages = [call.url for call in asked(lms)]
    assert len(pages) == len(set(pages)) + 1
    assert len(lms.calls(lms.registration.token_url)) == 1
