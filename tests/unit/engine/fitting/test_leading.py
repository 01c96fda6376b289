"""Mixture or predictor: pupils held out say which foretells answers better."""

from __future__ import annotations

import numpy as np
import pytest

from engine.curriculum import Curriculum, ItemRef, Skill
from engine.fitting.leading import Comparison, compare
from engine.fitting.parameter_set import curriculum_of
from engine.fitting.predictor import PredictorFitter
from engine.parameters import ParameterSet
from engine.predictor import PredictorParameters

from ..responses_of import able_rows, responses


@pytest.fixture(scope="module")
def answers():
    """Items differ much, which only fitted tables know."""
    return responses(able_rows(learners=90, length=20, seed=1))


def test_a_predictor_that_has_learned_from_others_beats_a_mixture_that_has_not(answers):
    known = np.arange(len(answers.learners)) < 45
    predictor = PredictorFitter(answers.of_learners(known)).fitted().parameters(answers)
    strangers, bank = answers.of_learners(~known), curriculum_of(answers)
    found = compare(bank, ParameterSet.default(bank), predictor, strangers)
    assert found.answers == len(strangers)
    assert found.predictor_leads
    assert found.predictor < found.mixture


def test_one_that_knows_nothing_does_not_lead_nor_does_any_on_few_pupils(answers):
    bank = curriculum_of(answers)
    few = answers.of_learners(np.arange(len(answers.learners)) < 5)
    fitted = PredictorFitter(answers).fitted().parameters(answers)
    assert not compare(bank, ParameterSet.default(bank), fitted, few).predictor_leads
    upside_down = PredictorParameters((0.0, -2.0) + (0.0,) * 33)
    assert not compare(bank, ParameterSet.default(bank), upside_down, answers).predictor_leads


def test_of_items_that_the_curriculum_does_not_have_nothing_is_known(answers):
    elsewhere = Curriculum({"a": Skill("a")}, [ItemRef("i", ("a",), "typed")])
    assert compare(elsewhere, ParameterSet.default(elsewhere), PredictorParameters(), answers) == Comparison(
        0, pytest.approx(np.nan, nan_ok=True), pytest.approx(np.nan, nan_ok=True), predictor_leads=False
    )
