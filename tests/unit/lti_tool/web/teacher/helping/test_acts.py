"""What a teacher does about one pupil, and what the pupil sees of it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from lti_tool.persistence.tables.audit import AuditEvent
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.persistence.tables.practice import Certificate
from lti_tool.persistence.tables.pupils import PairActivity
from lti_tool.services.delivery.grade_repairs import release_due
from tests.support.pupils import Desk
from tests.support.school import TOOL_URL, Page, School

ADDING, TAKING = "M.NBT2.ADDREG", "M.NBT2.SUBREG"


class Desks:
    """Marit looks at Ada, who has answered one question."""

    def __init__(self, school: School, **settings: str) -> None:
        self.school = school
        picker = school.open_deep_linking()
        back = picker.send("choose", skill=[ADDING, TAKING], title="Numbers", points="10", **settings)
        school.lms.return_deep_link("marit", back.action("send-back"), back.fields("send-back")["JWT"])
        self.link = 1
        ada = school.open("ada", self.link)
        self.ada = ada.respond(ada.item.answer).reload()
        self.desk = Desk.of(self.ada)
        self.marit = school.open("marit", self.link)
        self.place = f"activity/{self.desk.activity_id}/pupil/{self.desk.person_id}"

    def do(self, step: str, **fields: str) -> Page:
        return self.marit.send(f"{self.place}/{step}", **fields)

    def look(self) -> str:
        address = f"{self.marit.place}/{self.place}"
        return self.school.browser("marit").get(address, base_url=TOOL_URL).text

    def audited(self) -> list[str]:
        with self.school.runtime.database.read() as session:
            query = select(AuditEvent.action).where(AuditEvent.subject == self.desk.person_id)
            return list(session.scalars(query.order_by(AuditEvent.id)))


def test_a_word_on_a_skill_shows_everywhere_counts_for_mastery_and_is_taken_back(school: School) -> None:
    desks = Desks(school, grading="mastery")
    answer = desks.do("skill", skill=ADDING, act="strong", reason="Explained it to me at the board.")
    assert answer.status == 200
    assert "Explained it to me at the board." in answer.text
    assert "✎" in school.open("marit", desks.link).text
    with school.runtime.database.read() as session:
        assert session.scalars(select(ScoreOutbox.points_given)).one() == pytest.approx(5)
        assert session.scalars(select(Certificate)).all() == [], "a word is no evidence"
    learned = school.browser("ada").get(f"{desks.ada.place}/learned", base_url=TOOL_URL)
    assert learned.status_code == 200
    desks.do("skill/back", skill=ADDING, what="word")
    assert "Explained it" not in desks.look()
    assert desks.audited() == ["override.set", "override.taken_back"]


def test_a_word_needs_a_reason(school: School) -> None:
    desks = Desks(school)
    answer = desks.do("skill", skill=ADDING, act="strong", reason="  ")
    assert answer.status == 422
    assert "give a reason" in answer.text
    assert desks.do("skill", skill=ADDING, act="kept", reason="So it is").status == 422
    assert desks.audited() == []


def test_what_a_teacher_calls_strong_is_not_practised_any_more(school: School) -> None:
    desks = Desks(school)
    desks.do("skill", skill=ADDING, act="strong", reason="Seen.")
    desks.desk.answer()  # the one that waited already
    for turn in range(6):
        desks.desk.answer(correct=turn % 2 > 0)
    assert {row.skill_id for row in desks.desk.presented[2:]} == {TAKING}


def test_a_skill_comes_next_until_another_one_does(school: School) -> None:
    desks = Desks(school)
    assert "comes next" in desks.do("skill", skill=TAKING, act="next").text
    desks.desk.answer()
    assert [desks.desk.answer(correct=False).open_item.skill_id for _ in range(3)] == [TAKING] * 3  # type: ignore[union-attr]
    desks.do("skill", skill=ADDING, act="next")
    assert desks.look().count("<small>comes next") == 1
    desks.do("skill/back", skill=ADDING, what="wish")
    assert desks.look().count("<small>comes next") == 0
    assert desks.audited() == ["steering.set", "steering.set", "steering.taken_back"]


def test_a_skill_that_rests_is_left_out(school: School) -> None:
    desks = Desks(school)
    desks.do("skill", skill=ADDING, act="pause")
    desks.desk.answer()
    for turn in range(5):
        desks.desk.answer(correct=turn % 2 > 0)
    assert {row.skill_id for row in desks.desk.presented[2:]} == {TAKING}


def test_a_whole_activity_rests_and_goes_on(school: School) -> None:
    desks = Desks(school)
    desks.do("skill", skill="", act="pause")
    assert "This activity rests for now." in school.open("ada", desks.link).text
    assert "data-item" not in school.open("ada", desks.link).text
    assert "rests for this pupil" in desks.look()
    desks.do("skill/back", skill="", what="wish")
    assert "data-item" in school.open("ada", desks.link).text


def test_a_note_is_shown_until_it_is_read(school: School) -> None:
    desks = Desks(school)
    assert "Well explained" in desks.do("note", note="Well explained, <b>Ada</b>!").text
    page = school.open("ada", desks.link)
    assert "Well explained, &lt;b&gt;Ada&lt;/b&gt;!" in page.text
    found = re.search(r'name="note" value="([^"]+)"', page.text)
    assert found
    assert "Well explained" not in page.send("note-read", note=found[1]).text
    assert "read" in desks.look()
    assert desks.audited() == ["note.written"]


def test_a_note_is_taken_back_before_it_is_read(school: School) -> None:
    desks = Desks(school)
    page = desks.do("note", note="To the wrong child")
    found = re.search(r'name="note" value="([^"]+)"', page.text)
    assert found
    assert "To the wrong child" not in desks.do("note/back", note=found[1]).text
    assert "To the wrong child" not in school.open("ada", desks.link).text
    desks.do("note", note="   ")
    assert desks.audited() == ["note.written", "note.taken_back"]


def test_accommodations_are_set_for_the_child_and_held_within_bounds(school: School) -> None:
    desks = Desks(school)
    page = desks.do("needs", larger_text="yes", extra_days="3", start_grade="2")
    assert re.search(r'name="larger_text" value="yes" checked', page.text)
    assert 'class="look-' in school.open("ada", desks.link).text
    assert desks.do("needs", extra_days="99").status == 422
    assert desks.do("needs", extra_days="many").status == 422
    assert desks.audited() == ["accommodation.set"]


def test_more_days_hold_a_grade_back_that_goes_at_the_due_date(school: School) -> None:
    soon = datetime.now(UTC) - timedelta(hours=1)
    desks = Desks(school, posting="due", due=f"{soon:%Y-%m-%dT%H:%M}")

    def state() -> str:
        with school.runtime.database.read() as session:
            return session.scalars(select(ScoreOutbox.state)).one()

    assert state() == "waiting"
    desks.do("needs", extra_days="2")
    desks.desk.answer()
    assert state() == "held"
    assert release_due(school.runtime.database, datetime.now(UTC)) == 0
    assert release_due(school.runtime.database, datetime.now(UTC) + timedelta(days=3)) == 1
    assert state() == "waiting"


def test_more_time_is_given_and_taken_back_on_the_class_page_with_the_date_that_it_means(school: School) -> None:
    due = datetime(2027, 3, 1, 12, tzinfo=UTC)
    desks = Desks(school, posting="due", due=f"{due:%Y-%m-%dT%H:%M}")
    desks.do("needs", larger_text="yes")
    step, ada = f"activity/{desks.desk.activity_id}/more-time", desks.desk.person_id
    assert f'<option value="{ada}">Ada Okonkwo</option>' in desks.marit.text
    assert "7 days more: until Mon 8 Mar</option>" in " ".join(desks.marit.text.replace(",", "").split())
    given = desks.marit.send(step, pupil=ada, days="7").text
    assert re.search(r"Ada Okonkwo</bdi></a>: 7 days more: until", given)
    assert re.search(r'name="larger_text" value="yes" checked', desks.look()), "what else the child needs stays"
    assert re.search(r'name="extra_days"[^>]* value="7"', desks.look())
    assert desks.marit.send(step, pupil=ada, days="99").status == 400
    assert desks.marit.send(step, pupil="nobody", days="7").status == 403
    assert "Ada Okonkwo</bdi></a>: " not in desks.marit.send(step, pupil=ada, days="0").text
    assert desks.audited() == ["accommodation.set"] * 3


def test_where_nothing_is_due_the_class_page_says_so_in_place_of_more_time(school: School) -> None:
    desks = Desks(school)
    assert "This activity has no due date" in desks.marit.text
    assert "Give more time" not in desks.marit.text


def test_nobody_acts_on_a_pupil_of_another_class_or_on_a_skill_that_is_not_assigned(school: School) -> None:
    desks = Desks(school)
    stranger = f"activity/{desks.desk.activity_id}/pupil/nobody"
    for step, fields in (
        ("skill", {"skill": ADDING, "act": "next"}),
        ("skill/back", {"skill": ADDING, "what": "word"}),
        ("note", {"note": "Hello"}),
        ("note/back", {"note": "x"}),
        ("needs", {}),
    ):
        assert desks.marit.send(f"{stranger}/{step}", **fields).status == 403
    assert desks.do("skill", skill="M.GONE", act="next").status == 400


def test_two_pupils_are_let_start_as_a_pair_and_end(school: School) -> None:
    desks = Desks(school)
    noa = Desk.of(school.open("noa", desks.link))
    place = f"activity/{desks.desk.activity_id}/pairs"
    both = {"first": desks.desk.person_id, "second": noa.person_id}
    page = desks.marit.send(place, skill=[ADDING, TAKING], **both)
    assert "work together now" in page.text
    with school.runtime.database.read() as session:
        rows = session.scalars(select(PairActivity).order_by(PairActivity.skill_id)).all()
    assert [(row.first_id, row.skill_id) for row in rows] == [(desks.desk.person_id, ADDING), (noa.person_id, TAKING)]
    assert "work together now" not in desks.marit.send(place, **both).text
    assert desks.marit.send(place, first=noa.person_id, second="nobody", skill=ADDING).status == 403


def test_parents_read_plain_words_without_a_percentage(school: School) -> None:
    desks = Desks(school)
    text = school.browser("marit").get(f"{desks.marit.place}/{desks.place}/summary", base_url=TOOL_URL).text
    assert "Is growing" in text
    assert "1 sitting" in text
    assert "%" not in text


def test_older_answers_are_a_click_away(school: School) -> None:
    desks = Desks(school)
    desks.desk.pace = timedelta(seconds=9)
    for turn in range(64):
        if desks.desk.open().open_item is None:
            desks.desk.again()
        desks.desk.answer(correct=turn % 2 > 0)
    first = desks.look()
    older = re.search(r'href="([^"]*before=\d+)"', first)
    assert older
    second = school.browser("marit").get(older[1], base_url=TOOL_URL).text
    assert (first.count('<li class="answer">'), second.count('<li class="answer">')) == (60, 5)
