"""A new pupil is placed with a few items, and practice begins where it is needed."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.choosing.start_check import MAX_ITEMS
from engine.curriculum import Curriculum, ItemRef, Skill
from engine.learner import Learner, Response
from engine.mastery import Policy

from ..builders import MONDAY, answer, chain, items, skills, tutor_for, words

NAMES = [f"s{n:02}" for n in range(20)]
LADDER = Curriculum(chain(*NAMES), [i for s in NAMES for i in items(s, count=4)])
CHECK = Policy(start_check=True)
TUTOR = tutor_for(LADDER, CHECK)


def take(tutor, knows, seed=1, within=None):
    """The pupil after the start check, answering by what is known."""
    learner, rng = tutor.new_learner(), Random(seed)
    while True:
        choice = tutor.next_item(learner, now=MONDAY, rng=rng, within=within)
        if choice is None or choice.reason.key != "start" or learner.presented >= MAX_ITEMS:
            return learner
        if len(learner.start) < learner.presented:
            return learner
        before = len(learner.start)
        learner = tutor.observe(learner, Response(choice.item, choice.skill in knows), now=MONDAY)
        if len(learner.start) == before:
            return learner


@pytest.mark.parametrize("frontier", [0, 1, 5, 10, 15, 20])
def test_a_pupil_is_placed_on_a_ladder_with_twelve_items_at_most(frontier):
    knows = set(NAMES[:frontier])
    learner = take(TUTOR, knows)
    assert 3 <= learner.presented <= MAX_ITEMS
    placed = {s for s, r in TUTOR.report(learner, now=MONDAY).items() if r.p_meets_standard >= 0.5}
    assert len(placed ^ knows) <= 2


def test_practice_begins_where_knowledge_ends_and_confirms_the_rest_later():
    learner = take(TUTOR, set(NAMES[:10]))
    choice = TUTOR.next_item(learner, now=MONDAY, rng=Random(1))
    assert NAMES.index(choice.skill) in range(7, 13)


def test_the_check_alone_makes_nothing_strong():
    learner = take(TUTOR, set(NAMES))
    assert {r.state for r in TUTOR.report(learner, now=MONDAY).values()} <= {"new", "growing"}


def test_who_is_placed_as_not_knowing_is_not_thought_better_than_a_pupil_never_asked():
    learner = take(TUTOR, set())
    placed, fresh = (TUTOR.report(each, now=MONDAY)["s10"].p_meets_standard for each in (learner, Learner()))
    assert placed < fresh


def test_luck_in_the_check_makes_nothing_strong_afterwards():
    """Ben gets a third of everything right, always: he knows no skill to the standard."""
    for seed in range(8):
        rng, learner, strong = Random(f"Ben {seed}"), Learner(), set()
        for _ in range(60):
            choice = TUTOR.next_item(learner, now=MONDAY, rng=rng)
            learner = TUTOR.observe(learner, Response(choice.item, rng.random() < 0.35), now=MONDAY)
            strong |= {s for s, record in learner.skills.items() if record.state == "strong"}
        assert len(strong) <= 1


def test_without_the_setting_there_is_no_check():
    plain = tutor_for(LADDER)
    learner = answer(plain, plain.new_learner(), ["s00.typed.0"], True)
    assert learner.start == ()
    assert plain.next_item(plain.new_learner(), now=MONDAY, rng=Random(1)).skill == "s00"


def test_who_has_practised_before_is_not_checked():
    learner = answer(tutor_for(LADDER), Learner(), ["s00.typed.0"], False)
    assert TUTOR.next_item(learner, now=MONDAY, rng=Random(1)).skill == "s00"


def test_a_few_skills_are_practised_without_a_check():
    assert TUTOR.next_item(Learner(), now=MONDAY, rng=Random(1), within=NAMES[:3]).skill == "s00"


def test_only_assigned_skills_are_asked_for():
    learner = take(TUTOR, set(NAMES[:9]), within=NAMES[4:12])
    assert {a.item_id[:3] for a in learner.start} <= set(NAMES[4:12])


def test_lists_and_items_of_several_skills_are_no_part_of_it():
    mixed = Curriculum(
        {**chain(*NAMES[:4]), "words": Skill("words", kind="list"), "none": Skill("none")},
        [
            *(i for s in NAMES[:4] for i in items(s)),
            *words("words", "said", "once"),
            ItemRef("both", ("s00", "s01"), "typed"),
        ],
    )
    tutor = tutor_for(mixed, CHECK)
    learner = answer(tutor, tutor.new_learner(), ["said.typed", "both"], True)
    assert learner.start == ()
    learner = take(tutor, {"s00"})
    assert {a.item_id[:3] for a in learner.start} <= set(NAMES[:4])
    assert set(tutor.report(learner, now=MONDAY)) == {*NAMES[:4], "words", "none"}


def test_skills_without_prerequisites_are_placed_too():
    flat = Curriculum(skills(*NAMES), [i for s in NAMES for i in items(s, count=2)])
    tutor = tutor_for(flat, CHECK)
    for knows in (set(), set(NAMES)):
        learner = take(tutor, knows)
        placed = {s for s, r in tutor.report(learner, now=MONDAY).items() if r.p_meets_standard >= 0.5}
        assert len(placed ^ knows) <= 2
        assert learner.presented <= MAX_ITEMS


@settings(max_examples=25, deadline=None)
@given(st.lists(st.booleans(), min_size=14, max_size=14), st.integers(0, 5))
def test_whatever_is_answered_the_check_ends_and_can_be_stored(verdicts, seed):
    learner, rng = TUTOR.new_learner(), Random(seed)
    for right in verdicts:
        choice = TUTOR.next_item(learner, now=MONDAY, rng=rng)
        learner = TUTOR.observe(learner, Response(choice.item, right), now=MONDAY)
        assert Learner.from_json(learner.to_json()) == learner
    assert len(learner.start) <= MAX_ITEMS
    assert all(0 < r.p_meets_standard < 1 for r in TUTOR.report(learner, now=MONDAY).values())


def test_a_hint_ends_nothing_and_proves_nothing():
    choice = TUTOR.next_item(TUTOR.new_learner(), now=MONDAY, rng=Random(1))
    learner = TUTOR.observe(TUTOR.new_learner(), Response(choice.item, True, hints=1), now=MONDAY)
    assert learner.start == ()


def test_what_could_not_be_heard_is_among_the_twelve():
    learner = TUTOR.new_learner()
    for _ in range(MAX_ITEMS):
        assert TUTOR.starts_with_check(learner)
        choice = TUTOR.next_item(learner, now=MONDAY, rng=Random(1))
        learner = TUTOR.observe(learner, Response(choice.item, False, outcome="no_evidence"), now=MONDAY)
    assert not TUTOR.starts_with_check(learner)
