"""The predictor: what it remembers, and what others' answers teach it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation import score
from engine.fitting.predictor import PredictorFitter
from engine.predictor import (
    FEATURES,
    Predictor,
    PredictorError,
    PredictorParameters,
    PredictorState,
)

from .responses_of import able_rows, responses

ANSWERS = st.lists(
    st.tuples(st.sampled_from(["i1", "i2", "ghost"]), st.sampled_from([("a",), ("b",), ("a", "b")]), st.booleans()),
    max_size=30,
)


@pytest.fixture(scope="module")
def answers():
    return responses(able_rows(learners=60, length=25, seed=1))


@pytest.fixture(scope="module")
def fitted(answers):
    return PredictorFitter(answers).fitted()


@pytest.fixture(scope="module")
def online(answers, fitted):
    return Predictor(fitted.parameters(answers))


def after(predictor: Predictor, answers: list[tuple[str, tuple[str, ...], bool]]) -> PredictorState:
    state = predictor.new_learner()
    for item, skills, right in answers:
        state = predictor.observe(state, item, skills, right)
    return state


@given(ANSWERS)
def test_whatever_was_answered_a_prediction_is_a_probability(answers):
    predictor = Predictor()
    p = predictor.predict(after(predictor, answers), "i1", ("a",))
    assert 0.0 < p < 1.0


@given(ANSWERS)
def test_a_stored_state_goes_on_as_if_it_had_never_been_stored(answers):
    predictor = Predictor()
    live = after(predictor, answers)
    assert PredictorState.from_json(live.to_json()) == live


def test_right_answers_raise_and_wrong_ones_lower_what_is_expected():
    predictor = Predictor()
    up = predictor.predict(after(predictor, [("i1", ("a",), True)] * 5), "i2", ("a",))
    down = predictor.predict(after(predictor, [("i1", ("a",), False)] * 5), "i2", ("a",))
    assert down < predictor.predict(predictor.new_learner(), "i2", ("a",)) < up


def test_an_answer_on_two_skills_moves_both():
    state = after(Predictor(), [("i1", ("a", "b"), True)])
    assert state.skills["a"] == state.skills["b"] != PredictorState().skills


def test_items_and_skills_nobody_has_answered_are_average(online):
    assert online.difficulty("ghost") == 0.0
    assert 0.0 < online.predict(online.new_learner(), "ghost", ("ghost skill",)) < 1.0


def test_online_it_predicts_what_was_measured_offline(answers, fitted, online):
    """The state is rounded to thousandths when it is stored, so they agree to two decimals rather than to the bit."""
    offline = fitted.predict(answers)
    for learner in range(3):
        state = online.new_learner()
        for t in np.flatnonzero(answers.learner == learner).tolist():
            item, skills = answers.items[answers.item[t]], (answers.skills[answers.skill[t]],)
            assert online.predict(state, item, skills) == pytest.approx(offline[t], abs=0.01)
            state = online.observe(state, item, skills, bool(answers.right[t]))


def test_it_learns_which_items_are_hard_and_predicts_learners_it_never_saw(answers):
    known = np.arange(len(answers.learners)) < 40
    strangers = answers.of_learners(~known)
    found = score(strangers.right, PredictorFitter(answers.of_learners(known)).fitted().predict(strangers))
    assert found.auc is not None
    assert found.auc > 0.65


def test_answers_that_are_all_right_or_all_from_one_learner_can_be_learned_from():
    for rows in (
        [(f"p{n}", "a", f"i{n % 3}", 1) for n in range(30)],
        [("p", "a", f"i{n % 3}", n % 2) for n in range(30)],
    ):
        data = responses(rows)
        p = PredictorFitter(data).fitted().predict(data)
        assert np.all((p > 0.0) & (p < 1.0))


def test_parameters_survive_being_stored(answers, fitted):
    parameters = fitted.parameters(answers)
    assert PredictorParameters.from_json(parameters.to_json()) == parameters
    assert len(parameters.coefficients) == len(FEATURES)


@pytest.mark.parametrize("text", ["", "[]", '{"coefficients": [1], "items": {}, "skills": {}}', '{"coefficients": 3}'])
def test_damaged_parameters_are_refused(text):
    with pytest.raises(PredictorError):
        PredictorParameters.from_json(text)


@pytest.mark.parametrize("text", ["", "{}", "[[1],{},[]]", '[[0,0,0,0,0,650,650,500],{"a":[1]},[]]'])
def test_a_damaged_state_is_refused(text):
    with pytest.raises(PredictorError):
        PredictorState.from_json(text)


def test_numbers_that_are_not_finite_are_refused():
    with pytest.raises(PredictorError, match="coefficients"):
        PredictorParameters((math.nan,) * len(FEATURES))


def test_of_a_pupil_who_has_answered_far_more_than_the_others_no_more_is_read_than_of_them(fitted, answers):
    """Twelve pupils with forty answers each say nothing about thousands by one."""
    known = fitted.parameters(answers)
    assert known.reach == (25.0, pytest.approx(9.0, abs=3.0))
    steep = replace(known, coefficients=(*known.coefficients[:21], -1.0, *known.coefficients[22:]))
    state = Predictor(steep).new_learner()
    row = list(state.learner)
    near, far = (replace(state, learner=(row[0], answers, *row[2:])) for answers in (25.0, 3000.0))
    assert Predictor(steep).predict(far, "item 1", ("skill 1",)) == Predictor(steep).predict(
        near, "item 1", ("skill 1",)
    )
