"""Who sits in the imagined class, and how they answered: each part of the class page has something to say. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

UNHURRIED, HURRIED = 9.0, 0.9
"""Seconds for an answer that was thought about, and for one that was not."""


@dataclass(frozen=True)
class Bout:
    """One sitting at one skill, so many days ago. `answers`: a letter for each, "r" right and "w" wrong."""

    days_ago: int
    skill_id: str
    answers: str
    seconds: float = UNHURRIED


@dataclass(frozen=True)
class Imagined:
    """An imagined pupil, who may not have begun."""

    name: str
    section: str
    bouts: Sequence[Bout] = ()


@dataclass(frozen=True)
class ImaginedClass:
    """A bank's skills, and the pupils who practise them."""

    bank_id: str
    skill_ids: Sequence[str]
    pupils: Sequence[Imagined]


ADD, SUB, SUB0, FRACTION, AREA = "M.NBT3.ADD", "M.NBT3.SUB", "M.NBT3.SUB0", "M.NF3.UNIT", "M.MD3.AREA"
GOOD, SURE, FAIR, POOR = "rrrrrr", "rrrrrrrr", "rwrrwrrw", "wwwwwwww"

PUPILS: Final = (
    Imagined("Aaliyah", "3A", (Bout(9, ADD, GOOD), Bout(6, SUB, GOOD), Bout(3, SUB0, GOOD), Bout(1, FRACTION, "rrrr"))),
    Imagined("Ben", "3A", (Bout(9, ADD, GOOD), Bout(6, SUB, GOOD), Bout(3, SUB0, "wwrwwww"), Bout(1, SUB0, "wwwwwrw"))),
    Imagined("Carlos", "3A", (Bout(8, ADD, GOOD), Bout(6, SUB, GOOD), Bout(2, SUB0, POOR + "wwww"))),
    Imagined("Dewi", "3A", (Bout(8, ADD, GOOD), Bout(5, SUB, GOOD), Bout(0, SUB0, "wwwwrwwwwwwww"))),
    Imagined("Elif", "3A", (Bout(9, ADD, "rrwrrr"), Bout(2, SUB, FAIR))),
    Imagined("Finn", "3A", (Bout(9, AREA, SURE), Bout(7, AREA, GOOD), Bout(1, FRACTION, "rwwrwrww"))),
    Imagined("Grace", "3B", (Bout(9, FRACTION, SURE), Bout(7, FRACTION, GOOD), Bout(1, AREA, "rwrwwrww"))),
    Imagined("Hugo", "3B", (Bout(16, SUB, SURE), Bout(1, SUB, "wwrwwww"))),
    Imagined("Imani", "3B", (Bout(6, ADD, "rwrr"), Bout(1, SUB, POOR, HURRIED))),
    Imagined("Jonas", "3B", (Bout(8, ADD, SURE), Bout(2, SUB, "rwwwwrwwwwwww"))),
    Imagined("Kaia", "3B", (Bout(7, ADD, GOOD), Bout(5, SUB, GOOD), Bout(1, AREA, "rrwrr"))),
    Imagined("Liam", "3B"),
)

CLASS: Final = ImaginedClass("math-en", (ADD, SUB, SUB0, FRACTION, AREA), PUPILS)
RIGHT: Final[Mapping[str, bool]] = {"r": True, "w": False}
