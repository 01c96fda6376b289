"""What children do instead of the method, against examples worked by hand from the literature and from classrooms."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from item_banks.generators import column_bugs as bugs
from item_banks.generators import decimal_bugs
from item_banks.numbers import plain_number

numbers = st.integers(min_value=1, max_value=10**6)


@pytest.mark.parametrize(
    ("bug", "arguments", "expected"),
    [
        (bugs.no_carry, (38, 27), 55),
        (bugs.no_carry, (386, 247), 523),
        (bugs.carry_once, (386, 247), 533),
        (bugs.carry_once, (38, 27), None),
        (bugs.write_both, (38, 27), 515),
        (bugs.left_align, (345, 27), 615),
        (bugs.left_align, (27, 345), 615),
        (bugs.left_align, (345, 127), None),
        (bugs.left_align_minus, (845, 27), 575),
        (bugs.left_align_minus, (845, 90), None),
        (bugs.left_align_minus, (845, 127), None),
        (bugs.smaller_from_larger, (62, 38), 36),
        (bugs.smaller_from_larger, (402, 178), 376),
        (bugs.no_decrement, (62, 38), 34),
        (bugs.no_decrement, (68, 32), None),
        (bugs.zero_if_too_few, (62, 38), 30),
        (bugs.pays_from_the_left_end, (654, 238), 326),
        (bugs.pays_from_the_left_end, (654, 278), None),
        (bugs.pays_from_the_left_end, (62, 38), None),
        (bugs.pays_from_the_left_end, (154, 138), None),
        (bugs.skips_zeros, (402, 138), 174),
        (bugs.skips_zeros, (412, 138), None),
        (bugs.skips_zeros, (100, 138), None),
        (bugs.no_carry_times, (24, 3), 62),
        (bugs.carry_before, (27, 4), 168),
        (bugs.ones_only, (32, 4), 38),
        (bugs.diagonal, (23, 14), 212),
        (bugs.no_placeholder, (23, 14), 115),
        (bugs.drops_zero, (103,), 13),
        (bugs.drops_zero, (123,), None),
        (bugs.digitwise_division, (84, 3), 21),
        (bugs.digitwise_division, (804, 3), 201),
        (decimal_bugs.right_align, (Fraction("2.35"), Fraction("1.4")), Fraction("2.49")),
        (decimal_bugs.right_align_minus, (Fraction("2.35"), Fraction("1.4")), Fraction("2.21")),
        (decimal_bugs.right_align_minus, (Fraction("2.5"), Fraction("1.45")), None),
        (decimal_bugs.split_at_point, (Fraction("2.7"), Fraction("1.5")), "3.12"),
        (decimal_bugs.longest, (Fraction("0.35"), Fraction("0.8")), Fraction("0.35")),
        (decimal_bugs.longest, (Fraction("0.5"), Fraction("0.8")), None),
        (decimal_bugs.shortest, (Fraction("0.45"), Fraction("0.3")), Fraction("0.3")),
        (decimal_bugs.shortest, (Fraction("0.4"), Fraction("0.3")), None),
        (decimal_bugs.point_like_addition, (Fraction("0.3"), Fraction("0.2")), Fraction("0.6")),
        (decimal_bugs.from_base_100, (3 * 60 + 40,), 340),
    ],
)
def test_a_bug_leads_to_the_answer_that_it_gives_on_paper(bug: Any, arguments: tuple[Any, ...], expected: Any) -> None:
    assert bug(*arguments) == expected


@given(numbers, numbers)
def test_without_new_tens_before_the_last_column_dropping_them_changes_nothing(a: int, b: int) -> None:
    last = 10 ** (max(len(str(a)), len(str(b))) - 1)
    assert (bugs.no_carry(a, b) == a + b) is (bugs.carries(a % last, b % last) == 0)


@given(numbers, numbers)
def test_without_opening_a_place_the_smaller_digit_is_below_anyway(a: int, b: int) -> None:
    top, bottom = max(a, b), min(a, b)
    assert (bugs.smaller_from_larger(top, bottom) == top - bottom) is (bugs.borrows(top, bottom) == 0)


@given(numbers)
def test_digits_and_their_number_belong_together(a: int) -> None:
    assert bugs.number(bugs.digits(a)) == a
    assert bugs.leading(a) <= a < 10 * bugs.leading(a)


@given(numbers, numbers)
def test_each_worked_step_is_true_and_the_last_one_ends_at_the_answer(a: int, b: int) -> None:
    for steps, answer in ((bugs.add_steps(a, b), a + b), (bugs.subtract_steps(a + b, b), a)):
        lines = "".join(map(str, steps)).replace("−", "-").split("; ")
        for line in lines:
            left, right = line.split(" = ")
            first, sign, second = left.split()
            assert int(first) + (int(second) if sign == "+" else -int(second)) == int(right)
        assert lines[-1].endswith(f"= {answer}")


@given(numbers, st.integers(2, 9))
def test_the_parts_of_a_product_add_up(a: int, b: int) -> None:
    parts = "".join(map(str, bugs.multiply_steps(a, b))).split("; ")
    assert sum(int(part.split(" = ")[1]) for part in parts) == a * b


@given(st.integers(-(10**6), 10**6), st.integers(0, 6))
def test_a_decimal_is_written_as_it_is_and_its_places_are_counted(whole: int, places: int) -> None:
    value = Fraction(whole, 10**places)
    assert Fraction(plain_number(value)) == value
    assert decimal_bugs.places(value) <= places
    assert abs(decimal_bugs.without_point(value)) == abs(value) * 10 ** decimal_bugs.places(value)
