"""The tool in an LMS with Moodle's ways (sandbox_lms/families/moodle.py)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from lti_tool.persistence.tables.activities import Activity
from sandbox_lms.records import scores
from tests.lti.like import SKILLS, grade, grades_page, outbox, practise, role_of
from tests.support.school import School, open_school


@pytest.fixture
def moodle(database_url: str, tmp_path: Path) -> Iterator[School]:
    """A school with a Moodle that has registered the tool by itself."""
    with open_school(database_url, tmp_path, like="moodle") as opened:
        yield opened


def test_ada_answers_faster_than_the_lms_s_clock_ticks_and_nothing_is_lost(moodle: School) -> None:
    link = moodle.add_activity(*SKILLS, title="Adding", points="8")
    practise(moodle, "ada", link)
    found = grade(moodle, "ada")
    assert (found["score"], found["grading_progress"]) == (8.0, "FullyGraded")
    assert found["comment"]
    assert not any(one.refused for one in scores.history(moodle.lms.lms.database, 1))


def test_the_column_has_the_activity_s_name_and_a_link_made_by_hand_gets_one_column(moodle: School) -> None:
    moodle.add_activity(*SKILLS, title="Adding")
    assert [column["label"] for column in moodle.lms.gradebook("class-5a")["columns"]] == ["Adding"]
    link = moodle.lms.add_link_by_hand("class-5a", "By hand")
    picker = moodle.open("marit", link)
    assert picker.send("choose", skill=list(SKILLS), title="By hand", points="8").status == 200
    practise(moodle, "ada", link, 2)
    practise(moodle, "noa", link, 1)
    labels = [column["label"] for column in moodle.lms.gradebook("class-5a")["columns"]]
    assert labels == ["Adding", "By hand"]
    assert grade(moodle, "noa")["score"] > 0


def test_a_second_column_of_the_link_takes_the_address_out_of_launches_and_grades_still_arrive(moodle: School) -> None:
    link = moodle.add_activity(*SKILLS, points="12")
    practise(moodle, "ada", link, 1)
    database = moodle.lms.lms.database
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO line_item (course_id, resource_link_id, label, score_maximum)"
            " VALUES ('class-5a', ?, 'Two', 5)",
            (link,),
        )
    practise(moodle, "noa", link, 1)
    first = next(pupil for pupil in moodle.lms.gradebook("class-5a")["pupils"] if pupil["id"] == "noa")["grades"]
    assert list(first) == ["1"]


def test_a_teacher_who_does_not_edit_stays_a_teacher_though_the_roster_says_learner(moodle: School) -> None:
    assistant = moodle.lms.add_assistant("class-5a")
    link = moodle.add_activity(*SKILLS)
    page = moodle.open(assistant, link)
    assert 'id="answer-form"' not in page.text
    assert moodle.runtime.rosters.read(1, datetime.now(UTC)) == 27
    assert role_of(moodle, assistant) == "teacher"
    assert role_of(moodle, "ayse") == "pupil"


def test_a_pupil_who_became_a_teacher_is_refused_a_grade_and_it_is_not_sent_again(moodle: School) -> None:
    link = moodle.add_activity(*SKILLS)
    page = moodle.open("ada", link)
    with moodle.lms.lms.database.transaction() as connection:
        connection.execute("UPDATE membership SET role = 'Instructor' WHERE person_id = 'ada'")
    page.respond(page.item.answer)
    moodle.deliver_grades()
    [row] = outbox(moodle)
    assert (row.state, row.problem) == ("parked", "not-a-pupil")
    [received] = scores.history(moodle.lms.lms.database, 1)
    assert received.refused


def test_without_names_ada_practises_all_the_same(moodle: School) -> None:
    moodle.lms.post("admin", "/tools/1/privacy", {"privacy": "ids"})
    link = moodle.add_activity(*SKILLS)
    practise(moodle, "ada", link, 1)
    assert grade(moodle, "ada")["score"] > 0
    assert "Okonkwo" not in moodle.open("marit", link).text


def test_other_points_make_no_zero_of_a_cell_that_was_empty(moodle: School) -> None:
    first = moodle.add_activity(*SKILLS, title="First", points="12")
    second = moodle.add_activity(*SKILLS, title="Second", points="12")
    assert moodle.runtime.rosters.read(1, datetime.now(UTC)) == 26
    practise(moodle, "ada", first, 1)
    practise(moodle, "noa", second, 1)
    with moodle.runtime.database.read() as session:
        activity_id = session.scalars(select(Activity.id).where(Activity.title == "Second")).one()
    page = moodle.open("marit", second).send("change", activity=activity_id)
    page.send("save", activity=activity_id, skill=list(SKILLS), title="Second", points="24")
    now = datetime.now(UTC)
    assert moodle.runtime.columns.tell_due(now) == 1
    assert grade(moodle, "ada")["score"] == 0.0, "the LMS has written a zero"
    assert "did not take" not in moodle.open("marit", second).text
    assert moodle.runtime.columns.tell_due(now + timedelta(seconds=1)) == 0, "its clock has to go on first"
    assert moodle.runtime.columns.tell_due(now + timedelta(seconds=2)) == 1
    assert grade(moodle, "ada")["score"] is None
    assert "ayse" not in {one.person_id for one in scores.history(moodle.lms.lms.database, 2) if one.score_given == 0}
    moodle.deliver_grades_later()
    assert grade(moodle, "noa")["score"] == pytest.approx(2.0)
    assert moodle.runtime.columns.tell_due(now + timedelta(hours=1)) == 0


def test_who_has_left_is_named_so_though_the_lms_only_says_that_it_grades_no_such_pupil(moodle: School) -> None:
    link = moodle.add_activity(*SKILLS)
    page = moodle.open("ada", link)
    with moodle.lms.lms.database.transaction() as connection:
        connection.execute("DELETE FROM membership WHERE person_id = 'ada' AND course_id = 'class-5a'")
    page.respond(page.item.answer)
    moodle.deliver_grades()
    assert "is no pupil of this course" in grades_page(moodle.open("marit", link))
    moodle.runtime.rosters.read_due(datetime.now(UTC))
    assert "The LMS says that Ada Okonkwo is not enrolled any more." in grades_page(moodle.open("marit", link))
