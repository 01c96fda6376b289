"""Authors describe items by formulas: what a formula may say, what is drawn from it, and what it is told when wrong."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from item_banks.generators.draws import Draws
from item_banks.generators.formula import formula
from item_banks.generators.formula_items import formula_problem
from item_banks.generators.mathml import has_fraction, mathml
from item_banks.generators.problem import Problem, canonical, diagnostic
from item_banks.generators.wording import mentions, speak
from item_banks.loader import load_banks
from item_banks.numbers import has_form, plain_number, write_number
from item_banks.schema import ItemTemplate

BANK = load_banks()["math-en"]


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("a + b * 2", {"a": 1, "b": 3}, 7),
        ("a / b", {"a": 6, "b": 3}, 2),
        ("a / b", {"a": 1, "b": 4}, Fraction(1, 4)),
        ("0.1 + 0.2", {}, Fraction(3, 10)),
        ("7 // 2 + 7 % 2 - -1", {}, 5),
        ("a if a > 3 else none", {"a": 2}, None),
        ("1 < a <= 3 and not a == 2", {"a": 3}, True),
        ("a > 5 or a != 2", {"a": 2}, False),
        ("digit(345, 10)", {}, 4),
        ("digit(3.45, 1/10)", {}, 4),
        ("digit_sum(345)", {}, 12),
        ("round_to(345, 10)", {}, 350),
        ("round_to(2.345, 1/100)", {}, Fraction(47, 20)),
        ("floor_to(345, 100)", {}, 300),
        ("cat(3, 0.5, 'x')", {}, "30.5x"),
        ("whole(cat(1, 2))", {}, 12),
        ("frac(2, 4)", {}, "2/4"),
        ("simplest(Fraction(2, 4))", {}, "1/2"),
        ("mixed(11, 4)", {}, "2 3/4"),
        ("mixed(3, 4)", {}, "3/4"),
        ("mixed(8, 4)", {}, "2"),
        ("mixed(0, 4)", {}, "0"),
        ("case(3, 2, 'two', 3, 'three')", {}, "three"),
        ("pick(1, 'a', 'b')", {}, "b"),
        ("sign(1, 2)", {}, "<"),
        ("sign(2, 1)", {}, ">"),
        ("sign(1/2, 0.5)", {}, "="),
        ("repeat('ab', 2)", {}, "abab"),
        ("clock(785)", {}, "1:05"),
        ("clock(725)", {}, "12:05"),
        ("factors(12)", {}, 6),
        ("smallest_factor(35)", {}, 5),
        ("middle(5, 1, 3)", {}, 3),
        ("once(344, 3) and not once(344, 4)", {}, True),
        ("different(1, 2, 1)", {}, False),
        ("first_digit(345)", {}, 3),
        ("gcd(12, 18) + lcm(4, 6) + max(1, 2) + min(1, 2) + abs(-3) + len('ab')", {}, 26),
    ],
)
def test_a_formula_computes_exactly(text: str, values: Mapping[str, Any], expected: object) -> None:
    assert formula(text)(values) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a.b", "a[0]", "[a]", "lambda: 1", "open('x')", "cat(a, sep='x')", "(1)(2)", "a = 1", "a +", "", "f'{a}'",
        "a ** b", "a @ b", "a is b", "~a", "True and None", "1j", "b'x'", "x" * 501,
    ],
)  # fmt: skip
def test_a_formula_reaches_nothing_but_its_numbers(text: str) -> None:
    with pytest.raises(ValueError, match=r"formula|function"):
        formula(text)


def test_a_formula_with_an_unknown_name_or_a_zero_below_says_so() -> None:
    with pytest.raises(KeyError, match="b"):
        formula("a + b")({"a": 1})
    with pytest.raises(ValueError, match="divides by zero"):
        formula("1 / a")({"a": 0})
    with pytest.raises(ValueError, match="no case for 4"):
        formula("case(4, 1, 2)")({})


def shown(text: str) -> str:
    return "".join(map(str, formula(text)({})))


def test_lists_are_written_with_commas_and_sums_with_plus() -> None:
    assert shown("sequence(5, 5, 4, 2)") == "5, 10, ?, 20"
    assert shown("in_order(3, 1, 2)") == "1, 2, 3"
    assert shown("multiples(4, 3)") == "4, 8, 12"
    assert shown("repeated(4, 3)") == "4 + 4 + 4"
    assert shown("expanded(305)") == "300 + 5"
    assert shown("factors_of(12)") == "1, 2, 3, 4, 6, 12"
    assert shown("coins(2, 1, 1)") == "25, 25, 10, 5"
    assert shown("coins(0, 1, 2, 10, 5, 1)") == "5, 1, 1"


def made(**options: Any) -> Problem:
    problem = formula_problem(Draws("any"), {"misconceptions": (), **options})
    assert problem is not None
    return problem


def drawn(spec: Any) -> set[Any]:
    return {
        problem.values["a"]
        for seed in range(200)
        if (problem := formula_problem(Draws(f"{seed}"), {"draw": {"a": spec}, "answer": "1"}))
    }


def test_numbers_are_drawn_from_ranges_steps_and_lists() -> None:
    assert drawn("2..5") == {2, 3, 4, 5}
    assert drawn("20..40 by 10") == {20, 30, 40}
    assert drawn("0.8..1.0 by 0.1") == {Fraction(4, 5), Fraction(9, 10), 1}
    assert drawn((3, 7)) == {3, 7}
    assert drawn(("0.5", "x")) == {Fraction(1, 2), "x"}
    assert drawn("4") == {4}


def test_a_range_may_depend_on_what_was_drawn_before() -> None:
    for seed in range(50):
        problem = formula_problem(Draws(str(seed)), {"draw": {"a": "3..9", "b": "1..a-1"}, "answer": "a - b"})
        assert problem is not None
        assert 1 <= problem.values["b"] < problem.values["a"]


def test_a_range_with_its_ends_exchanged_holds_nothing() -> None:
    with pytest.raises(ValueError, match="a range holds nothing"):
        made(draw={"a": "9..2"}, answer="a")


def test_numbers_that_do_not_fit_are_drawn_again() -> None:
    assert formula_problem(Draws("any"), {"draw": {"a": "4"}, "where": "a > 4", "answer": "a"}) is None


def test_features_are_those_named_or_else_all_that_was_drawn() -> None:
    assert made(draw={"a": "4"}, answer="a").features == {"a": 4.0}
    assert made(draw={"a": "4"}, answer="a", features={"big": "a > 3", "kind": "'x'"}).features == {
        "big": 1.0,
        "kind": "x",
    }


def test_a_wrong_answer_below_zero_is_none_unless_numbers_below_zero_are_meant() -> None:
    options: dict[str, Any] = {"draw": {"a": "4"}, "answer": "a", "wrong": {"minus": "a - 9"}}
    assert made(**options).wrong == {"minus": None}
    assert made(**options, signed="yes").wrong == {"minus": -5}


def test_choices_are_the_answer_and_what_each_misconception_gives() -> None:
    options: dict[str, Any] = {"draw": {"a": "4"}, "answer": "a", "choices": 3, "misconceptions": ("x", "y")}
    problem = made(**options, wrong={"x": "a + 1", "y": "1/3"})
    assert {choice.value for choice in problem.choices} == {"4", "5", "1/3"}
    assert formula_problem(Draws("any"), {**options, "wrong": {"x": "a + 1", "y": "none"}}) is None
    assert formula_problem(Draws("any"), {**options, "wrong": {"x": "a + 1", "y": "a"}}) is None


def test_a_wrong_fraction_of_the_right_size_is_no_misconception() -> None:
    template = ItemTemplate("S/x", "S", ("S",), "fraction", "formula", {"misconceptions": ("x", "y", "z")})
    wrong = {"x": "2/4", "y": "1/0", "z": "1 1/2"}
    problem = Problem("k", "1/2", {}, wrong, {})
    assert diagnostic(template, problem) == {"y": "1/0", "z": "1 1/2"}


def test_the_same_number_is_the_same_answer() -> None:
    assert [canonical(each) for each in ("2.50", Fraction(5, 2), 3, "3.0", "1/2", "x.y")] == [
        *("2.5", "2.5", "3", "3", "1/2", "x.y")
    ]


def test_fractions_stand_upright_and_mixed_numbers_beside_their_whole() -> None:
    assert mathml("1/2 + ? < x") == (
        "<math><mfrac><mn>1</mn><mn>2</mn></mfrac><mo>+</mo><mtext>?</mtext><mo>&lt;</mo><mi>x</mi></math>"
    )
    assert mathml("43 × 1/2 ? 43").endswith("</mfrac><mo>?</mo><mn>43</mn></math>")  # a sign has room on both sides
    assert mathml("2 3/?") == "<math><mrow><mn>2</mn><mfrac><mn>3</mn><mtext>?</mtext></mfrac></mrow></math>"
    assert has_fraction("?/4 = 2")
    assert not has_fraction("4 = 2")


@pytest.mark.parametrize(
    ("expression", "spoken"),
    [
        ("47 + 38 =", "47 plus 38 equals what?"),
        ("3/4 + ? = 1", "3 over 4 plus what equals 1?"),
        ("2 1/3 × 4 =", "2 and 1 over 3 times 4 equals what?"),
        ("45 ? 54", "45 what sign 54?"),
        ("5, 10, ?", "5, 10, what?"),
        ("1,234 − 0.5", "1,234 minus 0.5"),
    ],
)
def test_an_expression_is_read_aloud(expression: str, spoken: str) -> None:
    assert speak(BANK, expression) == spoken


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (999, "999"), (1234, "1.234"), (1234567, "1.234.567"), (Fraction(5, 2), "2,5"), (Fraction(-1, 8), "−0,125"),
        (Fraction(1, 3), "1/3"), (-4, "−4"), (Fraction(12345, 10), "1.234,5"),
    ],
)  # fmt: skip
def test_a_number_is_written_as_its_language_does(value: Fraction | int, text: str) -> None:
    assert write_number(value, ",", ".") == text


@given(st.fractions(max_denominator=500))
def test_a_number_is_stored_as_it_is(value: Fraction) -> None:
    assert Fraction(plain_number(value)) == value


@pytest.mark.parametrize(
    ("typed", "form", "expected"),
    [
        ("2 3/4", "mixed", True), ("11/4", "mixed", False), ("1 7/4", "mixed", False), ("= 2 3/4", "mixed", True),
        ("11/4", "improper", True), ("2 3/4", "improper", False), ("2/3", "lowest", True), ("4/6", "lowest", False),
        ("1 1/2", "lowest", True), ("1 2/4", "lowest", False), ("4/6", "", True), ("x", "lowest", False),
    ],
)  # fmt: skip
def test_the_form_of_a_fraction_is_seen(typed: str, form: str, expected: bool) -> None:
    assert has_form(typed, form) is expected


@pytest.mark.parametrize(
    ("text", "answer", "expected"),
    [
        ("12.5 m", "12", False),
        ("2.12", "12", False),
        ("1,012", "12", False),
        ("12, 13", "12", True),
        ("1212 12", "12", True),
    ],
)
def test_a_part_of_another_number_does_not_give_the_answer_away(text: str, answer: str, expected: bool) -> None:
    assert mentions(text, answer) is expected
