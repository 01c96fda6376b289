"""The roster service: who is in a class."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox_lms.config import SCOPE_SCORE
from sandbox_lms.lti.messages import LTI
from tests.unit.sandbox_lms.school import MEMBERSHIPS, School

ROSTER = "/lti/courses/class-5a/memberships"
ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


def members(school: School, query: str = "") -> list[dict[str, Any]]:
    """One page of the roster."""
    response = school.call("GET", ROSTER + query, accept=MEMBERSHIPS)
    assert response.status_code == 200, response.text
    assert response.mimetype == MEMBERSHIPS
    listed: list[dict[str, Any]] = json.loads(response.text)["members"]
    return listed


def test_the_roster_names_everybody_with_role_and_status(school: School) -> None:
    found = members(school)
    assert len(found) == 26
    assert found[0] == {
        "status": "Active",
        "user_id": school.lms.sub("marit"),
        "roles": [ROLE + "Instructor"],
        "name": "Marit de Vries",
        "given_name": "Marit",
        "family_name": "de Vries",
    }
    mononym = next(one for one in found if one["name"] == "Wulandari")
    assert "family_name" not in mononym


def test_the_ids_are_those_of_the_launch(school: School) -> None:
    assert school.launch("lina", school.activity())["sub"] in {one["user_id"] for one in members(school)}


@pytest.mark.parametrize(("role", "count"), [("Learner", 25), ("Instructor", 1), ("Mentor", 0)])
def test_the_roster_of_one_role_by_short_or_full_name(school: School, role: str, count: int) -> None:
    assert len(members(school, f"?role={role}")) == count
    assert len(members(school, f"?role={(ROLE + role).replace('#', '%23')}")) == count


def test_a_thousand_members_come_in_pages_and_nobody_twice(school: School) -> None:
    school.lms.add_pupils("class-5a", 974)
    url, seen = f"{ROSTER}?limit=300&role=Learner", []
    while url:
        response = school.call("GET", url, accept=MEMBERSHIPS)
        seen += [one["user_id"] for one in json.loads(response.text)["members"]]
        url = response.headers.get("Link", "").partition(">")[0].strip("<")
    assert len(seen) == len(set(seen)) == 999


def test_somebody_who_left_is_listed_as_inactive(school: School) -> None:
    [gone] = school.lms.add_pupils("class-5a", 1, status="Inactive")
    status = {one["user_id"]: one["status"] for one in members(school)}
    assert status[school.lms.sub(gone)] == "Inactive"
    assert "has left the class" in school.lms.get("marit", "/courses/class-5a/people").text


def test_the_roster_of_a_link_carries_its_settings(school: School) -> None:
    link, plain = school.activity(custom={"activity_id": "7"}), school.lms.add_link_by_hand("class-5a", "By hand")
    [message] = members(school, f"?rlid={link}")[3]["message"]
    assert message[LTI + "custom"] == {"activity_id": "7"}
    [message] = members(school, f"?rlid={plain}")[3]["message"]
    assert LTI + "custom" not in message


@pytest.mark.parametrize(
    ("url", "accept", "scope", "status"),
    [
        (ROSTER, "application/json", None, 406),
        (ROSTER, MEMBERSHIPS, SCOPE_SCORE, 403),
        (f"{ROSTER}?rlid=99", MEMBERSHIPS, None, 404),
        (f"{ROSTER}?rlid=none", MEMBERSHIPS, None, 404),
        ("/lti/courses/none/memberships", MEMBERSHIPS, None, 404),
    ],
)
def test_a_faulty_call_is_refused(school: School, url: str, accept: str, scope: str | None, status: int) -> None:
    options = {"scope": scope} if scope else {}
    assert school.call("GET", url, accept=accept, **options).status_code == status
