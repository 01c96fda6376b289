"""Computes expressions and equations as they stand on the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction

from item_banks.schema import Block, Item

_TOKEN = re.compile(r"\s*(?:(\d+) (\d+)/(\d+)|(\d+)/(\d+)|(\d[\d,]*(?:\.\d+)?)|([-+−×÷()]))")
_NUMBER = r"<mn>([\d.,]+)</mn>|<mtext>(\?)</mtext>"
_FRACTION = re.compile(rf"<mfrac>(?:{_NUMBER})(?:{_NUMBER})</mfrac>")
_SIGNS: Mapping[str, Callable[[Fraction, Fraction], bool]] = {
    "<": lambda left, right: left < right,
    "=": lambda left, right: left == right,
    ">": lambda left, right: left > right,
}


def notation(block: Block) -> str:
    """An expression in one line: upright fractions become 3/4."""
    if block.kind != "math":
        return block.text
    flat = _FRACTION.sub(lambda match: f" {match[1] or match[2]}/{match[3] or match[4]} ", block.mathml)
    bare = re.sub(r"<[^>]*>", " ", flat)
    return " ".join(bare.replace("&lt;", "<").replace("&gt;", ">").split())


def solves_expression(item: Item) -> bool:
    """Whether the answer is the value of the one expression shown, or what makes the equation or comparison true.

    Raises ValueError for what is no expression.
    """
    shown = [notation(block) for block in item.prompt if block.kind in ("expression", "math")]
    if len(shown) != 1:
        return False
    if item.response.choices:
        return [each.value for each in item.response.choices if _true(shown[0], each.value)] == [item.answer]
    return _true(shown[0], item.answer)


def _true(shown: str, answer: str) -> bool:
    """Whether an answer completes what is shown: "3 + 4 =", "3 + ? = 7", or "3 ? 7" with a sign."""
    if answer in _SIGNS:
        left, right = shown.split("?")
        return _SIGNS[answer](value(left), value(right))
    left, _, right = shown.replace("?", answer).partition("=")
    return value(left) == value(right if right.strip() else answer)


def value(text: str) -> Fraction:
    """The value of an expression with + − × ÷, brackets, decimals, fractions and mixed numbers. Raises ValueError."""
    tokens = _tokens(text)
    result = _sum(tokens)
    if tokens:
        raise ValueError(f"{text!r} goes on after its end")
    return result


def _tokens(text: str) -> list[Fraction | str]:
    found: list[Fraction | str] = []
    at, text = 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"{text!r} is no expression")
        whole, top, bottom, only_top, only_bottom, number, sign = match.groups()
        if sign:
            found.append(sign)
        elif number:
            found.append(Fraction(number.replace(",", "")))
        else:
            found.append(int(whole or 0) + Fraction(int(top or only_top), int(bottom or only_bottom)))
        at = match.end()
    return found[::-1]


def _sum(tokens: list[Fraction | str]) -> Fraction:
    result = _product(tokens)
    while tokens and tokens[-1] in ("+", "−", "-"):
        result += _product(tokens) if tokens.pop() == "+" else -_product(tokens)
    return result


def _product(tokens: list[Fraction | str]) -> Fraction:
    result = _factor(tokens)
    while tokens and tokens[-1] in ("×", "÷"):
        result = result * _factor(tokens) if tokens.pop() == "×" else result / _factor(tokens)
    return result


def _factor(tokens: list[Fraction | str]) -> Fraction:
    if not tokens:
        raise ValueError("an expression ends too early")
    first = tokens.pop()
    if isinstance(first, Fraction):
        return first
    if first in ("−", "-"):
        return -_factor(tokens)
    if first != "(":
        raise ValueError(f"{first!r} stands where a number should")
    result = _sum(tokens)
    if not tokens or tokens.pop() != ")":
        raise ValueError("a bracket is not closed")
    return result
