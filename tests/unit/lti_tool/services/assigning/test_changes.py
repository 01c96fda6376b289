"""A teacher changes an activity that pupils have begun."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from lti_tool.lti.errors import ServiceError
from lti_tool.persistence.tables.activities import Activity, LineItem
from lti_tool.persistence.tables.audit import AuditEvent
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.persistence.tables.tenancy import Context
from lti_tool.services.assigning.changes import TRY_AGAIN_AFTER
from tests.support.databases import Servers
from tests.support.school import COURSE, TOOL_URL, Page, School, open_school

ADDING, TAKING = "M.NBT2.ADDREG", "M.NBT2.SUBREG"


@pytest.fixture
def school(database_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    with (
        database_servers.fresh("sqlite") as url,
        open_school(url, tmp_path_factory.mktemp("school")) as opened,
    ):
        yield opened


@pytest.fixture
def marit(school: School) -> Page:
    """Marit's class page; Ada has one honest try and a grade for it."""
    link = school.add_activity(ADDING, title="Adding", points="12")
    pupil = school.open("ada", link)
    pupil.respond(pupil.item.answer)
    school.deliver_grades()
    return school.open("marit", link)


def the_activity(school: School) -> Activity:
    with school.runtime.database.read() as session:
        return session.scalars(select(Activity)).one()


def column(school: School) -> dict[str, object]:
    [found] = school.lms.gradebook(COURSE)["columns"]
    return dict(found)


def grade(school: School) -> dict[str, object]:
    book = school.lms.gradebook(COURSE)
    [found] = [pupil["grades"][str(column(school)["id"])] for pupil in book["pupils"] if pupil["id"] == "ada"]
    return dict(found)


def change(school: School, page: Page, **fields: object) -> Page:
    """Press "Change this activity", and send the form that comes with other values."""
    activity = the_activity(school)
    picker = page.send("change", activity=activity.id)
    assert "Change the activity" in picker.text
    return picker.send(
        "save", **({"activity": activity.id, "skill": [ADDING], "title": "Adding", "points": "12"} | fields)
    )


def test_the_form_comes_with_what_the_activity_is_made_of(school: School, marit: Page) -> None:
    picker = marit.send("change", activity=the_activity(school).id)
    assert f'value="{ADDING}" checked' in picker.text
    assert 'value="Adding"' in picker.text
    assert 'value="12"' in picker.text
    assert "SP.DOUBLE" not in picker.text, "an activity keeps its subject"
    assert f'formaction="{marit.place}">Back<' in picker.text


def test_other_skills_count_from_the_next_item_on_and_what_was_done_stays(school: School, marit: Page) -> None:
    changed = change(school, marit, skill=[ADDING, TAKING])
    assert changed.status == 200
    assert changed.text.count('<th scope="col" lang="en">') == 2, "the class page has a column for each skill"
    assert the_activity(school).skill_ids == [ADDING, TAKING]
    with school.runtime.database.read() as session:
        assert session.scalars(select(ScoreOutbox.points_given)).one() == pytest.approx(1.0)


def test_other_points_and_another_name_reach_the_lms_and_each_grade_keeps_its_share(
    school: School, marit: Page
) -> None:
    before = grade(school)["score"]
    change(school, marit, title="Adding to 100", points="24")
    assert school.runtime.columns.tell_due(datetime.now(UTC)) == 1
    assert (column(school)["label"], column(school)["score_maximum"]) == ("Adding to 100", 24)
    school.deliver_grades_later()
    assert grade(school)["score"] == pytest.approx(2 * float(str(before)))
    assert school.runtime.columns.tell_due(datetime.now(UTC)) == 0


def test_another_name_reaches_the_column_for_mastery_too(school: School, marit: Page) -> None:
    change(school, marit, mastery_columns="activity")
    school.deliver_grades_later()
    change(school, marit, title="Sums", mastery_columns="activity")
    assert school.runtime.columns.tell_due(datetime.now(UTC)) == 2
    labels = [column["label"] for column in school.lms.gradebook(COURSE)["columns"]]
    assert labels == ["Sums", "Sums: skills mastered"]


def test_what_the_teacher_has_let_go_before_needs_no_second_review(school: School, marit: Page) -> None:
    change(school, marit, posting="review", points="24")
    school.runtime.columns.tell_due(datetime.now(UTC))
    school.deliver_grades_later()
    with school.runtime.database.read() as session:
        row = session.scalars(select(ScoreOutbox)).one()
    assert (row.state, row.delivered_points) == ("delivered", pytest.approx(2.0))


def test_nothing_changed_is_nothing_told(school: School, marit: Page) -> None:
    change(school, marit)
    assert school.runtime.columns.tell_due(datetime.now(UTC)) == 0
    with school.runtime.database.read() as session:
        assert "activity.changed" not in session.scalars(select(AuditEvent.action)).all()


def test_the_audit_log_tells_who_changed_what(school: School, marit: Page) -> None:
    change(school, marit, points="20")
    with school.runtime.database.read() as session:
        [event] = session.scalars(select(AuditEvent).where(AuditEvent.action == "activity.changed"))
    assert event.detail["before"]["points"] == 12
    assert event.detail["after"]["points"] == 20


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"points": "0"}, "Points must be a number"),
        ({"points": "-3"}, "Points must be a number"),
        ({"points": "10000"}, "Points must be a number"),
        ({"skill": []}, "Choose at least one skill"),
        ({"skill": ["SP.DOUBLE"]}, "An activity keeps its subject"),
        ({"skill": [ADDING, "SP.DOUBLE"]}, "An activity keeps its subject"),
    ],
    ids=str,
)
def test_a_bad_change_is_asked_for_again_and_changes_nothing(
    school: School, marit: Page, fields: dict[str, object], words: str
) -> None:
    answer = change(school, marit, **fields)
    assert answer.status == 422
    assert words in answer.text
    assert (the_activity(school).points, the_activity(school).skill_ids) == (12, [ADDING])


def test_nobody_changes_what_is_not_theirs(school: School, marit: Page) -> None:
    other = school.open("tomas", school.add_activity(TAKING, course="class-5b"), course="class-5b")
    with school.runtime.database.read() as session:
        mine = session.scalars(select(Activity.id).where(Activity.title == "Adding")).one()
    for who in (other, school.open("ada", 1)):
        for step in ("change", "save", "roster"):
            assert who.send(step, activity=mine, skill=[TAKING], title="x", points="1").status == 403
    assert marit.send("save", activity="made-up\x00", skill=[TAKING], points="1").status == 403


def test_from_the_course_s_navigation_it_works_as_well(school: School, marit: Page) -> None:
    answer = school.launch_signed("marit", 1, custom={"view": "course"})
    course = school.page("marit", answer)
    address = f"{course.place}/activity/{the_activity(school).id}"
    course.answer = school.browser("marit").get(address, base_url=TOOL_URL)
    changed = change(school, course, points="30")
    assert changed.status == 200
    assert the_activity(school).points == 30


class TestAnLmsThatDoesNotTakeIt:
    def test_one_that_allows_no_changes_is_told_of_on_the_class_page(self, school: School, marit: Page) -> None:
        with school.runtime.database.write() as session:
            row = session.scalars(select(LineItem)).one()
            row.scopes = [scope for scope in row.scopes if not scope.endswith("/lineitem")]
        change(school, marit, points="24")
        assert school.runtime.columns.tell_due(datetime.now(UTC)) == 1
        assert "did not take the new name and points" in marit.reload().text
        assert school.runtime.columns.tell_due(datetime.now(UTC) + timedelta(days=1)) == 0

    def test_one_that_is_away_is_asked_again_later(
        self, school: School, marit: Page, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        change(school, marit, points="24")
        with monkeypatch.context() as away:

            def fails(*_: object, **__: object) -> None:
                raise ServiceError("timeout", "no answer")

            away.setattr("lti_tool.lti.services.ags.GradeService.update_line_item", fails)
            assert school.runtime.columns.tell_due(datetime.now(UTC)) == 1
        assert school.runtime.columns.tell_due(datetime.now(UTC)) == 0
        with school.runtime.database.write() as session:
            row = session.scalars(select(LineItem)).one()
            assert row.change_due_at is not None
            assert timedelta(0) < row.change_due_at - datetime.now(UTC) <= TRY_AGAIN_AFTER
            row.change_due_at = datetime.now(UTC)
        assert school.runtime.columns.tell_due(datetime.now(UTC)) == 1
        assert column(school)["score_maximum"] == 24
        assert "did not take" not in marit.reload().text


class TestTheClassList:
    def test_its_age_stands_on_the_class_page_and_a_button_renews_it(self, school: School, marit: Page) -> None:
        assert "The class list has not been read yet" in marit.text
        asked = marit.send("roster", activity=the_activity(school).id)
        assert "it comes within a minute" in asked.text
        now = datetime.now(UTC)
        assert school.runtime.rosters.read_due(now) == 1
        assert "Class list from the LMS, " in marit.reload().text
        assert school.runtime.rosters.read_due(now) == 0
        marit.send("roster", activity=the_activity(school).id)
        assert school.runtime.rosters.read_due(now) == 1, "asked for is read, however new the last one is"

    def test_an_lms_that_refuses_it_is_told_of(
        self, school: School, marit: Page, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(*_: object) -> None:
            raise ServiceError("http-403", "not allowed")

        monkeypatch.setattr("lti_tool.services.platforms.roster.read_roster", fails)
        school.runtime.rosters.read_due(datetime.now(UTC))
        assert "The LMS did not give the class list (http-403)." in marit.reload().text

    def test_an_lms_that_offers_none_shows_no_button(self, school: School, marit: Page) -> None:
        with school.runtime.database.write() as session:
            for context in session.scalars(select(Context)):
                context.memberships_url = None
        assert "class list" not in marit.reload().text


def test_without_cookies_the_change_is_the_answer_itself(school: School, marit: Page) -> None:
    browser = school.browser("marit")
    launch_id = marit.place.rpartition("/")[2]
    cookie = next(each for each in browser._cookies.values() if each.key == f"__Host-proximal-{launch_id}")
    token = marit.text.partition('name="form_token" value="')[2].partition('"')[0]
    form = {"form_token": f"{token}.{cookie.value}", "activity": the_activity(school).id}
    answer = school.app.test_client(use_cookies=False).post(
        f"{marit.place}/save", data=form | {"skill": TAKING, "points": "5"}, base_url=TOOL_URL
    )
    assert answer.status_code == 200
    assert "Change this activity" in answer.text
    assert the_activity(school).skill_ids == [TAKING]
