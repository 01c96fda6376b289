"""Laws of the two-state model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.beliefs.traits import Traits
from engine.beliefs.two_state import TwoStateModel, after_practice, expectation, priors
from engine.knowledge_tracing import posterior, posterior_of_each
from engine.parameters import EXPERT_SKILL
from engine.population import CLASSES, EXPERT_POPULATION

MODEL = TwoStateModel(EXPERT_POPULATION)
START = priors(EXPERT_SKILL)


@given(st.booleans(), st.floats(0, 0.5), st.floats(0.01, 0.3))
def test_each_class_follows_bayes_rule(correct, guess, slip):
    if correct and guess == 0:
        return
    _, (after,), likelihood = MODEL.learn_from(Traits(), [START], guess, slip, correct, 1.0)
    assert after == pytest.approx([posterior(p, correct, guess, slip) for p in START])
    assert all(0 < q < 1 for q in likelihood)


@given(st.booleans(), st.floats(0.01, 0.5), st.floats(0.01, 0.3), st.floats(0.05, 0.95))
def test_items_of_two_skills_share_one_likelihood_in_each_class(correct, guess, slip, other):
    beliefs = [START, (other,) * len(CLASSES)]
    _, (one, two), _ = MODEL.learn_from(Traits(), beliefs, guess, slip, correct, 1.0)
    for p, a, b in zip(START, one, two, strict=True):
        assert [a, b] == pytest.approx(posterior_of_each([p, other], correct, guess, slip))


def test_an_item_whose_other_part_must_fail_tells_nothing_but_luck():
    _, (after,), _ = MODEL.learn_from(Traits(), [START], 0.2, 0.1, False, 0.0)
    assert after == pytest.approx(START)


def test_nothing_known_stays_nothing_known_after_an_impossible_answer():
    zero = (0.0,) * len(CLASSES)
    _, (after,), _ = MODEL.learn_from(Traits(), [zero], 0.0, 0.1, True, 1.0)
    assert after == zero


def test_quick_learners_learn_more_and_nobody_unlearns_by_practice():
    learned = after_practice(START, EXPERT_SKILL.learn, 1.0)
    gains = [b - a for a, b in zip(START, learned, strict=True)]
    assert all(gain > 0 for gain in gains)
    assert sorted(gains[1::3]) == gains[1::3]
    half = after_practice(START, EXPERT_SKILL.learn, 0.5)
    assert all(a < h < b for a, h, b in zip(START, half, learned, strict=True))


def test_right_answers_from_the_start_speak_for_pupils_who_bring_much_along():
    traits, _, _ = MODEL.learn_from(Traits(), [START], 0.04, 0.05, True, 1.0)
    shifts = [shift for _, shift in CLASSES]
    assert expectation(MODEL.classes(traits), shifts) > expectation(MODEL.classes(Traits()), shifts) == pytest.approx(0)
