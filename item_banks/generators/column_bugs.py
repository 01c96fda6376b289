"""What children do in column methods instead of the method, for whole numbers of any length.

Sources: Brown & Burton (1978), "Diagnostic models for procedural bugs in basic mathematical skills"; Brown & VanLehn
(1980), "Repair theory"; Ashlock, "Error Patterns in Computation". Each function takes the numbers of the problem and
returns the answer that the bug leads to, or None where it leads to none.
"""

from __future__ import annotations

from item_banks.written import columns, digits


def number(of: list[int]) -> int:
    """The number with these digits, ones first; a digit may be ten or more and is worth that much in its place."""
    return sum(digit * 10**place for place, digit in enumerate(of))


def carries(a: int, b: int) -> int:
    """How many columns of a + b make a new ten."""
    carry = count = 0
    for x, y in columns(a, b):
        carry = int(x + y + carry >= 10)
        count += carry
    return count


def borrows(a: int, b: int) -> int:
    """How many columns of a - b have to open the place to the left."""
    borrow = count = 0
    for x, y in columns(a, b):
        borrow = int(x - borrow < y)
        count += borrow
    return count


def no_carry(a: int, b: int) -> int:
    """Every column keeps its ones and the new ten is dropped, but the last column's: 38 + 27 = 55, 71 + 84 = 155."""
    *others, last = (x + y for x, y in columns(a, b))
    return number([*(each % 10 for each in others), last])


def carry_once(a: int, b: int) -> int | None:
    """The first new ten is carried and every later one dropped: 386 + 247 = 533."""
    result, carry, used = [], 0, False
    for x, y in columns(a, b):
        total = x + y + carry
        carry = int(total >= 10 and not used)
        used = used or carry == 1
        result.append(total % 10)
    if carries(a, b) < 2:
        return None
    return number([*result[:-1], total])


def write_both(a: int, b: int) -> int:
    """Each column's whole sum is written down: 38 + 27 = 515."""
    return int("".join(str(x + y) for x, y in reversed(columns(a, b))))


def left_align(a: int, b: int) -> int | None:
    """The shorter number is written under the left end of the longer: 345 + 27 = 615."""
    short, long = sorted((len(str(a)), len(str(b))))
    if short == long:
        return None
    shift = int("1" + "0" * (long - short))
    return a + b * shift if a > b else a * shift + b


def left_align_minus(a: int, b: int) -> int | None:
    """The same in a subtraction: 845 - 27 = 575."""
    shifted = b * int("1" + "0" * (len(str(a)) - len(str(b))))
    return a - shifted if shifted != b and shifted <= a else None


def smaller_from_larger(a: int, b: int) -> int:
    """In each column the smaller digit is taken from the larger: 62 - 38 = 36."""
    return number([abs(x - y) for x, y in columns(a, b)])


def no_decrement(a: int, b: int) -> int | None:
    """A column gets its ten, but the place to the left does not pay: 62 - 38 = 34."""
    result = number([x - y if x >= y else x + 10 - y for x, y in columns(a, b)])
    return result if borrows(a, b) else None


def zero_if_too_few(a: int, b: int) -> int:
    """Nothing is left where there are too few: 62 - 38 = 30."""
    return number([max(0, x - y) for x, y in columns(a, b)])


def pays_from_the_left_end(a: int, b: int) -> int | None:
    """Every ten needed is taken from the first digit, wherever it is needed: 634 - 278 = 266."""
    needed = [x < y for x, y in columns(a, b)]
    if sum(needed) != 1 or not needed[0] or len(needed) < 3:
        return None
    result = [x - y + 10 * need for (x, y), need in zip(columns(a, b), needed, strict=True)]
    result[-1] -= 1
    return number(result) if result[-1] >= 0 else None


def skips_zeros(a: int, b: int) -> int | None:
    """A zero that should pay is passed over and stays zero, the place beyond it pays: 402 - 138 = 174.

    Brown & Burton call it "borrow across zero".
    """
    if 0 not in digits(a):
        return None
    top = digits(a)
    result = []
    bottom = [y for _, y in columns(a, b)]
    for place, y in enumerate(bottom):
        if top[place] >= y:
            result.append(top[place] - y)
            continue
        payer = next((at for at in range(place + 1, len(top)) if top[at] > 0), None)
        if payer is None:
            return None
        top[payer] -= 1
        result.append(top[place] + 10 - y)
    return number(result)


def no_carry_times(a: int, b: int) -> int:
    """Each digit is multiplied and the tens that arise are dropped: 24 x 3 = 62. The last product is written whole."""
    *others, last = (x * b for x in digits(a))
    return number([*(each % 10 for each in others), last])


def carry_before(a: int, b: int) -> int | None:
    """The carried number is added before the next digit is multiplied: 27 x 4 = 168."""
    result, carry = [], 0
    for place, x in enumerate(digits(a)):
        total = (x + carry) * b if place else x * b
        last = place == len(str(a)) - 1
        carry = total // 10
        result.append(total if last else total % 10)
    return number(result)


def ones_only(a: int, b: int) -> int:
    """Only the ones are multiplied, the other digits are copied: 32 x 4 = 38."""
    return a - a % 10 + a % 10 * b


def diagonal(a: int, b: int) -> int:
    """Ones times ones and tens times tens, and nothing across: 23 x 14 = 212."""
    return (a // 10) * (b // 10) * 100 + (a % 10) * (b % 10)


def no_placeholder(a: int, b: int) -> int:
    """The row of the tens is written without its zero: 23 x 14 = 92 + 23 = 115."""
    return a * (b % 10) + a * (b // 10)


def drops_zero(quotient: int) -> int | None:
    """A zero inside the quotient is left out: 824 / 8 = 13."""
    text = str(quotient)
    shorter = text[0] + text[1:-1].replace("0", "") + (text[-1:] if len(text) > 1 else "")
    return int(shorter) if "0" in text[1:-1] else None


def digitwise_division(a: int, b: int) -> int | None:
    """In each digit the smaller is divided into the larger, leftovers dropped: 84 / 3 -> 8/3, 4/3 -> 21."""
    result = []
    for x in reversed(digits(a)):
        if x == 0:
            result.append("0")
        else:
            result.append(str(max(x, b) // min(x, b)))
    return int("".join(result))


def leading(number: int) -> int:
    """The first digit at its value: 345 -> 300."""
    return int(str(number)[0] + "0" * (len(str(number)) - 1))


def add_steps(a: int, b: int) -> tuple[object, ...]:
    """a + b one place after the other, largest first: 345 + 27: "345 + 20 = 365; 365 + 7 = 372"."""
    return _steps(a, b, " + ", 1)


def subtract_steps(a: int, b: int) -> tuple[object, ...]:
    """a - b one place after the other, largest first."""
    return _steps(a, b, " − ", -1)


def _steps(a: int, b: int, sign: str, direction: int) -> tuple[object, ...]:
    pieces: list[object] = []
    for place in reversed(range(len(str(b)))):
        part = b // 10**place % 10 * 10**place
        if part:
            pieces += ["; "] if pieces else []
            pieces += [a, sign, part, " = ", a + direction * part]
            a += direction * part
    return tuple(pieces)


def multiply_steps(a: int, b: int) -> tuple[object, ...]:
    """a x b, each place of a by itself: 234 x 3: "200 × 3 = 600; 30 × 3 = 90; 4 × 3 = 12"."""
    pieces: list[object] = []
    for place in reversed(range(len(str(a)))):
        part = a // 10**place % 10 * 10**place
        if part:
            pieces += ["; "] if pieces else []
            pieces += [part, " × ", b, " = ", part * b]
    return tuple(pieces)
