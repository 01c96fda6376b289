"""Marit looks the banks through: any skill, any item at any seed, in any language, and tries it out."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from item_banks.marking import as_typed
from item_banks.numbers import sums_unbroken, unbroken
from lti_tool.persistence.tables.practice import Opportunity, PresentedItem
from lti_tool.services.catalog import Catalog
from tests.support.databases import BACKENDS, Servers
from tests.support.school import TOOL_URL, Page, School, open_school

BANK = Catalog.load().banks["math-en"]


@pytest.fixture(scope="module", params=BACKENDS)
def school(
    request: pytest.FixtureRequest, database_servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[School]:
    with (
        database_servers.fresh(request.param) as url,
        open_school(url, tmp_path_factory.mktemp("school")) as opened,
    ):
        yield opened


@pytest.fixture
def picker(school: School) -> Page:
    return school.open_deep_linking()


def look(page: Page, **query: str) -> str:
    """The bank page, as a link or form of it asks for it."""
    address = urlsplit(page.place).path.rstrip("/") + "/bank"
    answer = page.school.browser(page.who).get(address, query_string=query, base_url=TOOL_URL)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def test_the_dialog_and_the_class_page_lead_to_the_items(school: School, picker: Page) -> None:
    assert "/bank" in picker.text
    assert "/bank?bank=math-en" in school.open("marit", school.add_activity("M.NBT2.ADDREG")).text


def test_every_skill_is_there_under_its_grade_and_each_grade_once(picker: Page) -> None:
    page = look(picker, bank="math-en")
    assert all(skill.title in page for skill in BANK.skills.values())
    words = look(picker, bank="spelling-en")
    assert re.findall(r"<summary>Grade (\d)", words) == ["1", "2", "3", "4", "5", "6"]


@pytest.mark.parametrize("seed", ["1", "2", "31415", "2147483647"])
def test_an_item_is_shown_as_pupils_get_it_with_what_is_told_after_it(picker: Page, seed: str) -> None:
    item = BANK.draw("M.NBT3.SUB0/number", int(seed))
    page = look(picker, bank="math-en", skill="M.NBT3.SUB0", template=item.template, seed=seed)
    assert unbroken(item.prompt[0].text) in page
    assert item.instruction in page
    assert sums_unbroken(item.strings["solution"]) in page
    assert all(item.strings[code] in page for code in item.misconceptions)


@pytest.mark.parametrize("template", sorted({t.format: t.id for t in BANK.templates.values()}.values()))
def test_each_format_can_be_tried_and_is_marked_and_nothing_is_recorded(picker: Page, template: str) -> None:
    item = BANK.draw(template, 3)
    asked = {"bank": "math-en", "skill": item.skill, "template": template, "seed": "3"}
    right = look(picker, **asked, **{"try": "1", "response": as_typed(item, item.answer)})
    assert item.strings["correct"] in right
    with picker.school.runtime.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Opportunity)) == 0
        assert session.scalar(select(func.count()).select_from(PresentedItem)) == 0


def test_a_mistake_is_told_apart_as_for_a_pupil(picker: Page) -> None:
    item = BANK.draw("M.NBT3.SUB0/number", 4)
    code, wrong = next(iter(item.misconceptions.items()))
    asked = {"bank": "math-en", "skill": item.skill, "template": item.template, "seed": "4"}
    page = look(picker, **asked, **{"try": "1", "response": wrong})
    assert page.count(item.strings[code]) == 2
    assert code in page


def test_the_same_item_in_dutch(picker: Page) -> None:
    page = look(picker, bank="math-en", place="nl-NL", skill="M.NBT5.DECADD", template="M.NBT5.DECADD/money", seed="5")
    assert "Hoeveel kosten ze samen?" in page
    assert "€ " in page


@pytest.mark.parametrize(
    "query",
    [
        {"bank": "no-such"},
        {"bank": "math-en", "skill": "no-such"},
        {"bank": "math-en", "skill": "M.NBT2.PV", "template": "no-such", "seed": "٣"},
        {"bank": "math-en", "skill": "M.NBT2.PV", "seed": "99999999999999999999"},
        {"bank": "math-en", "skill": "M.NBT2.PV", "seed": "-1", "try": "1", "response": "\x00\u202e" * 90},
        {"bank": "spelling-en", "skill": "SP.DOUBLE", "place": "xx"},
    ],
)
def test_an_address_that_somebody_typed_shows_a_page(picker: Page, query: dict[str, str]) -> None:
    assert "<h1>" in look(picker, **query)
