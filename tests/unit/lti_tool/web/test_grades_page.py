"""What a teacher sees and does about the grades of an activity."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from lti_tool.persistence.activities import Activity
from lti_tool.persistence.audit import AuditEvent
from lti_tool.persistence.grades import ScoreOutbox
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
    assert "Grades of this activity" in marit.text


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
    assert 'value="2099-11-30T16:00"' in marit.send("change", activity=desk.activity_id).text


def test_a_teachers_own_grade_in_the_lms_is_told_of(school: School) -> None:
    desk, marit, _ = lesson(school, "Own grade")
    with school.runtime.database.write() as session:
        row = own(school, desk)
        session.execute(update(ScoreOutbox).where(ScoreOutbox.id == row.id).values(state="theirs", found_points=9.5))
    page = grades(marit, desk)
    assert "The gradebook holds 9.5, given there. That grade stands." in page.text


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
