"""Reading the numbers and fractions that pupils type, on whatever keyboard, and writing them for pupils."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import gcd

_MINUS = str.maketrans(dict.fromkeys("−–—‐‑﹣－", "-"))
_SLASH = str.maketrans(dict.fromkeys("⁄∕÷／", "/"))
_FRACTION = re.compile(r"([+-]?)(\d+)/(\d+)")
_MIXED = re.compile(r"([+-]?)(\d+) (\d+)/(\d+)")
_TOGETHER = re.compile(r"(?<=\d) (?=\d+/\d)|(?<= [+−×÷=:<>≤≥]) (?=[−(|]*[\d?\w$£€])| (?==$)")
_SUM = re.compile(r"[−(|]*[\d?][^\s;:]*(?:\s[+−×÷:=<>≤≥→]\s[−(|$£€]*[\d?][^\s;:]*)+")
_UNIT_BEHIND = re.compile(r"(?<=\d) (?=(?:[cmk]?m|k?g|m?[lL]|ft|yd|lb|oz)\b)")
_LONGEST_SUM = 17  # characters: they stand on one line of a card at 320 px, with larger text too
_MOST_PLACES = 10
_UNGROUPED = 3  # digits
_HOURS = 24
_CENTS = 100
_WITH_UNIT = re.compile(
    r"(?:([^\W\d_]+\.?|[^\w\s.,+−=-]+)\s*)?([+\-−]?[\d½¼¾⅓⅔⅕⅛].*?)\s*([^\W\d_]+[²³23]?\.?|[%°¢$£€]|square .+|sq .+)?"
)
_CURRENCIES = {"€": ("eur", "euro"), "$": ("usd", "dollar"), "£": ("gbp", "pound")}
_SQUARE = re.compile(r"^(?:square|sq)(.+?)s?$")
_PAIR = re.compile(r"[(\[]? ?(-?\d{1,6}) ?[,; ] ?(-?\d{1,6}) ?[)\]]?")
_QUOTIENT = re.compile(r"(\d{1,9}) ?[^\W\d_]+[.:]? ?(\d{1,9})")
_TIME = re.compile(r"(\d{1,2})(?: ?[:.h] ?| )(\d{1,2}) ?(?:[ap]\.? ?m\.?|h|uur|uhr)?")


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


@dataclass(frozen=True)
class Money:
    """An amount in hundredths of the bank's currency."""

    cents: int

    def __str__(self) -> str:
        return f"{self.cents // _CENTS}.{self.cents % _CENTS:02d}"


def write_money(amount: Money, form: str, decimal: str, group: str) -> str:
    """An amount as pupils read it: `form` is "${amount}" or "€ {amount}"; whole amounts have no places."""
    whole, cents = divmod(amount.cents, _CENTS)
    places = f"{decimal}{cents:02d}" if cents else ""
    return form.replace("{amount}", write_number(whole, decimal, group) + places)


def as_mixed(value: int | Fraction) -> str:
    """A number as it is said: as_mixed(5/4) is "1 1/4", as_mixed(2/4) is "1/2", as_mixed(3) is "3"."""
    ones, rest = divmod(Fraction(value), 1)
    return " ".join([str(ones)] * (ones > 0) + [str(rest)] * (rest > 0)) or "0"


def unbroken(text: str) -> str:
    """A text in which a line ends neither inside of a mixed number (3 1/2) nor behind a sign, but before one: the sign
    begins the next line. A last "=" stays with what stands before it."""
    return _TOGETHER.sub("\N{NO-BREAK SPACE}", text).replace("|−", "|\N{WORD JOINER}−")


def sums_unbroken(text: str) -> str:
    """A sentence as `unbroken`, in which a short sum stands on one line (45 + 48 = 93), and a unit with its number."""
    together = _UNIT_BEHIND.sub("\N{NO-BREAK SPACE}", unbroken(text))
    return _SUM.sub(lambda sum_: _kept(sum_[0]) if len(sum_[0]) <= _LONGEST_SUM else sum_[0], together)


def _kept(text: str) -> str:
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def without_unit(text: str, unit: str) -> tuple[str, bool]:
    """A number without the unit that stands with it, and whether that is the one meant: "12 cm", "£3", "45°".

    Letters and signs around a number are a unit; without a `unit` meant, the text stays whole.
    """
    match = _WITH_UNIT.fullmatch(text.strip()) if unit else None
    if match is None:
        return text, True
    found = (match[1] or match[3] or "").strip().rstrip(".")
    return match[2], not found or _same_unit(found, unit)


def _same_unit(found: str, unit: str) -> bool:
    plain, meant = (unicodedata.normalize("NFKC", each).casefold().replace(" ", "") for each in (found, unit))
    names = (meant, *_CURRENCIES.get(meant, ()))
    return _SQUARE.sub(r"\g<1>2", plain) in (*names, *(f"{name}s" for name in names))


def read_pair(text: str) -> tuple[int, int] | None:
    """Two whole numbers with a comma, semicolon or space between them, in brackets or not: "(3, 4)"."""
    match = _PAIR.fullmatch(_plain(text))
    return (int(match[1]), int(match[2])) if match else None


def read_quotient(text: str) -> tuple[int, int] | None:
    """Quotient and remainder: "17 r 3", "17 R3", "17 remainder 3", "17 rest 3"."""
    match = _QUOTIENT.fullmatch(_plain(text.rsplit("=", 1)[-1]))
    return (int(match[1]), int(match[2])) if match else None


def read_time(text: str) -> tuple[int, int, bool] | None:
    """Hours from 1 to 12, minutes as written (there may be 75), and whether the minutes have two digits.

    "4:05", "16.05", "4h05", "4:05 pm"; a time of 24 hours loses its half of the day. None for what is no time.
    """
    match = _TIME.fullmatch(_plain(text).casefold())
    if match is None or int(match[1]) > _HOURS:
        return None
    return (int(match[1]) - 1) % 12 + 1, int(match[2]), len(match[2]) > 1


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
    if type(value) is int and 0 <= value < 10**_UNGROUPED:
        return str(value)
    plain = plain_number(value)
    if "/" in plain or (plain.isdigit() and len(plain) <= _UNGROUPED):
        return plain
    whole, _, places = plain.removeprefix("-").partition(".")
    grouped = f"{int(whole):,}".replace(",", group)
    return "−" * plain.startswith("-") + grouped + (f"{decimal}{places}" if places else "")


def _decimal(plain: str, decimal: str, group: str) -> Fraction | None:
    match = _notation(decimal, group).fullmatch(plain)
    if match is None:
        return None
    sign, whole, places = match.groups()
    if not places:
        return Fraction(int(f"{sign}{whole.replace(group, '')}"))
    return Fraction(f"{sign}{whole.replace(group, '')}.{places or '0'}")


@cache
def _notation(decimal: str, group: str) -> re.Pattern[str]:
    mark, comma = re.escape(decimal), re.escape(group)
    return re.compile(rf"([+-]?)(\d+|\d{{1,3}}(?:{comma}\d{{3}})+)(?:{mark}(\d*))?")


def _pair(top: str, bottom: str) -> tuple[int, int] | None:
    return (int(top), int(bottom)) if int(bottom) else None


def _value(top: str, bottom: str) -> Fraction | None:
    return Fraction(int(top), int(bottom)) if int(bottom) else None


def _plain(text: str) -> str:
    """ASCII digits, signs and single spaces; other characters stay and make the text no number."""
    spread = text if text.isascii() else "".join(_character(each) for each in text)
    return " ".join(spread.translate(_MINUS).translate(_SLASH).split())


def _character(character: str) -> str:
    """A character as typed on a plain keyboard. ½ becomes " 1/2", so that 1½ is a mixed number; ² stays ²."""
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    compatible = unicodedata.normalize("NFKC", character)
    if "⁄" in compatible and len(compatible) > 1:
        return f" {compatible}"
    return compatible if unicodedata.category(character) != "No" else character
