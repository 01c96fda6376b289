"""What is written in pictures, as a child sees it on a phone; and written methods told column by column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest

from item_banks.generators.problem import pictures_of
from item_banks.generators.wording import shower
from item_banks.loader import load_banks
from item_banks.pictures.columns import column_divide
from item_banks.written import column_difference, column_product, column_sum, division, opened

BANK = load_banks()["math-en"]
DUTCH = BANK.packs["nl-NL"]
PHONE = 296
"""Pixels that a picture has on a phone of 360."""
SMALLEST = 16
_SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_TEXT = re.compile(r'<text x="([-\d.]+)" y="([-\d.]+)" font-size="(\d+)" text-anchor="(\w+)"[^>]*>([^<]*)</text>')


def drawings(seed: int) -> Iterator[tuple[str, str]]:
    """Each picture of each template: with its question, to be answered on, with its hints and its solution."""
    for bank in (BANK, DUTCH):
        for template in bank.templates.values():
            if template.member is None:
                item = bank.draw(template.id, seed)
                yield from ((template.id, block.svg) for block in item.prompt if block.kind == "picture")
                yield from ((template.id, block.svg) for block in pictures_of(bank, item).values())
                # The size of the numbers below a slider is the stylesheet's: the line is as wide as the page.
                if item.response.svg and item.response.kind != "line":
                    yield template.id, item.response.svg


def test_on_a_phone_everything_written_in_a_picture_can_be_read_and_is_within_it() -> None:
    for name, svg in drawings(seed=5):
        size = _SIZE.search(svg)
        assert size is not None, name
        wide, high = float(size[1]), float(size[2])
        for x, y, font, anchor, shown in _TEXT.findall(svg):
            assert int(font) * min(1, PHONE / wide) >= SMALLEST, (name, shown)
            length = 0.58 * int(font) * len(unescape(shown))
            left = float(x) - {"start": 0, "middle": length / 2, "end": length}[anchor]
            assert left >= -2, (name, shown)
            assert left + length <= wide + 2, (name, shown)
            assert 0.7 * int(font) - 2 <= float(y) <= high, (name, shown)


def told(pieces: tuple[object, ...]) -> str:
    return "".join(map(shower(BANK), pieces))


def test_columns_are_told_with_what_is_carried_and_what_is_opened() -> None:
    assert told(column_sum(138, 27)) == "Ones: 8 + 7 = 15, write 5, carry 1. Tens: 1 + 3 + 2 = 6. Hundreds: 1"
    assert told(column_sum(64, 52)) == "Ones: 4 + 2 = 6. Tens: 6 + 5 = 11"
    assert told(column_difference(402, 138)) == (
        "Ones: 2 → 12, 12 − 8 = 4. Tens: 0 → 9, 9 − 3 = 6. Hundreds: 4 → 3, 3 − 1 = 2"
    )
    assert told(column_difference(104, 38)) == "Ones: 4 → 14, 14 − 8 = 6. Tens: 0 → 9, 9 − 3 = 6"
    assert told(column_product(27, 4)) == "Ones: 7 × 4 = 28, write 8, carry 2. Tens: 2 × 4 + 2 = 10"


@pytest.mark.parametrize(("number", "divisor"), [(936, 4), (824, 8), (803, 27), (1845, 7)])
def test_a_long_division_ends_with_its_quotient_and_what_is_left(number: int, divisor: int) -> None:
    steps = division(number, divisor)
    assert int("".join(str(step.fits) for step in steps)) == number // divisor
    assert steps[-1].left == number % divisor


def test_opened_places_are_still_worth_the_whole_number() -> None:
    assert sum(digit * 10**place for place, digit in enumerate(opened(5003, 1678))) == 5003


def test_a_dutch_child_sees_the_quotient_behind_the_number_and_an_english_one_above_it() -> None:
    behind, above = (column_divide(shower(bank), 936, 4).svg for bank in (DUTCH, BANK))
    assert ">234</text>" in behind
    assert ">234</text>" not in above
