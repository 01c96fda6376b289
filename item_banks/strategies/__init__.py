"""Strategy lessons: short, explicit, one file per subject and language beside this one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from item_banks.reading.reader import BankError, Reader

FOLDER = Path(__file__).parent
NEEDS = ("id", "title", "when", "steps", "example", "grades")


@dataclass(frozen=True)
class Strategy:
    """One way to go about a question: what it is called, when it fits, its steps, and an example of it.

    `example`: what it is about, and the strategy at work on it. `grades`: first and last for which it is offered.
    """

    id: str
    title: str
    when: str
    steps: tuple[str, ...]
    example: tuple[str, ...]
    grades: tuple[int, ...]


@cache
def load_strategies(folder: Path = FOLDER) -> Mapping[str, tuple[Strategy, ...]]:
    """All strategies by the bank for which they are meant ("spelling-en"). Raises BankError."""
    found, problems = {}, list[str]()
    for path in sorted(folder.glob("*.yaml")):
        try:
            bank, strategies = _read(path)
        except BankError as error:
            problems += error.problems
            continue
        found[bank] = strategies
    if problems:
        raise BankError(problems)
    return found


def _read(path: Path) -> tuple[str, tuple[Strategy, ...]]:
    reader = Reader(path)
    root = reader.mapping(reader.root, needs=("subject", "language", "strategies"), may=())
    nodes = reader.sequence(root["strategies"]) if "strategies" in root else []
    strategies = [each for node in nodes if (each := _strategy(reader, node)) is not None]
    if len({each.id for each in strategies}) < len(strategies):
        reader.complain(reader.root, "two strategies have one id; give each its own")
    reader.finish()
    return f"{reader.text(root['subject'])}-{reader.text(root['language'])}", tuple(strategies)


def _strategy(reader: Reader, node: yaml.Node) -> Strategy | None:
    entry = reader.mapping(node, needs=NEEDS, may=())
    if len(entry) < len(NEEDS):
        return None
    example, grades = reader.texts(entry["example"]), reader.integers(entry["grades"])
    if len(example) != 2 or len(grades) != 2:
        reader.complain(node, "an example is [what, how] and grades are [first, last]; write two of each")
    texts = {name: reader.text(entry[name]) for name in ("id", "title", "when")}
    return Strategy(**texts, steps=reader.texts(entry["steps"]), example=example, grades=grades)
