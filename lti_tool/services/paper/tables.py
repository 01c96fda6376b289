"""Tables as CSV files that spreadsheets open without running anything.

A cell that begins like a formula gets an apostrophe in front (OWASP, "CSV Injection"), which spreadsheets take for
"this is text"; `read_back` takes it away again.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BYTE_ORDER_MARK: Final = "\ufeff"
"""Without it Excel takes UTF-8 for the machine's own code page."""

Cell = str | int | float | None


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A table as text: comma separated, every text quoted, lines ending as RFC 4180 wants."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    for row in (header, *rows):
        writer.writerow([_safe(cell) for cell in row])
    return BYTE_ORDER_MARK + out.getvalue()


def _safe(cell: Cell) -> str | int | float:
    if isinstance(cell, str) and _is_guarded("'" + cell):
        return "'" + cell
    return "" if cell is None else cell


def _is_guarded(cell: str) -> bool:
    """Whether a cell is a formula, or a text that looks like a guarded one, with an apostrophe in front."""
    return cell.startswith("'") and cell.lstrip("'").startswith(FORMULA_SIGNS)


def read_back(text: str) -> list[list[str]]:
    """The table that `as_csv` wrote, as text."""
    rows = csv.reader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK)))
    return [[_plain(cell) for cell in row] for row in rows]


def _plain(cell: str) -> str:
    return cell[1:] if _is_guarded(cell) else cell
