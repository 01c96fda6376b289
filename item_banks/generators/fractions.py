"""Equivalent fractions, and what children do instead.

The bugs come from natural-number bias: Ni & Zhou (2005), "Teaching and learning fraction and rational numbers";
Stafylidou & Vosniadou (2004), "The development of students' understanding of the numerical value of fractions".
Option `denominators`: those of the fraction to start from; `factors`: range of the factor.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from item_banks.generators.draws import Draws
from item_banks.generators.problem import Problem
from item_banks.schema import Choice

_BLANK = "<mtext>?</mtext>"


def equivalent_top(draws: Draws, options: Mapping[str, Any]) -> Problem:
    """a/b = ?/kb."""
    a, b, k = _parameters(draws, options)
    wrong = {"add_same": a + k * b - b, "one_part": a}
    return Problem(
        key=f"{a}/{b}*{k}",
        answer=str(k * a),
        values=_values(a, b, k),
        wrong=wrong,
        features=_features(a, b, k),
        mathml=_math(f"{_fraction(a, b)}<mo>=</mo><mfrac>{_BLANK}<mn>{k * b}</mn></mfrac>"),
    )


def equivalent_bottom(draws: Draws, options: Mapping[str, Any]) -> Problem:
    """a/b = ka/?."""
    a, b, k = _parameters(draws, options)
    wrong = {"add_same": b + k * a - a, "one_part": b}
    return Problem(
        key=f"{a}/{b}*{k}",
        answer=str(k * b),
        values=_values(a, b, k),
        wrong=wrong,
        features=_features(a, b, k),
        mathml=_math(f"{_fraction(a, b)}<mo>=</mo><mfrac><mn>{k * a}</mn>{_BLANK}</mfrac>"),
    )


def equivalent_open(draws: Draws, options: Mapping[str, Any]) -> Problem:
    """Any other fraction of the value of a/b. Wrong answers are those of a child who doubles (or adds 1)."""
    a, b, _ = _parameters(draws, options)
    wrong = {"add_same": f"{a + 1}/{b + 1}", "top_only": f"{2 * a}/{b}", "bottom_only": f"{a}/{2 * b}"}
    return Problem(
        key=f"{a}/{b}",
        answer=f"{2 * a}/{2 * b}",
        values=_values(a, b, 2),
        wrong=wrong,
        features=_features(a, b, 2),
        mathml=_math(_fraction(a, b)),
        given=f"{a}/{b}",
    )


def equivalent_choice(draws: Draws, options: Mapping[str, Any]) -> Problem:
    """Which of four fractions equals a/b: ka/kb or one of three misconceptions."""
    a, b, k = _parameters(draws, options)
    right = (k * a, k * b)
    wrong = {"add_same": (a + k, b + k), "top_only": (k * a, b), "bottom_only": (a, k * b)}
    shown = draws.shuffled([right, *wrong.values()])
    return Problem(
        key=f"{a}/{b}*{k}",
        answer=f"{k * a}/{k * b}",
        values=_values(a, b, k),
        wrong={code: f"{top}/{bottom}" for code, (top, bottom) in wrong.items()},
        features=_features(a, b, k),
        mathml=_math(_fraction(a, b)),
        choices=tuple(Choice(f"{x}/{y}", f"{x}/{y}", _math(_fraction(x, y))) for x, y in shown),
    )


def _parameters(draws: Draws, options: Mapping[str, Any]) -> tuple[int, int, int]:
    bottom = draws.one_of(options["denominators"])
    return draws.between(1, bottom - 1), bottom, draws.between(*options["factors"])


def _values(a: int, b: int, k: int) -> dict[str, str | int]:
    return {"a": a, "b": b, "k": k, "ka": k * a, "kb": k * b}


def _features(a: int, b: int, k: int) -> dict[str, float | str]:
    return {"denominator": b, "factor": k, "unit": float(a == 1)}


def _fraction(top: int, bottom: int) -> str:
    return f"<mfrac><mn>{top}</mn><mn>{bottom}</mn></mfrac>"


def _math(inside: str) -> str:
    return f"<math>{inside}</math>"
