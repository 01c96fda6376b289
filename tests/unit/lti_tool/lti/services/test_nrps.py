"""A course's roster as LMSs tell it: in pages, with and without names, and never more than we asked for."""

from typing import Any

import pytest

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.messages.roles import Role
from lti_tool.lti.services.nrps import MAX_MEMBERS, Member, read_roster
from tests.unit.lti_tool.lti.scripted import Call, Reply
from tests.unit.lti_tool.lti.services_of import Peer
from tests.unit.lti_tool.persistence.rows import LMS

ROSTER = f"{LMS}/members?course=5a&rlid=link-1"
LEARNER, INSTRUCTOR = (
    "http://purl.imsglobal.org/vocab/lis/v2/membership#" + name for name in ("Learner", "Instructor")
)


def of(*members: Any, **page: Any) -> Peer:
    """An LMS whose roster has these members, on one page."""
    return Peer(lambda _: Reply.json({"id": ROSTER, "context": {"id": "5a"}, "members": list(members)} | page))


def entry(sub: Any = "ada", **more: Any) -> dict[str, Any]:
    """One member as an LMS writes it."""
    return {"user_id": sub, "roles": [LEARNER], "status": "Active", "name": "Ada Okonkwo"} | more


def read(*members: Any) -> list[Member]:
    return read_roster(of(*members).services, ROSTER)


def test_a_roster_is_asked_for_exactly_where_the_launch_said_it_is() -> None:
    peer = of(entry())
    assert read_roster(peer.services, ROSTER) == [Member("ada", "Ada Okonkwo", Role.PUPIL, active=True)]
    [call] = peer.platform.calls
    assert call.url == ROSTER, "no limit and no role filter is added, and the platform's own query stays"
    assert call.headers["Accept"] == "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
    assert peer.tokens.asked == [("https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",)]


def test_a_thousand_members_come_over_all_pages_each_once() -> None:
    pages = [[entry(f"pupil-{number}") for number in range(start, start + 51)] for start in range(0, 1000, 50)]

    def answer(call: Call) -> Reply:
        number = int(call.url.partition("page=")[2] or 1)
        headers = {"Link": f'<{LMS}/members?page={number + 1}>; rel="next"'} if number < len(pages) else {}
        return Reply.json({"members": pages[number - 1]}, **headers)

    members = read_roster(Peer(answer).services, ROSTER)
    assert [member.sub for member in members] == [f"pupil-{number}" for number in range(1001)]


def test_ten_thousand_members_may_come_in_one_page() -> None:
    """As Moodle gives them, with its two names and its user name beside each name."""
    more = {"given_name": "Ada", "family_name": "Okonkwo-Lindqvist", "ext_user_username": "ada.okonkwo"} | {
        "lis_person_sourcedid": "2031-4417-0042",
        "status": "Active",
        "email": "ada.okonkwo@pupils.school.example",
    }
    members = read(*(entry(f"pupil-{number}", **more) for number in range(10_000)))
    assert len(members) == 10_000


def test_moodle_is_asked_for_pages_for_it_has_none_of_its_own() -> None:
    peer = Peer(lambda _: Reply.json({"members": [entry()]}), "moodle")
    read_roster(peer.services, ROSTER)
    assert peer.urls == [f"{ROSTER}&limit=1000"]


CUSTOM = "https://purl.imsglobal.org/spec/lti/claim/custom"


def test_where_the_course_is_a_link_the_roster_tells_each_members_sections() -> None:
    told = entry(message=[{CUSTOM: {"sections": '["5A, mornings", "Choir"]'}}])
    peer = Peer(lambda _: Reply.json({"members": [told, entry("ben")]}), "canvas")
    ada, ben = read_roster(peer.services, ROSTER, "course-5a")
    assert (ada.sections, ben.sections) == (("5A, mornings", "Choir"), None)
    assert peer.urls == [f"{ROSTER}&rlid=course-5a"]


def test_an_lms_that_takes_no_course_for_a_link_still_tells_who_is_in_it() -> None:
    def answer(call: Call) -> Reply:
        return Reply(400) if "rlid=course" in call.url else Reply.json({"members": [entry()]})

    peer = Peer(answer, "canvas")
    assert [member.sub for member in read_roster(peer.services, ROSTER, "course-5a")] == ["ada"]
    with pytest.raises(ServiceError, match="http-503"):
        read_roster(Peer(lambda _: Reply(503), "canvas").services, ROSTER, "course-5a")


@pytest.mark.parametrize("message", [None, "x", [], [None], [{CUSTOM: []}], [{CUSTOM: {"sections": 5}}]], ids=str)
def test_a_message_that_is_none_tells_nothing(message: Any) -> None:
    [member] = read(entry(message=message))
    assert member.sections is None


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ({}, None),
        ({"name": None}, None),
        ({"name": "  "}, None),
        ({"name": 5}, None),
        ({"name": "", "given_name": "Ada", "family_name": "Okonkwo"}, "Ada Okonkwo"),
        ({"given_name": "Ada"}, "Ada"),
        ({"family_name": None}, None),
        ({"name": " يوسف المصري "}, "يوسف المصري"),
        ({"name": "A\x00da"}, "Ada"),
        ({"name": "x" * 5000}, "x" * 1000),
        ({"name": "Ada \ud83d"}, "Ada ?"),
        ({"given_name": "Ada", "family_name": "\udc66"}, "Ada ?"),
    ],
    ids=str,
)
def test_a_name_is_what_the_lms_gives_or_none(names: dict[str, Any], shown: str | None) -> None:
    [member] = read({"user_id": "ada", "roles": [LEARNER]} | names)
    assert member.name == shown


@pytest.mark.parametrize(
    ("status", "active"),
    [
        ({}, True),
        ({"status": "Active"}, True),
        ({"status": None}, True),
        ({"status": "Inactive"}, False),
        ({"status": "Deleted"}, False),
    ],
    ids=str,
)
def test_who_has_left_is_not_active(status: dict[str, str], active: bool) -> None:
    [member] = read({"user_id": "ada", "roles": [LEARNER]} | status)
    assert member.active is active


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        ([LEARNER, INSTRUCTOR], Role.TEACHER),
        (["Learner"], Role.PUPIL),
        ([], Role.NONE),
        ([5, None, LEARNER], Role.PUPIL),
        (["http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor"], Role.MENTOR),
    ],
    ids=str,
)
def test_a_member_has_the_strongest_of_the_roles(roles: list[Any], role: Role) -> None:
    [member] = read(entry(roles=roles))
    assert member.role is role


@pytest.mark.parametrize(
    "member",
    [None, "ada", [], {}, {"user_id": "ada"}, {"roles": [LEARNER]}]
    + [entry(sub) for sub in ("", None, 5, "x" * 256, "a\x00b")]
    + [entry(roles="Learner")],
    ids=repr,
)
def test_a_member_who_cannot_be_known_is_passed_over(member: Any) -> None:
    assert [found.sub for found in read(member, entry("ben"))] == ["ben"]


@pytest.mark.parametrize("page", [{"members": None}, {"members": {}}, {"members": "all"}], ids=str)
def test_a_roster_without_a_list_is_an_error(page: dict[str, Any]) -> None:
    with pytest.raises(ServiceError, match="bad-roster"):
        read_roster(of(**page).services, ROSTER)
    with pytest.raises(ServiceError, match="bad-roster"):
        read_roster(Peer(lambda _: Reply.json([])).services, ROSTER)


def test_a_roster_larger_than_any_school_is_given_up() -> None:
    members = [{"user_id": str(number), "roles": []} for number in range(MAX_MEMBERS + 1)]
    with pytest.raises(ServiceError, match="roster-too-large") as refusal:
        read(*members)
    assert refusal.value.permanent
    assert len(read(*members[:-1])) == MAX_MEMBERS
