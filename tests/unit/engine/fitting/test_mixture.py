"""Parameters fitted from pupils' answers."""

from __future__ import annotations

import numpy as np
import pytest

from engine.curriculum import Curriculum, CurriculumError
from engine.fitting import fit
from engine.population import GROWTH_RATES
from engine.simulation.worlds import WORLDS, calibration_log, make_bank

from ..builders import chain, items, skills

BANK = make_bank(1)


@pytest.fixture(scope="module")
def fitted():
    return {
        name: fit(BANK.curriculum, calibration_log(WORLDS[name], BANK, learners=60, seed=1)) for name in ("A", "B80")
    }


def test_the_answers_tell_in_which_world_they_were_given(fitted):
    assert fitted["A"].population.log_odds > 4
    assert fitted["B80"].population.log_odds < -4


def test_the_learning_rate_of_the_two_state_world_is_recovered(fitted):
    learn = [row.learn for row in fitted["A"].skills.values()]
    assert 0.08 < sum(learn) / len(learn) < 0.25


def test_hard_items_are_found_to_be_hard(fitted):
    found = [fitted["B80"].difficulty(item.id) for item in BANK.curriculum.items]
    true = [BANK.truths[item.id].difficulty for item in BANK.curriculum.items]
    assert np.corrcoef(found, true)[0, 1] > 0.4


def test_growth_is_found_to_be_moderate_where_it_is(fitted):
    weights = fitted["B80"].population.growth_weights
    mean = sum(w * rate for w, rate in zip(weights, GROWTH_RATES, strict=True))
    assert 0.1 < mean < 0.5


def test_later_skills_are_found_to_start_lower(fitted):
    levels = fitted["B80"].levels
    assert (levels["s0"] + levels["s1"]) / 2 > (levels["s6"] + levels["s7"]) / 2


def test_one_answer_fits_a_set_that_can_be_used():
    bank = Curriculum(chain("add", "carry"), [*items("add"), *items("carry")])
    found = fit(bank, [[], [("add.typed.0", True)]])
    assert set(found.skills) == {"add", "carry"}
    assert abs(found.difficulty("add.typed.0")) < 1


def test_a_log_without_answers_or_with_foreign_items_is_refused():
    bank = Curriculum(skills("add"), items("add"))
    with pytest.raises(ValueError, match="no answers"):
        fit(bank, [[], []])
    with pytest.raises(CurriculumError, match="ghost"):
        fit(bank, [[("ghost", True)]])
