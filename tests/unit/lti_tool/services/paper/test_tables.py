"""Tables as CSV: opened again they say the same, and no cell is a formula."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.services.paper.tables import FORMULA_SIGNS, as_csv, read_back

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


@given(st.lists(st.tuples(TEXTS, TEXTS)))
def test_a_table_that_is_opened_again_is_the_same(rows: list[tuple[str, str]]) -> None:
    assert read_back(as_csv(["Pupil", "Answer"], rows)) == [["Pupil", "Answer"], *map(list, rows)]


@pytest.mark.parametrize("cell", ["=1+1", "+31 6", "-5", "@SUM(A1)", "\t=1", "＝HYPERLINK()", "'=1", "''=1"])
def test_no_cell_is_a_formula_for_a_spreadsheet(cell: str) -> None:
    [_, [written]] = csv.reader(io.StringIO(as_csv(["x"], [[cell]]).removeprefix("\ufeff")))
    assert not written.startswith(FORMULA_SIGNS)
    assert read_back(as_csv(["x"], [[cell]]))[1] == [cell]


def test_numbers_stay_numbers_and_nothing_is_an_empty_cell() -> None:
    assert as_csv(["a", "b", "c"], [["x", -2.5, None]]) == '\ufeff"a","b","c"\r\n"x",-2.5,""\r\n'
