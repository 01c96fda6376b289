"""Ms Diaz gives her class the words of the week, and a bad file leaves nothing behind."""

import html
import io
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from lti_tool.persistence.tables.activities import Activity, WordList
from tests.support.databases import BACKENDS, Servers
from tests.support.office import EXCEL, LIBREOFFICE, PDF
from tests.support.school import School, open_school


@pytest.fixture(scope="module", params=BACKENDS)
def school(
    request: pytest.FixtureRequest, database_servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[School]:
    with (
        database_servers.fresh(request.param) as url,
        open_school(url, tmp_path_factory.mktemp("school")) as opened,
    ):
        yield opened


def lists(school: School) -> int:
    with school.runtime.database.read() as session:
        return session.scalar(select(func.count()).select_from(WordList)) or 0


def fields(text: str, name: str) -> list[str]:
    return [html.unescape(each) for each in re.findall(rf'name="{name}" value="([^"]*)"', text)]


def test_a_pasted_list_is_divided_saved_and_offered_in_the_picker(school: School) -> None:
    page = school.open_deep_linking().send("words/check", title="Week 12", words="otter,An otter swam by.\ntrain")
    assert page.status == 200
    assert fields(page.text, "parts") == ["o·tt·er", "t·r·ai·n"]
    assert fields(page.text, "sentence")[0] == "An otter swam by."
    picker = page.send(
        "words/save",
        title="Week 12",
        word=fields(page.text, "word"),
        parts=fields(page.text, "parts"),
        sentence=fields(page.text, "sentence"),
    )
    assert "Week 12" in picker.text
    [skill] = re.findall(r'value="(W\.[^"]+)" checked', picker.text)
    assert picker.send("choose", skill=[skill], title="", points="10").status == 200
    with school.runtime.database.read() as session:
        activity = session.scalars(select(Activity).order_by(Activity.created_at.desc()).limit(1)).one()
    assert (activity.bank_id, activity.skill_ids) == (f"words-{skill.removeprefix('W.')}", [skill])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "There are no words in it."),
        (b"cat\n=cmd|x", "Row 2, “=cmd|x”: It starts like a formula of a spreadsheet."),
        ("\n".join("abc" for _ in range(10_000)).encode(), "10000 rows are too many. A list has at most 100 words."),
        (b"cat\ndog\ncat", "Row 3, “cat”: The word is in the list already."),
        (EXCEL, "This is a spreadsheet file. In Excel choose File, Save As, “CSV UTF-8”"),
        (LIBREOFFICE, "This is a spreadsheet file. In LibreOffice choose File, Save As, “Text CSV”, UTF-8"),
        (PDF, "This is no text file."),
        ("caf\xe9,Caf\xe9 caf\xe9.".encode("cp1252"), "Row 1, “café”: The sentence must have the word once"),
    ],
)
def test_a_bad_file_is_refused_with_row_and_reason_and_nothing_is_kept(
    school: School, content: bytes, sentence: str
) -> None:
    before = lists(school)
    page = school.open_deep_linking().send("words/check", title="x", file=(io.BytesIO(content), "words.csv"))
    assert page.status == 422
    assert "Nothing was saved." in page.text
    assert sentence in html.unescape(page.text)
    assert lists(school) == before


def test_edited_parts_are_checked_again_before_anything_is_saved(school: School) -> None:
    before = lists(school)
    page = school.open_deep_linking().send("words/save", title="x", word=["ship"], parts=["s·hi"], sentence=[""])
    assert page.status == 422
    assert "The parts do not join to the word." in page.text
    assert lists(school) == before


def test_a_list_that_is_not_offered_can_not_be_chosen_by_its_id(school: School) -> None:
    answer = school.open_deep_linking().send("choose", skill=["W.somebody-else"], title="", points="10")
    assert answer.status == 422


def test_a_pupil_writes_the_words_of_the_list(school: School) -> None:
    picker = school.open_deep_linking().send(
        "words/save", title="Week 13", word=["otter"], parts=["o·tt·er"], sentence=["An otter swam by."]
    )
    [skill] = re.findall(r'value="(W\.[^"]+)" checked', picker.text)
    page = school.open("ada", school.add_activity(skill))
    assert 'data-format="dictation"' in page.text
    assert "swam by." in page.text
    assert "otter" not in page.text
    assert 'class="feedback right"' in page.respond("otter").text
