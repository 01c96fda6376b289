"""Roman numerals, and what children make of them."""

from __future__ import annotations

_LETTERS = (("C", 100), ("XC", 90), ("L", 50), ("XL", 40), ("X", 10), ("IX", 9), ("V", 5), ("IV", 4), ("I", 1))


def roman(number: int) -> str:
    """A number below 400 in Roman numerals: roman(94) is "XCIV"."""
    return "".join(letters for letters, _ in _parts(number))


def roman_parts(number: int) -> tuple[object, ...]:
    """The same as a sum of what its letters are worth: "XC + IV = 90 + 4"."""
    parts = _parts(number)
    letters = " + ".join(each for each, _ in parts)
    return (f"{letters} = ", " + ".join(str(worth) for _, worth in parts))


def letters_added(text: str) -> int:
    """All letters added, also where a smaller one stands before a larger: letters_added("XIV") is 16."""
    return sum(dict(_LETTERS)[each] for each in text)


def _parts(number: int) -> list[tuple[str, int]]:
    found = []
    for letters, worth in _LETTERS:
        while number >= worth:
            found.append((letters, worth))
            number -= worth
    return found
