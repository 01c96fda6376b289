"""Odd curricula, odd clocks and odd stored learners are taken as they come."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.curriculum import RESPONSE_FORMATS, Curriculum, ItemRef, Skill
from engine.learner import Learner, Response

from .builders import MONDAY, answer, chain, choose, expect, items, one_skill, skills, tutor_for


def practise(tutor, answers, *, now=MONDAY, seed=1):
    """A pupil with these verdicts in turn, as long as something is offered."""
    learner, rng = tutor.new_learner(), Random(seed)
    for n, correct in enumerate(answers):
        choice = tutor.next_item(learner, now=now + timedelta(minutes=n), rng=rng)
        if choice is None:
            break
        learner = tutor.observe(learner, Response(choice.item, correct), now=now + timedelta(minutes=n))
    return learner


@pytest.mark.parametrize("response_format", sorted(RESPONSE_FORMATS))
def test_a_skill_in_one_format_only_can_be_mastered(response_format):
    tutor = one_skill(response_format)
    report = tutor.report(practise(tutor, [True] * 30), now=MONDAY)
    assert report["add"].state == "strong"


def test_a_curriculum_without_items_offers_nothing():
    assert choose(tutor_for(Curriculum(skills("a", "b"), [])), Learner()) is None
    assert choose(tutor_for(Curriculum({}, [])), Learner()) is None


def test_two_thousand_skills_and_a_hundred_thousand_items_are_fine():
    ids = [f"s{n}" for n in range(2000)]
    bank = [ItemRef(f"{s}-{n}", (s,), "typed") for s in ids for n in range(50)]
    tutor = tutor_for(Curriculum(chain(*ids), bank))
    learner = practise(tutor, [True] * 40)
    assert learner.presented == 40
    assert len(tutor.report(learner, now=MONDAY)) == 2000


@settings(max_examples=40)
@given(st.lists(st.tuples(st.booleans(), st.integers(-5000, 5000)), max_size=30))
def test_a_clock_that_jumps_about_breaks_nothing(log):
    tutor, learner = one_skill(), Learner()
    for correct, hours in log:
        now = MONDAY + timedelta(hours=hours)
        choice = choose(tutor, learner, now=now, within=["add"])
        if choice is not None:
            learner = tutor.observe(learner, Response(choice.item, correct), now=now)
    report = tutor.report(learner, now=MONDAY)["add"]
    assert 0 <= report.p_meets_standard <= 1
    assert 0 <= report.p_known <= 1
    assert Learner.from_json(learner.to_json()) == learner


@settings(max_examples=40)
@given(st.lists(st.booleans(), min_size=1, max_size=200))
def test_however_long_a_pupil_practises_one_skill_beliefs_stay_probabilities(verdicts):
    tutor, learner = one_skill("choice2"), Learner()
    for n, correct in enumerate(verdicts):
        learner = answer(tutor, learner, [f"add.choice2.{n % 6}"], correct)
    report = tutor.report(learner, now=MONDAY)["add"]
    assert 0 <= report.p_meets_standard <= 1
    assert 0 < report.p_correct_typed < 1


def test_the_same_seed_chooses_the_same_item_and_the_order_of_skills_changes_nothing_else():
    graph = {**chain("a", "b"), "c": Skill("c", ("a",))}
    bank = [i for s in graph for f in ("typed", "choice4") for i in items(s, f)]
    one, other = tutor_for(Curriculum(graph, bank)), tutor_for(Curriculum(dict(reversed(graph.items())), bank))
    answers = [Random(5).random() < 0.8 for _ in range(25)]
    assert practise(one, answers) == practise(one, answers)
    learner = practise(one, answers)
    assert one.report(learner, now=MONDAY) == other.report(learner, now=MONDAY)
    early = practise(one, answers[:3])
    assert expect(one, early, within=["c"]) == expect(other, early, within=["c"])
