"""Bayesian knowledge tracing in closed form and plain floats (Corbett & Anderson 1995).

Every function returns a probability in [0, 1], also for inputs at 0 and 1. An answer that the model holds
impossible (a right one when guess = 0 and nothing is known) leaves the belief as it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from engine.parameters import SkillParameters

FORGETTING_GAP_HOURS: Final = 8.0
"""Nothing is forgotten within a school day; finer schemes gained nearly nothing on timestamped data."""


def predict_correct(p_known: float, guess: float, slip: float) -> float:
    """P(the next answer is right): known and no slip, or not known and guessed."""
    return _unit(p_known * (1.0 - slip) + (1.0 - p_known) * guess)


def posterior(p_known: float, correct: bool, guess: float, slip: float) -> float:
    """P(known) after seeing one answer: Bayes' rule."""
    if correct:
        known, unknown = p_known * (1.0 - slip), (1.0 - p_known) * guess
    else:
        known, unknown = p_known * slip, (1.0 - p_known) * (1.0 - guess)
    total = known + unknown
    return _unit(known / total) if total > 0.0 else p_known


def posterior_of_each(p_known: Sequence[float], correct: bool, guess: float, slip: float) -> list[float]:
    """P(known) of every skill of an item after one answer: one likelihood, shared credit.

    Noisy AND (Junker & Sijtsma 2001, DINA): the answer is right with 1 - slip if all skills are known, else
    with guess. The skills are independent before the answer; returned are the exact marginals after it, so
    that a wrong answer is blamed most on the skill that is least surely known. With one skill it is `posterior`.
    """
    if len(p_known) == 1:
        return [posterior(p_known[0], correct, guess, slip)]
    right_if_known, right_if_not = 1.0 - slip, guess
    if not correct:
        right_if_known, right_if_not = slip, 1.0 - guess
    result = []
    for n, p in enumerate(p_known):
        others = math.prod(q for m, q in enumerate(p_known) if m != n)
        known = p * (others * right_if_known + (1.0 - others) * right_if_not)
        total = known + (1.0 - p) * right_if_not
        result.append(_unit(known / total) if total > 0.0 else p)
    return result


def after_forgetting(p_known: float, forget: float, hours_since_last: float) -> float:
    """P(known) after a pause: one step of forgetting if it lasted more than 8 hours, else unchanged."""
    return p_known * (1.0 - forget) if hours_since_last > FORGETTING_GAP_HOURS else p_known


def after_learning(p_known: float, learn: float) -> float:
    """P(known) after an opportunity to learn."""
    return _unit(p_known + (1.0 - p_known) * learn)


def after_opportunity(
    p_known: float, correct: bool, parameters: SkillParameters, *, hours_since_last: float = 0.0
) -> float:
    """P(known) after one answered item of one skill.

    Forgetting comes first, because it happened in the pause before the answer; then Bayes; then learning.

    Args:
        p_known: the belief after the opportunity before this one.
        correct: whether the answer was right, unaided.
        parameters: of the skill, with guess and slip of the item.
        hours_since_last: the pause; 0 for a first opportunity.
    """
    p = after_forgetting(p_known, parameters.forget, hours_since_last)
    return after_learning(posterior(p, correct, parameters.guess, parameters.slip), parameters.learn)


def _unit(p: float) -> float:
    """Rounding can leave a probability an ulp outside [0, 1]."""
    return 0.0 if p < 0.0 else min(p, 1.0)
