"""Which letters of a misspelling stand for which grapheme of the word.

A dynamic programme over (grapheme, letters of the response), after Damerau (1964), "A technique for computer
detection and correction of spelling errors": its four single errors (a letter wrong, missing, extra, or two
exchanged) are this module's edits, counted within graphemes instead of letters, so that *freind* differs from
*friend* in one place. What agrees at both ends of the word needs no programme; only the stretch between is aligned.
Nothing here knows a language: which spellings sound alike comes from the bank.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

EditKind = Literal["spelling", "sound", "missing", "silent", "order", "between"]
"""How a grapheme was changed: other letters, another spelling of its sound, left out, a silent one left out, letters
exchanged (within it or with the next), or letters put in beside it."""

SPLIT = "-"
"""In a spelling of a sound, the place of the next grapheme: i-e spells the sound of *igh* in *nite*."""

_EDIT = 10  # one letter wrong, missing or extra
_PLAUSIBLE = 8  # another spelling of the same sound: likelier than unrelated letters that happen to fit
_TOUCH = 1  # among equal alignments, the one that disturbs fewer graphemes
_BETWEEN = 2  # a foreign letter stands between two graphemes; a repeated one belongs to its grapheme
_SPARE = 2  # letters by which a spelling of a grapheme may be longer than the grapheme


@dataclass(frozen=True, slots=True)
class Edit:
    """One difference: the graphemes it concerns, its size in letters, how it came about, and what was written."""

    graphemes: tuple[int, ...]
    letters: int
    kind: EditKind
    written: str = ""


@dataclass(frozen=True, slots=True)
class Alignment:
    """`written` holds for each grapheme the letters of the response that stand for it; they join to the response."""

    written: tuple[str, ...]
    edits: tuple[Edit, ...]


_Step = tuple[int, int, int, EditKind | None, int]
"""Cost so far, the cell from which it was reached, and the kind and size of the edit on the way."""


def align(parts: tuple[str, ...], typed: str, alternatives: Sequence[frozenset[str]] = ()) -> Alignment:
    """The cheapest account of how the typed letters came from the graphemes. Both texts in one case and form."""
    known = tuple(alternatives) + (frozenset(),) * (len(parts) - len(alternatives))
    left, start = _agreeing(parts, typed)
    right, end = _agreeing_at_the_end(parts, typed, left, start)
    # One grapheme more on each side: an extra letter may belong to the one that agrees.
    if left:
        left, start = left - 1, start - len(parts[left - 1])
    if right < len(parts):
        right, end = right + 1, end + len(parts[right])
    table = _table(parts[left:right], typed[start:end], known[left:right])
    middle, edits = _walk(table, parts[left:right], typed[start:end], left)
    return Alignment((*parts[:left], *middle, *parts[right:]), edits)


def _agreeing(parts: tuple[str, ...], typed: str) -> tuple[int, int]:
    """How many graphemes the response has right from its start, and how many letters that are."""
    at = 0
    for index, part in enumerate(parts):
        if not typed.startswith(part, at):
            return index, at
        at += len(part)
    return len(parts), at


def _agreeing_at_the_end(parts: tuple[str, ...], typed: str, left: int, start: int) -> tuple[int, int]:
    """Where the graphemes and the letters begin that are right up to the end, after those right from the start."""
    end = len(typed)
    for index in range(len(parts), left, -1):
        part = parts[index - 1]
        if end - len(part) < start or not typed.endswith(part, start, end):
            return index, end
        end -= len(part)
    return left, end


def _table(parts: tuple[str, ...], typed: str, alternatives: Sequence[frozenset[str]]) -> list[list[_Step | None]]:
    """The cheapest way to each cell (graphemes done, letters read)."""
    rows, letters = len(parts), len(typed)
    table: list[list[_Step | None]] = [[None] * (letters + 1) for _ in range(rows + 1)]
    table[0][0] = (0, 0, 0, None, 0)

    def offer(cells: list[_Step | None], column: int, step: _Step) -> None:
        present = cells[column]
        if present is None or step[0] < present[0]:
            cells[column] = step

    for row, cells in enumerate(table):
        below = table[row + 1] if row < rows else []
        part, others = (parts[row], alternatives[row]) if below else ("", frozenset())
        following = parts[row + 1] if row + 1 < rows else ""
        longest = _longest(part, others)
        for column in range(letters + 1):
            here = cells[column]
            if here is None:
                continue
            cost = here[0]
            if column < letters:
                offer(cells, column + 1, (cost + _EDIT + _BETWEEN, row, column, "between", 1))
            if not below:
                continue
            # The innermost loop: `offer` without the call, which would take a third of the time.
            for end in range(column, min(column + longest, letters) + 1):
                extra, size, kind = _spelled(part, typed[column:end], others)
                present = below[end]
                if present is None or cost + extra < present[0]:
                    below[end] = (cost + extra, row, column, kind, size)
            if following:
                for width, extra, size, kind in _over_two(part, following, typed[column:], others):
                    offer(table[row + 2], column + width, (cost + extra, row, column, kind, size))
    return table


def _over_two(part: str, following: str, rest: str, others: frozenset[str]) -> Iterator[tuple[int, int, int, EditKind]]:
    """How the next letters may stand for two graphemes at once: how many letters, the cost, the size and the kind."""
    width = len(part) + len(following)
    if _exchanged(part, following, rest[:width]):
        yield width, _EDIT + 2 * _TOUCH, 1, "order"
    for first, last in _split(others):
        if rest.startswith(first + following + last):
            yield len(first + following + last), _PLAUSIBLE + _TOUCH, _distance(part, first + last), "sound"


def _walk(
    table: list[list[_Step | None]], parts: tuple[str, ...], typed: str, shift: int
) -> tuple[list[str], tuple[Edit, ...]]:
    """The way back through the table: what was written for each grapheme, and the edits in their order."""
    written = [""] * len(parts)
    edits: list[Edit] = []
    row, column = len(parts), len(typed)
    while row or column:
        step = table[row][column]
        if step is None:  # every cell is reached: a grapheme may be missing, a letter may be extra
            raise AssertionError("a cell without a way to it")
        _, above, before, kind, size = step
        segment = typed[before:column]
        concerned: tuple[int, ...] = (shift + above,)
        if row == above:
            concerned = tuple(shift + each for each in (row - 1, row) if 0 <= each < len(parts))
            if parts:
                neighbour = max(row - 1, 0)
                written[neighbour] = segment + written[neighbour]
        elif row - above == 2:
            middle = min(len(parts[above]), len(segment))
            written[above], written[above + 1] = segment[:middle], segment[middle:] + written[above + 1]
            concerned = (shift + above, shift + above + 1) if kind == "order" else concerned
        else:
            written[above] = segment + written[above]
        if kind is not None:
            edits.append(Edit(concerned, size, kind, segment))
        row, column = above, before
    return written, tuple(reversed(edits))


@lru_cache(maxsize=4096)
def _longest(part: str, others: frozenset[str]) -> int:
    return max([len(part) + _SPARE, *map(len, others)])


@lru_cache(maxsize=1024)
def _split(others: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """The spellings that surround the next grapheme, as their two parts."""
    return tuple((other.split(SPLIT)[0], other.split(SPLIT)[1]) for other in sorted(others) if SPLIT in other)


@lru_cache(maxsize=65536)
def _spelled(part: str, segment: str, others: frozenset[str]) -> tuple[int, int, EditKind | None]:
    """What it costs that one grapheme was written as `segment`, how many letters differ, and the kind of edit."""
    if segment == part:
        return 0, 0, None
    letters = _distance(part, segment)
    if letters == 1 and sorted(part) == sorted(segment):
        return _PLAUSIBLE + _TOUCH, 1, "order"
    if segment in others:
        return _PLAUSIBLE + _TOUCH, letters, "sound" if segment else "silent"
    foreign = _BETWEEN if len(segment) > len(part) and not set(segment) <= set(part) else 0
    return _EDIT * letters + _TOUCH + foreign, letters, "spelling" if segment else "missing"


def _exchanged(part: str, following: str, segment: str) -> bool:
    """Whether two graphemes changed places, or two letters where they meet."""
    intended = part + following
    if len(segment) < len(intended) or segment[0] not in intended or segment == intended:
        return False  # mostly so, and sooner said than by sorting
    if sorted(segment) != sorted(intended):
        return False
    return segment == following + part or _distance(intended, segment) == 1


@lru_cache(maxsize=65536)
def _distance(intended: str, written: str) -> int:
    """Letters wrong, missing, extra or exchanged with a neighbour (optimal string alignment)."""
    table = [list(range(len(written) + 1))]
    for i, letter in enumerate(intended):
        row = [i + 1]
        for j, other in enumerate(written):
            cost = min(table[i][j + 1] + 1, row[j] + 1, table[i][j] + (letter != other))
            if i and j and letter == written[j - 1] and intended[i - 1] == other:
                cost = min(cost, table[i - 1][j - 1] + 1)
            row.append(cost)
        table.append(row)
    return table[-1][-1]
