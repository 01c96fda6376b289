"""Reading the numbers and fractions that pupils type, on whatever keyboard, and writing them for pupils."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from math import gcd

_MINUS = str.maketrans(dict.fromkeys("−–—‐‑﹣－", "-"))
_SLASH = str.maketrans(dict.fromkeys("⁄∕÷／", "/"))
_FRACTION = re.compile(r"([+-]?)(\d+)/(\d+)")
_MIXED = re.compile(r"([+-]?)(\d+) (\d+)/(\d+)")
_MOST_PLACES = 10
_UNGROUPED = 3  # digits


def read_number(text: str, decimal: str, group: str) -> Fraction | None:
    """The value of a number, fraction or mixed number; None if the text is none of them.

    `decimal` and `group` are the marks inside a number ("." and "," in English); spaces group digits everywhere. An
    equation ("47 + 38 = 85") counts as its right-hand side.
    """
    plain = _plain(text.rsplit("=", 1)[-1])
    if mixed := _MIXED.fullmatch(plain):
        sign, whole, top, bottom = mixed.groups()
        return _value(f"{sign}{int(whole) * int(bottom) + int(top)}", bottom)
    plain = plain.replace(" ", "")
    if fraction := _FRACTION.fullmatch(plain):
        sign, top, bottom = fraction.groups()
        return _value(sign + top, bottom)
    return _decimal(plain, decimal, group)


def read_fraction(text: str) -> tuple[int, int] | None:
    """Top and bottom number as typed, a whole number being over 1; None if the text is no fraction."""
    plain = _plain(text.rsplit("=", 1)[-1])
    if mixed := _MIXED.fullmatch(plain):
        sign, whole, top, bottom = mixed.groups()
        return _pair(f"{sign}{int(whole) * int(bottom) + int(top)}", bottom)
    plain = plain.replace(" ", "")
    if fraction := _FRACTION.fullmatch(plain):
        sign, top, bottom = fraction.groups()
        return _pair(sign + top, bottom)
    whole_number = re.fullmatch(r"[+-]?\d+", plain)
    return (int(plain), 1) if whole_number else None


def has_form(text: str, form: str) -> bool:
    """Whether a fraction that `read_fraction` reads is written in a form: "mixed" (a whole number and a proper
    fraction), "improper" (no whole number in front), "lowest" (no smaller numbers would do), or "" for any."""
    plain = _plain(text.rsplit("=", 1)[-1])
    parts = _MIXED.fullmatch(plain)
    if form == "mixed":
        return parts is not None and int(parts[3]) < int(parts[4])
    if form == "improper":
        return parts is None
    if form == "lowest":
        top, bottom = (int(parts[3]), int(parts[4])) if parts else read_fraction(plain) or (0, 0)
        return gcd(top, bottom) == 1
    return True


def plain_number(value: int | Fraction) -> str:
    """A number as items hold it: digits and a decimal point, or top/bottom where no decimal is exact."""
    if value.denominator == 1:
        return str(value.numerator)
    places = next((n for n in range(1, _MOST_PLACES) if 10**n % value.denominator == 0), None)
    if places is None:
        return f"{value.numerator}/{value.denominator}"
    sign = "-" if value < 0 else ""
    digits = str(abs(value.numerator) * 10**places // value.denominator).zfill(places + 1)
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def write_number(value: int | Fraction, decimal: str, group: str) -> str:
    """A number as pupils read it: thousands grouped, the language's decimal mark, a real minus sign."""
    plain = plain_number(value)
    if "/" in plain or (plain.isdigit() and len(plain) <= _UNGROUPED):
        return plain
    whole, _, places = plain.removeprefix("-").partition(".")
    grouped = f"{int(whole):,}".replace(",", group)
    return "−" * plain.startswith("-") + grouped + (f"{decimal}{places}" if places else "")


def _decimal(plain: str, decimal: str, group: str) -> Fraction | None:
    mark, comma = re.escape(decimal), re.escape(group)
    pattern = rf"([+-]?)(\d+|\d{{1,3}}(?:{comma}\d{{3}})+)(?:{mark}(\d*))?"
    match = re.fullmatch(pattern, plain)
    if match is None:
        return None
    sign, whole, places = match.groups()
    return Fraction(f"{sign}{whole.replace(group, '')}.{places or '0'}")


def _pair(top: str, bottom: str) -> tuple[int, int] | None:
    return (int(top), int(bottom)) if int(bottom) else None


def _value(top: str, bottom: str) -> Fraction | None:
    return Fraction(int(top), int(bottom)) if int(bottom) else None


def _plain(text: str) -> str:
    """ASCII digits, signs and single spaces; other characters stay and make the text no number."""
    spread = "".join(_character(each) for each in text)
    return " ".join(spread.translate(_MINUS).translate(_SLASH).split())


def _character(character: str) -> str:
    """A character as typed on a plain keyboard. ½ becomes " 1/2", so that 1½ is a mixed number; ² stays ²."""
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    compatible = unicodedata.normalize("NFKC", character)
    if "⁄" in compatible:
        return f" {compatible}"
    return compatible if unicodedata.category(character) != "No" else character
