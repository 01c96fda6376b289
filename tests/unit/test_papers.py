"""The papers in docs/papers are true of this code: its tables, its files, and every requirement that they answer."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.support import data_map

ROOT = Path(__file__).parents[2]
PAPERS = sorted((ROOT / "docs" / "papers").glob("*.md"))
ASVS_2 = (
    "1.1.2 1.2.9 1.3.11 1.4.3 1.5.2 2.1.3 2.2.3 2.3.4 2.4.1 3.2.2 3.3.4 3.4.6 3.5.5 3.7.2 4.1.3 4.2.1 4.3.2 4.4.4 "
    "5.1.1 5.2.3 5.3.2 5.4.3 6.1.3 6.2.12 6.3.4 6.4.4 6.5.5 6.6.3 6.8.4 7.1.3 7.2.4 7.3.2 7.4.5 7.5.2 7.6.2 8.1.2 "
    "8.2.3 8.3.1 8.4.1 9.1.3 9.2.4 10.1.2 10.2.2 10.3.4 10.4.11 10.5.5 10.6.2 10.7.3 11.1.2 11.2.3 11.3.3 11.4.4 "
    "11.5.1 11.6.1 12.1.3 12.2.2 12.3.4 13.1.1 13.2.5 13.3.2 13.4.5 14.1.2 14.2.4 14.3.3 15.1.3 15.2.3 15.3.7 "
    "16.1.1 16.2.5 16.3.4 16.4.3 16.5.3 17.1.1 17.2.4 17.3.2"
)
"""The last requirement of levels 1 and 2 in each section of ASVS 5.0.0; they are numbered from 1 without a gap."""


def test_the_data_map_is_what_the_tables_say() -> None:
    assert data_map.PAGE.read_text(encoding="utf-8") == data_map.page(), "run `make data-map`"


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.stem)
def test_a_paper_is_marked_for_review_and_names_only_files_that_exist(paper: Path) -> None:
    text = paper.read_text(encoding="utf-8")
    assert re.search(r"^\*(For legal review|Nog juridisch te toetsen)", text, re.MULTILINE)
    linked = [paper.parent / target for target in re.findall(r"\]\(([^)#:]+)\)", text)]
    named = [ROOT / path for path in re.findall(r"`([a-z_]+/[\w./-]+)`", text)]
    named += [ROOT / path for path in re.findall(r"`([A-Z]+(?:\.md)?|Makefile|\.dockerignore)`", text)]
    assert [str(path) for path in (*linked, *named) if not path.exists()] == []


def test_every_requirement_of_asvs_level_2_has_one_answer() -> None:
    wanted = set()
    for last in ASVS_2.split():
        section, _, count = last.rpartition(".")
        wanted |= {f"{section}.{n}" for n in range(1, int(count) + 1)}
    assert len(wanted) == 253
    text = (ROOT / "docs" / "papers" / "asvs.md").read_text(encoding="utf-8")
    answered: Counter[str] = Counter()
    for cells in re.findall(r"^\| (\d[^|]*) \| (?:met|part|no|yours|n/a) \|", text, re.MULTILINE):
        for part in cells.split(", "):
            first, _, last = part.partition("–")
            section, _, begin = first.rpartition(".")
            end = (last or first).rpartition(".")[2]
            answered.update(f"{section}.{n}" for n in range(int(begin), int(end) + 1))
    assert set(answered) == wanted
    assert [one for one, times in answered.items() if times > 1] == []


def test_both_notices_for_parents_say_the_same_periods_as_the_settings() -> None:
    import tomllib

    settings = tomllib.loads((ROOT / "config" / "default.toml").read_text())
    periods = [str(settings["names_days"]), str(settings["records_days"])]
    for name in ("privacy-notice.md", "privacy-notice.nl.md"):
        text = (ROOT / "docs" / "papers" / name).read_text(encoding="utf-8").replace(",", "")
        assert [period for period in periods if f"{period} da" not in text] == []
