"""Parameters are within their limits, immutable, and known by their content."""

from __future__ import annotations

import json
import math
from dataclasses import FrozenInstanceError

import pytest

from engine.curriculum import Curriculum, ItemRef
from engine.parameters import (
    EXPERT_FORMATS,
    EXPERT_SKILL,
    FormatParameters,
    ParameterError,
    ParameterSet,
    SkillParameters,
)

from .builders import items, skills

CURRICULUM = Curriculum(skills("add", "pick", "silent"), [*items("add"), *items("pick", "choice2")])


def test_a_choice_among_four_is_guessed_one_time_in_four():
    item = ItemRef("i", ("add",), "choice4")
    assert ParameterSet.default(CURRICULUM).for_item(item, "add").guess == 0.25


def test_a_typed_answer_is_hardly_ever_guessed_and_keeps_the_skill_s_own_learning():
    parameters = ParameterSet.default(CURRICULUM)
    typed = parameters.for_item(CURRICULUM.item("add.typed.0"), "add")
    assert (typed.guess, typed.slip) == (0.04, 0.05)
    assert (typed.prior, typed.learn, typed.forget) == (EXPERT_SKILL.prior, EXPERT_SKILL.learn, EXPERT_SKILL.forget)


def test_arranging_lies_between_typing_and_choosing():
    guess = {name: row.guess for name, row in EXPERT_FORMATS.items()}
    assert guess["typed"] < guess["order"] <= guess["place"] < guess["choice6"]


def test_a_skill_s_own_guess_is_that_of_its_items_within_the_limit():
    parameters = ParameterSet.default(CURRICULUM)
    assert parameters.for_skill("add").guess == pytest.approx(0.04)
    assert parameters.for_skill("pick").guess == 0.4
    assert parameters.for_skill("silent") == EXPERT_SKILL


def test_a_skill_of_a_newer_bank_gets_expert_values():
    assert ParameterSet({}).for_skill("brand new") == EXPERT_SKILL


def test_a_set_survives_a_trip_through_json_with_its_version():
    before = ParameterSet.default(CURRICULUM)
    after = ParameterSet.from_json(before.to_json())
    assert after == before
    assert after.version == before.version


def test_the_version_depends_on_content_only():
    a, b = SkillParameters(0.3, 0.1, 0.1, 0.1, 0.0), SkillParameters(0.4, 0.1, 0.1, 0.1, 0.0)
    assert ParameterSet({"x": a, "y": b}).version == ParameterSet({"y": b, "x": a}).version
    assert ParameterSet({"x": a}).version != ParameterSet({"x": b}).version
    assert ParameterSet({"x": a}).version == "e80b200edc63f67d"


def test_parameters_can_t_be_changed():
    with pytest.raises(FrozenInstanceError):
        EXPERT_SKILL.guess = 0.3  # type: ignore[misc]


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan, math.inf, "0.3", True, None])
def test_what_is_no_probability_is_refused(value):
    with pytest.raises(ParameterError, match="slip is"):
        SkillParameters(0.3, 0.1, 0.1, value, 0.0)
    with pytest.raises(ParameterError, match="guess is"):
        FormatParameters(value, 0.1)


def test_a_guess_or_slip_that_would_turn_evidence_round_is_refused():
    with pytest.raises(ParameterError, match=r"Skill 'x' has guess 0\.41"):
        ParameterSet({"x": SkillParameters(0.3, 0.1, 0.41, 0.1, 0.0)})
    with pytest.raises(ParameterError, match=r"Skill 'x' has slip 0\.31"):
        ParameterSet({"x": SkillParameters(0.3, 0.1, 0.1, 0.31, 0.0)})
    with pytest.raises(ParameterError, match="Format 'typed'"):
        ParameterSet({}, {**EXPERT_FORMATS, "typed": FormatParameters(0.5, 0.1)})


def test_only_two_way_choices_may_be_guessed_half_of_the_time():
    ParameterSet({}, {**EXPERT_FORMATS, "choice2": FormatParameters(0.5, 0.1)})
    with pytest.raises(ParameterError, match=r"At most 0\.5"):
        ParameterSet({}, {**EXPERT_FORMATS, "choice2": FormatParameters(0.51, 0.1)})


def test_every_format_must_be_given():
    formats = {name: row for name, row in EXPERT_FORMATS.items() if name != "order"}
    with pytest.raises(ParameterError, match="order"):
        ParameterSet({}, formats)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"skills": {"a": {"prior": 0.1}}, "formats": {}, "version": ""}'])
def test_a_damaged_file_is_refused(text):
    with pytest.raises(ParameterError, match=r"ParameterSet\.to_json"):
        ParameterSet.from_json(text)


def test_a_file_with_an_impossible_value_says_which():
    data = json.loads(ParameterSet.default(CURRICULUM).to_json())
    data["skills"]["add"]["learn"] = 2
    with pytest.raises(ParameterError, match="learn is 2"):
        ParameterSet.from_json(json.dumps(data))


def test_a_file_changed_by_hand_is_noticed():
    data = json.loads(ParameterSet.default(CURRICULUM).to_json())
    data["skills"]["add"]["learn"] = 0.2
    with pytest.raises(ParameterError, match="changed by hand"):
        ParameterSet.from_json(json.dumps(data))
