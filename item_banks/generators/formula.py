"""The small language in which bank files compute: whole numbers, exact fractions, texts and named functions.

It is the arithmetic and logic of Python without anything that could reach further: no attributes, no indexing, no
names but those given. Decimals are exact: 0.1 + 0.2 is 0.3.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

from item_banks.generators.functions import FUNCTIONS

Values = Mapping[str, Any]
"""Names to whole numbers, fractions, texts or None ("no such answer")."""
Formula = Callable[[Values], Any]

_LONGEST = 500
_OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.USub: operator.neg,
    ast.Not: operator.not_,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


@cache
def formula(text: str) -> Formula:
    """The function that a formula describes. Raises ValueError for what is none, with the reason.

    Calling it raises KeyError for a name without a value and ValueError for a division by zero.
    """
    if len(text) > _LONGEST:
        raise ValueError(f"a formula of {len(text)} characters is too long")
    try:
        return _compiled(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, RecursionError) as error:
        raise ValueError(f"{text!r} is no formula") from error


def _compiled(node: ast.expr) -> Formula:
    for kind, build in _BUILDERS.items():
        if isinstance(node, kind):
            return build(node)
    raise ValueError(f"{ast.unparse(node)!r} is not allowed in a formula")


def _constant(node: ast.Constant) -> Formula:
    value: Any = Fraction(str(node.value)) if isinstance(node.value, float) else node.value
    if not isinstance(value, int | Fraction | str):
        raise ValueError(f"{node.value!r} is not allowed in a formula")
    return lambda values: value


def _name(node: ast.Name) -> Formula:
    name = node.id
    if name == "none":
        return lambda values: None
    return lambda values: values[name]


def _binary(node: ast.BinOp) -> Formula:
    left, right = _compiled(node.left), _compiled(node.right)
    if isinstance(node.op, ast.Div):
        return lambda values: _divide(left(values), right(values))
    act = _operator(node.op)
    return lambda values: act(left(values), right(values))


def _divide(top: Any, bottom: Any) -> Any:
    if bottom == 0:
        raise ValueError("a formula divides by zero")
    if type(top) is int and type(bottom) is int and top % bottom == 0:
        return top // bottom
    result = Fraction(top) / bottom
    return result.numerator if result.denominator == 1 else result


def _unary(node: ast.UnaryOp) -> Formula:
    act, inside = _operator(node.op), _compiled(node.operand)
    return lambda values: act(inside(values))


def _logic(node: ast.BoolOp) -> Formula:
    parts = [_compiled(each) for each in node.values]
    every = all if isinstance(node.op, ast.And) else any
    return lambda values: every(part(values) for part in parts)


def _compare(node: ast.Compare) -> Formula:
    acts = [_operator(each) for each in node.ops]
    parts = [_compiled(each) for each in (node.left, *node.comparators)]

    def holds(values: Values) -> bool:
        found = [part(values) for part in parts]
        return all(act(found[n], found[n + 1]) for n, act in enumerate(acts))

    return holds


def _conditional(node: ast.IfExp) -> Formula:
    test, then, otherwise = _compiled(node.test), _compiled(node.body), _compiled(node.orelse)
    return lambda values: then(values) if test(values) else otherwise(values)


def _call(node: ast.Call) -> Formula:
    if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS or node.keywords:
        raise ValueError(f"{ast.unparse(node.func)!r} is no function; there are {', '.join(sorted(FUNCTIONS))}")
    act, parts = FUNCTIONS[node.func.id], [_compiled(each) for each in node.args]
    return lambda values: act(*[part(values) for part in parts])


def _operator(op: ast.AST) -> Callable[..., Any]:
    if type(op) not in _OPERATORS:
        raise ValueError(f"{type(op).__name__} is not allowed in a formula")
    return _OPERATORS[type(op)]


_BUILDERS: Mapping[type[ast.expr], Callable[[Any], Formula]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _logic,
    ast.Compare: _compare,
    ast.IfExp: _conditional,
    ast.Call: _call,
}
