"""Who tries and who only taps, by the clock and by luck."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.services.grading.honesty import HABIT, Try, is_honest


def honest_tries(answers: list[Try]) -> int:
    """How many of these answers, oldest first, count as tries."""
    return sum(is_honest(answer, answers[:place]) for place, answer in enumerate(answers))


def tries(text: str, response_format: str = "typed", seconds: float = 0.8) -> list[Try]:
    """Right (r) and wrong (w) answers, quick unless a capital says that they took their time."""
    return [Try(response_format, each in "rR", 20.0 if each.isupper() else seconds) for each in text]


@pytest.mark.parametrize(
    ("answers", "honest"),
    [
        ("", 0),
        ("WWWWWWWWWWWW", 12),  # slow and wrong is honest work
        ("ww", 2),  # two quick slips are no habit
        ("www", 2),  # the third is: 0 of 3 right, where luck gives .05
        ("wwwwwwwwwwww", 2),
        ("rrrrrrrrrrrr", 12),  # quick and right: somebody knows it
        ("rwrwrwrw", 8),  # half of the quick ones right is far above the luck of typing
        ("wwwW", 3),  # taking time again counts at once
        ("wwwrw", 3),  # 1 of 4 right counts (.25 > .2), 1 of 5 does not (.2): one, two and four
    ],
)
def test_typed_answers(answers: str, honest: int) -> None:
    assert honest_tries(tries(answers)) == honest


@pytest.mark.parametrize(
    ("response_format", "answers", "honest"),
    [
        ("choice2", "rwrw", 3),  # 2 of 3 right is above .65, 2 of 4 is what a coin gives
        ("choice2", "rrrrrrrr", 8),
        ("choice4", "wrww", 2),  # 1 of 3 and 1 of 4 are luck (.25 + .15)
        ("choice4", "rrwr", 4),
        ("order", "wwww", 2),
    ],
)
def test_choices_are_held_against_their_own_luck(response_format: str, answers: str, honest: int) -> None:
    assert honest_tries(tries(answers, response_format)) == honest


@pytest.mark.parametrize("seconds", [None, 0.0, 0.39])
def test_a_time_that_no_pupil_can_have_made_says_nothing(seconds: float | None) -> None:
    assert honest_tries([Try("typed", False, seconds)] * 12) == 12


FORMATS = st.sampled_from(["typed", "choice2", "choice3", "choice6", "order", "place", ""])
ANSWERS = st.lists(st.builds(Try, FORMATS, st.booleans(), st.none() | st.floats(0, 30)), max_size=40)


@given(answers=ANSWERS, one_more=st.builds(Try, FORMATS, st.booleans(), st.none() | st.floats(0, 30)))
def test_a_count_never_falls_is_never_more_than_the_answers_and_comes_out_the_same_again(
    answers: list[Try], one_more: Try
) -> None:
    count = honest_tries(answers)
    assert min(HABIT - 1, len(answers)) <= count <= len(answers)
    assert honest_tries([*answers, one_more]) - count in (0, 1)
    assert honest_tries(list(answers)) == count


@given(answers=ANSWERS)
def test_slow_answers_always_count_whatever_came_before(answers: list[Try]) -> None:
    assert is_honest(Try("choice2", False, 10.0), answers)
