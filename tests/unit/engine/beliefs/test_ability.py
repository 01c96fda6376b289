"""Laws and worked values of the continuous model."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.beliefs.ability import AbilityModel, Gaussian, Reading, chance, detached, mixed, normal_cdf, success
from engine.beliefs.records import Detail
from engine.beliefs.traits import Traits
from engine.population import EXPERT_POPULATION, GROWTH_RATES

MODEL = AbilityModel(EXPERT_POPULATION)
NOTHING = (0.0,) * len(GROWTH_RATES)
FRESH = Detail(NOTHING, NOTHING, 0.0, (), True)
readings = st.builds(
    Reading, st.floats(-3, 3), st.sampled_from([0.0, 0.04, 0.25, 0.5]), st.booleans(), st.floats(0.3, 1.0)
)


def after(log, *, skills=1):
    """Traits and beliefs after answers to an item of so many skills."""
    traits, details = Traits(), [FRESH] * skills
    for reading in log:
        levels = [MODEL.levels(traits, -1.0, d) for d in details]
        traits, details, _ = MODEL.learn_from(traits, levels, details, reading)
    return traits, details


def level(traits, detail):
    return mixed(MODEL.rates(traits), MODEL.levels(traits, -1.0, detail))


def test_before_any_answer_the_level_is_the_population_s():
    found = level(Traits(), FRESH)
    assert found.mean == pytest.approx(-1.0)
    assert found.sd == pytest.approx(math.hypot(EXPERT_POPULATION.ability_sd, EXPERT_POPULATION.deviation_sd))


def test_one_answer_agrees_with_integration_by_hand():
    reading = Reading(0.5, 0.25, True)
    sd = math.hypot(EXPERT_POPULATION.ability_sd, EXPERT_POPULATION.deviation_sd)
    steps = [-1.0 + sd * (k / 200 - 6.0) for k in range(2401)]
    weights = [
        math.exp(-0.5 * ((x + 1.0) / sd) ** 2) * (0.25 + (1 - 0.25 - 0.04) / (1 + math.exp(0.5 - x))) for x in steps
    ]
    mean = sum(w * x for w, x in zip(weights, steps, strict=True)) / sum(weights)
    traits, (detail,) = after([reading])
    assert level(traits, detail).mean == pytest.approx(mean, abs=0.01)


@given(st.lists(readings, max_size=25), readings)
def test_a_right_answer_raises_the_level_and_a_wrong_one_lowers_it(log, reading):
    traits, (detail,) = after(log)
    before = MODEL.levels(traits, -1.0, detail).means
    traits, (detail,), likelihood = MODEL.learn_from(traits, [MODEL.levels(traits, -1.0, detail)], [detail], reading)
    moved = MODEL.levels(traits, -1.0, detail)
    steps = [m - b for m, b in zip(moved.means, before, strict=True)]
    assert all(step >= -1e-9 if reading.correct else step <= 1e-9 for step in steps)
    assert all(0 < p < 1 for p in likelihood)
    assert all(sd > 0 for sd in moved.sds)
    assert sum(MODEL.rates(traits)) == pytest.approx(1.0)


def test_success_in_one_skill_raises_what_is_expected_in_another():
    able, _ = after([Reading(0.0, 0.04, True)] * 4)
    assert level(able, FRESH).mean > level(Traits(), FRESH).mean + 0.3
    assert level(able, FRESH).sd < level(Traits(), FRESH).sd


def test_both_skills_of_an_item_answer_for_a_mistake():
    traits, details = after([Reading(0.0, 0.04, False)], skills=2)
    assert details[0] == details[1]
    alone = after([Reading(0.0, 0.04, False)])[1][0]
    assert level(traits, details[0]).mean < -1.0
    assert MODEL.levels(Traits(), -1.0, details[0]).means[0] > MODEL.levels(Traits(), -1.0, alone).means[0]


def test_what_is_made_of_marginals_gives_them_back_and_tells_the_ability_nothing():
    detail = detached(Gaussian(1.5, 0.4), -1.0, 0.9)
    found = level(Traits(), detail)
    assert (found.mean, found.sd) == pytest.approx((1.5, 0.4))
    traits, changed, _ = MODEL.learn_from(
        Traits(), [MODEL.levels(Traits(), -1.0, detail)], [detail], Reading(0.0, 0.04, True)
    )
    assert (traits.precision, traits.shift) == (NOTHING, NOTHING)
    assert level(traits, changed[0]).mean > 1.5
    faded_traits, faded = MODEL.faded(Traits(), detail, 0.8)
    assert faded_traits == Traits()
    assert level(faded_traits, faded).sd > 0.4


def test_evidence_that_fades_leaves_skill_and_ability_less_sure():
    traits, (detail,) = after([Reading(0.0, 0.04, True)] * 5)
    later, faded = MODEL.faded(traits, detail, 0.5)
    assert level(later, faded).sd > level(traits, detail).sd
    assert level(later, FRESH).sd > level(traits, FRESH).sd


@given(st.floats(-6, 6), st.floats(0.05, 2.5), st.floats(-3, 3))
def test_the_short_cut_to_a_chance_is_good_enough_to_choose_by(mean, sd, difficulty):
    assert success(Gaussian(mean, sd), difficulty) == pytest.approx(chance(mean, sd, difficulty), abs=0.025)


def test_half_of_a_normal_variable_lies_below_its_mean():
    assert normal_cdf(0.0) == 0.5
    assert Gaussian(1.0, 2.0).above(1.0) == 0.5
    assert normal_cdf(1.959964) == pytest.approx(0.975, abs=1e-6)
