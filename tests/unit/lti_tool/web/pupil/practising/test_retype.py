"""Ada misspells a word: she looks at it, covers it and writes it, and the right spelling is what she sees last."""

import re

from sqlalchemy import select

from lti_tool.persistence.tables.practice import Exposure, Opportunity
from tests.support.pupils import Desk, wrong_answer
from tests.support.school import TOOL_URL, Page, School


def misspelled(school: School, action: str = "answer") -> tuple[Page, str, str]:
    """Ada's page after a wrong answer, the word, and the item's token."""
    page = school.open("ada", school.add_activity("SP.DOUBLE"))
    item, token = page.item, page.item_token
    return page.respond(wrong_answer(item), action=action), "".join(item.rules.graphemes), token


def shown(page: Page) -> str:
    """What can be read on a page, the word joined across its marks."""
    return re.sub(r"</?mark>", "", page.text)


def cover(page: Page, token: str) -> Page:
    answer = page.school.browser("ada").get(f"{page.place}/retype/{token}", base_url=TOOL_URL)
    return Page(page.school, "ada", page.place, answer)


def test_the_misspelling_is_not_shown_and_the_word_can_be_heard_again(school: School) -> None:
    page, word, token = misspelled(school)
    assert word in shown(page)
    assert f'src="/sound/{token}"' in page.text
    assert "You wrote" not in page.text
    assert f"/retype/{token}" in page.text


def test_the_page_that_asks_for_the_word_does_not_show_it(school: School) -> None:
    page, word, token = misspelled(school)
    covered = cover(page, token)
    assert covered.status == 200
    assert word not in shown(covered)
    assert f'src="/sound/{token}"' in covered.text


def test_written_right_it_stands_there_whole_and_counts_for_nothing(school: School) -> None:
    page, word, token = misspelled(school)
    done = cover(page, token).send(f"retype/{token}/compare", response=word)
    assert ('class="feedback right"' in done.text, word in done.text) == (True, True)
    with school.runtime.database.read() as session:
        assert len(session.scalars(select(Opportunity)).all()) == 1
        assert session.scalars(select(Exposure.detail).where(Exposure.kind == "retype")).all() == ["right"]


def test_written_wrong_again_only_the_right_letters_are_seen_and_next_stays_open(school: School) -> None:
    page, word, token = misspelled(school)
    for typed in ("qq", ""):
        again = cover(page, token).send(f"retype/{token}/compare", response=typed)
        assert word in shown(again)
        assert "qq" not in again.text
        assert 'id="next"' in again.text


def test_part_of_the_word_is_not_enough(school: School) -> None:
    page, word, token = misspelled(school)
    again = cover(page, token).send(f"retype/{token}/compare", response=word[2:4])
    assert 'id="retype"' in again.text


def test_who_does_not_know_the_word_writes_it_once_too(school: School) -> None:
    page, word, token = misspelled(school, "dont_know")
    assert word in shown(page)
    assert cover(page, token).status == 200


def test_there_is_nothing_to_write_again_after_a_right_answer_or_for_anybody_else(school: School) -> None:
    link = school.add_activity("SP.DOUBLE")
    page = school.open("ada", link)
    token = page.item_token
    assert cover(page, token).status == 404  # not answered yet
    right = page.respond(page.item.answer)
    assert "/retype/" not in right.text
    assert cover(right, token).status == 404
    zoe = school.open("zoe", link)
    other = zoe.respond(wrong_answer(zoe.item))
    theirs = re.findall(r"/retype/([\w-]+)", other.text)[0]
    assert cover(page, theirs).status == 404
    assert right.reload().send(f"retype/{theirs}/compare", response="x").status == 404


def test_after_a_right_answer_the_whole_word_stands_in_its_sentence_though_only_letters_were_typed(
    school: School,
) -> None:
    page = school.open("ada", school.add_activity("SP.DOUBLE"))
    Desk.of(page).put("SP.DOUBLE/dropped/missing")
    right = page.reload().respond("pp")
    assert re.search(r'class="word"[^>]*>dropped<', right.text)
    assert "Tom dropped the heavy box on his toe." in right.text
    assert "You wrote" not in right.text
