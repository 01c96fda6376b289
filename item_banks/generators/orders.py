"""Cards put in order, as it should be and as children do who have not understood.

Decimals: Steinle & Stacey (1998), "The incidence of misconceptions of decimal notation"; fractions: Stafylidou &
Vosniadou (2004), "The development of students' understanding of the numerical value of fractions".
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from item_banks.numbers import plain_number
from item_banks.responses import BETWEEN


def ordered(*values: Any) -> str:
    """Cards in this order, as a response to an order holds them."""
    return BETWEEN.join(map(card_text, values))


def by_value(*values: Any) -> str:
    """Cards from the smallest to the largest."""
    return ordered(*sorted(map(card_text, values), key=card_value))


def by_length(*values: Any) -> str:
    """Cards as one orders them who takes more digits for more, and among equally many the whole for a number."""
    return ordered(*sorted(map(card_text, values), key=lambda each: (len(each), each)))


def by_shortness(*values: Any) -> str:
    """Cards as one orders them who takes fewer decimals for more."""
    return ordered(*sorted(map(card_text, values), key=lambda each: (-len(each), each)))


def by_bottom(*values: Any) -> str:
    """Fractions as one orders them who takes the larger bottom number for more, and then the larger top number."""
    return ordered(*sorted(map(card_text, values), key=lambda each: tuple(int(n) for n in reversed(each.split("/")))))


def by_first_digit(*values: Any) -> str:
    """Numbers as one orders them who compares digits from the left, however many there are."""
    return ordered(*sorted(map(card_text, values)))


def by_last_digit(*values: Any) -> str:
    """Numbers as one orders them who looks at the ones first."""
    return ordered(*sorted(map(card_text, values), key=lambda each: each[::-1]))


def by_size_without_sign(*values: Any) -> str:
    """Numbers as one orders them who does not mind the minus sign."""
    return ordered(*sorted(map(card_text, values), key=lambda each: abs(card_value(each))))


def card_value(card: str) -> Fraction:
    """What a card is worth: "3/4", "1 1/2", "0.35", "-8"."""
    whole, _, fraction = card.rpartition(" ")
    return Fraction(int(whole or 0)) + Fraction(fraction)


def card_text(value: Any) -> str:
    """What stands on a card: a number as items hold it."""
    return value if isinstance(value, str) else plain_number(value)


ORDERS: tuple[Callable[..., str], ...] = (
    *(ordered, by_value, by_length, by_shortness, by_bottom, by_first_digit, by_last_digit, by_size_without_sign),
)
