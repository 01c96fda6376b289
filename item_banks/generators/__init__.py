"""Turns templates into items. `GENERATORS` maps the names that bank files use to the code that draws."""

from collections.abc import Mapping

from item_banks.generators.arithmetic import add_regroup, subtract_across_zero, subtract_regroup
from item_banks.generators.fractions import (
    equivalent_bottom,
    equivalent_choice,
    equivalent_open,
    equivalent_top,
)
from item_banks.generators.problem import generator
from item_banks.generators.words import dictation, missing_letters
from item_banks.schema import Generator

GENERATORS: Mapping[str, Generator] = {
    "add_regroup": generator(add_regroup),
    "subtract_regroup": generator(subtract_regroup),
    "subtract_across_zero": generator(subtract_across_zero),
    "equivalent_top": generator(equivalent_top),
    "equivalent_bottom": generator(equivalent_bottom),
    "equivalent_open": generator(equivalent_open),
    "equivalent_choice": generator(equivalent_choice),
    "dictation": dictation,
    "missing": missing_letters,
}
