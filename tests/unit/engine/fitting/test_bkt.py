"""Bayesian knowledge tracing fitted to answers whose truth is known."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.fitting.bkt import FORMATS, Beta, BktFitter, Limits, Priors
from engine.fitting.responses import Opportunities
from engine.knowledge_tracing import after_opportunity, predict_correct
from engine.parameters import MAX_GUESS, MAX_SLIP, SkillParameters

from ..responses_of import responses, two_state_rows

TRUTH = SkillParameters(prior=0.35, learn=0.15, guess=0.2, slip=0.08, forget=0.0)


def fit(rows, *, forgetting=False, every_gap=False, **settings):
    data = responses(rows, formats=settings.pop("formats", ""))
    opportunities = Opportunities.of(data, every_gap=every_gap)
    return BktFitter(opportunities, data.formats, len(data.skills), forgetting=forgetting, **settings).fitted()


@pytest.fixture(scope="module")
def rows():
    return two_state_rows(TRUTH, learners=220, length=10)


def values(found, skill=0):
    return np.array([*found.transitions[skill, :2], *found.by_format[skill, 0]])


def test_known_parameters_are_recovered_within_their_interval(rows):
    """Spread over bootstrap samples of learners; the truth lies within 2.5 standard errors of each estimate."""
    rng, by_learner = np.random.default_rng(1), [rows[n : n + 10] for n in range(0, len(rows), 10)]
    settings = {"priors": Priors.none(), "limits": Limits(0.5, 0.5)}
    found, spread = values(fit(rows, **settings)), []
    for _ in range(6):
        drawn = [
            (f"{at} {name}", *rest)
            for at, n in enumerate(rng.integers(len(by_learner), size=len(by_learner)).tolist())
            for name, *rest in by_learner[n]
        ]
        spread.append(values(fit(drawn, max_rounds=30, **settings)))
    error = np.maximum(np.std(spread, axis=0, ddof=1), 0.01)
    truth = np.array([TRUTH.prior, TRUTH.learn, TRUTH.guess, TRUTH.slip])
    assert np.all(np.abs(found - truth) < 2.5 * error + 0.02), (found, error)


def test_pybkt_finds_the_same_parameters_when_priors_are_off(rows):
    """To two hundredths: both stop on a flat likelihood, each at its own tolerance."""
    from engine.pybkt_backend import fit as fit_pybkt

    theirs = fit_pybkt(responses(rows[:1000]), forgetting=False, starts=1, seed=3).skills[0]
    ours = values(fit(rows[:1000], priors=Priors.none(), limits=Limits(1.0, 1.0), max_rounds=150, tolerance=1e-5))
    assert ours == pytest.approx([theirs.prior, theirs.learn, theirs.guess, theirs.slip], abs=0.02)


def test_predictions_are_those_of_the_tracing_that_is_shipped(rows):
    data = responses(rows[:60])
    opportunities = Opportunities.of(data)
    found = BktFitter(opportunities, data.formats, 1, forgetting=False, priors=Priors(item_responses=None)).fitted()
    p, row = found.predict(opportunities, data.formats, len(data.items)), SkillParameters(*values(found), forget=0.0)
    known = row.prior
    for n in range(10):
        assert p[n] == pytest.approx(predict_correct(known, row.guess, row.slip))
        known = after_opportunity(known, bool(opportunities.right[n]), row)


def test_ten_answers_of_one_learner_move_the_central_values_a_little_only():
    found = fit([("ada", "add", f"i{n}", 1) for n in range(10)])
    assert 0.3 < found.transitions[0, 0] < 0.9
    assert found.by_format[0, 0, 0] == pytest.approx(0.2, abs=0.1)


def test_a_skill_with_few_answers_is_read_like_the_others_of_its_group():
    """Group one is easy to guess, group two is not; the newcomer belongs to group one."""
    easy = SkillParameters(0.1, 0.05, 0.38, 0.05, 0.0)
    hard = SkillParameters(0.1, 0.05, 0.05, 0.05, 0.0)
    rows = [
        *two_state_rows(easy, learners=100, length=8, skill="easy"),
        *two_state_rows(hard, learners=100, length=8, skill="hard", seed=1),
        ("zoe", "new", "n1", 0),
    ]
    data = responses(sorted(rows))
    groups = [{"easy": 1, "hard": 2, "new": 1}[s] for s in data.skills]
    found = BktFitter(Opportunities.of(data), data.formats, 3, groups=groups, forgetting=False).fitted()
    guess = dict(zip(data.skills, found.by_format[:, 0, 0], strict=True))
    assert guess["new"] > 0.28 > 0.15 > guess["hard"]


def test_guess_and_slip_stay_within_their_limits_whatever_the_answers():
    for right in (0, 1):
        found = fit([(f"p{n}", "add", "i", right) for n in range(60)] * 2)
        assert found.by_format[..., 0].max() <= 0.5
        assert found.by_slot[:, 0].max() <= MAX_GUESS
        assert found.by_slot[:, 1].max() <= MAX_SLIP
        assert np.all(found.by_slot.sum(1) < 1.0)


def test_an_item_has_rates_of_its_own_from_five_responses_on():
    rows = [(f"p{n}", "add", "often" if n < 5 else "seldom", n % 2) for n in range(9)]
    data = responses(rows)
    found = BktFitter(Opportunities.of(data), data.formats, 1).fitted()
    own = dict(zip([data.items[n % 2] for n in found.slots.tolist()], found.own.tolist(), strict=True))
    assert own == {"often": 1, "seldom": 0}


def test_forgetting_is_found_where_it_happens():
    truth = SkillParameters(0.9, 0.02, 0.1, 0.05, forget=0.25)
    rows = two_state_rows(truth, learners=120, length=8)
    assert fit(rows, forgetting=True, every_gap=True).transitions[0, 2] == pytest.approx(0.25, abs=0.08)


def test_a_night_is_a_gap_and_a_lesson_is_none():
    rows = [("ada", "add", "i", 1)] * 3
    assert Opportunities.of(responses(rows, hours=[0.0, 1.0, 20.0])).gap.tolist() == [0, 0, 1]


def test_choices_are_expected_to_be_guessed_more_often_than_typed_answers():
    wrong = [(f"p{n}", "add", "i", 0) for n in range(3)]
    typed, choice = (fit(wrong, formats=name) for name in ("typed", "choice2"))
    at = FORMATS.index
    assert typed.by_format[0, at("typed"), 0] < 0.1 < 0.3 < choice.by_format[0, at("choice2"), 0]


def test_skills_and_items_nobody_answered_have_the_central_values():
    data = responses([("ada", "add", "i", 1)])
    found = BktFitter(Opportunities.of(data), data.formats, 2).fitted()
    assert found.transitions[1, 0] == pytest.approx(Beta(2, 3).mean, abs=0.1)


COMPARE = """
import sys
sys.path.insert(0, sys.argv[1])
from tests.unit.engine.responses_of import responses, two_state_rows, able_rows
from tests.unit.engine.fitting.test_bkt import TRUTH, fit
from engine.fitting.predictor import PredictorFitter
found = fit(two_state_rows(TRUTH, learners=20, length=6))
data = responses(able_rows(learners=8, length=10))
predicted = PredictorFitter(data).fitted().predict(data)
print([float(x) for x in (*found.transitions.ravel(), *found.by_slot.ravel(), *predicted)])
"""


def test_machine_code_and_plain_python_agree():
    root = str(Path(__file__).parents[4])
    said = [
        subprocess.run(
            [sys.executable, "-c", COMPARE, root],
            env={**os.environ, "NUMBA_DISABLE_JIT": disabled},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for disabled in "01"
    ]
    compiled, plain = map(json.loads, said)
    assert compiled == pytest.approx(plain, rel=1e-9)
