"""Figures of predictions, worked out by hand, and models held out by learner."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from engine.evaluation import MODELS, calibration, evaluate, folds_by_learner, score
from engine.pybkt_backend import predict as pybkt

from .responses_of import able_rows, responses


def figures(right: list[int], p: list[float]):
    return score(np.array(right, dtype=np.int8), np.array(p))


def test_figures_are_those_worked_out_by_hand():
    found = figures([1, 0, 1, 0], [0.9, 0.1, 0.4, 0.6])
    assert found.auc == 0.75  # of four pairs of a right and a wrong answer three are in order
    assert found.accuracy == 0.5
    assert found.rmse == pytest.approx(math.sqrt((0.01 + 0.01 + 0.36 + 0.36) / 4))
    assert found.log_loss == pytest.approx(-(2 * math.log(0.9) + 2 * math.log(0.4)) / 4)
    assert found.ece == pytest.approx((0.1 + 0.1 + 0.6 + 0.6) / 4)


def test_equal_predictions_say_nothing():
    assert figures([1, 0, 1], [0.5] * 3).auc == 0.5


def test_where_all_answers_are_alike_there_is_no_auc():
    found = figures([1, 1], [0.9, 1.0])
    assert found.auc is None
    assert math.isfinite(found.log_loss)


def test_calibration_tells_what_was_predicted_and_what_happened():
    assert calibration(np.array([1, 0, 1], dtype=np.int8), np.array([0.21, 0.29, 1.0])) == [
        (0.25, 0.5, 2),
        (1.0, 1.0, 1),
    ]


def test_no_learner_is_on_both_sides_and_there_are_no_empty_folds():
    assert sorted(folds_by_learner(7, 5, 0).tolist()) == [0, 0, 1, 1, 2, 3, 4]
    assert folds_by_learner(2, 5, 0).max() == 1
    assert folds_by_learner(1, 5, 0).tolist() == [0]


def test_a_model_sees_answers_of_other_learners_only():
    data = responses(able_rows(learners=10, length=4))
    seen = []

    def spy(train, test):
        seen.append((set(train.learner.tolist()), set(test.learner.tolist())))
        return np.full(len(test), 0.5)

    evaluate(data, folds=5, models={"spy": spy})
    assert len(seen) == 5
    assert all(not a & b for a, b in seen)
    assert set.union(*(b for _, b in seen)) == set(range(10))


def test_the_predictor_knows_abilities_and_difficulties_that_the_skill_mean_does_not():
    found = evaluate(responses(able_rows(learners=60, length=25)), folds=3)
    assert found["predictor"].scores.log_loss < found["bkt"].scores.log_loss < found["skill mean"].scores.log_loss
    assert found["predictor"].interval["auc"] > 0


def test_a_class_of_one_is_predicted_with_central_parameters():
    found = evaluate(responses([("ada", "add", f"i{n}", 1) for n in range(8)]))
    assert set(found) == set(MODELS)
    assert found["predictor"].scores.auc is None
    assert found["predictor"].interval["auc"] is None
    assert found["predictor"].scores.log_loss < math.log(2)


def test_answers_on_several_skills_are_predicted_by_all_models():
    rows = [(f"p{n}", "add;carry" if n % 2 else "carry", f"i{t}", (n + t) % 2) for n in range(6) for t in range(4)]
    found = evaluate(responses(rows), folds=2, models={**MODELS, "pybkt": pybkt})
    assert all(0.0 < each.scores.rmse < 1.0 for each in found.values())


def test_a_skill_that_only_the_held_out_learner_has_is_predicted_too():
    rows = [*[("ada", "add", "a", 1)] * 3, *[("ben", "draw", "d", 0)] * 3]
    assert evaluate(responses(rows), models={**MODELS, "pybkt": pybkt})["pybkt"].scores.auc is not None


def test_nothing_to_evaluate_is_said():
    data = responses([("ada", "add", "a", 1)])
    with pytest.raises(ValueError, match="no responses"):
        evaluate(data.of_learners(np.array([False])))


def coin_rows(learners: int = 150, length: int = 24) -> list[tuple[str, str, str, int]]:
    """Coins instead of answers; some items are met by one learner only, some need two skills."""
    rng, rows = np.random.default_rng(5), []
    for n in range(learners):
        for t in range(length):
            skill = f"skill {rng.integers(4)}"
            item = f"own {n} {t}" if t % 3 == 0 else f"item {rng.integers(30)} of {skill}"
            skills = f"{skill};skill 9" if t % 4 == 0 else skill
            rows.append((f"pupil {n}", skills, item, int(rng.integers(2))))
    return rows


def test_coins_can_not_be_predicted_so_nothing_leaks_from_the_answers_held_out():
    data = responses(coin_rows())
    for name, each in evaluate(data, folds=2).items():
        assert each.scores.auc == pytest.approx(0.5, abs=0.03), name
        assert each.scores.log_loss == pytest.approx(math.log(2), abs=0.02), name


@pytest.mark.parametrize("name", MODELS)
def test_a_prediction_rests_on_earlier_answers_of_the_same_learner_only(name):
    train, rows = responses(able_rows(learners=40, length=20, seed=1)), able_rows(learners=12, length=20, seed=2)
    late, others = list(rows), list(rows)
    late[100:120] = [(*row[:3], 1 - row[3]) for row in rows[100:120]]
    others[120:] = [(*row[:3], 1 - row[3]) for row in rows[120:]]
    known = {row[2] for row in able_rows(learners=40, length=20, seed=1)}
    assert known == {row[2] for row in rows}
    model = MODELS[name]
    usual, changed, elsewhere = (model(train, as_in(train, each)) for each in (rows, late, others))
    assert np.array_equal(usual[:101], changed[:101])
    assert np.array_equal(usual[:120], elsewhere[:120])
    if name != "skill mean":
        assert not np.array_equal(usual[101:120], changed[101:120])


def as_in(train, rows):
    """Responses whose items and skills have the numbers that they have in other responses."""
    found = responses(rows)
    items = np.array([train.items.index(name) for name in found.items])
    skills = np.array([train.skills.index(name) for name in found.skills])
    return replace(
        found, item=items[found.item], skill=skills[found.skill], items=train.items, skills=train.skills,
        formats=train.formats,
    )  # fmt: skip
