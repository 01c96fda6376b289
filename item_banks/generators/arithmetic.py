"""Addition and subtraction with regrouping, and what children do instead.

The bugs are those of Brown & Burton (1978), "Diagnostic models for procedural bugs in basic mathematical skills";
Brown & VanLehn (1980), "Repair theory"; and Ashlock, "Error Patterns in Computation". Options are ranges
[first, last] for the numbers and for single digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from item_banks.generators.draws import Draws
from item_banks.generators.problem import Problem


def add_regroup(draws: Draws, options: Mapping[str, Any]) -> Problem | None:
    """a + b where the ones make a new ten. Options: first, second, ones (range of the ones' sum), most."""
    a, b = draws.between(*options["first"]), draws.between(*options["second"])
    (t1, u1), (t2, u2) = divmod(a, 10), divmod(b, 10)
    ones = u1 + u2
    if not options["ones"][0] <= ones <= options["ones"][1] or a + b > options["most"]:
        return None
    keep = ones - 10
    wrong = {
        "no_carry": a + b - 10,
        "write_both": f"{t1 + t2}{ones}",
        # The digits change places: the ones digit is carried and the ten stays behind as 1.
        "carry_wrong": (t1 + t2 + keep) * 10 + 1,
    }
    values = {"a": a, "b": b, "answer": a + b, "u1": u1, "u2": u2, "t1": t1, "t2": t2}
    values |= {"ones": ones, "keep": keep, "tens": t1 + t2 + 1}
    return Problem(
        key=f"{a}+{b}",
        answer=str(a + b),
        values=values,
        wrong=wrong,
        features={"ones_sum": ones, "second_digits": len(str(b)), "answer": a + b, "carries": 1},
        expression=f"{a} + {b} =",
    )


def subtract_regroup(draws: Draws, options: Mapping[str, Any]) -> Problem | None:
    """a - b, two digits, where the ones need a ten. Options: first, second, top_ones (range of a's ones), least."""
    a, b = draws.between(*options["first"]), draws.between(*options["second"])
    (t1, u1), (t2, u2) = divmod(a, 10), divmod(b, 10)
    if u1 >= u2 or a - b < options["least"] or not options["top_ones"][0] <= u1 <= options["top_ones"][1]:
        return None
    wrong = {
        "smaller_from_larger": (t1 - t2) * 10 + u2 - u1,
        "no_decrement": a - b + 10,
        "zero": (t1 - t2) * 10,
    }
    values = {"a": a, "b": b, "answer": a - b, "u1": u1, "u2": u2}
    values |= {"left": (t1 - 1) * 10, "opened": u1 + 10, "ones": u1 + 10 - u2}
    values |= {"taken": t2 * 10, "tens": (t1 - 1 - t2) * 10}
    return Problem(
        key=f"{a}-{b}",
        answer=str(a - b),
        values=values,
        wrong=wrong,
        features={"top_ones": u1, "ones_gap": u2 - u1, "second_digits": len(str(b)), "answer": a - b},
        expression=f"{a} − {b} =",
    )


def subtract_across_zero(draws: Draws, options: Mapping[str, Any]) -> Problem | None:
    """h0u - b, three digits, where the ten for the ones must come from the hundreds.

    Options: hundreds, top_ones (ranges of the digits of the first number), second (range of b), least.
    """
    h1, u1 = draws.between(*options["hundreds"]), draws.between(*options["top_ones"])
    a, b = 100 * h1 + u1, draws.between(*options["second"])
    h2, t2, u2 = b // 100, b // 10 % 10, b % 10
    if u1 >= u2 or t2 == 0 or a - b < options["least"]:
        return None
    left, opened = h1 - 1 - h2, u1 + 10 - u2
    wrong = {
        "smaller_from_larger": (h1 - h2) * 100 + t2 * 10 + u2 - u1,
        # Both tens come straight from the hundreds (B & B: borrow across zero), who then may not have two.
        "borrow_across_zero": a - b - 90 if left >= 1 else None,
        "zero_minus_n": left * 100 + t2 * 10 + opened,
        # In h00 the ones have a 0 on top too, so that no column makes this child regroup.
        "zero_minus_n_0": left * 100 + opened if u1 else (h1 - h2) * 100,
        "from_zero_9": a - b + 100,
    }
    values = {"a": a, "b": b, "answer": a - b, "u1": u1, "u2": u2, "ones": opened, "opened": u1 + 10}
    values |= {"left": (h1 - 1) * 100, "tens_taken": t2 * 10, "tens": (9 - t2) * 10}
    values |= {"hundreds_taken": h2 * 100, "hundreds": left * 100}
    return Problem(
        key=f"{a}-{b}",
        answer=str(a - b),
        values=values,
        wrong=wrong,
        features={"zeros": 2 if u1 == 0 else 1, "second_digits": len(str(b)), "answer": a - b},
        expression=f"{a} − {b} =",
    )
