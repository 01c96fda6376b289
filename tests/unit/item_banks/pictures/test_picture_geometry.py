"""What is written in pictures can be read: no label leaves its drawing, and nothing is drawn over another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest

from item_banks.generators.problem import pictures_of
from item_banks.loader import load_banks
from item_banks.pictures.svg import breadth
from item_banks.schema import Bank, Item

MATH = load_banks()["math-en"]
TEXT = (
    r'<text x="(?P<x>[-\d.]+)" y="(?P<y>[-\d.]+)" font-size="(?P<size>\d+)" text-anchor="(?P<anchor>\w+)"'
    r"(?P<rest>[^>]*)>(?P<said>[^<]*)</text>"
)
DISC = r'<circle cx="(?P<cx>[-\d.]+)" cy="(?P<cy>[-\d.]+)" r="(?P<r>[\d.]+)"'
SHAPE = re.compile(f"{TEXT}|{DISC}")
DOT = 10  # pixels; a larger disc is a ground to write on
HALO = 2.5  # pixels of ground around a label that has some
SLACK = 0.5

Box = tuple[float, float, float, float]


def drawings(bank: Bank, seeds: range) -> Iterator[tuple[str, str]]:
    """Each picture of each kind of item, also those of hints and solutions. The line below a slider has no edges."""
    for template in bank.templates.values():
        for seed in seeds if template.member is None else range(1):
            item = bank.draw(template.id, seed)
            for name, svg in _of(bank, item):
                yield f"{template.id} {seed} {name}", svg


def _of(bank: Bank, item: Item) -> Iterator[tuple[str, str]]:
    yield from (("question", block.svg) for block in item.prompt if block.kind == "picture")
    yield from ((name, block.svg) for name, block in pictures_of(bank, item).items())
    if item.response.svg and item.response.kind != "line":
        yield "board", item.response.svg


def faults(svg: str) -> list[str]:
    """Labels that are cut off at an edge, or covered by what is drawn after them."""
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert found
    width, height = map(float, found.groups())
    told, below = [], []
    for match in SHAPE.finditer(svg):
        box, over = _boxes(match)
        told += [f"{said!r} is covered by {match['said'] or 'a dot'!r}" for said, under in below if _meet(under, over)]
        if match["said"]:
            if box[0] < -SLACK or box[1] < -SLACK or box[2] > width + SLACK or box[3] > height + SLACK:
                told.append(f"{match['said']!r} is cut off")
            below.append((match["said"], box))
    return told


def _boxes(match: re.Match[str]) -> tuple[Box, Box]:
    """What is to be read, and what it covers."""
    if match["r"]:
        x, y, r = (float(match[name]) for name in ("cx", "cy", "r"))
        reach = 0.85 * r if r < DOT else -1
        return (x, y, x, y), (x - reach, y - reach, x + reach, y + reach)
    said, size, x, y = unescape(match["said"]), int(match["size"]), float(match["x"]), float(match["y"])
    wide = breadth(said, size)
    left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[match["anchor"]]
    box = left, y - 0.68 * size, left + wide, y + (0.2 * size if re.search("[gjpqy,()]", said) else 0)
    around = HALO if "stroke-width" in match["rest"] else 0.0
    return box, (box[0] - around, box[1] - around, box[2] + around, box[3] + around)


def _meet(one: Box, other: Box) -> bool:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across > SLACK and down > SLACK


@pytest.mark.parametrize(("bank", "seeds"), [(MATH, range(3)), (MATH.packs["nl-NL"], range(1))], ids=["en", "nl"])
def test_no_label_is_cut_off_or_covered(bank: Bank, seeds: range) -> None:
    told = {name: found for name, svg in drawings(bank, seeds) if (found := faults(svg))}
    assert not told


def test_a_label_over_the_edge_and_a_dot_on_a_label_are_found() -> None:
    label = '<text x="{}" y="20" font-size="17" text-anchor="middle" fill="#000">−400</text>'
    dot = '<circle cx="30" cy="14" r="6" fill="#000" stroke="#000"/>'
    drawing = '<svg viewBox="0 0 300 30">{}</svg>'
    assert faults(drawing.format(label.format(19))) == ["'−400' is cut off"]
    assert faults(drawing.format(label.format(30) + dot)) == ["'−400' is covered by 'a dot'"]
    assert not faults(drawing.format(dot + label.format(30)))
