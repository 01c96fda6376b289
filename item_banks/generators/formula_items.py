"""Items that a bank file describes by formulas: what to draw, what to compute, and what goes wrong.

Options of a template (all formulas are those of `formula`; later ones see the names of earlier ones):

- `draw`: name -> "2..9", "20..90 by 10" (ends and step are formulas) or a list to take one from. Formulas know the
  bank's `values` too, which differ from place to place (coins, units).
- `let`: name -> formula, computed from what was drawn.
- `where`: a condition; numbers that do not fulfil it are drawn again.
- `answer`, `wrong` (misconception -> formula, `none` for no such answer), `features` (else all numbers drawn).
- `expression`: what is shown large, with {names}; fractions are written 3/4 and what is asked for ?.
- `given`, `form`: for fractions, see `Problem`.
- `shown`: the choices in their order, if they are always the same; else they are the answer and all wrong answers.
- `names`: with `members`, the names of the numbers that a member consists of.
- `signed`: answers below zero are meant. `decimals`: answers, right or wrong, may have a decimal mark
  (`item_banks.keys`).
- `picture`, `prompt_picture`: see `item_banks.generators.illustrating`.

What responses with a form of their own need is described in `item_banks.generators.formats`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import Any

from item_banks.generators.draws import Draws
from item_banks.generators.formats import Form, formed, has_form, scale_of
from item_banks.generators.formula import Formula, formula
from item_banks.generators.mathml import has_fraction, mathml
from item_banks.generators.problem import Problem, canonical
from item_banks.numbers import Money
from item_banks.schema import Choice

_RANGE = re.compile(r"(.+?)\.\.(.+?)(?: by (.+))?")
_SIGNS = {"<": "<math><mo>&lt;</mo></math>", "=": "<math><mo>=</mo></math>", ">": "<math><mo>&gt;</mo></math>"}


def formula_problem(draws: Draws, options: Mapping[str, Any]) -> Problem | None:
    """One attempt at the problem that the options describe."""
    local = options.get("local", {})
    numbers = _drawn(draws, options, local)
    values = _Values(numbers, options.get("let", {}), local)
    if not formula(str(options.get("where", "1")))(values):
        return None
    values.complete()
    own_form = has_form(options)
    asked = None if own_form and "answer" not in options else formula(str(options["answer"]))(values)
    form = formed(draws, options, values) if own_form else _plain_form(draws, options, values, asked)
    if form is None:
        return None
    return Problem(
        key=",".join(f"{name}={canonical(value)}" for name, value in numbers.items()),
        answer=form.answer,
        values={**values, "answer": _shown(form.answer if asked is None else asked)},
        wrong=form.wrong,
        features=_features(options, values, numbers),
        expression=options.get("expression", ""),
        choices=form.choices,
        groups=form.groups,
        scale=form.scale,
        rows=form.rows,
        columns=form.columns,
        unit=str(options.get("unit", "")),
        given=str(formula(options["given"])(values)) if "given" in options else "",
        form=options.get("form", ""),
    )


def _plain_form(draws: Draws, options: Mapping[str, Any], values: Mapping[str, Any], asked: Any) -> Form | None:
    """The form of an item that computes its answer: one field, or choices, or a place on a scale."""
    answer = canonical(asked)
    signed = "signed" in options
    wrong = {code: _possible(formula(str(text))(values), signed) for code, text in options.get("wrong", {}).items()}
    choices = _choices(draws, options, answer, wrong)
    return None if choices is None else Form(answer, wrong, choices, scale=scale_of(options, values))


class _Values(dict[str, Any]):
    """Numbers drawn, and those of `let` computed when they are first needed: most attempts end at `where`.

    What is neither is looked up in the values of the place.
    """

    def __init__(self, drawn: Mapping[str, Any], formulas: Mapping[str, Any], local: Mapping[str, Any]) -> None:
        super().__init__(drawn)
        self._formulas = formulas
        self._local = local

    def __missing__(self, name: str) -> Any:
        if name not in self._formulas:
            return self._local[name]
        self[name] = formula(str(self._formulas[name]))(self)
        return self[name]

    def complete(self) -> None:
        """Compute what nothing has asked for yet."""
        for name in self._formulas:
            self[name]


def _drawn(draws: Draws, options: Mapping[str, Any], local: Mapping[str, Any]) -> dict[str, Any]:
    values = _Values({}, {}, local)
    if "members" in options:
        member = options.get("member") or draws.one_of(options["members"])
        values.update(zip(options["names"], map(int, re.findall(r"\d+", member)), strict=True))
    for name, spec in options.get("draw", {}).items():
        values[name] = _draw(draws, spec, values)
    return values


def _draw(draws: Draws, spec: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(spec, tuple):
        value = draws.one_of(spec)
        return Fraction(value) if isinstance(value, str) and value.replace(".", "", 1).isdigit() else value
    first, last, step = [part(values) for part in _range(spec)]
    if type(first) is tuple:
        return draws.one_of(first)
    value = first + draws.below(int((last - first) // step) + 1) * step
    return value if type(value) is int or value.denominator > 1 else value.numerator


@cache
def _range(spec: Any) -> tuple[Formula, Formula, Formula]:
    """First, last and step of "2..9" or "20..90 by 10". A single formula is a range of one."""
    match = _RANGE.fullmatch(str(spec))
    if match is None:
        return formula(str(spec)), formula(str(spec)), formula("1")
    return formula(match[1]), formula(match[2]), formula(match[3] or "1")


def _possible(value: Any, signed: bool) -> Any:
    """A wrong answer, or None for one below zero, which no child writes where only plain numbers are about."""
    if isinstance(value, int | Fraction) and value < 0 and not signed:
        return None
    return value


def _choices(
    draws: Draws, options: Mapping[str, Any], answer: str, wrong: Mapping[str, Any]
) -> tuple[Choice, ...] | None:
    """The choices of a choice item, () for others, None if these numbers do not give enough different ones."""
    if "choices" not in options:
        return ()
    if "shown" in options:
        return tuple(_choice(canonical(value)) for value in options["shown"])
    offered = {answer} | {canonical(wrong[code]) for code in options["misconceptions"] if wrong[code] is not None}
    if len(offered) != options["choices"] or len(options["misconceptions"]) + 1 != options["choices"]:
        return None
    return tuple(_choice(value) for value in draws.shuffled(sorted(offered)))


def _choice(value: str) -> Choice:
    return Choice(value, value, _SIGNS.get(value) or (mathml(value) if has_fraction(value) else ""))


def _shown(value: Any) -> Any:
    """The answer for the bank's sentences: a number where it is one; an amount of money stays one."""
    if type(value) is int or isinstance(value, Money):
        return value
    text = canonical(value)
    if text.isdecimal():
        return int(text)
    return Fraction(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else text


def _features(
    options: Mapping[str, Any], values: Mapping[str, Any], drawn: Mapping[str, Any]
) -> dict[str, float | str]:
    found = drawn
    if "features" in options:
        found = {name: formula(str(text))(values) for name, text in options["features"].items()}
    return {name: value if type(value) is str else float(value) for name, value in found.items()}
