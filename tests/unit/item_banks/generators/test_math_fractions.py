"""Equivalent fractions: shown as math with words for those who listen, and the bugs are those of whole numbers."""

from __future__ import annotations

import re
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from item_banks.loader import load_banks
from item_banks.marking import mark

BANK = load_banks()["math-en"]
calm = settings(deadline=None)
seeds = st.integers(min_value=0, max_value=10**9)


def parameters(key: str) -> tuple[int, int, int]:
    a, b, k = re.findall(r"\d+", key.partition(":")[2] + "*2")[:3]
    return int(a), int(b), int(k)


@given(seeds)
@calm
def test_a_missing_top_or_bottom_completes_an_equal_fraction(seed: int) -> None:
    top, bottom = BANK.draw("M.NF4.EQ/number", seed), BANK.draw("M.NF4.EQ/bottom", seed)
    a, b, k = parameters(top.key)
    assert Fraction(int(top.answer), k * b) == Fraction(a, b)
    assert top.prompt[0].spoken == f"{a} over {b} equals what over {k * b}?"
    a, b, k = parameters(bottom.key)
    assert Fraction(k * a, int(bottom.answer)) == Fraction(a, b)
    assert bottom.prompt[0].spoken == f"{a} over {b} equals {k * a} over what?"


@given(seeds)
@calm
def test_a_child_who_adds_the_same_to_both_or_changes_one_part_is_understood(seed: int) -> None:
    item = BANK.draw("M.NF4.EQ/number", seed)
    a, b, k = parameters(item.key)
    assert mark(item, str(a + k * b - b)).misconceptions == ("add_same",)
    assert mark(item, str(a)).misconceptions == ("one_part",)


@given(seeds, st.integers(2, 50))
@calm
def test_every_equal_fraction_answers_the_open_question_and_no_other_does(seed: int, factor: int) -> None:
    item = BANK.draw("M.NF4.EQ/fraction", seed)
    a, b, _ = parameters(item.key)
    assert mark(item, f"{factor * a}/{factor * b}").verdict == "correct"
    assert mark(item, f"{factor * a + 1}/{factor * b}").verdict == "incorrect"
    assert mark(item, f"{a}/{b}").verdict == "unreadable"
    assert mark(item, f"{a + 1}/{b + 1}").misconceptions == ("add_same",)


@given(seeds)
@calm
def test_each_wrong_choice_is_a_misconception_and_one_choice_is_equal(seed: int) -> None:
    item = BANK.draw("M.NF4.EQ/choice", seed)
    a, b, _ = parameters(item.key)
    values = [choice.value for choice in item.response.choices]
    assert len(set(values)) == 4
    assert [value for value in values if Fraction(value) == Fraction(a, b)] == [item.answer]
    assert set(values) == {item.answer, *item.misconceptions.values()}


def test_the_right_choice_stands_in_each_place_about_as_often() -> None:
    places = [0] * 4
    for seed in range(2000):
        item = BANK.draw("M.NF4.EQ/choice", seed)
        places[[choice.value for choice in item.response.choices].index(item.answer)] += 1
    assert all(400 < count < 600 for count in places)


def test_a_choice_reads_its_fraction_and_shows_it_as_math() -> None:
    choice = BANK.draw("M.NF4.EQ/choice", 1).response.choices[0]
    top, bottom = choice.value.split("/")
    assert choice.mathml == f"<math><mfrac><mn>{top}</mn><mn>{bottom}</mn></mfrac></math>"


def test_the_denominators_are_those_of_the_standard() -> None:
    drawn = {parameters(BANK.draw("M.NF4.EQ/number", seed).key)[1] for seed in range(500)}
    assert drawn == {2, 3, 4, 5, 6, 8, 10, 12}
