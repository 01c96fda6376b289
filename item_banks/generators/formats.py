"""What a formula item needs besides its answer where the response has a form of its own.

Options, with the formats that take them:

- `unit`: a name of the bank's `words` or the unit itself, behind the field of a number.
- `cards`: formulas of what is put in order or into groups, shown in chance order.
- `groups` and `into`: the names of the groups, and a formula with `card` that gives a card's group; `wrong` holds
  formulas with `card` too. Without groups the cards are put in order of their values, smallest first, and `wrong`
  holds lists of cards made by `ordered`.
- `scale`: `low`, `high`, `steps` and `label` (a number at every so many steps, 0 for the ends only) of a line, or both
  sides of a grid.
- `method`: "add", "subtract", "multiply" or "divide", worked out with the formulas `numbers`; a number in `wrong` is
  the result that is written into its columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from item_banks.generators.draws import Draws
from item_banks.generators.formula import formula
from item_banks.generators.mathml import has_fraction, mathml
from item_banks.generators.methods import METHODS
from item_banks.generators.orders import card_text, card_value
from item_banks.numbers import plain_number
from item_banks.responses import BETWEEN, Rows, Scale
from item_banks.schema import Choice

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Form:
    """The form of a response, without words: see `ResponseSpec`."""

    answer: str
    wrong: Mapping[str, Any]
    choices: tuple[Choice, ...] = ()
    groups: tuple[Choice, ...] = ()
    scale: Scale | None = None
    rows: Rows = ()
    columns: bool = False


def formed(draws: Draws, options: Mapping[str, Any], values: Values) -> Form | None:
    """The form that the options ask for; None where the numbers drawn do not make one (two equal cards)."""
    for name, build in _BUILDERS.items():
        if name in options:
            return build(draws, options, values)
    raise KeyError("answer")


def has_form(options: Mapping[str, Any]) -> bool:
    """Whether the options ask for a form of response that brings its answer along."""
    return "cards" in options or "method" in options


def scale_of(options: Mapping[str, Any], values: Values) -> Scale | None:
    """The scale on which something is placed; its labels are numbers as items hold them."""
    if "scale" not in options:
        return None
    low, high, steps, every = (
        formula(str(options["scale"][name]))(values) for name in ("low", "high", "steps", "label")
    )
    span = Fraction(high) - Fraction(low)
    at = range(0, int(steps) + 1, int(every) or int(steps))
    labels = tuple((step, plain_number(Fraction(low) + span * step / steps)) for step in at)
    return Scale(plain_number(low), plain_number(high), int(steps), labels)


def _cards(draws: Draws, options: Mapping[str, Any], values: Values) -> Form | None:
    shown = [card_text(formula(str(card))(values)) for card in options["cards"]]
    if len(set(shown)) < len(shown):
        return None
    shown = list(draws.shuffled(shown))
    choices = tuple(Choice(card, card, mathml(card) if has_fraction(card) else "") for card in shown)
    if "groups" in options:
        return _groups(options, values, choices)
    worth = [card_value(card) for card in shown]
    if len(set(worth)) < len(worth) or worth == sorted(worth):
        return None
    wrong = {code: formula(str(text))(values) for code, text in options.get("wrong", {}).items()}
    return Form(BETWEEN.join(sorted(shown, key=card_value)), wrong, choices)


def _groups(options: Mapping[str, Any], values: Values, choices: Sequence[Choice]) -> Form | None:
    def sort(text: Any) -> list[str]:
        into = formula(str(text))
        return [str(into({**values, "card": _bare(card.value)})) for card in choices]

    answer = sort(options["into"])
    if len(set(answer)) < len(options["groups"]):
        return None
    wrong = {code: BETWEEN.join(sort(text)) for code, text in options.get("wrong", {}).items()}
    groups = tuple(Choice(name, name) for name in options["groups"])
    return Form(BETWEEN.join(answer), wrong, tuple(choices), groups)


def _method(draws: Draws, options: Mapping[str, Any], values: Values) -> Form | None:
    a, b = (int(formula(str(number))(values)) for number in options["numbers"])
    method = METHODS[options["method"]](a, b)
    wrong: dict[str, Any] = {}
    right = formula(str(options["answer"]))(values) if "answer" in options else None
    for code, text in options.get("wrong", {}).items():
        value = formula(str(text))(values)
        is_result = isinstance(value, int | Fraction)
        wrong[code] = (method.with_result(int(value)) if value != right else None) if is_result else value
    return Form(method.answer, wrong, rows=method.rows, columns=method.columns)


def _bare(card: str) -> Any:
    """A card as formulas take it: a number where it is one."""
    try:
        value = Fraction(card)
    except ValueError:
        return card
    return card if "/" in card else value.numerator if value.denominator == 1 else value


_BUILDERS: Mapping[str, Callable[[Draws, Mapping[str, Any], Values], Form | None]] = {
    "cards": _cards,
    "method": _method,
}
