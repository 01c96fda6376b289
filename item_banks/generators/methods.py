"""Written methods as steps: what there is to fill in, the right content, and what a wrong result looks like in it.

Parts are counted in the order in which they are worked out: the ones, the ten that they make, the tens ...
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from item_banks.responses import BETWEEN, Cell, Rows
from item_banks.written import carried, digits, division, opened


@dataclass(frozen=True)
class Method:
    """The cells of a method, the content of its parts, and whether its rows are columns of digits, ones first.

    Labels name the words of the bank that say what a part is ("step_1" for the ones).
    """

    rows: Rows
    answer: str
    columns: bool

    def with_result(self, result: int) -> str | None:
        """The same steps with another result in the columns; None if it does not fit."""
        parts = [cell for row in self.rows for cell in row if cell.part]
        if not self.columns or len(str(result)) > sum(not cell.small for cell in parts):
            return None
        shown = digits(result)
        filled = {}
        for place, part in enumerate(sorted(cell.part for cell in parts if not cell.small)):
            filled[part] = str(shown[place]) if place < len(shown) else "0"
        return BETWEEN.join(filled.get(part, "") for part in range(1, len(parts) + 1))


def add_columns(a: int, b: int) -> Method:
    """a + b under each other; the tens carried have small fields above."""
    above = carried(a, b)
    width = max(len(above), len(str(a + b)))
    answer, places = [], digits(a + b)
    notes, results, part = [Cell()], [], 0
    for place in range(width):
        part += 1
        results.append(Cell(part=part, label=f"place_{place}"))
        answer.append(str(places[place]))
        if place + 1 < len(above):
            part += 1
            notes.append(Cell(part=part, label=f"carry_{place + 1}", small=True))
            answer.append(str(above[place + 1]) if above[place + 1] else "")
    notes += [Cell()] * (width - len(notes))
    rows = (_with_room(notes), _shown(a, width), _shown(b, width, "+"), _with_room(results))
    return Method(rows, BETWEEN.join(answer), columns=True)


def subtract_columns(a: int, b: int) -> Method:
    """a - b under each other; above there is room for what is left of an opened place."""
    width = len(str(a))
    changed = [str(now) if now != was else "" for now, was in zip(opened(a, b), digits(a), strict=True)]
    places = digits(a - b) + [0] * (width - len(str(a - b)))
    notes = [Cell(part=2 * place + 1, label=f"open_{place}", small=True) for place in range(width)]
    results = [Cell(part=2 * place + 2, label=f"place_{place}") for place in range(width)]
    answer = [each for place in range(width) for each in (changed[place], str(places[place]))]
    rows = (_with_room(notes), _shown(a, width), _shown(b, width, "−"), _with_room(results))
    return Method(rows, BETWEEN.join(answer), columns=True)


def multiply_rows(a: int, b: int) -> Method:
    """a x b by the places of b, and the sum of these rows: 23 x 14 = 23 x 4 + 23 x 10."""
    parts = [digit * 10**place for place, digit in enumerate(digits(b)) if digit]
    if len(parts) == 1:
        parts, base = [digit * 10**place for place, digit in enumerate(digits(a)) if digit], b
    else:
        base = a
    rows = [
        (Cell(text=f"{part} × {base} =" if base == b else f"{base} × {part} ="), Cell(part=n, label=f"row_{n}"))
        for n, part in enumerate(parts, 1)
    ]
    last = len(parts) + 1
    rows.append((Cell(text=f"{a} × {b} ="), Cell(part=last, label="total")))
    answer = [*(str(base * part) for part in parts), str(a * b)]
    return Method(tuple(rows), BETWEEN.join(answer), columns=False)


def long_division(a: int, b: int) -> Method:
    """a ÷ b digit by digit, each step as "what is there = how often × b + what is left", then quotient and rest."""
    rows: list[tuple[Cell, ...]] = []
    answer: list[str] = []

    def field(label: str, content: int) -> Cell:
        answer.append(str(content))
        return Cell(part=len(answer), label=label)

    for _, now, fits, rest in division(a, b):
        # The first number stands there; every later one is what was left with the next digit beside it.
        begin = Cell(text=str(now)) if not rows else field("down", now)
        rows.append((begin, Cell(text="="), field("often", fits), Cell(text=f"× {b} +"), field("left", rest)))
    result = (Cell(text=f"{a} ÷ {b} ="), field("quotient", a // b))
    rows.append((*result, Cell(text="r"), field("remainder", a % b)) if a % b else result)
    return Method(tuple(rows), BETWEEN.join(answer), columns=False)


def _shown(number: int, width: int, sign: str = "") -> tuple[Cell, ...]:
    """A number's digits, ones first, and the sign in front."""
    cells = [Cell(text=str(digit)) for digit in digits(number)]
    cells += [Cell()] * (width - len(cells))
    return (*cells, Cell(text=sign))


def _with_room(cells: list[Cell]) -> tuple[Cell, ...]:
    """A row with an empty cell where the sign stands in another one."""
    return (*cells, Cell())


METHODS: Mapping[str, Callable[[int, int], Method]] = {
    "add": add_columns,
    "subtract": subtract_columns,
    "multiply": multiply_rows,
    "divide": long_division,
}
"""Name in a bank file -> method."""
