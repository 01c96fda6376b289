"""Solves items whose response has a form of its own, from their cards, boards, pictures and rows."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from fractions import Fraction

from item_banks.schema import Item
from item_banks.solver.expressions import notation, value

_ALWAYS = {
    "four equal sides": {"square", "rhombus"},
    "four right angles": {"square", "rectangle"},
    "two pairs of parallel sides": {"square", "rectangle", "rhombus", "parallelogram"},
}
_HANDS = re.compile(
    r"A clock\. The short hand (?:points to|is between) (\d+)(?: and \d+)?\. "
    r"The long hand (?:points to (\d+)|is (\d+) small marks? after (\d+))\."
)
_POINT = re.compile(r"straight above (\d+) .*level with (\d+)|Point A is at (−?\d+) on .* and at (−?\d+) on")
_MIRRORED = re.compile(r"The point \((−?\d+), (−?\d+)\) is reflected across the ([xy])-axis\.")
_TWELVE = 12
_HOLDS: Mapping[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "≤": operator.le,
    "≥": operator.ge,
}


def solves_form(item: Item) -> bool:
    """Whether the answer is right. Raises ValueError or KeyError for a page that nothing here can read."""
    return FORMS[item.response.kind](item)


def _shown(item: Item) -> list[str]:
    return [notation(block) for block in item.prompt if block.kind in ("expression", "math")]


def _pictured(item: Item) -> str:
    (text,) = [block.text for block in item.prompt if block.kind == "picture"]
    return text


def _order(item: Item) -> bool:
    return item.answer.split("; ") == sorted((card.value for card in item.response.choices), key=value)


def _group(item: Item) -> bool:
    groups = [each.value for each in item.response.groups]
    question = " ".join([item.instruction, *(notation(block) for block in item.prompt)])
    return item.answer.split("; ") == [_belongs(card.value, groups, question) for card in item.response.choices]


def _belongs(card: str, groups: list[str], question: str) -> str:
    if groups == ["prime", "composite"]:
        return groups[any(int(card) % n == 0 for n in range(2, int(card)))]
    if groups == ["even", "odd"]:
        return groups[card[-1] in "13579"]
    if groups == ["below_half", "above_half"]:
        return groups[value(card) > Fraction(1, 2)]
    if groups == ["makes_true", "makes_false"]:
        sign, limit = question.split(" x ")[1].split()
        return groups[not _HOLDS[sign](int(card), int(limit))]
    if groups == ["acute", "obtuse"]:
        return groups[int(card) > 90]
    if groups == ["fits", "does_not_fit"]:
        (shapes,) = [shapes for rule, shapes in _ALWAYS.items() if rule in question]
        return groups[card not in shapes]
    raise ValueError(f"nobody has said what belongs into {groups}")


def _line(item: Item) -> bool:
    (shown,) = _shown(item)
    scale = item.response.scale
    if scale is None:
        return False
    step = (Fraction(scale.high) - Fraction(scale.low)) / scale.steps
    on_a_mark = ((value(item.answer) - Fraction(scale.low)) / step).denominator == 1
    return on_a_mark and value(shown) == value(item.answer)


def _as_shown(item: Item) -> bool:
    return [_hyphens(each) for each in _shown(item)] == [item.answer]


def _clock(item: Item) -> bool:
    match = _HANDS.fullmatch(_pictured(item))
    if match is None:
        return False
    hour, at, more, after = match.groups()
    minutes = 5 * int(at) % 60 if at else 5 * (int(after) % _TWELVE) + int(more)
    return item.answer == f"{hour}:{minutes:02d}"


def _pair(item: Item) -> bool:
    said = " ".join(block.text for block in item.prompt if block.kind in ("text", "picture"))
    if mirrored := _MIRRORED.fullmatch(said):
        x, y = int(_hyphens(mirrored[1])), int(_hyphens(mirrored[2]))
        return item.answer == (f"({x}, {-y})" if mirrored[3] == "x" else f"({-x}, {y})")
    match = _POINT.search(said)
    return match is not None and item.answer == _hyphens(f"({match[1] or match[3]}, {match[2] or match[4]})")


def _hyphens(text: str) -> str:
    """Numbers below zero as items hold them."""
    return text.replace("−", "-")


def _remainder(item: Item) -> bool:
    (shown,) = _shown(item)
    number, divisor = (int(each.replace(",", "")) for each in shown.removesuffix("=").split("÷"))
    return item.answer == f"{number // divisor} r {number % divisor}"


def _steps(item: Item) -> bool:
    (shown,) = _shown(item)
    content = dict(enumerate(item.answer.split("; "), 1))
    if item.response.columns:
        results = [cell for row in item.response.rows for cell in row if cell.part and not cell.small]
        digits = "".join(content[cell.part] for cell in reversed(results))
        return int(digits) == value(shown.removesuffix("="))
    rows = ["".join(f" {content.get(cell.part, cell.text)} " for cell in row) for row in item.response.rows]
    *steps, last = rows
    if "÷" in shown:
        return all(map(_holds, steps)) and _is_quotient(last, shown) and _brought_down(steps, shown)
    return all(map(_holds, rows)) and sum(value(row.split("=")[1]) for row in steps) == value(last.split("=")[1])


def _holds(equation: str) -> bool:
    left, right = equation.split("=")
    return value(left) == value(right)


def _is_quotient(row: str, shown: str) -> bool:
    quotient, _, rest = row.split("=")[1].partition("r")
    number, divisor = (int(each.replace(",", "")) for each in shown.removesuffix("=").split("÷"))
    return (int(quotient), int(rest or 0)) == divmod(number, divisor)


def _brought_down(steps: list[str], shown: str) -> bool:
    """Whether each step begins with what was left and the next digit, and nothing as large as the divisor is left."""
    number, divisor = (each.strip().replace(",", "") for each in shown.removesuffix("=").split("÷"))
    left = ""
    for step, digit in zip(steps, number[-len(steps) :], strict=True):
        begins = step.split("=")[0].strip()
        if left and int(begins) != int(left + digit):
            return False
        left = step.rpartition("+")[2].strip()
        if int(left) >= int(divisor):
            return False
    return True


FORMS: Mapping[str, Callable[[Item], bool]] = {
    "order": _order,
    "group": _group,
    "line": _line,
    "point": _as_shown,
    "hands": _as_shown,
    "clock": _clock,
    "pair": _pair,
    "remainder": _remainder,
    "steps": _steps,
}
