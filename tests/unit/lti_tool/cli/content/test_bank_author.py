"""An author begins a skill with one command, and a school brings its own questions."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import item_banks
from lti_tool.cli import main
from tests.support.databases import BACKENDS, Servers
from tests.support.school import School, open_school

CSV = """skill,question,answer,choices,grade
Roman numerals,Which number is XIV?,14,,4
Roman numerals,Which number is C?,100,,4
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PROXIMAL_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_new_skill_works_before_it_is_changed(folder: Path) -> None:
    shutil.copytree(Path(item_banks.__file__).parent / "math", folder / "math")
    made = run(
        *("banks", "new", "skill", str(folder / "math"), "X.TWO", "--topic", "addition", "--grade", "3"),
        *("--title", "Adding twice", "--strand", "addition and subtraction"),
    )
    assert made.exit_code == 0, made.output
    assert "skills/addition.yaml:4" in made.output.replace("\\", "/")
    shown = item_banks.loader.load_bank(folder / "math", "en")
    assert shown.draw("X.TWO/number", 1).instruction == "Add the numbers."
    assert "nl/addition.yaml:4  (still in en: to be translated)" in made.output.replace("\\", "/")
    assert item_banks.loader.load_bank(folder / "math", "nl").draw("X.TWO/number", 1).language == "nl"
    again = run(
        *("banks", "new", "skill", str(folder / "math"), "X.TWO", "--topic", "other", "--grade", "3"),
        *("--title", "Again", "--strand", "addition"),
    )
    assert (again.exit_code, "ids are used once" in again.output) == (1, True)


def test_what_has_few_items_is_listed_with_its_number_and_the_reason() -> None:
    listed = run("banks", "few", "M.OA4.COMP", "M.MD2.LEN", "M.OA3.X34").output
    assert "Facts that are learned one by one." in listed
    assert "  11  M.OA3.X34" in listed
    assert "M.MD2.LEN/number         A ruler of 20 cm." in listed
    assert "M.OA4.COMP" not in listed


def test_a_spreadsheet_is_imported_and_can_be_had_back(folder: Path) -> None:
    (folder / "roman.csv").write_text(CSV, "utf-8")
    asked = run("banks", "import", "roman.csv")
    assert (asked.exit_code, "add --id and --title" in asked.output) == (1, True)
    made = run("banks", "import", "roman.csv", "--id", "roman", "--title", "Roman numerals")
    assert made.exit_code == 0, made.output
    assert "1 skills, 2 questions" in made.output
    assert run("banks", "import", "roman.csv", "--id", "roman", "--title", "Roman").exit_code == 1
    back = run("banks", "export", "roman")
    (folder / "back.yaml").write_text(back.output, "utf-8")
    assert run("banks", "import", "back.yaml", "--replace").exit_code == 0
    assert run("banks", "export", "math-en").exit_code == 1


def test_a_mistake_in_a_file_is_told_with_its_line(folder: Path) -> None:
    (folder / "roman.csv").write_text(CSV.replace("100", "a hundred"), "utf-8")
    refused = run("banks", "import", "roman.csv", "--id", "roman", "--title", "Roman numerals")
    assert (refused.exit_code, "roman.csv:3: the answer 'a hundred'" in refused.output) == (1, True)


@pytest.fixture(params=BACKENDS)
def school(
    request: pytest.FixtureRequest, database_servers: Servers, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[School]:
    data = tmp_path_factory.mktemp("school")
    (data / "banks").mkdir()
    (folder / "roman.csv").write_text(CSV, "utf-8")
    run("banks", "import", "roman.csv", "--id", "roman", "--title", "Roman numerals")
    shutil.copy(folder / "var" / "banks" / "roman.yaml", data / "banks")
    with database_servers.fresh(request.param) as url, open_school(url, data) as opened:
        yield opened


def test_lina_practises_her_schools_own_questions_beside_ours(school: School) -> None:
    assert "Roman numerals" in school.open_deep_linking().text
    (skill,) = school.runtime.catalog.banks["roman"].skills
    page = school.open("lina", school.add_activity(skill))
    first = page.item
    assert first.instruction in page.text
    answered = page.respond(first.answer)
    assert first.strings["correct"] in answered.text
