"""Ada sorts words by their letters: she chooses a group for each, and sees which of them belong elsewhere."""

import re

from tests.support.pupils import Desk
from tests.support.school import Page, School


def words_to_sort(school: School) -> Page:
    page = school.open("ada", school.add_activity("SP.ER"))
    Desk.of(page).put("SP.ER/bird/sort")
    return page.reload()


def send(page: Page, groups: list[str]) -> Page:
    """Without scripts: a group chosen for each card."""
    chosen = {f"response_{at}": group for at, group in enumerate(groups, 1) if group}
    return page.send("answer", item=page.item_token, **chosen)


def test_every_card_has_its_groups_to_choose_from_without_scripts(school: School) -> None:
    page = words_to_sort(school)
    for at, card in enumerate(page.item.response.choices, 1):
        assert f'<legend lang="en">{card.label}</legend>' in page.text
        assert re.findall(rf'name="response_{at}" value="(\w+)"', page.text) == ["er", "ir", "ur"]


def test_sorted_right_each_group_is_shown_with_its_words(school: School) -> None:
    page = words_to_sort(school)
    done = send(page, page.item.answer.split("; "))
    assert 'class="feedback right"' in done.text
    assert "Each word is with the letters that it has." in done.text
    assert (done.text.count("<dd>"), "<mark>" in done.text) == (6, False)


def test_only_the_word_that_was_elsewhere_is_marked(school: School) -> None:
    page = words_to_sort(school)
    item, groups = page.item, page.item.answer.split("; ")
    groups[2] = next(letters for letters in ("er", "ir", "ur") if letters != groups[2])
    done = send(page, groups)
    assert re.findall("<mark>(.*?)</mark>", done.text) == [item.response.choices[2].label]
    assert 'id="retype"' not in done.text


def test_a_word_without_a_place_is_asked_for_and_the_others_stay_where_they_are(school: School) -> None:
    page = words_to_sort(school)
    again = send(page, [*page.item.answer.split("; ")[:5], ""])
    assert "Give every word a place." in again.text
    assert again.text.count(" checked>") == 5


def test_who_gives_up_sees_the_words_sorted_and_none_marked(school: School) -> None:
    page = words_to_sort(school)
    shown = page.send("answer", item=page.item_token, action="dont_know")
    assert (shown.text.count("<dd>"), "<mark>" in shown.text) == (6, False)
