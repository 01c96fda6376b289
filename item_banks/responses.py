"""Responses of several parts: what the fields of a page take, and the one line of text that they make together.

A response is always one line, which a person can read and type too: "17 r 3", "2 3/4", "4:05", "(3, 4)", "0.3; 0.35".
A page asks for its parts in fields of their own: `response`, `response_below` and so on. `joined` makes the line of
the fields, `parts` finds the fields' content in the line, to show a form again as it was left.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

BETWEEN = "; "
"""Stands between the cards of an order, the groups of cards, the steps of a written method."""

_NUMBERED = re.compile(r"response_(\d{1,2})")
_FRACTION = re.compile(r"(?:(\S*)\s+)?([^/\s]*)\s*/\s*(.*)")
_MARK = re.compile(r"mark (\d{1,4})")


@dataclass(frozen=True)
class Scale:
    """A line or a grid on which something is placed: from `low` to `high` in `steps` equal steps.

    `labels` are numbers as the pupil reads them, each with the step at which it stands, from 0.
    """

    low: str
    high: str
    steps: int
    labels: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Cell:
    """A cell of a written method. With `part` a field, with its accessible name `label`, else `text`.

    `part` counts the fields from 1 in the order in which they are worked out; a `small` one is for a note that a
    pupil may leave out, as the carried ten.
    """

    text: str = ""
    part: int = 0
    label: str = ""
    small: bool = False


Rows = tuple[tuple[Cell, ...], ...]
"""The cells of a written method, row by row."""


def joined(fields: Mapping[str, str]) -> str:
    """The line that the fields of a page make, "" if all are empty. Fields that belong to no response are ignored."""
    numbered = {int(match[1]): value for name, value in fields.items() if (match := _NUMBERED.fullmatch(name))}
    if numbered:
        line = [numbered.get(part, "").strip() for part in range(1, max(numbered) + 1)]
        return BETWEEN.join(line) if any(line) else fields.get("response", "")
    first = fields.get("response", "")
    for name, join in _JOINS:
        if name in fields:
            return join(first, fields)
    return first


def parts(kind: str, line: str) -> dict[str, str]:
    """Field -> content for a line that `joined` made; what is no such line stands whole in the field `response`."""
    split = _SPLITS.get(kind)
    found = split(line) if split and line else None
    return {"response": line} if found is None else found


def mark_at(line: str) -> int | None:
    """The step of a scale that a page's slider stands at; None if the line is no such mark."""
    match = _MARK.fullmatch(line)
    return int(match[1]) if match else None


def _fraction(first: str, fields: Mapping[str, str]) -> str:
    whole, below = fields.get("response_whole", "").strip(), fields.get("response_below", "").strip()
    fraction = f"{first}/{below}" if below else first
    return f"{whole} {fraction}".strip() if whole else fraction


def _remainder(first: str, fields: Mapping[str, str]) -> str:
    rest = fields["response_rest"].strip()
    return f"{first} r {rest}" if rest else first


def _clock(first: str, fields: Mapping[str, str]) -> str:
    minutes = fields["response_minutes"].strip()
    return f"{first}:{minutes}" if minutes else first


def _pair(first: str, fields: Mapping[str, str]) -> str:
    second = fields["response_up"].strip()
    return f"({first}, {second})" if first.strip() or second else ""


def _mark(first: str, fields: Mapping[str, str]) -> str:
    at = fields["response_mark"].strip()
    return f"mark {at}" if at and not first else first


_JOINS = (
    ("response_below", _fraction),
    ("response_rest", _remainder),
    ("response_minutes", _clock),
    ("response_up", _pair),
    ("response_mark", _mark),
)


def _split_fraction(line: str) -> dict[str, str] | None:
    match = _FRACTION.fullmatch(line)
    return {"response_whole": match[1] or "", "response": match[2], "response_below": match[3]} if match else None


def _split_mixed(line: str) -> dict[str, str] | None:
    whole = line if line.strip().isdigit() else ""
    return {"response_whole": whole, "response": ""} if whole else _split_fraction(line)


def _split_remainder(line: str) -> dict[str, str] | None:
    first, r, rest = line.partition(" r ")
    return {"response": first, "response_rest": rest} if r else None


def _split_clock(line: str) -> dict[str, str] | None:
    first, colon, minutes = line.partition(":")
    return {"response": first, "response_minutes": minutes} if colon else None


def _split_pair(line: str) -> dict[str, str] | None:
    first, comma, second = line.strip("()").partition(",")
    return {"response": first.strip(), "response_up": second.strip()} if comma else None


def _split_mark(line: str) -> dict[str, str] | None:
    at = mark_at(line)
    return None if at is None else {"response": "", "response_mark": str(at)}


def _split_numbered(line: str) -> dict[str, str] | None:
    return {f"response_{n}": each.strip() for n, each in enumerate(line.split(BETWEEN.strip()), 1)}


_SPLITS = {
    "fraction": _split_fraction,
    "mixed": _split_mixed,
    "remainder": _split_remainder,
    "clock": _split_clock,
    "hands": _split_clock,
    "pair": _split_pair,
    "point": _split_pair,
    "line": _split_mark,
    "order": _split_numbered,
    "group": _split_numbered,
    "steps": _split_numbered,
}
