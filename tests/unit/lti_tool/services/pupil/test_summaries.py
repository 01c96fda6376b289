"""Practice counted as it happens."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from lti_tool.persistence.tables.summaries import PracticeDay, PracticeTotal
from lti_tool.persistence.tables.tenancy import District
from tests.support.pupils import MATH, Desk
from tests.support.school import School

MONDAY = datetime(2026, 9, 7, 9, 0, tzinfo=UTC)


def total(desk: Desk) -> PracticeTotal:
    with desk.school.runtime.database.read() as session:
        return session.get_one(PracticeTotal, (desk.activity_id, desk.person_id))


def days(desk: Desk) -> list[PracticeDay]:
    with desk.school.runtime.database.read() as session:
        return list(session.scalars(select(PracticeDay).order_by(PracticeDay.day)))


def desk_on_monday(school: School) -> Desk:
    desk = Desk.newcomer(school, *MATH)
    desk.now = desk.launched_at = MONDAY
    return desk


def test_each_answer_is_counted_once_in_all_and_on_its_day(school: School) -> None:
    desk = desk_on_monday(school)
    for turn in range(4):
        desk.answer(correct=turn > 0)
    desk.now = desk.launched_at = MONDAY + timedelta(days=1)
    desk.answer()
    all_of_it, (monday, tuesday) = total(desk), days(desk)
    assert (all_of_it.tries, all_of_it.honest, all_of_it.right, all_of_it.sittings) == (5, 5, 4, 2)
    assert all_of_it.latest == "hhhhh"
    assert all_of_it.last_opportunity_id == desk.opportunities[-1].id
    assert (monday.tries, monday.right, monday.sittings, round(monday.seconds)) == (4, 3, 1, 80)
    assert (tuesday.tries, tuesday.right, tuesday.sittings) == (1, 1, 1)
    assert round(all_of_it.seconds) == 100


def test_a_day_ends_at_midnight_of_the_district(school: School) -> None:
    with school.runtime.database.write() as session:
        session.scalars(select(District)).one().time_zone = "Pacific/Auckland"
    desk = desk_on_monday(school)
    desk.now = desk.launched_at = datetime(2026, 9, 7, 23, 0, tzinfo=UTC)
    desk.answer()
    [day] = days(desk)
    assert day.day.isoformat() == "2026-09-08"


def test_a_closed_lid_is_no_work(school: School) -> None:
    desk = desk_on_monday(school)
    desk.pace = timedelta(minutes=25)
    desk.answer()
    assert total(desk).seconds == 300


def test_answers_that_were_taken_by_the_release_before_are_counted_with_the_next_one(school: School) -> None:
    desk = desk_on_monday(school)
    for _ in range(3):
        desk.answer()
    with school.runtime.database.write() as session:
        for row in (*session.scalars(select(PracticeTotal)), *session.scalars(select(PracticeDay))):
            session.delete(row)
    desk.answer(correct=False)
    assert (total(desk).tries, total(desk).right, total(desk).sittings) == (4, 3, 1)
    assert [day.tries for day in days(desk)] == [4]


def test_what_could_not_be_heard_is_no_try(school: School) -> None:
    desk = Desk.newcomer(school, "SP.DOUBLE")
    desk.now = desk.launched_at = MONDAY
    desk.put("SP.DOUBLE/hopping/dictation")
    desk.answer(action="cant_hear")
    assert (total(desk).tries, total(desk).latest, len(days(desk))) == (0, "", 1)


def test_where_a_pupil_started_is_known_after_the_start_check(school: School) -> None:
    desk = desk_on_monday(school)
    for turn in range(11):
        desk.answer(correct=turn % 2 > 0)
    assert total(desk).start_level is None
    desk.answer(correct=False)
    level = total(desk).start_level
    assert level is not None
    assert 0 < level < 1
    for _ in range(2):
        desk.answer(correct=False)
    assert total(desk).start_level == level
