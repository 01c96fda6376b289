"""The same mistake more than once, with a real answer."""

from datetime import UTC, datetime, timedelta

from lti_tool.services.classroom.mistakes import Mistake, repeated_mistakes
from tests.support.pupils import Desk
from tests.support.school import Page, School

SUBTRACTING = "M.NBT2.SUBREG"


def mistakes(
    school: School, page: Page, *, later: timedelta = timedelta(0), people: list[str] | None = None
) -> list[Mistake]:
    desk = Desk.of(page)
    with school.runtime.database.read() as session:
        return repeated_mistakes(
            session, desk.activity_id, [desk.person_id] if people is None else people, datetime.now(UTC) + later
        )


def fall_for(page: Page, code: str, times: int) -> tuple[Page, list[str]]:
    """Answer as somebody with this misconception does, on items that can show it."""
    given = []
    for _ in range(40):
        item = page.item
        if code in item.misconceptions and len(given) < times:
            given.append(item.misconceptions[code])
            page = page.respond(given[-1]).reload()
        else:
            page = page.respond(item.answer).reload()
        if "data-end" in page.text:
            page = page.send("again").reload()
        if len(given) == times:
            break
    return page, given


def test_a_mistake_on_two_different_items_is_told_with_the_newest_answer(school: School) -> None:
    page = school.open("ada", school.add_activity(SUBTRACTING))
    page, given = fall_for(page, "smaller_from_larger", 2)
    assert len(given) == 2
    [mistake] = [one for one in mistakes(school, page) if one.code == "smaller_from_larger"]
    assert (mistake.skill_id, list(mistake.times.values())) == (SUBTRACTING, [2])
    assert mistake.example.response == given[-1]
    assert "−" in mistake.example.question
    assert "order matters" in mistake.told


def test_once_is_a_slip(school: School) -> None:
    page = school.open("ada", school.add_activity(SUBTRACTING))
    page, _ = fall_for(page, "smaller_from_larger", 1)
    assert mistakes(school, page) == []


def test_old_mistakes_and_those_of_people_who_left_are_not_told(school: School) -> None:
    page = school.open("ada", school.add_activity(SUBTRACTING))
    page, _ = fall_for(page, "smaller_from_larger", 2)
    assert mistakes(school, page)
    assert mistakes(school, page, later=timedelta(days=29)) == []
    assert mistakes(school, page, people=[]) == []


def test_a_misspelt_word_is_named(school: School) -> None:
    page = school.open("ada", school.add_activity("SP.DOUBLE"))
    for _ in range(12):
        item = page.item
        word = "".join(item.rules.graphemes)
        page = page.respond(item.answer[:-1] + "x" if len(item.answer) > 1 else "x").reload()
        assert word
        if "data-end" in page.text:
            break
    found = mistakes(school, page)
    assert found
    assert all(mistake.example.question for mistake in found)


def test_a_class_of_misspellings_is_counted_over_the_words_that_were_written(school: School) -> None:
    page = school.open("ada", school.add_activity("SP.DOUBLE"))
    noa = Desk.of(page)
    for word, typed in (("running", "runing"), ("stopped", "stoped"), ("funny", "funny"), ("running", "runing")):
        noa.put(f"SP.DOUBLE/{word}/dictation")
        waiting = noa.open().open_item
        assert waiting is not None
        noa.now += noa.pace
        noa.send(waiting.token, typed)
    [mistake] = mistakes(school, page, later=timedelta(hours=1))
    assert (mistake.code, mistake.words, list(mistake.times.values())) == ("rule", (2, 3), [2])
