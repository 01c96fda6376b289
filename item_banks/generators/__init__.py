"""Turns templates into items. `GENERATORS` maps the names that bank files use to the code that draws."""

from collections.abc import Mapping

from item_banks.generators.arithmetic import add_regroup, subtract_across_zero, subtract_regroup
from item_banks.generators.formula_items import formula_problem
from item_banks.generators.fractions import (
    equivalent_bottom,
    equivalent_choice,
    equivalent_open,
    equivalent_top,
)
from item_banks.generators.problem import ProblemGenerator
from item_banks.schema import Generator
from item_banks.words.items import build, cloze, dictation, family, homophone, missing_letters, proofread, sort

GENERATORS: Mapping[str, Generator] = {
    "formula": ProblemGenerator(formula_problem),
    "add_regroup": ProblemGenerator(add_regroup),
    "subtract_regroup": ProblemGenerator(subtract_regroup),
    "subtract_across_zero": ProblemGenerator(subtract_across_zero),
    "equivalent_top": ProblemGenerator(equivalent_top),
    "equivalent_bottom": ProblemGenerator(equivalent_bottom),
    "equivalent_open": ProblemGenerator(equivalent_open),
    "equivalent_choice": ProblemGenerator(equivalent_choice),
    "dictation": dictation,
    "missing": missing_letters,
    "cloze": cloze,
    "build": build,
    "family": family,
    "homophone": homophone,
    "proofread": proofread,
    "sort": sort,
}
