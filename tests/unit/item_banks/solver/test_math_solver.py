"""The solver that proves the answers: it computes on its own and trusts nothing but the page."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from item_banks.loader import load_banks
from item_banks.schema import Block
from item_banks.solver import agrees
from item_banks.solver.expressions import notation, value
from item_banks.solver.reading import same

BANK = load_banks()["math-en"]
seeds = st.integers(0, 10**6)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 + 3 × 4", 14), ("(2 + 3) × 4", 20), ("20 − 3 + 2", 19), ("6 ÷ 4", Fraction(3, 2)),
        ("1,250 + 0.5", Fraction(2501, 2)),
        ("2 1/2 + 1/2", 3), ("−8 − −3", -5), ("3/4 ÷ 3/8", 2),
    ],
)  # fmt: skip
def test_an_expression_has_one_value(text: str, expected: Fraction | int) -> None:
    assert value(text) == expected


@pytest.mark.parametrize("text", ["", "2 +", "2 + x", "(2 + 3", "2 3", ") 2", "× 2", "2 )"])
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expression|goes on|stands|bracket"):
        value(text)


@given(st.sampled_from(sorted(BANK.templates)), seeds)
@settings(max_examples=300)
def test_every_item_is_solved_as_its_bank_says(name: str, seed: int) -> None:
    assert agrees(BANK.draw(name, seed))


@given(st.sampled_from(sorted(name for name, each in BANK.templates.items() if each.format != "choice")), seeds)
@settings(max_examples=200)
def test_another_answer_is_not_agreed_to(name: str, seed: int) -> None:
    item = BANK.draw(name, seed)
    assert all(not agrees(replace(item, answer=wrong)) for wrong in item.misconceptions.values() if "/0" not in wrong)


@given(st.sampled_from(sorted(name for name, each in BANK.templates.items() if each.format == "choice")), seeds)
@settings(max_examples=100)
def test_of_the_choices_exactly_one_is_agreed_to(name: str, seed: int) -> None:
    item = BANK.draw(name, seed)
    right = [choice.value for choice in item.response.choices if agrees(replace(item, answer=choice.value))]
    assert right == [item.answer]


def test_a_page_that_can_not_be_read_proves_nothing() -> None:
    item = BANK.draw("M.OA4.COMP/back", 1)
    assert not agrees(replace(item, prompt=(Block("text", text="How many?"),)))
    sum_ = BANK.draw("M.OA2.ADD20/number", 1)
    assert not agrees(replace(sum_, prompt=(*sum_.prompt, *sum_.prompt)))
    assert not agrees(replace(sum_, answer="1/0"))


def test_a_pattern_without_one_rule_proves_nothing() -> None:
    steps = BANK.draw("M.NBT2.SKIP/number", 1)
    assert not agrees(replace(steps, prompt=(Block("expression", text="5, 10, 16, ?"),)))
    table = BANK.draw("M.OA3.PATTERN/table", 1)
    assert not agrees(replace(table, prompt=(Block("expression", text="2 → 6; 6 → 20; 10 → ?"),)))


def test_fractions_are_read_from_what_is_shown() -> None:
    item = BANK.draw("M.NF4.MIXED/fraction", 1)
    assert notation(item.prompt[0]).count("/") == 1
    assert same("1 1/2", Fraction(3, 2))
    assert not same("three", Fraction(3))
