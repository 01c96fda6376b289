"""Writes short notation ("1/2 + 2 3/4 = ?") as MathML Core, so that fractions stand upright."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"(\d+) (\d+|\?)/(\d+|\?)|(\d+|\?)/(\d+|\?)|((?<=\d )\?(?= \d))|(\d[\d.,]*\d|\d|\?)|(\w+|\S)")


def mathml(notation: str) -> str:
    """The MathML of an expression. "?" stands for the number that is asked for, or between two for their sign."""
    return f"<math>{''.join(_element(match) for match in _TOKEN.finditer(notation))}</math>"


def has_fraction(notation: str) -> bool:
    """Whether the notation holds a fraction, which plain text shows badly."""
    return re.search(r"[\d?]/[\d?]", notation) is not None


def _element(match: re.Match[str]) -> str:
    whole, top, bottom, fraction_top, fraction_bottom, sign, number, other = match.groups()
    if whole:
        return f"<mrow><mn>{whole}</mn>{_fraction(top, bottom)}</mrow>"
    if fraction_top:
        return _fraction(fraction_top, fraction_bottom)
    if sign:
        return "<mo>?</mo>"  # as a sign it has room on both sides
    if number:
        return _number(number)
    return f"<mi>{other}</mi>" if other.isalpha() else f"<mo>{_ESCAPES.get(other, other)}</mo>"


def _fraction(top: str, bottom: str) -> str:
    return f"<mfrac>{_number(top)}{_number(bottom)}</mfrac>"


def _number(text: str) -> str:
    return "<mtext>?</mtext>" if text == "?" else f"<mn>{text}</mn>"


_ESCAPES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
