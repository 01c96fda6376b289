"""A generated question before it is put into words, and the step that puts it into words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from item_banks.generators.draws import Draws
from item_banks.schema import Bank, Block, Choice, Generator, Item, ItemTemplate, MarkingRules, ResponseSpec

_TRIES = 500
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_NUMBER_LENGTH = 20
_FRACTION_LENGTH = 20


@dataclass(frozen=True)
class Problem:
    """A question without words.

    `key` names the parameters. `values` fill the placeholders of the bank's sentences. `wrong` maps misconceptions
    to the wrong answers that they lead to, None where they lead to none. The prompt is `mathml` if there is some,
    else `expression`. `given` is the fraction shown, if any other of the same value is right.
    """

    key: str
    answer: str
    values: Mapping[str, str | int]
    wrong: Mapping[str, object]
    features: Mapping[str, float | str]
    expression: str = ""
    mathml: str = ""
    choices: tuple[Choice, ...] = ()
    given: str = ""


Make = Callable[[Draws, Mapping[str, Any]], Problem | None]
"""One attempt at a problem from a template's options; None if the numbers drawn do not make one."""


def fill(text: str, values: Mapping[str, str | int]) -> str:
    """The text with each {name} replaced. Only names are replaced, whatever else a bank's author writes in braces.

    Raises ValueError for a name that has no value.
    """

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise ValueError(f"{match[0]} in {text!r} has no value; use one of {', '.join(sorted(values))}")
        return str(values[match[1]])

    return _PLACEHOLDER.sub(value, text)


def diagnostic(template: ItemTemplate, problem: Problem) -> dict[str, str]:
    """The wrong answers that tell something: of the template's misconceptions those that here lead neither to the
    right answer nor to the answer of another one."""
    codes = template.options["misconceptions"]
    wrong = {code: str(problem.wrong[code]) for code in codes if problem.wrong[code] is not None}
    seen = [problem.answer, *wrong.values()]
    return {code: value for code, value in wrong.items() if seen.count(value) == 1}


def mentions(text: str, answer: str) -> bool:
    """Whether a text contains the answer as a number or fraction of its own (12 is not in 112 or 4/12)."""
    return re.search(rf"(?<![\d/]){re.escape(answer)}(?![\d/])", text) is not None


def generator(make: Make) -> Generator:
    """The generator that makes problems with `make` and puts them into the bank's words."""

    def draw(bank: Bank, template: ItemTemplate, seed: int) -> Item:
        draws = Draws(f"{template.id}:{seed}")
        problem = _attempt(make, draws, template)
        return _item(bank, template, seed, problem, _hints(bank, template, make, draws, problem), draws)

    return draw


def _attempt(make: Make, draws: Draws, template: ItemTemplate) -> Problem:
    for _ in range(_TRIES):
        problem = make(draws, template.options)
        if problem is not None:
            return problem
    raise ValueError(f"the options of {template.id} allow no item; widen them")


def sentence(bank: Bank, template: ItemTemplate, name: str) -> str:
    """A sentence of a template, or else of its skill."""
    own = f"templates.{template.id}.{name}"
    return bank.text(own if own in bank.strings else f"skills.{template.skill}.{name}")


def _hints(bank: Bank, template: ItemTemplate, make: Make, draws: Draws, problem: Problem) -> tuple[str, ...]:
    """A question, the first step of a parallel example, its worked steps (CONTENT: help after two tries)."""
    for _ in range(_TRIES):
        values = _attempt(make, draws, template).values
        names = ("question", "first_step", "worked")
        hints = tuple(fill(sentence(bank, template, name), values) for name in names)
        if not any(mentions(hint, problem.answer) for hint in hints):
            return hints
    raise ValueError(f"the hints of {template.id} always contain the answer; leave numbers out of `question`")


def _item(
    bank: Bank, template: ItemTemplate, seed: int, problem: Problem, hints: tuple[str, ...], draws: Draws
) -> Item:
    values, wrong = problem.values, diagnostic(template, problem)

    def say(name: str) -> str:
        return fill(sentence(bank, template, name), values)

    strings = {
        "correct": draws.one_of(bank.texts("feedback.correct")),
        "other": say("other"),
        "solution": say("worked"),
        "unreadable": bank.text(f"unreadable.{template.format}"),
    }
    if problem.given:
        strings["same"] = bank.text("unreadable.same")
    strings |= {code: say(f"misconceptions.{code}") for code in wrong}
    return Item(
        template=template.id,
        skill=template.skill,
        seed=seed,
        format=template.format,
        key=f"{template.id}:{problem.key}",
        language=bank.language,
        instruction=say("instruction"),
        prompt=_prompt(problem, say("spoken")),
        response=_response(bank, template, problem),
        answer=problem.answer,
        strings=strings,
        rules=MarkingRules(decimal=bank.text("numbers.decimal"), group=bank.text("numbers.group"), given=problem.given),
        misconceptions=wrong,
        features=dict(problem.features),
        hints=hints,
    )


def _prompt(problem: Problem, spoken: str) -> tuple[Block, ...]:
    if problem.mathml:
        return (Block("math", mathml=problem.mathml, spoken=spoken),)
    return (Block("expression", text=problem.expression, spoken=spoken),)


def _response(bank: Bank, template: ItemTemplate, problem: Problem) -> ResponseSpec:
    label = bank.text(f"fields.{template.format}")
    if problem.choices:
        longest = max(len(choice.value) for choice in problem.choices)
        return ResponseSpec("choice", label, longest, problem.choices)
    if template.format == "fraction":
        return ResponseSpec("fraction", label, _FRACTION_LENGTH)
    return ResponseSpec("number", label, _NUMBER_LENGTH)
