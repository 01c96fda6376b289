"""A generated question before it is put into words, and the step that puts it into words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from item_banks.generators.draws import Draws
from item_banks.generators.illustrating import illustrated
from item_banks.generators.mathml import has_fraction, mathml
from item_banks.generators.wording import Notation, fill, mentions, shower, speak
from item_banks.numbers import Money, plain_number
from item_banks.pictures.boards import board
from item_banks.responses import Cell, Rows, Scale
from item_banks.schema import Bank, Block, Choice, Item, ItemTemplate, MarkingRules, ResponseSpec

_TRIES = 500
_NUMBER_LENGTH = 20
_FORMS = {"mixed": "as_mixed", "improper": "improper", "lowest": "lowest"}
_LENGTHS = {"order": 200, "group": 200, "steps": 200}
_ASKED_AGAIN = {
    "money": ("form", "unit"),
    "remainder": ("incomplete",),
    "clock": ("form", "incomplete"),
    "hands": ("incomplete",),
    "order": ("incomplete",),
    "group": ("incomplete",),
    "steps": ("incomplete",),
}
"""Sentences for responses that are near: the format's, and why it is asked again (`item_banks.marking_math`)."""


@dataclass(frozen=True)
class Problem:
    """A question without words.

    `key` names the parameters. `values` fill the placeholders of the bank's sentences and of the `expression`. `wrong`
    maps misconceptions to the wrong answers that they lead to, None where they lead to none. The prompt is the bank's
    sentence `prompt` if it has one, followed by `mathml` or else the `expression` if there is one. `given` is the
    fraction shown, if any other of the same value is right; `form` the form that a fraction must have, see
    `MarkingRules`. `unit`, `groups`, `scale`, `rows` and `columns` are those of `ResponseSpec`, without words.
    """

    key: str
    answer: str
    values: Mapping[str, Any]
    wrong: Mapping[str, object]
    features: dict[str, float | str]
    expression: str = ""
    mathml: str = ""
    choices: tuple[Choice, ...] = ()
    given: str = ""
    form: str = ""
    unit: str = ""
    groups: tuple[Choice, ...] = ()
    scale: Scale | None = None
    rows: Rows = ()
    columns: bool = False


Make = Callable[[Draws, Mapping[str, Any]], Problem | None]
"""One attempt at a problem from a template's options; None if the numbers drawn do not make one."""


@dataclass(frozen=True)
class Wording:
    """The words for one item: a template's sentences, filled with the values of its problem."""

    bank: Bank
    template: ItemTemplate
    values: Mapping[str, Any]
    show: Notation

    def key(self, name: str) -> str:
        """Where a sentence is: with the template, or else with its story and with the template that this tells, or else
        with its skill."""
        strings, options = self.bank.strings, self.template.options
        if (own := f"templates.{self.template.id}.{name}") in strings:
            return own
        if "story" in options:
            for place in (f"stories.{options['story']}", f"templates.{options['story_of']}"):
                if (told := f"{place}.{name}") in strings:
                    return told
        return f"skills.{self.template.skill}.{name}"

    def has(self, name: str) -> bool:
        """Whether the template or its skill has a sentence of this name."""
        return self.key(name) in self.bank.strings

    def themes(self) -> tuple[str, ...]:
        """What the question in words may be about, if there is a choice."""
        return tuple(theme for theme in self.bank.themes if self.has(f"prompt.{theme}"))

    def frames(self, theme: str = "") -> tuple[str, ...]:
        """The questions in words (about a theme), of which an item has one; none if its expression says all."""
        name = f"prompt.{theme}" if theme else "prompt"
        return self.bank.texts(self.key(name)) if self.has(name) else ()

    def say(self, name: str) -> str:
        """The sentence with the numbers of this item. Raises KeyError or ValueError if something lacks."""
        return fill(self.bank.text(self.key(name)), self.values, self.show)


def diagnostic(template: ItemTemplate, problem: Problem) -> dict[str, str]:
    """The wrong answers that tell something: of the template's misconceptions those that here lead neither to the
    right answer nor to the answer of another one."""
    codes = template.options["misconceptions"]
    found = {code: problem.wrong[code] for code in codes}
    wrong = {code: canonical(value) for code, value in found.items() if value is not None}
    seen = list(wrong.values())
    fractions = template.format in ("fraction", "mixed")
    right = _value(problem.answer) if fractions else problem.answer
    return {
        code: text
        for code, text in wrong.items()
        if seen.count(text) == 1 and text != problem.answer and (not fractions or _value(text) != right)
    }


def canonical(value: object) -> str:
    """An answer as items hold it. A text that is a decimal loses its last zeros: 2.50 is 2.5."""
    if type(value) is int:
        return str(value)
    if isinstance(value, int | Fraction):
        return plain_number(value)
    if isinstance(value, Money):
        return str(value)
    text = str(value)
    if text.count(".") == 1 and text.replace(".", "").isdigit():
        return plain_number(Fraction(text))
    return text


def _value(text: str) -> Fraction | None:
    parts = text.split(" ")
    try:
        return sum((Fraction(part) for part in parts), Fraction(0))
    except (ValueError, ZeroDivisionError):
        return None


class ProblemGenerator:
    """The generator that makes problems with `make` and puts them into the bank's words."""

    def __init__(self, make: Make) -> None:
        self._make = make

    def __call__(self, bank: Bank, template: ItemTemplate, seed: int) -> Item:
        """The item of a template and a seed. Raises ValueError if the options allow none."""
        draws, wording, problem, story = self._begin(bank, template, seed)
        hints, _ = _hints(wording, self._make, draws, problem)
        return _item(wording, seed, problem, story, hints, draws)

    def pictures(self, bank: Bank, template: ItemTemplate, item: Item) -> dict[str, Block]:
        """See `pictures_of`. Raises KeyError or ValueError if one can't be drawn."""
        bank = bank.about(str(item.features.get("theme", "")))
        draws, wording, problem, story = self._begin(bank, template, item.seed)
        hints, example = _hints(wording, self._make, draws, problem)
        shown: dict[str, Mapping[str, Any]] = {"hint": example} if hints == item.hints else {}
        if _key(template, problem, story) == item.key and wording.say("worked") == item.strings["solution"]:
            shown["solution"] = problem.values
        blocks = {
            name: illustrated(bank, template.options["picture"], {**bank.values, **values}, wording.show)
            for name, values in shown.items()
        }
        return {name: block for name, block in blocks.items() if block is not None}

    def key(self, bank: Bank, template: ItemTemplate, seed: int) -> str:
        """The key of that item, without the work of wording it."""
        _, _, problem, story = self._begin(bank, template, seed)
        return _key(template, problem, story)

    def _begin(self, bank: Bank, template: ItemTemplate, seed: int) -> tuple[Draws, Wording, Problem, Story]:
        draws = Draws(f"{template.id}:{seed}")
        problem = _attempt(self._make, draws, template, _options(bank, template))
        wording = Wording(bank, template, problem.values, shower(bank, template))
        return draws, wording, problem, _story(wording, draws)


def pictures_of(bank: Bank, item: Item) -> Mapping[str, Block]:
    """The pictures of an item that this bank drew: "hint" goes with its last hint, "solution" with its worked steps.

    Few pupils ask for them, so they are drawn only then. What this release of the bank would draw otherwise has none: a
    picture of other numbers than those beside it would be worse.
    """
    template = bank.templates.get(item.template)
    generator = template and bank.generators[template.generator]
    if template is None or not isinstance(generator, ProblemGenerator) or "picture" not in template.options:
        return {}
    try:
        return generator.pictures(bank, template, item)
    except (KeyError, ValueError, ArithmeticError):
        return {}


@dataclass(frozen=True)
class Story:
    """Which of a template's questions in words an item has: its theme, "" for none, and its place among them."""

    theme: str = ""
    frame: int = 0
    text: str = ""


def _story(wording: Wording, draws: Draws) -> Story:
    """Drawn the same for every theme that is asked for, so that the same seed is the same mathematics."""
    themes = wording.themes()
    drawn = draws.one_of(themes) if themes else ""
    theme = wording.bank.theme if wording.bank.theme in themes else drawn
    frames = wording.frames(theme)
    frame = draws.below(len(frames)) if len(frames) > 1 else 0
    return Story(theme, frame, frames[frame]) if frames else Story()


def _options(bank: Bank, template: ItemTemplate) -> Mapping[str, Any]:
    """The template's options, and the values of the place where they are used."""
    return {**template.options, "local": bank.values} if bank.values else template.options


def _key(template: ItemTemplate, problem: Problem, story: Story) -> str:
    frame = f"#{story.theme}{story.frame + 1}" if story.theme or story.frame else ""
    return f"{template.id}:{problem.key}{frame}"


def _attempt(make: Make, draws: Draws, template: ItemTemplate, options: Mapping[str, Any]) -> Problem:
    for _ in range(_TRIES):
        problem = make(draws, options)
        if problem is not None:
            return problem
    raise ValueError(f"the options of {template.id} allow no item; widen them")


def _hints(wording: Wording, make: Make, draws: Draws, problem: Problem) -> tuple[tuple[str, ...], Mapping[str, Any]]:
    """A question, the first step of a parallel example, its worked steps; and the values of the example.

    The example for a fact of a list is another fact of it.
    """
    template, show = wording.template, wording.show
    options = _options(wording.bank, template)
    if "member" in options:
        options = {name: value for name, value in options.items() if name != "member"}
    if "choices" not in options:
        # The example needs neither: what is wrong is told of the item itself.
        options = {**options, "wrong": {}, "features": {}}
    answers = {problem.answer, show(_number(problem.answer)), show(problem.values.get("answer", problem.answer))}
    for _ in range(_TRIES):
        values = _attempt(make, draws, template, options).values
        example = Wording(wording.bank, template, values, show)
        hints = tuple(example.say(name) for name in ("question", "first_step", "worked"))
        if not any(mentions(hint, answer) for hint in hints for answer in answers):
            return hints, values
    raise ValueError(f"the hints of {template.id} always contain the answer; leave numbers out of `question`")


def _number(answer: str) -> object:
    """The number that an answer is, to be shown as one; any other text as it is."""
    if answer.isdigit():
        return int(answer)
    return Fraction(answer) if answer.replace(".", "", 1).removeprefix("-").isdigit() else answer


def _item(wording: Wording, seed: int, problem: Problem, story: Story, hints: tuple[str, ...], draws: Draws) -> Item:
    bank, template, wrong = wording.bank, wording.template, diagnostic(wording.template, problem)
    strings = {
        "correct": draws.one_of(bank.texts("feedback.correct")),
        "other": wording.say("other"),
        "solution": wording.say("worked"),
        "unreadable": bank.text(f"unreadable.{template.format}"),
    }
    if problem.given:
        strings["same"] = bank.text("unreadable.same")
    if problem.form in _FORMS:
        strings["form"] = bank.text(f"unreadable.{_FORMS[problem.form]}")
    for why in _ASKED_AGAIN.get(template.format, ()):
        strings[why] = bank.text(f"unreadable.{template.format}_{why}")
    unit = _unit(wording, problem)
    if unit and template.format == "number":
        strings["unit"] = fill(bank.text("unreadable.unit"), {"unit": unit})
    if template.format == "remainder":
        strings["rest"] = wording.show.rest
    strings |= {code: wording.say(f"misconceptions.{code}") for code in wrong}
    told = {f"n{at}": problem.values[each] for at, each in enumerate(template.options.get("story_numbers", ()), 1)}
    wording = Wording(bank, template, {**problem.values, **told, **_names(bank, story, draws)}, wording.show)
    decimal, group = bank.text("numbers.decimal"), bank.text("numbers.group")
    return Item(
        template=template.id,
        skill=template.skill,
        seed=seed,
        format=template.format,
        key=_key(template, problem, story),
        language=bank.language,
        instruction=wording.say("instruction"),
        prompt=_prompt(wording, problem, story),
        response=_response(wording, problem),
        answer=problem.answer,
        strings=strings,
        rules=MarkingRules(decimal=decimal, group=group, given=problem.given, form=problem.form, unit=unit),
        misconceptions=wrong,
        features=problem.features | ({"theme": story.theme} if story.theme else {}),
        hints=hints,
    )


def _names(bank: Bank, story: Story, draws: Draws) -> dict[str, str]:
    """Two children for a story that speaks of them."""
    if "{name}" not in story.text:
        return {}
    name, other = draws.shuffled(bank.texts("names"))[:2]
    return {"name": name, "other": other}


def _prompt(wording: Wording, problem: Problem, story: Story) -> tuple[Block, ...]:
    """One block per line of the text, then the picture, then the expression."""
    blocks: list[Block] = []
    told = "story" in wording.template.options
    if story.text:
        text = fill(story.text, wording.values, wording.show)
        blocks += [Block("text", text=line) for line in text.split("\n")]
    if "prompt_picture" in wording.template.options and not told:
        values = {**wording.bank.values, **problem.values}
        picture = illustrated(wording.bank, wording.template.options["prompt_picture"], values, wording.show)
        blocks += [picture] if picture else []
    expression = wording.show(fill(problem.expression, wording.values, wording.show))
    if (expression or problem.mathml) and not told:
        spoken = wording.say("spoken") if wording.has("spoken") else speak(wording.bank, expression)
        markup = problem.mathml or (mathml(expression) if has_fraction(expression) else "")
        block = Block("math", mathml=markup, spoken=spoken) if markup else None
        blocks.append(block or Block("expression", text=expression, spoken=spoken))
    return tuple(blocks)


def _unit(wording: Wording, problem: Problem) -> str:
    """What may stand with the number that is asked for: "cm", or the currency."""
    money = wording.template.format == "money"
    return wording.bank.text("numbers.currency") if money else wording.show(problem.unit)


def _response(wording: Wording, problem: Problem) -> ResponseSpec:
    bank, template, show = wording.bank, wording.template, wording.show
    label = bank.text(f"fields.{template.format}")
    choices = tuple(Choice(each.value, show(_number(each.label)), each.mathml) for each in problem.choices)
    if template.format == "choice":
        return ResponseSpec("choice", label, max(len(choice.value) for choice in choices), choices)
    scale = problem.scale and replace(
        problem.scale, labels=tuple((at, show(_number(text))) for at, text in problem.scale.labels)
    )
    return ResponseSpec(
        kind=template.format,  # type: ignore[arg-type]  # the formats of generated banks are kinds of response
        label=label,
        max_length=_LENGTHS.get(template.format, _NUMBER_LENGTH),
        choices=choices,
        unit=_unit(wording, problem),
        groups=tuple(Choice(each.value, show(each.label)) for each in problem.groups),
        scale=scale,
        rows=tuple(tuple(_cell(bank, cell, show) for cell in row) for row in problem.rows),
        columns=problem.columns,
        svg=board(template.format, scale, show),
    )


def _cell(bank: Bank, cell: Cell, show: Notation) -> Cell:
    if cell.part:
        return replace(cell, label=bank.text(f"steps.{cell.label}"))
    return replace(cell, text=show.signs(cell.text))
