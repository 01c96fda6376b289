"""Mastery in columns of its own: made once, found again."""

import pytest
from sqlalchemy import select

from engine.learner import SkillReport
from item_banks.schema import Skill
from lti_tool.lti.services.scopes import SCOPE_LINEITEM, SCOPE_RESULT_READ, SCOPE_SCORE
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.activities import Activity, LineItem
from lti_tool.persistence.tables.tenancy import Registration
from lti_tool.services.grading.grades import post_progress
from tests.unit.lti_tool.lti.gradebook import Office, open_office
from tests.unit.lti_tool.persistence.rows import LMS, MONDAY, add_place, later

SKILL = "M.NBT2.ADDREG"


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database, scopes=(SCOPE_SCORE, SCOPE_RESULT_READ, SCOPE_LINEITEM))


def master(office: Office, pupil: str, mastered: bool = True) -> None:
    report = SkillReport(0.9, 0.9, 0.9, "strong" if mastered else "growing", 8, ())
    skill = Skill(SKILL, "math", "Adding two-digit numbers", "I add bigger numbers", 2, "2", "NBT")
    with office.database.write() as session:
        activity = session.get_one(Activity, office.place.activity_id)
        post_progress(
            session,
            activity,
            office.pupils[pupil],
            {SKILL: report} if mastered else {},
            {SKILL: skill},
            locale="en",
            now=MONDAY,
        )


def deliver(office: Office) -> None:
    worker = office.worker()
    for second in range(6):
        worker.deliver_due(later(seconds=second))


def test_one_mastery_column_for_the_activity_is_made_once_and_without_a_link(office: Office) -> None:
    office.change(mastery_columns="activity")
    for pupil in ("ada", "ben"):
        master(office, pupil)
    deliver(office)
    [column] = office.gradebook.columns
    assert (column["label"], column["scoreMaximum"], column["tag"]) == ("Adding: skills mastered", 1, "mastery")
    assert column["resourceId"] == f"mastery:{office.place.activity_id}"
    assert "resourceLinkId" not in column
    assert office.gradebook.score("ben", str(column["id"]).partition("?")[0]) == 1.0


def test_a_skills_column_is_found_again_after_a_course_copy(office: Office) -> None:
    office.change(mastery_columns="skill")
    copied = f"{LMS}/columns/50"
    office.gradebook.columns = [{"id": copied, "resourceId": f"skill:{SKILL}", "tag": "mastery"}]
    master(office, "ada")
    deliver(office)
    assert len(office.gradebook.columns) == 1
    assert office.gradebook.score("ada", copied) == 1.0
    assert str(office.gradebook.scores[copied, "ada"]["comment"]) == "You can do this: I add bigger numbers"


def test_a_second_activity_of_the_course_shares_the_skills_column(office: Office) -> None:
    with office.database.write() as session:
        registration = session.get_one(Registration, office.place.registration_id)
        other = add_place(session, registration, link="link-2")
        session.get_one(Activity, other.activity_id).context_id = office.place.context_id
    office.change(mastery_columns="skill")
    master(office, "ada")
    office.place = other
    master(office, "ada")
    with office.database.read() as session:
        columns = session.scalars(select(LineItem).where(LineItem.kind == "skill")).all()
    assert [column.resource_id for column in columns] == [f"skill:{SKILL}"]


def test_a_copied_activity_finds_the_column_of_the_original_in_the_copied_course(office: Office) -> None:
    original = office.place
    office.place = office.new_place(link="copy", scopes=(SCOPE_SCORE, SCOPE_LINEITEM))
    with office.database.write() as session:
        session.get_one(Activity, office.place.activity_id).copied_from_id = original.activity_id
    office.change(mastery_columns="activity")
    office.gradebook.columns = [{"id": f"{LMS}/columns/60", "resourceId": f"mastery:{original.activity_id}"}]
    master(office, "ada")
    deliver(office)
    assert len(office.gradebook.columns) == 1
    assert office.gradebook.score("ada", f"{LMS}/columns/60") == 1.0
