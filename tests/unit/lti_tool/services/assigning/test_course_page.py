"""A course's activities, as its navigation shows them to a teacher."""

from datetime import timedelta

from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.activities import Activity, ResourceLink
from lti_tool.services.assigning.course_page import activity_of_course, course_page
from tests.support.pupils import MATH, Desk
from tests.support.school import School
from tests.unit.lti_tool.persistence.rows import MONDAY, add_lms, add_place


def test_activities_stand_newest_first_with_how_many_have_begun(school: School) -> None:
    first, second = school.add_activity(MATH[0], title="First"), school.add_activity(MATH[1], title="Second")
    for who in ("ada", "yusuf"):
        desk = Desk.of(school.open(who, first))
        desk.answer()
        desk.answer()
    with school.runtime.database.read() as session:
        context_id = session.get_one(Activity, Desk.of(school.open("ada", second)).activity_id).context_id
        assert context_id is not None
        lines = [(line.activity.title, line.started) for line in course_page(session, context_id)]
    assert lines == [("Second", 0), ("First", 2)]


def test_an_activity_whose_link_was_given_another_one_stands_there_no_more(database: Database) -> None:
    with database.write() as session:
        place = add_place(session, add_lms(session))
        session.get_one(Activity, place.activity_id).created_at = MONDAY - timedelta(days=1)
        assert [line.activity.id for line in course_page(session, place.context_id)] == [place.activity_id]
        session.get_one(ResourceLink, place.link_id).activity_id = None
        session.flush()
        assert course_page(session, place.context_id) == []


def test_an_activity_of_another_course_is_none_of_this_one(database: Database) -> None:
    with database.write() as session:
        registration = add_lms(session)
        here, there = add_place(session, registration), add_place(session, registration, link="link-2")
        own = activity_of_course(session, here.context_id, here.activity_id)
        assert own is not None
        assert own.id == here.activity_id
        assert activity_of_course(session, here.context_id, there.activity_id) is None
        assert activity_of_course(session, here.context_id, "made-up") is None
        assert [line.activity.id for line in course_page(session, there.context_id)] == [there.activity_id]
