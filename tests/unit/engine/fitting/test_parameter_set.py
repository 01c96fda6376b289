"""Whole parameter sets from responses, and whether a new one may take an old one's place."""

from __future__ import annotations

import numpy as np
import pytest

from engine.curriculum import Curriculum, ItemRef, Skill
from engine.evaluation import score
from engine.fitting import parameter_set as fitting_set
from engine.fitting.leading import Comparison
from engine.fitting.parameter_set import curriculum_of, fit_set, not_worse, predicted
from engine.parameters import EXPERT_SKILL, MAX_GUESS, ParameterSet, SkillParameters

from ..responses_of import able_rows, responses, two_state_rows

TRUTH = SkillParameters(prior=0.2, learn=0.1, guess=0.3, slip=0.05, forget=0.0)


@pytest.fixture(scope="module")
def answers():
    rows = two_state_rows(TRUTH, learners=40, length=8, items=4)
    return responses(rows, formats="choice4")


@pytest.fixture(scope="module")
def fitted(answers):
    return fit_set(curriculum_of(answers), answers)


def test_a_file_without_a_curriculum_makes_its_own():
    bank = curriculum_of(responses([("ada", "add", "a", 1), ("ada", "add;carry", "b", 0)]))
    assert set(bank.skills) == {"add", "carry"}
    assert bank.item("b") == ItemRef("b", ("add", "carry"), "typed")


def test_the_set_is_one_that_the_tutor_reads(fitted):
    assert ParameterSet.from_json(fitted.parameters.to_json()) == fitted.parameters
    assert 0.03 < fitted.parameters.for_skill("add").learn < 0.25


def test_figures_come_from_pupils_who_were_held_out(answers, fitted):
    assert fitted.held_out_responses == 8 * 8
    assert fitted.held_out.keys() == {"bkt", "predictor"}


def test_a_fitted_set_predicts_better_than_the_experts(answers, fitted):
    expert = ParameterSet.default(curriculum_of(answers))
    ours, theirs = (score(answers.right, predicted(p, answers)).log_loss for p in (fitted.parameters, expert))
    assert ours < theirs


def test_a_worse_set_may_not_take_the_place_of_a_better_one(answers, fitted):
    expert = ParameterSet.default(curriculum_of(answers))
    better, losses = not_worse(fitted.parameters, fitted.predictor, expert, None, answers)
    assert better
    assert losses.keys() == {"bkt"}
    worse, losses = not_worse(expert, fitted.predictor, fitted.parameters, fitted.predictor, answers)
    assert not worse
    assert losses["predictor"][0] == losses["predictor"][1]


def test_the_set_carries_its_predictor_where_that_leads_and_only_there(answers, fitted, monkeypatch):
    assert fitted.leading.answers == 8 * 8
    assert fitted.parameters.predictor is None
    monkeypatch.setattr(fitting_set, "compare", lambda *_: Comparison(64, 0.6, 0.5, predictor_leads=True))
    found = fit_set(curriculum_of(answers), answers)
    assert found.parameters.predictor == found.predictor


def test_where_nobody_can_be_held_out_nothing_is_promised(answers):
    alone = responses(two_state_rows(TRUTH, learners=1, length=8))
    found = fit_set(curriculum_of(alone), alone)
    assert found.held_out == {}
    nobody = answers.of_learners(np.zeros(len(answers.learners), dtype=bool))
    assert not_worse(found.parameters, found.predictor, found.parameters, None, nobody) == (False, {})
    with pytest.raises(ValueError, match="no responses"):
        fit_set(curriculum_of(alone), nobody)


def test_skills_and_items_outside_the_sample_get_values_too(monkeypatch):
    """With room for one pupil only in the sample, the others' items are still fitted."""
    monkeypatch.setattr(fitting_set, "POPULATION_RESPONSES", 20)
    data = responses(able_rows(learners=30, length=20))
    found = fit_set(curriculum_of(data), data).parameters
    seen = np.bincount(data.item, minlength=len(data.items))
    often = {data.items[n] for n in np.flatnonzero(seen >= 5).tolist()}
    assert often <= found.items.keys()
    assert any(abs(found.difficulty(item)) > 0.3 for item in often)


def test_items_that_have_left_the_bank_count_for_their_skills():
    bank = Curriculum({"add": Skill("add"), "draw": Skill("draw")}, [ItemRef("new", ("add",), "typed")])
    data = responses([(f"p{n}", "add", "old", int(n % 3 > 0)) for n in range(30)])
    found = fit_set(bank, data).parameters
    assert set(found.skills) == {"add", "draw"}
    assert found.for_skill("add").prior != EXPERT_SKILL.prior
    assert found.for_skill("draw") == EXPERT_SKILL


def test_forgetting_is_fitted_where_times_are_known():
    rows = two_state_rows(SkillParameters(0.9, 0.02, 0.1, 0.05, 0.3), learners=40, length=6)
    data = responses(rows, hours=[24.0 * n for n in range(len(rows))])
    assert fit_set(curriculum_of(data), data).parameters.for_skill("add").forget > 0.1


def test_pybkt_gives_the_skills_where_it_is_asked_to(answers, fitted):
    few = answers.of_learners(np.arange(len(answers.learners)) < 4)  # too few to hold any out: one fit
    theirs = fit_set(curriculum_of(answers), few, backend="pybkt").parameters.for_skill("add")
    assert theirs != fitted.parameters.for_skill("add")
    assert theirs.guess <= MAX_GUESS
