"""A teacher's page about one pupil, and who may open it."""

import re

import pytest

from tests.support.pupils import wrong_answer
from tests.support.school import TOOL_URL, Page, School


def to_pupil(page: Page, name: str) -> str:
    """Where the pupil's name on a class page leads."""
    found = re.search(rf'href="([^"]+/pupil/[^"]+)"><bdi>{name}</bdi>', page.text)
    assert found, page.text
    return found[1]


@pytest.fixture
def link(school: School) -> int:
    link = school.add_activity("M.NBT2.ADDREG", title="Adding")
    page = school.open("ada", link)
    page = page.respond(page.item.answer).reload()
    page.send("hint", item=page.item_token)
    page = page.respond(wrong_answer(page.item)).reload()
    page.send("answer", item=page.item_token, response="", action="dont_know")
    return link


def get(school: School, who: str, address: str) -> tuple[int, str]:
    answer = school.browser(who).get(address, base_url=TOOL_URL)
    return answer.status_code, answer.text


def test_every_answer_is_there_as_it_was_seen_with_what_it_did(school: School, link: int) -> None:
    class_page = school.open("marit", link)
    status, text = get(school, "marit", to_pupil(class_page, "Ada Okonkwo"))
    assert status == 200
    assert text.count('<li class="answer">') == 3
    assert "said: I don&#39;t know this yet" in text
    assert "1 hint" in text
    assert re.search(r"P\(known\) \d+% → \d+%", text)
    assert "Add two-digit numbers with regrouping" in text
    assert "with help" in text


def test_a_teacher_sees_why_each_item_came_in_words_and_in_numbers(school: School, link: int) -> None:
    _, text = get(school, "marit", to_pupil(school.open("marit", link), "Ada Okonkwo"))
    assert text.count("Why this item") == 3
    assert "The pupil read: <q>Let&#39;s find out how this goes.</q>" in text
    numbers = re.findall(
        r"meets your standard: \d+% · known: \d+% · expected to be right: (\d+)% · tells 0\.\d{3} nats", text
    )
    assert len(numbers) == 3
    assert all(0 < int(share) < 100 for share in numbers)


def test_from_the_courses_page_it_is_the_same(school: School, link: int) -> None:
    here = to_pupil(school.open("marit", link), "Ada Okonkwo")
    status, text = get(school, "marit", here)
    assert status == 200
    assert f'href="{here.split("/activity/")[0]}"' in text


def test_a_pupil_opens_no_page_about_anybody(school: School, link: int) -> None:
    address = to_pupil(school.open("marit", link), "Ada Okonkwo")
    own = school.open("ada", link)
    status, _ = get(school, "ada", own.place + address[address.index("/activity/") :])
    assert status == 403


def test_a_teacher_of_another_activity_or_for_a_stranger_is_stopped(school: School, link: int) -> None:
    address = to_pupil(school.open("marit", link), "Ada Okonkwo")
    elsewhere = school.open("marit", school.add_activity("M.NBT2.SUBREG", course="class-5b"), course="class-5b")
    tail = address[address.index("/activity/") :]
    assert get(school, "marit", elsewhere.place + tail)[0] == 403
    assert get(school, "marit", f"{address}x")[0] == 403
    assert get(school, "marit", f"{address.rsplit('/', 1)[0]}/%00")[0] == 403
    _, teacher_id = address.rsplit("/", 1)
    assert get(school, "marit", address.replace(teacher_id, "somebody-else"))[0] == 403


def test_where_no_cookie_is_kept_names_are_forms(school: School, link: int) -> None:
    page = school.open("marit", link)
    token = re.search(r'name="form_token" value="([^"]+)"', page.text)
    assert token
    address = to_pupil(page, "Ada Okonkwo")
    answer = school.browser("marit").post(address, data={"form_token": token[1]}, base_url=TOOL_URL)
    assert answer.status_code == 200
