"""The tool in an LMS with Canvas's ways (sandbox_lms/families/canvas.py)."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from lti_tool.persistence.tables.people import Membership, Person
from sandbox_lms.records import scores
from tests.lti.like import SKILLS, grade, outbox, practise, role_of
from tests.support.school import TOOL_URL, School, onward, open_school

EXTENSION = "https://canvas.instructure.com/lti/submission"


@pytest.fixture
def canvas(database_url: str, tmp_path: Path) -> Iterator[School]:
    """A school with a Canvas that has registered the tool by itself."""
    with open_school(database_url, tmp_path, like="canvas") as opened:
        yield opened


def test_ada_practises_and_her_grade_uses_up_no_attempt_and_comments_once(canvas: School) -> None:
    link = canvas.add_activity(*SKILLS, title="Adding", points="8")
    practise(canvas, "ada", link)
    found = grade(canvas, "ada")
    assert (found["score"], found["attempts"]) == (8.0, 0)
    assert found["comment"]
    assert "\n" not in found["comment"]
    received = scores.history(canvas.lms.lms.database, 1)
    assert all(json.loads(one.body)[EXTENSION]["new_submission"] is False for one in received)
    assert not any(one.refused for one in received)
    assert sum(one.comment is not None for one in received) == 1


def test_a_teacher_s_limit_of_attempts_stops_no_grade(canvas: School) -> None:
    link = canvas.add_activity(*SKILLS, points="8")
    canvas.lms.post("marit", f"/courses/class-5a/links/{link}/attempts", {"attempts": "1"})
    practise(canvas, "ada", link, 4)
    assert [row.state for row in outbox(canvas)] == ["delivered"]


def test_a_throttled_grade_comes_later(canvas: School) -> None:
    link = canvas.add_activity(*SKILLS, points="12")
    practise(canvas, "ada", link, 1)
    page = canvas.open("ada", link)
    canvas.lms.use_rate_limit(1.0)
    page.respond(page.item.answer)
    canvas.deliver_grades()
    [row] = outbox(canvas)
    assert (row.state, row.problem) == ("waiting", "rate-limited")
    assert grade(canvas, "ada")["score"] == 1.0
    canvas.lms.use_rate_limit(0.0)
    canvas.runtime.delivery.deliver_due(datetime.now(UTC) + timedelta(minutes=1))
    assert outbox(canvas)[0].state == "delivered"
    assert grade(canvas, "ada")["score"] == 2.0


def test_each_course_is_a_deployment_of_its_own(canvas: School) -> None:
    for course in ("class-5a", "class-5b"):
        link = canvas.add_activity(*SKILLS, course=course)
        practise(canvas, "ada", link, 2, course=course)
        assert grade(canvas, "ada", course=course)["score"] > 0


def test_student_view_practises_and_sends_no_grade(canvas: School) -> None:
    link = canvas.add_activity(*SKILLS)
    start = canvas.lms.form("marit", f"/courses/class-5a/links/{link}/launch?student_view=1")
    login = canvas.begin_login("marit", start.fields)
    answer = canvas.post_launch("marit", canvas.lms.authorize("marit", onward(login)).fields)
    page = canvas.browser("marit").get(answer.location, base_url=TOOL_URL)
    assert 'id="answer-form"' in page.text
    canvas.deliver_grades()
    assert outbox(canvas) == []


def test_a_roster_longer_than_a_page_is_read_whole(canvas: School) -> None:
    canvas.open("marit", canvas.add_activity(*SKILLS))
    assert canvas.runtime.rosters.read(1, datetime.now(UTC)) == 26
    assert role_of(canvas, "ayse") == "pupil"


def test_sections_are_known_from_launches_and_from_the_roster(canvas: School) -> None:
    link = canvas.add_activity(*SKILLS)
    canvas.open("ada", link)
    assert sections_of(canvas, "ada") == ["5A, mornings"]
    assert canvas.runtime.rosters.read(1, datetime.now(UTC)) == 26
    assert sections_of(canvas, "zoe") == ["5A, afternoons"]
    page = canvas.open("marit", link)
    assert "5A, afternoons" in page.text


def sections_of(school: School, who: str) -> list[str]:
    """In which sections of the class somebody is, as far as the tool knows."""
    with school.runtime.database.read() as session:
        query = select(Membership.sections).join(Person, Person.id == Membership.person_id)
        return session.scalars(query.where(Person.sub == school.lms.sub(who))).one()
