"""The tool in an LMS with Brightspace's ways (sandbox_lms/families/brightspace.py)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.lti.like import SKILLS, grade, grades_page, outbox, practise, role_of
from tests.support.school import School, open_school


@pytest.fixture
def brightspace(database_url: str, tmp_path: Path) -> Iterator[School]:
    """A school with a Brightspace that has registered the tool by itself."""
    with open_school(database_url, tmp_path, like="brightspace") as opened:
        yield opened


def test_ada_practises_and_the_class_list_is_read_with_the_one_audience_for_tokens(brightspace: School) -> None:
    link = brightspace.add_activity(*SKILLS, title="Adding", points="8")
    practise(brightspace, "ada", link)
    assert grade(brightspace, "ada")["score"] == 8.0
    assert brightspace.runtime.rosters.read(1, datetime.now(UTC)) == 26
    assert role_of(brightspace, "ayse") == "pupil"


def set_status(brightspace: School, status: str) -> None:
    with brightspace.lms.lms.database.transaction() as connection:
        connection.execute("UPDATE membership SET status = ? WHERE person_id = 'ada'", (status,))


@pytest.fixture
def dropped(brightspace: School) -> int:
    """A link, in which Ada has answered; she left the course before her grade came."""
    link = brightspace.add_activity(*SKILLS)
    page = brightspace.open("ada", link)
    set_status(brightspace, "Inactive")
    page.respond(page.item.answer)
    brightspace.deliver_grades()
    [row] = outbox(brightspace)
    assert (row.state, row.problem) == ("parked", "not-enrolled")
    return link


def test_the_teacher_is_told_who_is_not_enrolled_any_more(brightspace: School, dropped: int) -> None:
    page = grades_page(brightspace.open("marit", dropped))
    assert "The LMS says that Ada Okonkwo is not enrolled any more." in page


def test_a_pupil_who_is_back_gets_the_grade_by_opening_the_activity(brightspace: School, dropped: int) -> None:
    set_status(brightspace, "Active")
    brightspace.open("ada", dropped)
    brightspace.deliver_grades()
    assert grade(brightspace, "ada")["score"] > 0


def test_a_pupil_who_is_back_on_the_class_list_gets_it_without_opening_anything(
    brightspace: School, dropped: int
) -> None:
    for status, state in (("Inactive", "parked"), ("Active", "delivered")):
        set_status(brightspace, status)
        brightspace.runtime.rosters.read(1, datetime.now(UTC))
        brightspace.deliver_grades()
        assert [row.state for row in outbox(brightspace)] == [state]
    assert grade(brightspace, "ada")["score"] > 0


def test_where_the_lms_hides_who_launches_a_page_says_so(brightspace: School) -> None:
    link = brightspace.add_activity(*SKILLS)
    brightspace.lms.post("admin", "/tools/1/privacy", {"privacy": "nobody"})
    refused = brightspace.launch("ada", link)
    assert refused.status_code == 403
    assert "does not tell Proximal who opens" in refused.text


def test_a_link_made_by_hand_gets_its_column_once(brightspace: School) -> None:
    link = brightspace.lms.add_link_by_hand("class-5a", "By hand")
    brightspace.open("marit", link).send("choose", skill=list(SKILLS), title="By hand", points="8")
    for pupil in ("ada", "noa", "zoe"):
        practise(brightspace, pupil, link, 1)
    assert len(brightspace.lms.gradebook("class-5a")["columns"]) == 1
    assert grade(brightspace, "zoe")["score"] > 0
