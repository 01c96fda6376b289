"""A link in the course's navigation opens the course: a teacher's way to all class pages."""

import pytest
from sqlalchemy import select

from lti_tool.persistence.tables.activities import Activity
from tests.support.school import TOOL_URL, Page, School

COURSE = {"custom": {"view": "course"}}


def open_course(school: School, who: str, link: int) -> Page:
    """Launch from the course's navigation."""
    answer = school.launch_signed(who, link, **COURSE)
    assert answer.status_code == 303, answer.text
    return Page(school, who, answer.location, school.browser(who).get(answer.location, base_url=TOOL_URL))


@pytest.fixture
def link(school: School) -> int:
    """An activity that Ada has begun."""
    link = school.add_activity("M.NBT2.ADDREG", title="Adding with a carry")
    page = school.open("ada", link)
    page.respond(page.item.answer)
    return link


def test_a_teacher_sees_all_activities_of_the_course_and_opens_one(school: School, link: int) -> None:
    school.open("marit", school.add_activity("SP.DOUBLE", title="Doubling"))
    course = open_course(school, "marit", link)
    assert "Adding with a carry" in course.text
    assert "Doubling" in course.text
    assert "1 pupil has started" in course.text
    address = course.text.split('href="/a/')[1:]
    pages = [school.browser("marit").get("/a/" + part.split('"')[0], base_url=TOOL_URL).text for part in address]
    assert any("Ada Okonkwo" in page and "Adding with a carry" in page for page in pages)


def test_a_course_without_activities_says_where_to_add_one(school: School) -> None:
    hand_made = school.lms.add_link_by_hand("class-5a", "Proximal")
    assert "no activity of Proximal yet" in open_course(school, "marit", hand_made).text


def test_a_pupil_is_sent_to_the_activities(school: School, link: int) -> None:
    page = open_course(school, "ada", link)
    assert "Choose an activity" in page.text
    assert "Okonkwo" not in page.text


def test_an_activity_of_another_course_stays_closed(school: School, link: int) -> None:
    other = school.add_activity("M.NBT2.SUBREG", title="Taking away", course="class-5b")
    school.open("tomas", other, course="class-5b")
    course = open_course(school, "marit", link)
    assert "Taking away" not in course.text
    with school.runtime.database.read() as session:
        from lti_tool.persistence.tables.activities import Activity

        [foreign] = session.query(Activity).filter_by(title="Taking away")
    answer = school.browser("marit").get(f"{course.place}/activity/{foreign.id}", base_url=TOOL_URL)
    assert answer.status_code == 403


def test_a_pupil_cant_open_a_class_page_by_its_address(school: School, link: int) -> None:
    page = open_course(school, "ada", link)
    answer = school.browser("ada").get(f"{page.place}/activity/anything", base_url=TOOL_URL)
    assert answer.status_code == 403


def test_several_activities_are_changed_at_once_and_those_of_other_courses_are_not(school: School, link: int) -> None:
    other = school.add_activity("M.NBT2.SUBREG", title="Taking away", course="class-5b")
    school.open("tomas", other, course="class-5b")
    school.open("marit", school.add_activity("SP.DOUBLE", title="Doubling"))
    school.open("marit", link)
    course = open_course(school, "marit", link)
    with school.runtime.database.read() as session:
        every = {activity.title: activity.id for activity in session.scalars(select(Activity))}
    mine, theirs = [every["Adding with a carry"], every["Doubling"]], every["Taking away"]
    changed = course.send("several", activity=mine, control="pupil", hints="off", due="2027-01-31T16:00")
    assert "2 activities are changed." in changed.text
    with school.runtime.database.read() as session:
        rows = [session.get_one(Activity, activity_id) for activity_id in mine]
    assert [(row.control, row.hints, row.metacognition) for row in rows] == [("pupil", False, None)] * 2
    assert all(row.due_at is not None for row in rows)
    assert course.send("several", activity=[mine[0], theirs], control="teacher").status == 403
    assert course.send("several", control="teacher").status == 422
    assert course.send("several", activity=mine, control="nobody").status == 422
    with school.runtime.database.read() as session:
        assert session.get_one(Activity, mine[0]).control == "pupil"
