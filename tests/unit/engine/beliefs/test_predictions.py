"""Where the parameters hold a predictor, it says how likely a right answer is; mastery is decided without it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.curriculum import Curriculum, ItemRef, Skill
from engine.learner import Learner, Response
from engine.parameters import ParameterSet
from engine.predictor import EXPERT_COEFFICIENTS, FEATURES, NEW_SKILL_TABLE, Predictor, PredictorParameters
from engine.tutor import Tutor

START = datetime(2026, 9, 1, 9, tzinfo=UTC)
SKILLS = 12
RNG = Random(4)
BANK = Curriculum(
    {f"s{n}": Skill(f"s{n}") for n in range(SKILLS)},
    [
        ItemRef(f"s{n}.{name}{k}", (f"s{n}", "s0") if k == 3 and n else (f"s{n}",), name)
        for n in range(SKILLS)
        for name in ("typed", "choice4")
        for k in range(4)
    ],
)
PREDICTOR = PredictorParameters(
    tuple(c + RNG.gauss(0.0, 0.1) for c in EXPERT_COEFFICIENTS),
    {i.id: tuple(abs(RNG.gauss(0.0, 0.5)) for _ in range(7)) for i in BANK.items if not i.id.endswith("1")},
    {s: tuple(RNG.gauss(0.0, 0.3) for _ in NEW_SKILL_TABLE) for s in BANK.skills},
    (40.0, 12.0),
)
EXPERT = ParameterSet.default(BANK)
WITHOUT, WITH = Tutor(BANK, EXPERT), Tutor(BANK, replace(EXPERT, predictor=PREDICTOR))
ANSWERS = st.lists(st.tuples(st.integers(0, len(BANK.items) - 1), st.booleans()), max_size=40)


def after(tutor: Tutor, answers: list[tuple[int, bool]]) -> Learner:
    learner = tutor.new_learner()
    for n, (item, right) in enumerate(answers):
        response = Response(BANK.items[item], right)
        learner = tutor.observe(learner, response, now=START + timedelta(minutes=n))
        assert Learner.from_json(learner.to_json()) == learner
    return learner


@settings(max_examples=20)
@given(st.lists(st.tuples(st.sampled_from(range(0, len(BANK.items), 2)), st.booleans()), max_size=40))
def test_what_is_stored_foretells_as_the_predictor_itself_does(answers):
    """Within a hundredth while the skill is not at rest: what is stored is rounded."""
    learner, alone = after(WITH, answers), Predictor(PREDICTOR)
    state = alone.new_learner()
    for item, right in answers:
        state = alone.observe(state, BANK.items[item].id, BANK.items[item].skills, right)
    for item in BANK.items:
        at_rest = set(list(learner.skills)[:-10])
        if item.id in PREDICTOR.items and at_rest.isdisjoint(item.skills):
            now = START + timedelta(minutes=len(answers))
            expected = alone.predict(state, item.id, item.skills)
            assert WITH.p_correct(learner, item.id, now=now) == pytest.approx(expected, abs=0.02)


@settings(max_examples=20)
@given(ANSWERS)
def test_what_is_believed_and_decided_is_the_same_with_and_without(answers):
    now = START + timedelta(hours=1)
    ours, theirs = (t.report(after(t, answers), now=now) for t in (WITH, WITHOUT))
    for skill in BANK.skills:
        assert replace(ours[skill], p_correct_typed=0.0) == replace(theirs[skill], p_correct_typed=0.0)


def test_the_band_and_the_reports_follow_the_predictor():
    learner = after(WITH, [(n, True) for n in range(6)])
    choice = WITH.next_item(learner, now=START, rng=Random(1))
    assert choice is not None
    foretold = WITH.p_correct(learner, choice.item.id, now=START)
    assert choice.reason.trace["p_correct"] == round(foretold, 4)
    assert foretold != WITHOUT.p_correct(learner, choice.item.id, now=START)
    typed = [WITH.p_correct(learner, f"s5.typed{k}", now=START) for k in (0, 1, 2)]
    assert min(typed) <= WITH.report(learner, now=START)["s5"].p_correct_typed <= max(typed)


def test_after_a_month_away_less_is_expected():
    learner = after(WITH, [(n, True) for n in (0, 1, 2)] * 4)
    soon, late = (WITH.p_correct(learner, "s0.typed0", now=START + timedelta(days=d)) for d in (0, 30))
    assert late < soon


def test_a_pupil_from_before_the_predictor_is_foretold_by_the_mixture():
    learner = after(WITHOUT, [(0, True), (1, False)])
    assert WITH.p_correct(learner, "s0.typed0", now=START) == WITHOUT.p_correct(learner, "s0.typed0", now=START)
    learner = WITH.observe(learner, Response(BANK.items[0], True), now=START)
    assert learner.traits.predictor is None


def test_a_skill_at_rest_keeps_what_set_it_apart_from_the_others():
    """Eleven skills later: one byte instead of seven."""
    others = [(n, True) for n in range(8, len(BANK.items)) if not BANK.items[n].id.endswith("3")]
    good, bad = (after(WITH, [(0, right), (1, right)] * 6 + others) for right in (True, False))
    assert good.skills["s0"].form.recent is None
    later = START + timedelta(hours=2)
    high, low = (WITH.p_correct(each, "s0.typed0", now=later) for each in (good, bad))
    assert low < high
    assert len(good.to_json()) - len(after(WITHOUT, [(0, True)] * 12 + others).to_json()) < 220


def test_an_item_nobody_has_answered_is_as_others_of_its_format():
    learner = WITH.new_learner()
    near = [WITH.p_correct(learner, f"s2.typed{k}", now=START) for k in (0, 2)]
    assert min(near) <= WITH.p_correct(learner, "s2.typed1", now=START) <= max(near)


def test_answers_with_help_or_fewer_choices_teach_the_predictor_nothing():
    for response in (Response(BANK.items[4], True, hints=1), Response(BANK.items[4], True, choices=2)):
        assert WITH.observe(WITH.new_learner(), response, now=START).traits.predictor is None


def test_a_set_holds_its_predictor():
    assert ParameterSet.from_json(WITH.parameters.to_json()) == WITH.parameters
    assert WITH.parameters.version != WITHOUT.parameters.version
    assert len(PREDICTOR.coefficients) == len(FEATURES)
