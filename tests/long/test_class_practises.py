"""A whole class practises at once, over HTTP, against real processes: nothing is lost, nothing is counted twice."""

from pathlib import Path

import pytest

from tests.support.sites import CLASS, practise_together, running_site

SKILLS = ("M.NBT2.ADDREG", "M.NBT2.SUBREG", "M.NBT3.SUB0")


@pytest.mark.parametrize("answers", [4, pytest.param(200, marks=pytest.mark.long)])
def test_25_pupils_practise_at_once_and_the_gradebook_says_what_the_tool_says(
    tmp_path: Path, database_url: str, answers: int
) -> None:
    with running_site(tmp_path, database_url) as site:
        link = site.add_activity(*SKILLS, title="Together", points="8")
        pupils = practise_together(site, link, "math-en", answers)
        site.wait_for_grades()
        figures, grades = site.figures(), site.column("Together")

    assert set(figures) == set(grades) == set(CLASS)
    for who, own in figures.items():
        assert own.answers == own.traced == pupils[who].acknowledged
        assert own.points in (8.0, pytest.approx(8 * min(own.tries, 12) / 12))
        assert own.delivered == own.points
        assert grades[who]["score"] == pytest.approx(own.points, abs=1e-3)
