"""Tables to take along, and sheets to print."""

import re
from html import unescape

import pytest

from lti_tool.services.paper.tables import read_back
from tests.support.pupils import Desk
from tests.support.school import TOOL_URL, Page, School


@pytest.fixture
def marit(school: School) -> Page:
    link = school.add_activity("M.NBT2.ADDREG", "M.NBT2.SUBREG", title="Numbers")
    ada = school.open("ada", link)
    ada.respond("=1+1")
    ada.reload().respond("-12")
    return school.open("marit", link)


def get(page: Page, path: str) -> str:
    answer = page.school.browser(page.who).get(f"{page.place}/{path}", base_url=TOOL_URL)
    assert answer.status_code == 200, answer.text
    return answer.text


def activity(page: Page) -> str:
    found = re.search(r"activity/([\w-]{22})", page.text)
    assert found
    return f"activity/{found[1]}"


def cells(text: str) -> list[str]:
    """What the tables of a page say, without tags."""
    found = re.findall(r"<t[dh][ >].*?</t[dh]>", text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in found]


def test_the_files_say_what_the_page_says(school: School, marit: Page) -> None:
    [header, *rows] = read_back(get(marit, f"{activity(marit)}/skills.csv"))
    seen = cells(marit.text)
    assert header[0] == "Pupil"
    assert all(any(word in cell for cell in seen) for row in [header, *rows] for word in row)
    assert rows[0][0] in ("Ada Okonkwo", "Ada")
    work = read_back(get(marit, f"{activity(marit)}/work.csv"))
    assert work[1][0] == rows[0][0]
    assert work[1][6] == "-12"
    grades = read_back(get(marit, f"{activity(marit)}/grades.csv"))
    assert len(grades) == 2


def test_every_answer_of_a_pupil_as_it_was_given(school: School, marit: Page) -> None:
    desk = Desk.of(school.open("ada", 1))
    text = get(marit, f"{activity(marit)}/pupil/{desk.person_id}/answers.csv")
    rows = read_back(text)
    assert rows[1][3] == "-12"
    assert '"-12"' not in text, "a spreadsheet must not calculate with it"
    assert len(rows) == 1 + len(desk.opportunities)
    skills = read_back(get(marit, f"{activity(marit)}/pupil/{desk.person_id}/skills.csv"))
    assert [row[0] for row in skills[1:]] == [
        "Add two-digit numbers with regrouping",
        "Subtract two-digit numbers with regrouping",
    ]
    assert all((row[2] == "") == (row[4] == "0") for row in skills[1:]), "a skill never met has no number"
    stranger = school.browser("marit").get(
        f"{marit.place}/{activity(marit)}/pupil/nobody/answers.csv", base_url=TOOL_URL
    )
    assert stranger.status_code == 403


def test_a_paper_practice_has_its_key_and_comes_again_under_its_number(school: School, marit: Page) -> None:
    sheet = get(marit, f"{activity(marit)}/print/paper?sheet=7&count=15")
    assert sheet.count('class="question-on-paper"') == 15
    assert "Sheet 7" in sheet
    key = sheet[sheet.index('class="key"') :]
    assert key.count("<li>") == 15
    assert get(marit, f"{activity(marit)}/print/paper?sheet=7&count=15") == sheet
    assert get(marit, f"{activity(marit)}/print/paper?sheet=x&count=999").count('class="question-on-paper"') == 10


def test_a_dictation_is_read_aloud_by_the_teacher(school: School, marit: Page) -> None:
    assert "no words to dictate" in get(marit, f"{activity(marit)}/print/dictation")
    words = school.open("marit", school.add_activity("SP.DOUBLE", title="Words"))
    sheet = get(words, f"{activity(words)}/print/dictation?sheet=3")
    key = sheet[sheet.index('class="key"') :]
    assert key.count("<li><strong>") == 10


TABLES = (
    # the file, the page that says the same, and how many rows there are at least
    ("skills.csv", "", 12),
    ("work.csv", "", 12),
    ("needs.csv", "", 6),
    ("together.csv", "", 6),
    ("mistakes.csv", "", 3),
    ("gap.csv", "gap", 3),
    ("weeks.csv", "use", 8),
    ("planned.csv", "use", 12),
    ("materials.csv", "materials", 1),
)


def test_every_table_of_a_class_is_a_file_that_says_the_same_and_runs_nothing(school: School) -> None:
    marit = school.open("marit", school.add_activity("M.NBT2.ADDREG"))
    place = activity(marit.send("sample/open"))
    link = {"skill": "M.NBT3.SUB0", "title": "=HYPERLINK(1)", "address": "https://example.org/zeros"}
    marit.send(f"{place}/materials/add", **link)
    for name, page, fewest in TABLES:
        text = get(marit, f"{place}/{name}")
        [_header, *rows] = read_back(text)
        shown = unescape(get(marit, f"{place}/{page}" if page else "sample"))
        assert len(rows) >= fewest, name
        # minutes and sittings in all, and the moment; the group's number
        own_columns = {"work.csv": (3, 4, 7), "together.csv": (0,)}.get(name, ())
        missing = [cell for row in rows for at, cell in enumerate(row) if at not in own_columns and cell not in shown]
        assert not missing, name
        assert not re.search(r'(^|,)"[=+@-]', text), f"{name} holds what a spreadsheet would run"
