"""Each way of grading, by numbers worked out by hand, and by laws."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.services.grading.comments import MAX_COMMENT, grade_comment, mastery_sentence
from lti_tool.services.grading.modes import Mode, Progress


def practised(attempts: int, needed: int = 12, mastered: int = 0, skills: int = 9) -> Progress:
    return Progress(attempts, needed, mastered, skills)


def grown(newly: int, before: int, skills: int, goal: int) -> Progress:
    mastered = newly + before
    return Progress(5, 12, mastered, skills, mode="growth", newly_strong=newly, strong_before=before, goal=goal)


@pytest.mark.parametrize(
    ("progress", "share"),
    [
        (practised(0), 0.0),
        (practised(3), 0.25),  # 3 of 12
        (practised(12), 1.0),
        (practised(40), 1.0),  # more is worth no more
        (practised(5, needed=8), 0.625),  # a pupil with a number of his own: 5 of 8
        (practised(2, mastered=9), 1.0),  # all nine strong after two tries
        (practised(2, mastered=8), 1 / 6),  # eight of nine: it is the tries that count, 2 of 12
        (practised(3, skills=0), 0.25),  # an emptied bank gives nothing for nothing
    ],
)
def test_practice_done_is_tries_of_the_tries_wanted_or_everything_strong(progress: Progress, share: float) -> None:
    assert progress.share == pytest.approx(share)


@pytest.mark.parametrize(
    ("mastered", "skills", "share"),
    [(0, 9, 0.0), (7, 9, 0.777778), (9, 9, 1.0), (1, 3, 0.333333), (0, 0, 0.0)],
)
def test_mastery_is_skills_strong_of_skills_assigned(mastered: int, skills: int, share: float) -> None:
    progress = Progress(30, 12, mastered, skills, mode="mastery")
    assert progress.share == pytest.approx(share, abs=1e-6)
    assert progress.completed == (share == 1.0)


@pytest.mark.parametrize(
    ("newly", "before", "skills", "goal", "share"),
    [
        (0, 0, 9, 3, 0.0),
        (1, 0, 9, 3, 0.333333),
        (3, 2, 9, 3, 1.0),
        (5, 0, 9, 3, 1.0),  # more than the goal is worth no more
        (1, 7, 9, 3, 0.5),  # only two of nine were left to learn: one of two
        (2, 7, 9, 3, 1.0),
        (0, 9, 9, 3, 1.0),  # nothing was left to learn: nothing is missing
        (0, 0, 0, 3, 0.0),  # an emptied bank
    ],
)
def test_growth_is_newly_strong_skills_of_the_teachers_number(
    newly: int, before: int, skills: int, goal: int, share: float
) -> None:
    assert grown(newly, before, skills, goal).share == pytest.approx(share, abs=1e-6)


@pytest.mark.parametrize(
    ("answered", "right", "share", "completed"),
    [(0, 0, 0.0, False), (4, 3, 0.3, False), (10, 7, 0.7, True), (10, 0, 0.0, True), (10, 10, 1.0, True)],
)
def test_a_check_is_right_answers_of_its_length_and_ends_with_its_last_one(
    answered: int, right: int, share: float, completed: bool
) -> None:
    check = Progress(answered, 10, 0, 3, mode="accuracy", right=right)
    assert (check.share, check.completed) == (pytest.approx(share), completed)


def test_a_check_with_nothing_right_is_a_real_zero_and_no_answer_is_none() -> None:
    check = Progress(10, 10, 0, 3, mode="accuracy")
    assert (check.begun, check.share) == (True, 0.0)
    assert not replace(check, attempts=0).begun


def test_without_a_grade_there_is_no_share() -> None:
    assert Progress(40, 12, 3, 3, mode="none").share == 0.0


@st.composite
def progresses(draw: st.DrawFn) -> Progress:
    skills = draw(st.integers(0, 30))
    mastered = draw(st.integers(0, skills))
    newly = draw(st.integers(0, mastered))
    attempts, needed = draw(st.integers(0, 300)), draw(st.integers(1, 200))
    return Progress(
        attempts,
        needed,
        mastered,
        skills,
        mode=draw(st.sampled_from(get_args(Mode))),
        right=draw(st.integers(0, min(attempts, needed))),
        newly_strong=newly,
        strong_before=mastered - newly,
        goal=draw(st.integers(1, 100)),
        next_skill=draw(st.text(max_size=300)),
    )


@given(progress=progresses())
def test_a_share_lies_between_nothing_and_everything(progress: Progress) -> None:
    assert 0.0 <= progress.share <= 1.0
    assert progress.completed or progress.share < 1.0


@given(progress=progresses())
def test_one_more_try_one_more_right_answer_and_one_more_skill_never_cost_points(progress: Progress) -> None:
    more_work = replace(progress, attempts=progress.attempts + 1)
    assert more_work.share >= progress.share
    if progress.right < progress.attempts_needed:
        assert replace(more_work, right=progress.right + 1).share >= progress.share
    if progress.mastered < progress.skills:
        learned = replace(progress, mastered=progress.mastered + 1, newly_strong=progress.newly_strong + 1)
        assert learned.share >= progress.share


@given(progress=progresses(), locale=st.sampled_from(["en", "nl", "xx"]))
def test_every_comment_fits_into_an_lms_field_and_says_something(progress: Progress, locale: str) -> None:
    assert 0 < len(grade_comment(progress, locale)) <= MAX_COMMENT
    assert 0 < len(mastery_sentence(progress, locale)) <= MAX_COMMENT


@pytest.mark.parametrize(
    ("progress", "comment"),
    [
        (
            Progress(7, 12, 2, 3, next_skill="Subtract across zero"),
            "7 of 12 tries done. 2 of 3 skills strong so far. Next: Subtract across zero",
        ),
        (
            Progress(30, 12, 7, 9, mode="mastery", next_skill="Subtract across zero"),
            "7 of 9 skills strong so far. Next: Subtract across zero",
        ),
        (
            grown(2, 1, 9, 3),
            "2 skills newly strong. 3 of 9 skills strong so far.",
        ),
        (Progress(4, 10, 0, 3, mode="accuracy", right=3), "3 of 4 right. 0 of 3 skills strong so far."),
        (Progress(4, 12, 3, 3), "All 3 skills are strong: all done."),
        (Progress(10, 10, 3, 3, mode="accuracy", right=10), "10 of 10 right. 3 of 3 skills strong so far."),
    ],
)
def test_a_comment_says_what_was_done_what_is_strong_and_what_is_next(progress: Progress, comment: str) -> None:
    assert grade_comment(progress, "en") == comment
