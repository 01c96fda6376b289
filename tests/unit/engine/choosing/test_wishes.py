"""Pupil and teacher have a say in what comes next."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from random import Random

import pytest

from engine.choosing.wishes import Wishes
from engine.curriculum import Curriculum, CurriculumError

from ..builders import MONDAY, answer, chain, fail, items, master, skills, tutor_for

BANK = Curriculum(
    {**chain("add", "carry"), **skills("clock", "money", "shapes")},
    [i for s in ("add", "carry", "clock", "money", "shapes") for f in ("typed", "choice3") for i in items(s, f)],
)
TUTOR = tutor_for(BANK)


def choice(learner, wishes, *, now=MONDAY, seed=1):
    return TUTOR.next_item(learner, now=now, rng=Random(seed), wishes=wishes)


def chance(learner, level):
    found = choice(learner, Wishes(level=level))
    return found.reason.trace["p_correct"]


def test_who_asks_for_something_easier_or_harder_gets_it():
    learner = answer(TUTOR, TUTOR.new_learner(), ["add.typed.0", "add.typed.1"], True)
    assert chance(learner, "easier") > chance(learner, "harder")
    assert choice(learner, Wishes(level="easier")).item.response_format == "choice3"
    assert choice(learner, Wishes(level="harder")).item.response_format == "typed"


def test_who_asks_for_easier_items_time_and_again_never_gets_the_same_twice_in_a_row():
    learner, shown = TUTOR.new_learner(), []
    for _ in range(20):
        found = choice(learner, Wishes(level="easier"))
        shown.append(found.item.id)
        learner = answer(TUTOR, learner, shown[-1:], False)
    assert all(one != other for one, other in pairwise(shown))


def test_a_pupil_chooses_among_three_topics_that_can_be_worked_on():
    assert TUTOR.topics(TUTOR.new_learner(), now=MONDAY) == ("add", "clock", "money")
    learner = master(TUTOR, TUTOR.new_learner(), "add")
    assert TUTOR.topics(learner, now=MONDAY) == ("carry", "clock", "money")
    assert TUTOR.topics(learner, now=MONDAY, within=["shapes"]) == ("shapes",)
    with pytest.raises(CurriculumError):
        TUTOR.topics(learner, now=MONDAY, within=["chess"])


def test_the_topic_chosen_comes_next():
    learner = TUTOR.new_learner()
    assert choice(learner, Wishes(topic="money")).skill == "money"
    assert choice(learner, Wishes(topic="carry")).skill == "add", "what it builds on comes first"


def test_a_topic_that_is_mastered_gives_way_to_the_rest():
    learner = master(TUTOR, TUTOR.new_learner(), "money")
    assert choice(learner, Wishes(topic="money")).skill == "add"


def test_what_the_teacher_pins_comes_before_everything_until_it_is_mastered():
    learner = TUTOR.new_learner()
    pinned = Wishes(pinned="carry", topic="money")
    assert choice(learner, pinned).skill == "carry"
    stuck = fail(TUTOR, learner, "carry")
    assert (choice(stuck, pinned).skill, choice(stuck, pinned).reason.key) == ("carry", "try_again")
    assert choice(master(TUTOR, learner, "carry"), pinned).skill == "money"


def test_what_the_teacher_pauses_is_not_practised_and_holds_nothing_up():
    learner = TUTOR.new_learner()
    assert choice(learner, Wishes(paused=frozenset({"add"}))).skill == "carry"
    assert choice(learner, Wishes(paused=frozenset(BANK.skills))) is None


def test_after_the_cap_there_is_nothing_until_the_next_stretch():
    learner = answer(TUTOR, TUTOR.new_learner(), ["add.typed.0", "add.typed.1"], True)
    assert choice(learner, Wishes(cap=3)) is not None
    assert choice(learner, Wishes(cap=2)) is None
    assert choice(learner, Wishes(cap=2), now=MONDAY + timedelta(hours=9)) is not None


@pytest.mark.parametrize("wrong", [{"level": "hard"}, {"cap": -1}], ids=str)
def test_wishes_that_mean_nothing_are_refused(wrong):
    with pytest.raises(ValueError, match=r"Use|Give"):
        Wishes(**wrong)
