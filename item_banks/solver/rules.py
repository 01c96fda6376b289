"""All rules for questions in words, topic by topic."""

from __future__ import annotations

from item_banks.solver.algebra import ALGEBRA
from item_banks.solver.data import DATA
from item_banks.solver.decimals import DECIMALS
from item_banks.solver.fractions import FRACTIONS
from item_banks.solver.numbers import PLACE_VALUE
from item_banks.solver.operations import OPERATIONS
from item_banks.solver.quantities import QUANTITIES
from item_banks.solver.reading import Rule
from item_banks.solver.shapes import SHAPES
from item_banks.solver.stories import STORIES

RULES: tuple[Rule, ...] = (
    *STORIES,
    *ALGEBRA,
    *PLACE_VALUE,
    *OPERATIONS,
    *FRACTIONS,
    *DECIMALS,
    *SHAPES,
    *QUANTITIES,
    *DATA,
)
