"""What a pupil's page weighs on an old tablet and a slow line: compressed as the web server in front compresses it."""

import gzip
import re
from pathlib import Path

import pytest

from tests.support.pupils import Desk, wrong_answer
from tests.support.school import TOOL_URL, School
from tests.unit.lti_tool.web.pupil.test_pupils_pages import frontier

STATIC = Path(__file__).resolve().parents[5] / "lti_tool" / "static"
FIRST_PAGE, ANSWER, SOUND = 90_000, 8_000, 20_000
REQUESTS = 12
SELDOM = ("opendyslexic",)
"""Fonts that only a child with an accommodation loads."""


def packed(data: bytes) -> int:
    return len(gzip.compress(data, 6))


def parts_of(html: str) -> set[str]:
    """Addresses that a browser asks for when it opens a page, fonts in its stylesheets among them."""
    found = set(re.findall(r'<(?:link|script|img)[^>]* (?:href|src)="([^"]+)"', html))
    for address in [each for each in found if each.endswith(".css")]:
        css = (STATIC / address.removeprefix("/static/")).read_text()
        found |= {f"/static/{font}" for font in re.findall(r'url\("([^"]+)"\)', css)}
    return {each for each in found if not any(name in each for name in SELDOM)}


def weight(html: str) -> int:
    total = packed(html.encode())
    for address in parts_of(html):
        data = (STATIC / address.removeprefix("/static/")).read_bytes()
        total += len(data) if address.endswith(".woff2") else packed(data)
    return total


def test_the_first_page_of_practice_and_today_are_light(school: School) -> None:
    today = frontier(school)
    item = school.open("ada", school.add_activity("SP.DOUBLE"))
    for html in (today.text, today.send("warm-up/next", part="type", skip="1").text, item.text):
        assert weight(html) <= FIRST_PAGE, weight(html)
        assert 1 + len(parts_of(html)) <= REQUESTS
        assert all(address.startswith("/static/") for address in parts_of(html))


@pytest.mark.parametrize("skill", ["M.NBT2.ADDREG", "M.NF3.LINE", "M.MD3.TIME", "SP.DOUBLE"])
def test_each_answer_is_light(school: School, skill: str) -> None:
    bank = next(bank for bank in school.runtime.catalog.banks.values() if skill in bank.skills)
    page, browser = school.open("ada", school.add_activity(skill)), school.browser("ada")
    desk = Desk.of(page)
    for template in [t for t in bank.templates.values() if t.skill == skill][:4]:
        item = desk.put(template.id)
        token = desk.open().open_item.token  # type: ignore[union-attr]
        form = {"form_token": re.findall(r'name="form_token" value="([^"]+)"', page.text)[0], "item": token}
        headers = {"HX-Request": "true"}
        for step, more in (("hint", {}), ("hint", {}), ("hint", {}), ("answer", {"response": wrong_answer(item)})):
            answer = browser.post(f"{page.place}/{step}", data=form | more, headers=headers, base_url=TOOL_URL)
            assert answer.status_code == 200
            assert packed(answer.data) <= ANSWER, (template.id, step)
        following = browser.get(page.place, headers=headers, base_url=TOOL_URL)
        assert packed(following.data) <= ANSWER
        if "data-end" in following.text:
            break


def test_a_spoken_word_is_light() -> None:
    sounds = [file.stat().st_size for file in (STATIC.parents[1] / "item_banks").glob("*/*/audio/*.mp3")]
    assert sounds
    assert max(sounds) <= SOUND
