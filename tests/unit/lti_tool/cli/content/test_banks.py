"""`proximal banks check`: an author learns in which file and line the mistake is."""

import sys
from pathlib import Path
from shutil import copytree

import pytest

import item_banks
from item_banks.schema import Bank
from item_banks.words.rendering import AudioError, Rendered
from tests.unit.lti_tool.cli.conftest import Type

WORDS = "SP.DOUBLE.yaml"


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """A copy of the spelling bank that an author works on."""
    shipped = Path(item_banks.__file__).parent / "spelling"
    return Path(copytree(shipped, tmp_path / "spelling"))


def test_a_sound_bank_is_one_line(run: Type, bank: Path) -> None:
    result = run("banks", "check", str(bank), "--seeds", "1")
    assert result.exit_code == 0, result.output
    [line] = result.output.splitlines()
    assert line.endswith("no problem")


def test_a_broken_bank_ends_with_file_and_line_and_without_a_traceback(run: Type, bank: Path) -> None:
    file = bank / "en" / WORDS
    text = file.read_text(encoding="utf-8")
    file.write_text(text + "\nnot_a_field: 1\n", encoding="utf-8")
    line = text.count("\n") + 2
    result = run("banks", "check", str(bank), "--seeds", "1")
    assert result.exit_code == 1
    assert f"{WORDS}:{line}: " in result.output
    assert "Traceback" not in result.output


def test_a_folder_that_is_not_there_is_one_sentence(run: Type, tmp_path: Path) -> None:
    result = run("banks", "check", str(tmp_path / "nowhere"))
    assert result.exit_code == 2
    assert "does not exist" in result.output


def test_rendering_says_how_much_it_made(run: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        sys.modules["lti_tool.cli.content.banks"],
        "render",
        lambda bank: Rendered(("one.mp3",), ("two.mp3", "three.mp3"), ()),
    )
    assert run("banks", "audio").output == "spelling-en: 1 made, 2 kept, 0 removed\n"


def test_it_says_when_no_sound_waits_for_a_recording(run: Type) -> None:
    assert run("banks", "unheard").output == "Nobody has reported a sound.\n"


def test_without_an_engine_it_says_what_to_install(run: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_bank: Bank) -> Rendered:
        raise AudioError("flite is not installed")

    monkeypatch.setattr(sys.modules["lti_tool.cli.content.banks"], "render", fail)
    result = run("banks", "audio")
    assert (result.exit_code, result.output) == (1, "Error: flite is not installed\n")
