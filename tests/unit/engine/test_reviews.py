"""What was mastered comes back after growing gaps, and slipping is no shame."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from engine.curriculum import Curriculum, ItemRef

from .builders import MONDAY, NEXT_DAY, answer, expect, items, master, one_skill, skills, tutor_for, words


def kept_at_adding():
    """A pupil whose adding was strong on Monday and held on Tuesday."""
    tutor = one_skill()
    strong = master(tutor, tutor.new_learner(), "add")
    return tutor, answer(tutor, strong, ["add.typed.4"], True, now=NEXT_DAY)


def due_after(tutor, learner, now):
    """Whole days until the tutor asks again."""
    for days in range(100):
        choice = tutor.next_item(learner, now=now + timedelta(days), rng=Random(1))
        if choice is not None:
            assert choice.reason.key == "check"
            return days
    raise AssertionError("never due")


def test_reviews_come_after_2_7_21_and_60_days_while_they_go_well():
    tutor, learner = kept_at_adding()
    now, gaps = NEXT_DAY, []
    for n in range(5):
        gaps.append(due_after(tutor, learner, now))
        now += timedelta(gaps[-1])
        learner = answer(tutor, learner, [f"add.typed.{n}"], True, now=now)
    assert gaps == [2, 7, 21, 60, 60]
    assert tutor.report(learner, now=now)["add"].state == "kept"


@pytest.mark.parametrize("details", [{}, {"hints": 1}], ids=["wrong", "with help"])
def test_a_review_that_does_not_go_well_is_repeated_after_two_days(details):
    tutor, learner = kept_at_adding()
    later = NEXT_DAY + timedelta(2)
    learner = answer(tutor, learner, ["add.typed.0"], True, now=later)
    assert due_after(tutor, learner, later) == 7
    much_later = later + timedelta(7)
    learner = answer(tutor, learner, ["add.typed.1"], bool(details), now=much_later, **details)
    if tutor.report(learner, now=much_later)["add"].state == "kept":
        assert due_after(tutor, learner, much_later) == 2
    else:
        assert tutor.report(learner, now=much_later)["add"].lapsed


def test_who_has_lost_a_kept_skill_is_ready_for_a_top_up():
    tutor, learner = kept_at_adding()
    later = NEXT_DAY + timedelta(30)
    lost = answer(tutor, learner, ["add.typed.0", "add.typed.1", "add.typed.2"], False, now=later)
    report = tutor.report(lost, now=later)["add"]
    assert (report.state, report.lapsed) == ("growing", True)
    assert expect(tutor, lost, now=later).reason.key == "top_up"
    topped_up = master(tutor, lost, "add", now=later)
    assert not tutor.report(topped_up, now=later)["add"].lapsed


def test_a_skill_that_was_never_kept_does_not_lapse():
    tutor = one_skill()
    strong = master(tutor, tutor.new_learner(), "add")
    weaker = answer(tutor, strong, ["add.typed.0", "add.typed.1", "add.typed.2"], False)
    report = tutor.report(weaker, now=MONDAY)["add"]
    assert (report.state, report.lapsed) == ("growing", False)


def test_reviews_of_several_skills_take_turns():
    tutor = tutor_for(Curriculum(skills("add", "take"), [*items("add"), *items("take")]))
    learner = master(tutor, master(tutor, tutor.new_learner(), "add"), "take")
    first = expect(tutor, learner, now=NEXT_DAY)
    learner = answer(tutor, learner, [first.item.id], False, now=NEXT_DAY)
    second = expect(tutor, learner, now=NEXT_DAY)
    assert {first.skill, second.skill} == {"add", "take"}


def test_each_word_of_a_list_has_a_date_of_its_own():
    names = [f"word{n}" for n in range(10)]
    tutor = tutor_for(Curriculum(skills("tricky", kind="list"), words("tricky", *names)))
    early = answer(tutor, tutor.new_learner(), [f"{w}.typed" for w in names[:5]], True)
    learner = answer(tutor, early, [f"{w}.typed" for w in names[5:]], True, now=NEXT_DAY)
    two_days_on = MONDAY + timedelta(days=2, hours=1)
    asked = set()
    while (choice := tutor.next_item(learner, now=two_days_on, rng=Random(2))) is not None:
        assert choice.reason.key == "check"
        asked.add(choice.item.member)
        learner = answer(tutor, learner, [choice.item.id], True, now=two_days_on)
    assert asked == set(names[:5])


def test_a_rule_is_reviewed_with_the_word_that_has_waited_longest():
    bank = [
        ItemRef(f"{w}.{f}", ("double",), f, w) for w in ("running", "hopping", "sitting") for f in ("typed", "choice3")
    ]
    tutor = tutor_for(Curriculum(skills("double"), bank))
    learner = tutor.new_learner()
    for n in range(9):
        word = ("running", "hopping", "sitting")[n % 3]
        learner = answer(tutor, learner, [f"{word}.typed"], True, now=MONDAY + timedelta(minutes=20 * n))
    assert tutor.report(learner, now=MONDAY)["double"].state == "strong"
    assert expect(tutor, learner, now=NEXT_DAY + timedelta(hours=4)).item.id == "running.typed"


def test_a_word_does_not_come_again_at_once_in_another_format():
    bank = [ItemRef(f"{w}.{f}", ("double",), f, w) for w in ("running", "hopping") for f in ("typed", "choice3")]
    tutor = tutor_for(Curriculum(skills("double"), bank))
    for seen in bank:
        learner = answer(tutor, tutor.new_learner(), [seen.id], False)
        assert expect(tutor, learner).item.member != seen.member
