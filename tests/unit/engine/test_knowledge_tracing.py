"""Laws and worked values of Bayesian knowledge tracing."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.knowledge_tracing import (
    after_opportunity,
    posterior,
    posterior_of_each,
    predict_correct,
)
from engine.parameters import SkillParameters

probability = st.floats(0, 1)
parameters = st.builds(SkillParameters, probability, probability, probability, probability, probability)


def test_one_right_answer_by_hand():
    assert predict_correct(0.4, 0.2, 0.1) == pytest.approx(0.48)
    assert posterior(0.4, True, 0.2, 0.1) == pytest.approx(0.36 / 0.48)
    assert posterior(0.4, False, 0.2, 0.1) == pytest.approx(0.04 / 0.52)
    learned = after_opportunity(0.4, True, SkillParameters(0.4, 0.1, 0.2, 0.1, 0.0))
    assert learned == pytest.approx(0.75 + 0.25 * 0.1)


def test_a_night_is_forgotten_over_and_a_school_day_is_not():
    forgetful = SkillParameters(0.4, 0.1, 0.2, 0.1, 0.5)
    at_once = after_opportunity(0.8, True, forgetful)
    assert after_opportunity(0.8, True, forgetful, hours_since_last=8.0) == at_once
    assert after_opportunity(0.8, True, forgetful, hours_since_last=8.1) == after_opportunity(0.4, True, forgetful)


def test_a_clock_that_jumped_back_forgets_nothing():
    forgetful = SkillParameters(0.4, 0.1, 0.2, 0.1, 0.5)
    assert after_opportunity(0.8, True, forgetful, hours_since_last=-99) == after_opportunity(0.8, True, forgetful)


@pytest.mark.parametrize("correct", [True, False])
def test_an_impossible_answer_leaves_the_belief_as_it_is(correct):
    p, guess, slip = (0.0, 0.0, 0.1) if correct else (1.0, 0.1, 0.0)
    assert posterior(p, correct, guess, slip) == p
    assert posterior_of_each([p, p], correct, guess, slip) == [p, p]


@given(probability, st.booleans(), parameters, st.floats(-1e6, 1e6))
def test_a_belief_stays_a_probability(p_known, correct, each, hours):
    found = after_opportunity(p_known, correct, each, hours_since_last=hours)
    assert 0 <= found <= 1
    assert 0 <= posterior(p_known, correct, each.guess, each.slip) <= 1
    assert 0 <= predict_correct(p_known, each.guess, each.slip) <= 1


@given(probability, parameters)
def test_a_right_answer_never_lowers_and_a_wrong_one_never_raises_where_knowing_helps(p_known, each):
    if 1 - each.slip > each.guess:
        assert posterior(p_known, True, each.guess, each.slip) >= p_known - 1e-12
        assert posterior(p_known, False, each.guess, each.slip) <= p_known + 1e-12
        assert after_opportunity(p_known, True, each) >= p_known - 1e-12


@given(st.lists(probability, min_size=1, max_size=4), st.booleans(), probability, probability)
def test_beliefs_of_several_skills_stay_probabilities(beliefs, correct, guess, slip):
    assert all(0 <= p <= 1 for p in posterior_of_each(beliefs, correct, guess, slip))


@given(
    st.lists(st.floats(0.01, 0.99), min_size=2, max_size=4),
    st.booleans(),
    st.floats(0.01, 0.5),
    st.floats(0.01, 0.3),
)
def test_shared_credit_equals_bayes_over_all_combinations_of_knowing(beliefs, correct, guess, slip):
    joint = {}
    for knows in itertools.product([True, False], repeat=len(beliefs)):
        before = math.prod(p if k else 1 - p for p, k in zip(beliefs, knows, strict=True))
        right = 1 - slip if all(knows) else guess
        joint[knows] = before * (right if correct else 1 - right)
    total = sum(joint.values())
    expected = [sum(w for knows, w in joint.items() if knows[n]) / total for n in range(len(beliefs))]
    assert posterior_of_each(beliefs, correct, guess, slip) == pytest.approx(expected, abs=1e-9)


def test_a_wrong_answer_is_blamed_on_the_skill_that_is_least_surely_known():
    sure, unsure = posterior_of_each([0.95, 0.3], False, 0.04, 0.05)
    assert 0.95 - sure < 0.05
    assert 0.3 - unsure > 0.2
