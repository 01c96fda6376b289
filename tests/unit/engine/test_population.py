"""What is assumed of pupils in general is within its limits."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.parameters import ItemParameters, ParameterError, ParameterSet
from engine.population import CLASSES, EXPERT_POPULATION, GROWTH_RATES, Population, PopulationError, shares

from .builders import one_skill


def test_a_population_survives_a_trip_through_its_row():
    assert Population.from_row(EXPERT_POPULATION.to_row()) == EXPERT_POPULATION


@pytest.mark.parametrize(
    "change",
    [
        {"ability_sd": 0.0},
        {"deviation_sd": 9.0},
        {"growth_weights": (1.0,)},
        {"growth_weights": (0.5,) * len(GROWTH_RATES)},
        {"class_weights": (0.0,) * (len(CLASSES) - 1) + (1.0,)},
        {"unready_growth": 0.0},
        {"unready_learning": 1.1},
        {"log_odds": 8.5},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_impossible_assumption_is_refused_by_name(change):
    with pytest.raises(PopulationError, match=next(iter(change))):
        replace(EXPERT_POPULATION, **change)


@given(st.lists(st.floats(1e-9, 1e6), min_size=2, max_size=20))
def test_shares_add_up_and_none_is_nothing(weights):
    found = shares(weights)
    assert sum(found) == pytest.approx(1.0)
    assert min(found) > 0


def test_a_parameter_set_with_an_impossible_population_is_refused():
    text = ParameterSet({}).to_json().replace('"ability_sd": 1.0', '"ability_sd": -1.0')
    with pytest.raises(PopulationError, match="ability_sd"):
        ParameterSet.from_json(text)


def test_an_item_s_own_parameters_come_before_its_format_s():
    item = one_skill("choice4").curriculum.item("add.choice4.0")
    fitted = ParameterSet({}, items={item.id: ItemParameters(0.7, 0.31, 0.12)}, levels={"add": -0.4})
    assert fitted.difficulty(item.id) == 0.7
    assert fitted.level("add") == -0.4
    assert (fitted.for_item(item, "add").guess, fitted.for_item(item, "add").slip) == (0.31, 0.12)
    assert ParameterSet.from_json(fitted.to_json()) == fitted
    assert ParameterSet({}).difficulty(item.id) == 0.0


def test_item_parameters_out_of_their_limits_are_refused():
    with pytest.raises(ParameterError, match="difficulty is 99"):
        ItemParameters(99)
    with pytest.raises(ParameterError, match="slip is 2"):
        ItemParameters(slip=2)
    with pytest.raises(ParameterError, match="Item 'i' has guess"):
        ParameterSet({}, items={"i": ItemParameters(0.0, 0.6)})
    with pytest.raises(ParameterError, match="level of skill 'add'"):
        ParameterSet({}, levels={"add": float("nan")})
