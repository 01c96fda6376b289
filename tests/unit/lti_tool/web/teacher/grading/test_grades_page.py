"""What a teacher sees and does about the grades of an activity."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select, update

from lti_tool.persistence.tables.accommodations import Accommodation
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.audit import AuditEvent
from lti_tool.persistence.tables.grades import ScoreDelivery, ScoreOutbox
from lti_tool.persistence.tables.people import Membership
from lti_tool.persistence.tables.tenancy import District, Registration
from tests.support.databases import BACKENDS, Servers
from tests.support.pupils import MATH, Desk, wrong_answer
from tests.support.school import TOOL_URL, Page, School, open_school


@pytest.fixture(scope="module", params=BACKENDS)
def school(
    request: pytest.FixtureRequest, database_servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[School]:
    with (
        database_servers.fresh(request.param) as url,
        open_school(url, tmp_path_factory.mktemp("school")) as opened,
    ):
        yield opened


def lesson(school: School, title: str, **fields: str) -> tuple[Desk, Page, int]:
    """An activity with one answer by Ada (who has slow fingers), and Marit in front of its class page."""
    picker = school.open_deep_linking()
    back = picker.send("choose", skill=list(MATH), title=title, **fields)
    returned = school.lms.return_deep_link("marit", back.action("send-back"), back.fields("send-back")["JWT"])
    assert returned.status < 400, returned.text
    link = max(int(each) for each in links(school))
    page = school.open("ada", link)
    page.respond(wrong_answer(page.item))
    return Desk.of(page), school.open("marit", link), link


def links(school: School) -> list[str]:
    return re.findall(r'href="/courses/class-5a/links/(\d+)"', school.lms.get("marit", "/courses/class-5a").text)


def grades(marit: Page, desk: Desk) -> Page:
    place = f"{marit.place}/activity/{desk.activity_id}/grades"
    return Page(marit.school, "marit", marit.place, marit.school.browser("marit").get(place, base_url=TOOL_URL))


def act(page: Page, desk: Desk, step: str, **fields: str) -> Page:
    return page.send(f"activity/{desk.activity_id}/{step}", **fields)


def own(school: School, desk: Desk) -> ScoreOutbox:
    with school.runtime.database.read() as session:
        query = select(ScoreOutbox).join(ScoreOutbox.line_item).where(ScoreOutbox.person_id == desk.person_id)
        [row] = [row for row in session.scalars(query) if row.line_item.activity_id == desk.activity_id]
        return row


def park(school: School, desk: Desk, problem: str) -> None:
    with school.runtime.database.write() as session:
        row = own(school, desk)
        values = {"state": "parked", "problem": problem}
        session.execute(update(ScoreOutbox).where(ScoreOutbox.id == row.id).values(values))


def test_the_log_says_what_was_sent_and_that_the_lms_has_it(school: School) -> None:
    desk, marit, _ = lesson(school, "Sent", points="12")
    school.deliver_grades()
    page = grades(marit, desk)
    assert page.status == 200
    assert "Grades of Sent" in page.text
    assert "<strong>1</strong> of 12" in page.text
    assert "In the gradebook, sent" in page.text
    assert "1 sent; the LMS has it" in page.text
    assert "(answer 204)" in page.text
    assert "Grades of this activity" in marit.text


def test_an_answer_of_the_lms_that_is_the_reason_is_named_once(school: School) -> None:
    desk, marit, _ = lesson(school, "Once")
    school.deliver_grades()
    with school.runtime.database.write() as session:
        told = {"http_status": 403, "result": "http-403"}
        own_log = ScoreDelivery.score_outbox_id == own(school, desk).id
        session.execute(update(ScoreDelivery).where(own_log).values(told))
    text = grades(marit, desk).text
    assert "the LMS could not take it (http-403)" in text
    assert "(answer 403)" not in text


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("private-address", "Tried again soon: the LMS&#39;s address is on a private network"),
        ("http-302", "Tried again soon: the LMS led Proximal to another address"),
        ("http-503", "Tried again soon: the LMS has a fault of its own (http-503)."),
        ("answer-too-large", "Tried again soon: the LMS could not take it (answer-too-large)."),
    ],
)
def test_a_grade_that_waits_for_the_lms_says_for_what(school: School, code: str, words: str) -> None:
    desk, marit, _ = lesson(school, "Waits")
    with school.runtime.database.write() as session:
        waits = {"state": "waiting", "problem": code}
        session.execute(update(ScoreOutbox).where(ScoreOutbox.id == own(school, desk).id).values(waits))
    assert words in grades(marit, desk).text


def test_a_refused_grade_names_the_pupil_and_goes_again_by_a_button(school: School) -> None:
    desk, marit, _ = lesson(school, "Refused")
    park(school, desk, "not-enrolled")
    page = grades(marit, desk)
    assert "The LMS says that Ada Okonkwo is not enrolled any more." in page.text
    after = act(page, desk, "grades/send", pupil=desk.person_id)
    assert after.status == 200
    assert own(school, desk).state == "waiting"
    with school.runtime.database.read() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "grades.sent_again")).all()[-1]
    assert event.subject == desk.activity_id
    assert event.person_id is not None


def test_a_grade_of_who_has_left_is_counted_and_explained_and_goes_again_with_the_return(school: School) -> None:
    desk, _, link = lesson(school, "Away for a week")
    park(school, desk, "http-422")  # which no standard and no LMS that we know gives a meaning
    with school.runtime.database.write() as session:
        session.execute(update(Membership).where(Membership.person_id == desk.person_id).values(active=False))
    school.open("noa", link)
    marit = school.open("marit", link)
    assert "Ada Okonkwo" not in marit.text
    assert "The LMS did not take 1 grade." in marit.text
    log = grades(marit, desk).text
    assert "The LMS says that Ada Okonkwo is not enrolled any more. The grade waits here, and goes by itself" in log
    school.open("ada", link)
    assert own(school, desk).state == "waiting"


@pytest.mark.parametrize("problem", ["not-a-pupil", "no-column", "not-allowed", "http-401", "http-418", None])
def test_every_refusal_is_a_sentence(school: School, problem: str) -> None:
    desk, marit, _ = lesson(school, "Sentence")
    park(school, desk, problem)
    assert 'class="grade-line state-parked"' in grades(marit, desk).text


def test_grades_that_wait_for_review_go_when_the_teacher_sends_them(school: School) -> None:
    desk, marit, _ = lesson(school, "Review", posting="review")
    page = grades(marit, desk)
    assert "Waits for your review." in page.text
    school.deliver_grades()
    assert own(school, desk).state == "held"
    after = act(page, desk, "grades/release")
    assert "On its way." in after.text
    school.deliver_grades()
    assert own(school, desk).state == "delivered"


def test_a_due_date_is_shown_on_the_districts_clock(school: School) -> None:
    desk, marit, _ = lesson(school, "Due", posting="due", due="2099-11-30T16:00")
    assert "Will be sent on the due date, 30 Nov, 16:00." in grades(marit, desk).text
    change = marit.send("change", activity=desk.activity_id).text
    assert 'value="2099-11-30T16:00"' in change
    assert "Due date (UTC)" in change
    with school.runtime.database.write() as session:
        session.add(Accommodation(person_id=desk.person_id, extra_days=2, since=desk.now))
    assert "Will be sent on the due date, 2 Dec, 16:00." in grades(marit, desk).text
    with school.runtime.database.write() as session:
        session.execute(delete(Accommodation))


def test_a_due_date_over_the_end_of_summer_time_is_meant_on_the_wall_clock(school: School) -> None:
    """Set in September for November in Amsterdam: four in the afternoon is four in the afternoon."""
    with school.runtime.database.write() as session:
        session.execute(update(District).values(time_zone="Europe/Amsterdam"))
    try:
        desk, marit, _ = lesson(school, "Winter", posting="due", due="2099-11-30T16:00")
        with school.runtime.database.read() as session:
            due_at = session.get_one(Activity, desk.activity_id).due_at
        assert due_at == datetime(2099, 11, 30, 15, 0, tzinfo=UTC), "winter time, whatever the time of year is now"
        assert "Will be sent on the due date, 30 Nov, 16:00." in grades(marit, desk).text
        change = marit.send("change", activity=desk.activity_id).text
        assert 'value="2099-11-30T16:00"' in change
        assert "Due date (Central European Time)" in change
    finally:
        with school.runtime.database.write() as session:
            session.execute(update(District).values(time_zone="UTC"))


def test_a_teachers_own_grade_in_the_lms_is_told_of(school: School) -> None:
    desk, marit, _ = lesson(school, "Own grade")
    with school.runtime.database.write() as session:
        row = own(school, desk)
        session.execute(update(ScoreOutbox).where(ScoreOutbox.id == row.id).values(state="theirs", found_points=9.5))
    page = grades(marit, desk)
    assert "The gradebook holds 9.5, given there. That grade stands." in page.text
    act(page, desk, "grades/send")
    assert own(school, desk).state == "theirs", "one button for all writes over nobody's grade"
    act(page, desk, "grades/send", pupil=desk.person_id)
    assert own(school, desk).state == "waiting"


def test_pupils_about_whom_something_can_be_done_stand_first_and_those_without_a_grade_last(school: School) -> None:
    desk, marit, link = lesson(school, "Order")
    for who in ("noa", "zoe"):
        page = school.open(who, link)
        page.respond(wrong_answer(page.item))
    school.open("sean", link)
    park(school, Desk.of(school.open("zoe", link)), "not-enrolled")
    text = grades(marit, desk).text
    places = [text.index(name) for name in ("Zoë van den Berg</bdi></a></h2>", "Ada Okonkwo</bdi></a></h2>", "Seán")]
    assert places == sorted(places)
    assert text.index("nothing to send yet") < text.index("Seán")
    assert "goes by itself once the pupil is back" in text


def test_a_mastery_column_that_the_lms_refuses_is_told_of_with_a_way_out(school: School) -> None:
    desk, marit, _ = lesson(school, "Columns", mastery_columns="activity")
    with school.runtime.database.write() as session:
        rows = session.scalars(select(ScoreOutbox).where(ScoreOutbox.person_id == desk.person_id)).all()
        [mastery] = [row for row in rows if row.line_item.label == "Columns: skills mastered"]
        mastery.state, mastery.problem = "parked", "column-refused"
    page = grades(marit, desk)
    assert "1 refused. The LMS let Proximal make no gradebook column for this activity." in page.text
    assert "The LMS did not take 1 grade." in page.text
    act(page, desk, "grades/send")
    assert "refused" not in grades(marit, desk).text


@pytest.mark.parametrize(
    ("state", "problem", "words"),
    [
        ("waiting", "timeout", "The gradebook has 1 until then."),
        ("parked", "not-allowed", "The gradebook still has 1."),
        ("parked", "no-column", None),
        ("delivered", None, None),
    ],
)
def test_what_the_gradebook_has_meanwhile_is_said_where_it_differs(
    school: School, state: str, problem: str | None, words: str | None
) -> None:
    desk, marit, _ = lesson(school, "Meanwhile", points="12")
    with school.runtime.database.write() as session:
        values = {"state": state, "problem": problem, "delivered_points": 1.0}
        session.execute(update(ScoreOutbox).where(ScoreOutbox.id == own(school, desk).id).values(values))
    assert "The gradebook has" not in grades(marit, desk).text.replace("The gradebook has no column", "")
    with school.runtime.database.write() as session:
        session.execute(update(ScoreOutbox).where(ScoreOutbox.id == own(school, desk).id).values(points_given=2.0))
    text = grades(marit, desk).text
    assert (words in text) if words else ("until then" not in text and "still has" not in text)


def test_a_grade_that_was_taken_away_in_the_lms_is_told_of(school: School) -> None:
    desk, marit, _ = lesson(school, "Taken away")
    with school.runtime.database.write() as session:
        row = own(school, desk)
        session.execute(update(ScoreOutbox).where(ScoreOutbox.id == row.id).values(state="theirs", found_points=None))
    assert "The grade was taken away in the gradebook. That stands." in grades(marit, desk).text


def test_an_activity_that_is_graded_no_more_keeps_what_waits(school: School) -> None:
    desk, marit, _ = lesson(school, "No more")
    page = marit.send("change", activity=desk.activity_id)
    page.send("save", activity=desk.activity_id, skill=list(MATH), title="No more", grading="none")
    school.deliver_grades()
    assert own(school, desk).state == "held"
    assert "Kept here: this activity is not graded now." in grades(marit, desk).text
    page.send("save", activity=desk.activity_id, skill=list(MATH), title="No more", grading="practice")
    school.deliver_grades()
    assert own(school, desk).state == "delivered"


def test_a_pupils_own_number_of_tries_counts_at_once(school: School) -> None:
    desk, marit, _ = lesson(school, "Four tries", points="12")
    assert own(school, desk).points_given == 1.0
    page = act(grades(marit, desk), desk, "grades/tries", pupil=desk.person_id, own_tries="4")
    assert page.status == 200
    assert own(school, desk).points_given == 3.0  # one of four tries is worth three of twelve points
    act(page, desk, "grades/tries", pupil=desk.person_id, own_tries="")
    assert own(school, desk).points_given == 3.0, "a grade that was sent is never lowered"
    assert act(page, desk, "grades/tries", pupil=desk.person_id, own_tries="many").status == 422
    assert act(page, desk, "grades/tries", pupil="nobody", own_tries="4").status == 403


def test_what_a_grade_is_can_be_changed_later_and_all_grades_follow(school: School) -> None:
    desk, marit, _ = lesson(school, "Changed", points="12")
    page = marit.send("change", activity=desk.activity_id)
    assert 'value="practice" checked' in page.text
    same = {"activity": desk.activity_id, "skill": list(MATH), "title": "Changed"}
    assert page.send("save", **same, points="0").status == 422
    after = page.send("save", **same, points="24", tries="6", lowering="latest")
    assert after.status == 200
    assert own(school, desk).points_given == 4.0  # one of six tries, of 24 points
    page.send("save", **same, grading="mastery")
    assert own(school, desk).points_given == 0.0
    assert own(school, desk).comment.startswith("0 of 3 skills strong so far.")


def test_an_activity_without_a_grade_gets_no_column_and_sends_nothing(school: School) -> None:
    desk, marit, _ = lesson(school, "Just for fun", grading="none")
    labels = [column["label"] for column in school.lms.gradebook("class-5a")["columns"]]
    assert "Just for fun" not in labels
    assert "This activity is not graded" in grades(marit, desk).text


def test_the_picker_offers_all_ways_and_explains_what_is_wrong(school: School) -> None:
    picker = school.open_deep_linking()
    for value in ("practice", "mastery", "growth", "accuracy", "none"):
        assert f'name="grading" value="{value}"' in picker.text
    again = picker.send("choose", skill=list(MATH), posting="due")
    assert again.status == 422
    assert "choose a due date" in again.text


def test_the_picker_says_what_each_lms_makes_of_further_columns(school: School) -> None:
    said = {
        "moodle": "give them the weight 0",
        "canvas": "Do not count this assignment towards the final grade",
        "brightspace": "Exclude from Final Grade Calculation",
        "generic": "may count them into the course total",
    }
    for profile, words in said.items():
        with school.runtime.database.write() as session:
            session.execute(update(Registration).values(profile=profile))
        assert words in school.open_deep_linking().text


def test_another_activitys_grades_stay_shut(school: School) -> None:
    desk, marit, _ = lesson(school, "Mine")
    other, _, _ = lesson(school, "Also mine")
    assert grades(marit, other).status == 403
    assert grades(marit, desk).status == 200
    with school.runtime.database.read() as session:
        assert session.get_one(Activity, other.activity_id).title == "Also mine"


def test_a_pupil_opens_none_of_it(school: School) -> None:
    desk, _, link = lesson(school, "Closed")
    ada = school.open("ada", link)
    place = f"{ada.place}/activity/{desk.activity_id}/grades"
    assert school.browser("ada").get(place, base_url=TOOL_URL).status_code == 403


@pytest.mark.parametrize(
    ("state", "problem", "words"),
    [
        ("delivered", None, "0.83 of 10, in the gradebook"),
        ("waiting", None, "0.83 of 10, on its way"),
        ("held", None, "0.83 of 10, not sent yet"),
        ("theirs", None, "0.83 of 10; the one in the gradebook was changed there"),
        ("parked", "column-refused", "not in the gradebook: the LMS let Proximal make no gradebook column"),
    ],
)
def test_the_class_page_says_the_same_of_each_grade(school: School, state: str, problem: str, words: str) -> None:
    desk, marit, _ = lesson(school, "The same")
    with school.runtime.database.write() as session:
        values = {"state": state, "problem": problem}
        session.execute(update(ScoreOutbox).where(ScoreOutbox.id == own(school, desk).id).values(values))
    assert words in marit.reload().text
