"""On a tablet a child finds the keys that a question can need, and no others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from item_banks.check import check_bank
from item_banks.keys import number_marks
from item_banks.loader import load_banks
from item_banks.reading.fixed_bank import bank_of, read_csv
from item_banks.schema import Bank

MATH = load_banks()["math-en"]


def marks(bank: Bank, template: str) -> str:
    return number_marks(bank, bank.draw(template, 9001))


@pytest.mark.parametrize(
    ("place", "template", "keys"),
    [
        ("en-US", "M.OA2.ADD20/number", ""),  # a child of seven has met neither decimals nor what is below zero
        ("en-US", "M.MD3.PLOT/number", ""),
        ("en-US", "M.NBT5.DECADD/number", "."),
        ("nl-NL", "M.NBT5.DECADD/number", ","),
        ("en-US", "M.NBT5.DECPV/overflow", "."),  # the mistake has decimals, the answer has none
        ("en-US", "M.MD2.MONEY/money", "."),
        ("nl-NL", "M.MD2.MONEY/money", ","),
        ("en-US", "M.NS6.QUAD/read", "−"),
        ("en-US", "M.NF4.EQ/fraction", ""),
    ],
)
def test_the_marks_among_the_keys_are_those_that_have_been_taught(place: str, template: str, keys: str) -> None:
    assert marks(MATH.in_locale(place), template) == keys


def test_a_question_that_has_left_the_bank_can_be_answered_all_the_same() -> None:
    item = replace(MATH.draw("M.OA2.ADD20/number", 1), template="M.OA2.ADD20/gone")
    assert number_marks(MATH, item) == ".−"


def test_an_answer_for_which_there_would_be_no_key_is_found() -> None:
    template = MATH.templates["M.NF4.DEC/small"]
    options = {name: value for name, value in template.options.items() if name != "decimals"}
    bank = replace(MATH, templates={template.id: replace(template, options=options)}, skills={})
    assert any("no key '.' for" in str(problem) for problem in check_bank(bank, 3))


def test_the_keys_of_a_schools_own_question_do_not_tell_its_answer(tmp_path: Path) -> None:
    path = tmp_path / "sums.csv"
    path.write_text("skill,question,answer\nHalves,Half of 8?,4\nHalves,Half of 5?,2.5\n", "utf-8")
    own = bank_of(read_csv(path, "sums", "Sums", "en"), MATH)
    assert {marks(own, template) for template in own.templates} == {"."}
    path.write_text("skill,question,answer\nHalves,Half of 8?,4\nHalves,Half of 1?,1/2\n", "utf-8")
    own = bank_of(read_csv(path, "sums", "Sums", "en"), MATH)
    assert {marks(own, template) for template in own.templates} == {"/"}
