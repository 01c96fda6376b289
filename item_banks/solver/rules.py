"""All rules for questions in words, topic by topic."""

from __future__ import annotations

from item_banks.solver.numbers import PLACE_VALUE
from item_banks.solver.reading import Rule

RULES: tuple[Rule, ...] = (*PLACE_VALUE,)
