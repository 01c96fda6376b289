"""Compiles the inner loops of fitting. Needs numba, which no process of the web loads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numba

OPTIONS: dict[str, Any] = {"fastmath": True, "error_model": "numpy"}
"""No row is infinite or divides by nothing, so that sums may be reordered and divisions go unchecked: twice as fast."""

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """The function as machine code, kept between runs where there is a folder to keep it in.

    The function must stand on its own: scalars, sequences of numbers and `math`, no calls to other functions of ours.
    With NUMBA_DISABLE_JIT=1 it stays plain Python, so that tests see which of its lines were run.
    """
    try:
        kept: Any = numba.njit(cache=True, **OPTIONS)(function)
    except RuntimeError:  # nowhere to write, as in a read-only container
        kept = numba.njit(**OPTIONS)(function)
    return cast(Callable[P, R], kept)
