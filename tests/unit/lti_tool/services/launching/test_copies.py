"""A course is copied for a new year: its links find their settings again, as they are in the course they come from."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from lti_tool.persistence.tables.activities import Activity, ResourceLink
from sandbox_lms.records import activities
from sandbox_lms.records import school as classes
from sandbox_lms.records.course_copy import copy_course
from tests.support.databases import Servers
from tests.support.school import COURSE, Page, School, open_school

SKILL, OTHER = "M.NBT2.ADDREG", "M.NBT2.SUBREG"
WITHOUT_HISTORY = {"link_history": "", "context_history": ""}


@pytest.fixture(scope="module")
def school(database_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    with (
        database_servers.fresh("sqlite") as url,
        open_school(url, tmp_path_factory.mktemp("school")) as opened,
    ):
        yield opened


def next_year(school: School, course: str) -> str:
    """Copy a course; return the new one's id."""
    database = school.lms.lms.database
    return copy_course(database, classes.course(database, course), title="Next year 5B", with_pupils=True)


def last_link(school: School, course: str) -> int:
    return activities.links(school.lms.lms.database, course)[-1].id


def activity_behind(school: School, link: int) -> Activity:
    with school.runtime.database.read() as session:
        row = session.scalars(select(ResourceLink).where(ResourceLink.lms_id == str(link))).one()
        assert row.activity is not None
        return row.activity


def open_as(school: School, link: int, course: str, custom: dict[str, str]) -> Page:
    """Marit opens a link of which the LMS sends these custom parameters only."""
    state, nonce = school.pending_login_in(course, "marit", link)
    token = school.lms.sign_launch("marit", link, course=course, nonce=nonce, custom=custom)
    return school.page("marit", school.post_launch("marit", {"state": state, "id_token": token}))


def test_the_copy_of_a_copy_opens_with_what_was_changed_in_the_first_copy(school: School) -> None:
    link = school.add_activity(SKILL, title="Adding")
    school.open("marit", link)
    second = next_year(school, COURSE)
    school.open("marit", last_link(school, second), course=second)
    with school.runtime.database.write() as session:
        session.get_one(Activity, activity_behind(school, last_link(school, second)).id).points = 25
    third = next_year(school, second)
    school.open("marit", last_link(school, third), course=third)
    copied = activity_behind(school, last_link(school, third))
    assert (copied.points, copied.copied_from_id) == (25, activity_behind(school, last_link(school, second)).id)
    assert activity_behind(school, link).points == 10


def test_an_lms_that_tells_the_courses_only_leads_to_the_nearest_course_too(school: School) -> None:
    link = school.add_activity(SKILL, title="Adding")
    school.open("marit", link)
    original = activity_behind(school, link)
    second = next_year(school, COURSE)
    school.open("marit", last_link(school, second), course=second)
    nearest = activity_behind(school, last_link(school, second))
    third = next_year(school, second)
    custom = {"activity_id": original.id, "link_history": "$ResourceLink.id.history", "context_history": f"{second},x"}
    open_as(school, last_link(school, third), third, custom)
    assert activity_behind(school, last_link(school, third)).copied_from_id == nearest.id


def test_a_link_that_lost_its_parameters_is_found_by_its_own_history(school: School) -> None:
    link = school.add_activity(OTHER, title="Subtracting")
    school.open("marit", link)
    copy = next_year(school, COURSE)
    page = open_as(school, last_link(school, copy), copy, {"link_history": f"never-seen,{link}"})
    assert "Subtracting" in page.text
    assert activity_behind(school, last_link(school, copy)).copied_from_id == activity_behind(school, link).id


class TestLinksMadeByHand:
    """They carry nothing of ours but what the registration asks of every launch."""

    def set_up(self, school: School, title: str) -> int:
        link = school.lms.add_link_by_hand(COURSE, title)
        school.open("marit", link).send("choose", skill=SKILL, title=title, points="10")
        return link

    def test_a_copied_one_is_the_one_of_its_name_in_the_course_it_comes_from(self, school: School) -> None:
        link = self.set_up(school, "Tuesday")
        copy = next_year(school, COURSE)
        custom = {"context_history": COURSE, "link_history": ""}
        page = open_as(school, last_link(school, copy), copy, custom)
        assert 'name="skill"' not in page.text
        assert activity_behind(school, last_link(school, copy)).copied_from_id == activity_behind(school, link).id

    def test_a_new_one_of_the_same_name_beside_the_copy_asks_its_teacher(self, school: School) -> None:
        self.set_up(school, "Wednesday")
        copy = next_year(school, COURSE)
        custom = {"context_history": COURSE}
        open_as(school, last_link(school, copy), copy, custom)
        new = school.lms.add_link_by_hand(copy, "Wednesday")
        assert 'name="skill"' in open_as(school, new, copy, custom).text

    def test_two_of_one_name_are_not_told_apart(self, school: School) -> None:
        self.set_up(school, "Friday")
        self.set_up(school, "Friday")
        copy = next_year(school, COURSE)
        assert 'name="skill"' in open_as(school, last_link(school, copy), copy, {"context_history": COURSE}).text

    def test_without_any_history_the_teacher_chooses(self, school: School) -> None:
        self.set_up(school, "Sunday")
        copy = next_year(school, COURSE)
        assert 'name="skill"' in open_as(school, last_link(school, copy), copy, WITHOUT_HISTORY).text
