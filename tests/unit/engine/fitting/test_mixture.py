"""Parameters fitted from pupils' answers."""

from __future__ import annotations

import math
import statistics
from dataclasses import replace
from random import Random

import numpy as np
import pytest

from engine.curriculum import Curriculum, CurriculumError
from engine.fitting import fit
from engine.fitting.continuous import ContinuousFitter
from engine.fitting.data import arrays
from engine.fitting.two_state import TwoStateFitter
from engine.parameters import SkillParameters
from engine.population import GROWTH_RATES
from engine.simulation import DISCRIMINATION
from engine.simulation.worlds import WORLDS, Bank, calibration_log, make_bank

from ..builders import chain, items, skills, words

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


def test_an_item_of_two_skills_is_not_found_hard_because_one_of_them_was_missing():
    """Every third item needs the skill before too, and is as hard as the others otherwise."""
    before = {s: BANK.curriculum.skills[s].prerequisites for s in BANK.curriculum.skills}
    bank = [
        replace(item, skills=(*item.skills, *before[item.skills[0]])) if n % 3 == 0 else item
        for n, item in enumerate(BANK.curriculum.items)
    ]
    two = Bank(Curriculum(BANK.curriculum.skills, bank), BANK.truths)
    found = fit(two.curriculum, calibration_log(WORLDS["B80"], two, learners=60, seed=1))
    excess = {
        many: statistics.fmean(
            found.difficulty(i.id) - DISCRIMINATION * BANK.truths[i.id].difficulty
            for i in bank
            if (len(i.skills) > 1) == many
        )
        for many in (True, False)
    }
    assert abs(excess[True] - excess[False]) < 0.6


def test_members_of_a_list_are_learned_one_by_one():
    """Nobody knows a word at first, and everybody who has met it once does."""
    names = [f"word {n}" for n in range(12)]
    bank = Curriculum(skills("words", kind="list"), words("words", *names))
    log = [[(f"{w}.typed", False) for w in names] + [(f"{w}.typed", True) for w in names] for _ in range(20)]
    found = fit(bank, log).for_skill("words")
    assert found.prior < 0.1
    assert found.learn > 0.7


def nights(kept: float, pupils: int = 60) -> tuple[list[list[tuple[str, bool]]], list[list[float]]]:
    """Pupils who gain .14 logits an item and keep so much of it over night; six days of six items."""
    log, hours = [], []
    for n in range(pupils):
        rng, ability, gained = Random(f"night {n}"), Random(n).gauss(-1.5, 0.7), 0.0
        log.append([])
        hours.append([])
        for day in range(6):
            for k in range(6):
                right = rng.random() < 0.04 + 0.92 / (1 + math.exp(-ability - gained))
                log[-1].append((f"add.typed.{rng.randrange(6)}", right))
                hours[-1].append(24.0 * day + 0.1 * k)
                gained += 0.14
            gained *= kept
    return log, hours


def test_what_a_night_takes_is_fitted_where_times_are_known():
    bank = Curriculum(skills("add"), items("add"))
    much, nothing = (ContinuousFitter(bank, arrays(bank, *nights(kept))).fitted().growth_kept for kept in (0.8, 1.0))
    assert much < 0.9 < nothing
    few, hours = nights(0.8, pupils=12)
    assert fit(bank, few).population.growth_kept == 0.95 > fit(bank, few, hours).population.growth_kept


def forgetful(true: SkillParameters, pupils: int, seed: int) -> tuple[list[list[tuple[str, bool]]], list[list[float]]]:
    """Pupils who know adding or do not, five items a day on six days."""
    rng, log, hours = Random(seed), [], []
    for _ in range(pupils):
        known = rng.random() < true.prior
        log.append([])
        hours.append([])
        for n in range(30):
            if n and n % 5 == 0:
                known = known and rng.random() >= true.forget
            right = rng.random() < (1 - true.slip if known else true.guess)
            log[-1].append((f"add.choice4.{rng.randrange(6)}", right))
            hours[-1].append(24.0 * (n // 5))
            known = known or rng.random() < true.learn
    return log, hours


def test_what_nights_take_is_not_read_as_slips_and_slow_learning():
    true = SkillParameters(prior=0.3, learn=0.1, guess=0.25, slip=0.1, forget=0.3)
    bank = Curriculum(skills("add"), items("add", "choice4"))
    found = TwoStateFitter(bank, arrays(bank, *forgetful(true, pupils=150, seed=3))).fitted().skills["add"]
    assert (found.forget, found.learn) == (pytest.approx(0.3, abs=0.06), pytest.approx(0.1, abs=0.03))
    assert (found.guess, found.slip) == (pytest.approx(0.25, abs=0.05), pytest.approx(0.1, abs=0.03))
