"""The calendar of a simulated school year, and what happens to its pupils: shared by `year` and `needs`."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Final

from engine.simulation import SimulatedLearner
from item_banks.schema import Bank
from lti_tool.services.catalog import Catalog
from tests.bench.in_need import Truth

CLASSES: Final = (("3B", "math-en", 3), ("5A", "math-en", 4), ("4C", "spelling-en", 4))
FIRST_MONDAY: Final = datetime(2026, 8, 31, 8, 30, tzinfo=UTC)
WEEKS: Final = 36
HOLIDAYS: Final = {8: 1, 16: 2, 24: 1, 30: 2}
"""After so many weeks of school, so many weeks without."""
PERIOD, SKILLS_EACH = 6, 6
"""Weeks of one activity, and its skills."""
SITTINGS, ITEMS = 2, 12
"""In a week, and in a sitting."""
GUESSES: Final = 0.7
"""How often a guesser answers without reading."""
TAKES: Final = 0.5
"""How often an explanation is taken."""
HOLIDAY_LOSS: Final = 0.2
KNOWN_BEFORE: Final = 0.85
"""How much is known of the grades before."""
SHOWN: Final = 4
"""Tries after which a skill counts as practised."""


@dataclass
class Fate:
    """What happens to one pupil in the year. Whether it does depends on the pupil's number."""

    truth: Truth
    rng: Random
    guessing: range
    ill: range
    tried: Counter[str] = field(default_factory=Counter)
    """How many answers there were to each skill in the running activity."""

    @classmethod
    def of(cls, catalog: Catalog, bank_id: str, grade: int, number: int, rng: Random) -> "Fate":
        """Half of the pupils know or don't, half grow; one in seven is slow, one in five guesses for three weeks."""
        bank, curriculum = catalog.banks[bank_id], catalog.curriculum(bank_id)
        make = SimulatedLearner.two_state if number % 2 else SimulatedLearner.continuous
        mind = make(curriculum, rng, slow=number % 7 == 3)
        for skill in bank.skills.values():
            if skill.grade < grade and rng.random() < KNOWN_BEFORE:
                mind.master(skill.id)
        first = rng.randrange(3, 30)
        guessing = range(first, first + 3) if number % 5 == 1 else range(0)
        first = rng.randrange(1, WEEKS)
        return cls(Truth(mind, curriculum), rng, guessing, range(first, first + rng.choice((0, 1, 1, 2, 3))))

    def guesses_in(self, week: int) -> float:
        """How often the pupil answers without reading in this week."""
        return GUESSES if week in self.guessing else 0.0

    def holiday(self) -> None:
        """One pupil in five loses one or two of the skills that were mastered and practised."""
        mind = self.truth.mind
        known = [skill for skill, times in self.tried.items() if times >= SHOWN and mind.has_mastered(skill)]
        if known and self.rng.random() < HOLIDAY_LOSS:
            for skill in self.rng.sample(known, min(len(known), self.rng.choice((1, 2)))):
                self.truth.loses(skill)


def assigned(bank: Bank, grade: int, period: int) -> list[str]:
    """The next skills of the class's grade; after the last come the first ones of the next grade."""
    skills = [skill.id for skill in bank.skills.values() if skill.grade >= grade]
    first = period * SKILLS_EACH % len(skills)
    return skills[first : first + SKILLS_EACH]
