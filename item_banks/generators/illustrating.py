"""Pictures of an item: with its question, with the worked example of the last hint, with its solution.

A picture in a bank file is a call like "number_line(0, 10, 10, a, b)": a name of `item_banks.pictures` with formulas
of the item's values. Its words for those who do not see it are the bank's sentence `pictures.<name>`.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from typing import Any

from item_banks.generators.formula import Formula, formula
from item_banks.generators.wording import Show, fill
from item_banks.pictures import PICTURES
from item_banks.schema import Bank, Block


def illustrated(bank: Bank, calls: str | tuple[str, ...], values: Mapping[str, Any], show: Show) -> Block | None:
    """The first of several pictures for which the item has the values; None if it has them for none.

    Raises ValueError for what is no picture, KeyError if the bank has no words for it.
    """
    for call in (calls,) if isinstance(calls, str) else calls:
        name, arguments = _parsed(call)
        try:
            ready = [argument(values) for argument in arguments]
        except KeyError:
            continue
        picture = PICTURES[name](show, *ready)
        spoken = _spoken(bank, name, picture.values)
        return Block("picture", svg=picture.svg, text=fill(bank.text(spoken), {**values, **picture.values}, show))
    return None


def _spoken(bank: Bank, name: str, values: Mapping[str, Any]) -> str:
    """Where the sentence is: a picture may have another one for a case that it names, as a clock at the full hour."""
    case = f"pictures.{name}_{values.get('case')}"
    return case if case in bank.strings else f"pictures.{name}"


@cache
def _parsed(call: str) -> tuple[str, tuple[Formula, ...]]:
    try:
        node = ast.parse(call.strip(), mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"{call!r} is no picture") from error
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in PICTURES:
        raise ValueError(f"{call!r} is no picture; there are {', '.join(sorted(PICTURES))}")
    return node.func.id, tuple(formula(ast.unparse(each)) for each in node.args)
