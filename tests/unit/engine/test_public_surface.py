"""Names that other people's scripts rely on (ARCHITECTURE.md) stay where they are, with these arguments."""

from __future__ import annotations

import inspect
from importlib import import_module

import pytest

SURFACE = {
    "engine.curriculum": ("Skill", "ItemRef", "Curriculum"),
    "engine.parameters": ("SkillParameters", "ParameterSet"),
    "engine.knowledge_tracing": ("predict_correct", "posterior", "after_opportunity"),
    "engine.tutor": ("Tutor", "Policy"),
    "engine.learner": ("Response", "Choice", "Learner", "SkillReport"),
    "engine.simulation": ("SimulatedLearner", "run"),
    "engine.fitting": ("fit",),
    "engine.evaluation": ("evaluate",),
    "engine.pybkt_backend": ("fit",),
}
ARGUMENTS = {
    ("engine.curriculum", "Skill"): ["id", "prerequisites", "kind"],
    ("engine.curriculum", "ItemRef"): ["id", "skills", "response_format", "member"],
    ("engine.curriculum", "Curriculum"): ["skills", "items"],
    ("engine.parameters", "SkillParameters"): ["prior", "learn", "guess", "slip", "forget"],
    ("engine.knowledge_tracing", "predict_correct"): ["p_known", "guess", "slip"],
    ("engine.knowledge_tracing", "posterior"): ["p_known", "correct", "guess", "slip"],
    ("engine.knowledge_tracing", "after_opportunity"): ["p_known", "correct", "parameters", "hours_since_last"],
    ("engine.learner", "Response"): [
        "item",
        "correct",
        "hints",
        "seconds",
        "attempt",
        "outcome",
        "per_skill",
        "choices",
    ],
    ("engine.learner", "Choice"): ["item", "skill", "reason"],
}


@pytest.mark.parametrize("module", SURFACE)
def test_public_names_are_there(module):
    assert all(hasattr(import_module(module), name) for name in SURFACE[module])


@pytest.mark.parametrize(("where", "arguments"), ARGUMENTS.items(), ids=str)
def test_they_take_these_arguments(where, arguments):
    module, name = where
    assert list(inspect.signature(getattr(import_module(module), name)).parameters) == arguments


def test_the_tutor_is_called_with_these_names():
    tutor = import_module("engine.tutor").Tutor
    assert list(inspect.signature(tutor).parameters) == ["curriculum", "parameters", "policy"]
    for method, words in {
        "next_item": {"learner", "now", "rng", "within"},
        "observe": {"learner", "response", "now"},
        "report": {"learner", "now"},
        "new_learner": set(),
    }.items():
        assert words <= set(inspect.signature(getattr(tutor, method)).parameters)
