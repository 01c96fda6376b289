"""Simulated pupils practise with the tutor that is shipped."""

from __future__ import annotations

from random import Random

import pytest

from engine.curriculum import Curriculum, ItemRef, Skill
from engine.mastery import Policy
from engine.simulation import SimulatedLearner, run

from ..builders import MONDAY, chain, items, tutor_for, words

GRAPH = {**chain("a", "b", "c"), "w": Skill("w", kind="list")}
BANK = Curriculum(
    GRAPH,
    [
        *(i for s in ("a", "b", "c") for f in ("typed", "choice4") for i in items(s, f, 8)),
        ItemRef("bc", ("b", "c"), "order"),
        *words("w", *(f"word{n}" for n in range(12))),
    ],
)
WORLDS = [SimulatedLearner.two_state, SimulatedLearner.continuous]


def practise(world, seed, *, cap=3000, per_day=None, slow=False, standard=0.8):
    rng = Random(seed)
    pupil = world(BANK, rng, slow=slow, standard=standard)
    tutor = tutor_for(BANK, Policy(standard=standard))
    return pupil, run(tutor, pupil, rng=rng, cap=cap, start=MONDAY, per_day=per_day)


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_practice_over_days_ends_with_every_skill_strong_for_any_pupil(world, seed, slow):
    _, outcome = practise(world, seed, slow=slow, per_day=40)
    assert outcome.finished
    assert outcome.declared == set(GRAPH)
    assert {r.state for r in outcome.learner.skills.values()} <= {"strong", "kept"}
    assert 10 < outcome.items < 3000
    assert outcome.items == outcome.learner.presented


def test_practice_over_days_ends_with_skills_kept():
    _, outcome = practise(SimulatedLearner.two_state, 4, per_day=12)
    assert outcome.finished
    assert "kept" in {r.state for r in outcome.learner.skills.values()}


def test_the_same_seed_gives_the_same_pupil_and_the_same_course():
    assert practise(SimulatedLearner.continuous, 7)[1] == practise(SimulatedLearner.continuous, 7)[1]


def test_the_cap_ends_practice():
    _, outcome = practise(SimulatedLearner.two_state, 1, cap=5)
    assert (outcome.finished, outcome.items) == (False, 5)
    assert 0 <= outcome.right <= 5


def test_few_certificates_are_false_in_the_world_of_knowing_or_not():
    outcomes = [practise(SimulatedLearner.two_state, seed, slow=None, cap=240)[1] for seed in range(60)]
    declared = sum(len(o.declared & {"a", "b", "c"}) for o in outcomes)
    wrongly = sum(len(o.false_mastery & {"a", "b", "c"}) for o in outcomes)
    assert declared > 150
    assert wrongly / declared < 0.05


def test_the_tutor_does_better_than_to_believe_everyone_in_the_world_of_growing_ability():
    outcomes = [practise(SimulatedLearner.continuous, seed, cap=240)[1] for seed in range(20)]
    assert any(o.false_mastery for o in outcomes)
    assert any(o.declared - o.false_mastery for o in outcomes)


@pytest.mark.parametrize("world", WORLDS)
def test_practice_helps_a_pupil(world):
    pupil = world(BANK, Random(3), slow=False)
    item = BANK.item("a.typed.0")
    before = pupil.p_correct(item)
    for _ in range(80):
        pupil.practise(item)
    assert pupil.p_correct(item) > before
    assert pupil.has_mastered("a")


@pytest.mark.parametrize("world", WORLDS)
def test_pupils_learn_the_words_of_a_list_one_by_one(world):
    pupil = world(BANK, Random(3), slow=False)
    for n in range(12):
        assert not pupil.has_mastered("w")
        for _ in range(80):
            pupil.practise(BANK.item(f"word{n}.typed"))
        if pupil.has_mastered("w"):
            break
    assert n > 1
    assert pupil.has_mastered("w")


def test_one_pupil_in_ten_or_so_learns_slowly():
    slow = sum(SimulatedLearner.two_state(BANK, Random(seed)).slow for seed in range(300))
    assert 12 < slow < 55
