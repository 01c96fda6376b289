"""Written methods, column by column: what is noted above, what is written below, and how one says it.

Pieces are those that sentences of a bank take: numbers, signs, and names of the bank's words ("col_0" for the ones).
"""

from __future__ import annotations

from typing import NamedTuple

Pieces = tuple[object, ...]


def digits(number: int) -> list[int]:
    """The digits of a whole number, ones first."""
    return [int(each) for each in reversed(str(number))]


def columns(a: int, b: int) -> list[tuple[int, int]]:
    """The digits of two numbers under each other, ones first; the shorter number has zeros in front."""
    first, second = digits(a), digits(b)
    length = max(len(first), len(second))
    first, second = (each + [0] * (length - len(each)) for each in (first, second))
    return list(zip(first, second, strict=True))


def carried(a: int, b: int) -> list[int]:
    """What is carried into each column of a + b, ones first: [0, 1, 0] for 138 + 27."""
    found, carry = [], 0
    for x, y in columns(a, b):
        found.append(carry)
        carry = (x + y + carry) // 10
    return found


def opened(a: int, b: int) -> list[int]:
    """The top digits of a - b after each place with too few was opened, ones first: [12, 3] for 42 - 17."""
    top = digits(a)
    for place, (_, y) in enumerate(columns(a, b)):
        if top[place] < y:
            payer = next(at for at in range(place + 1, len(top)) if top[at] > 0)
            for at in range(payer, place, -1):
                top[at] -= 1
                top[at - 1] += 10
    return top


def carried_times(a: int, digit: int) -> list[int]:
    """What is carried into each column of a times one digit, ones first."""
    found, carry = [], 0
    for x in digits(a):
        found.append(carry)
        carry = (x * digit + carry) // 10
    return found


class Step(NamedTuple):
    """A step of a long division: the digit of the number (from the left) that was brought down, what stands there
    then, how often the divisor fits, and what is left."""

    at: int
    now: int
    fits: int
    left: int


def division(number: int, divisor: int) -> list[Step]:
    """The steps of a long division; digits at the beginning into which nothing fits belong to the first step."""
    found: list[Step] = []
    rest = 0
    for at, shown in enumerate(str(number)):
        now = 10 * rest + int(shown)
        fits, rest = divmod(now, divisor)
        if found or fits or at == len(str(number)) - 1:
            found.append(Step(at, now, fits, rest))
    return found


def column_sum(a: int, b: int) -> Pieces:
    """a + b column by column: "Ones: 8 + 7 = 15, write 5, carry 1. Tens: 1 + 3 + 2 = 6"."""
    pieces: list[object] = []
    notes, pairs = carried(a, b), columns(a, b)
    for place, (x, y) in enumerate(pairs):
        there = [notes[place]] * (notes[place] > 0) + [x] * (place < len(str(a))) + [y] * (place < len(str(b)))
        pieces += _column(place, " + ".join(map(str, there)), sum(there), place == len(pairs) - 1, len(there) > 1)
    return tuple(pieces)


def column_difference(a: int, b: int) -> Pieces:
    """a - b column by column: "Ones: 2 → 12, 12 − 8 = 4. Tens: 6 → 5, 5 − 3 = 2"."""
    pieces: list[object] = []
    for place, (now, was, (_, y)) in enumerate(zip(opened(a, b), digits(a), columns(a, b), strict=True)):
        if place == len(str(a)) - 1 and not now and not y:
            break  # nothing is left there, and nothing is written
        pieces += [". "] * (place > 0) + [f"col_{place}", ": "]
        pieces += [was, " → ", now, ", "] if now != was else []
        pieces += [now, " − ", y, " = ", now - y]
    return tuple(pieces)


def column_product(a: int, digit: int) -> Pieces:
    """a times one digit, column by column: "Ones: 7 × 4 = 28, write 8, carry 2. Tens: 2 × 4 + 2 = 10"."""
    pieces: list[object] = []
    notes = carried_times(a, digit)
    for place, x in enumerate(digits(a)):
        product = f"{x} × {digit}" + f" + {notes[place]}" * (notes[place] > 0)
        pieces += _column(place, product, x * digit + notes[place], place == len(str(a)) - 1, True)
    return tuple(pieces)


def division_told(number: int, divisor: int) -> Pieces:
    """A long division step by step: "9 = 2 × 4 + 1; 13 = 3 × 4 + 1"."""
    pieces: list[object] = []
    for step in division(number, divisor):
        pieces += ["; "] if pieces else []
        pieces += [step.now, " = ", step.fits, " × ", divisor, " + ", step.left]
    return tuple(pieces)


def _column(place: int, shown: str, total: int, last: bool, computed: bool) -> list[object]:
    pieces: list[object] = [f"col_{place}", ": ", shown]
    if place:
        pieces.insert(0, ". ")
    if computed:
        pieces += [" = ", total]
    if total >= 10 and not last:
        pieces += [", ", "write", " ", total % 10, ", ", "carry", " ", total // 10]
    return pieces
