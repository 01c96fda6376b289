"""Reads files of pupils' responses: CSV, TSV or Parquet, compressed or not. Needs pyarrow and numpy.

One row is one response: learner_id, skill_id, item_id, correct, and where known timestamp, response_format, order_id.
Several skills of one response stand in one cell, with a semicolon between them, or in rows of their own with the same
order_id: these are taken together, for else a model would predict an answer that it has just been told.
docs/response-files.md explains it all.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.curriculum import RESPONSE_FORMATS, Curriculum, CurriculumError
from engine.fitting.responses import Responses
from lti_tool.services.parameters.response_columns import NOTHING, ResponseFileError, columns_of, is_parquet

VERDICTS: Final = {"true": 1, "false": 0}
SEPARATORS: Final = (";", "~~")
UNITS: Final = ((1e17, 1e9, "nanoseconds"), (1e14, 1e6, "microseconds"), (1e11, 1e3, "milliseconds"))
"""From where on times since 1970 are in a finer unit than the one before: in seconds 1e11 lies after the year 5000."""


@dataclass(frozen=True)
class ResponseFile:
    """What a file holds, and what was done to it on the way (one sentence each)."""

    responses: Responses
    notes: tuple[str, ...]


def read_responses(path: Path) -> ResponseFile:
    """Read a file.

    Raises:
        ResponseFileError: it is missing, empty or damaged, lacks a column, has a verdict other than right or wrong,
            repeats a response, or says of one response that it was both right and wrong.
    """
    table = _Table(path, columns_of(path))
    return table.read()


@dataclass
class _Table:
    """A file's columns as text, on their way to `Responses`. Rows are counted from 1, the header being row 1 of a text
    file."""

    path: Path
    columns: pa.Table
    notes: list[str] = field(default_factory=list)

    def read(self) -> ResponseFile:
        if not self.columns.num_rows:
            raise self._error(None, NOTHING)
        right = self._right()
        learner, learners = self._codes("learner_id", required=True)
        item, items = self._codes("item_id", required=True)
        combination, combinations = self._codes("skill_id", required=False)
        hours, order = self._hours(), self._order()
        combination, extra = self._taken_together(learner, item, right, (combination, combinations), (hours, order))
        keep = np.array([bool(_names(text)) for text in combinations])[combination] & ~extra
        if (bare := np.flatnonzero(~keep & ~extra)).size:
            self._note(f"{bare.size} responses without a skill were left out", int(bare[0]))
        if not keep.any():
            raise self._error(None, "no response has a skill. Fill the column skill_id")
        rank = self._sorting(learner, hours, order)
        rank = rank[keep[rank]]
        skills, starts, of_combination = _split(combinations)
        chosen = combination[rank]
        lengths = np.diff(starts)[chosen]
        skill_start = np.concatenate(([0], np.cumsum(lengths)))
        place = np.arange(skill_start[-1]) - np.repeat(skill_start[:-1] - starts[chosen], lengths)
        present, learner_number = np.unique(learner[rank], return_inverse=True)
        responses = Responses(
            learner=learner_number,
            item=item[rank],
            right=right[rank],
            hours=None if hours is None else hours[rank],
            skill_start=skill_start,
            skill=of_combination[place],
            learners=tuple(learners[n] for n in present.tolist()),
            items=tuple(items),
            skills=skills,
            formats=self._formats(item, len(items)),
        )
        return ResponseFile(responses, tuple(self.notes))

    def _right(self) -> NDArray[np.int8]:
        codes, names = self._codes("correct", required=True)
        verdicts = np.array([_verdict(name) for name in names], dtype=np.int8)[codes]
        if (bad := np.flatnonzero(verdicts < 0)).size:
            given = names[int(codes[bad[0]])]
            raise self._error(int(bad[0]), f"correct is {given!r}. Write 1 for a right and 0 for a wrong answer")
        return verdicts

    def _codes(self, name: str, *, required: bool) -> tuple[NDArray[np.int64], list[str]]:
        """A column as numbers and the texts that they stand for, without spaces around them."""
        column = pc.fill_null(pc.utf8_trim_whitespace(self.columns[name].combine_chunks()), "")
        if required and (at := pc.index(column, "").as_py()) >= 0:
            raise self._error(at, f"{name} is empty. Fill it in, or take the row out")
        encoded = column.dictionary_encode()
        return encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64), encoded.dictionary.to_pylist()

    def _hours(self) -> NDArray[np.float64] | None:
        if "timestamp" not in self.columns.column_names:
            return None
        codes, names = self._codes("timestamp", required=False)
        seconds = np.array([_seconds(name) for name in names])[codes]
        bad = np.flatnonzero(np.isnan(seconds))
        if bad.size == len(seconds):
            if any(names):
                example = "seconds, or dates such as 2026-11-23T09:00:00Z"
                self._note(f"no timestamp can be read, so times were not used. Write {example}", 0)
            return None
        if bad.size:
            given = names[int(codes[bad[0]])]
            raise self._error(
                int(bad[0]), f"timestamp is {given!r}. Write seconds, or a date such as 2026-11-23T09:00:00Z"
            )
        latest = np.abs(seconds).max()
        if unit := next((unit for unit in UNITS if latest >= unit[0]), None):
            self._note(f"timestamps were read as {unit[2]}", 0)
            seconds = seconds / unit[1]
        hours: NDArray[np.float64] = seconds / 3600.0
        return hours

    def _order(self) -> NDArray[np.float64] | None:
        if "order_id" not in self.columns.column_names:
            return None
        codes, names = self._codes("order_id", required=False)
        if not any(names):
            return None
        numbers = np.array([_number(name) for name in names])[codes]
        if (bad := np.flatnonzero(np.isnan(numbers))).size:
            given = names[int(codes[bad[0]])]
            raise self._error(int(bad[0]), f"order_id is {given!r}. Write a number that rises with time")
        return numbers

    def _taken_together(
        self,
        learner: NDArray[np.int64],
        item: NDArray[np.int64],
        right: NDArray[np.int8],
        skills: tuple[NDArray[np.int64], list[str]],
        times: tuple[NDArray[np.float64] | None, NDArray[np.float64] | None],
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Rows of one response with one skill each become one row: what skills each row has then, and which rows are
        part of another.

        The same learner can't answer the same item twice at one moment; without a moment nobody can tell. New
        combinations of skills are added to the list.
        """
        (combination, combinations), (hours, order) = skills, times
        extra = np.zeros(len(learner), dtype=np.bool_)
        when = order if order is not None else hours
        if when is None:
            return combination, extra
        rank = np.lexsort((np.arange(len(learner)), combination, when, item, learner))
        same = np.zeros(len(rank), dtype=np.bool_)
        same[1:] = True
        for column in (learner, item, when):
            same[1:] &= column[rank][1:] == column[rank][:-1]
        if not same.any():
            return combination, extra
        self._refuse_repeats(rank, same, combination, right, "order_id" if order is not None else "timestamp")
        starts = np.flatnonzero(~same)
        together, known = combination.copy(), {name: n for n, name in enumerate(combinations)}
        for a, b in zip(starts.tolist(), np.append(starts[1:], len(rank)).tolist(), strict=True):
            if b - a > 1:
                rows = np.sort(rank[a:b])
                text = SEPARATORS[0].join(combinations[n] for n in combination[rows].tolist())
                if text not in known:
                    known[text] = len(combinations)
                    combinations.append(text)
                together[rows[0]] = known[text]
                extra[rows[1:]] = True
        first = int(np.flatnonzero(extra)[0])
        self._note(f"{int(extra.sum())} rows were taken together with a row of the same response", first)
        return together, extra

    def _refuse_repeats(
        self,
        rank: NDArray[np.int64],
        same: NDArray[np.bool_],
        combination: NDArray[np.int64],
        right: NDArray[np.int8],
        moment: str,
    ) -> None:
        """Rows of one response, `same` as the one before in the order of `rank`, may differ in their skills only."""
        after, before = rank[np.flatnonzero(same)], rank[np.flatnonzero(same) - 1]
        for wrong, what in (
            (
                combination[after] == combination[before],
                f"it repeats row {{}} (same learner, item, skill and {moment})",
            ),
            (right[after] != right[before], f"it says otherwise than row {{}} (same learner, item and {moment})"),
        ):
            if wrong.any():
                at = int(np.flatnonzero(wrong)[0])
                first, second = sorted((int(before[at]), int(after[at])))
                raise self._error(second, f"{what.format(self._row(first))}. Take one of them out")

    def _sorting(
        self, learner: NDArray[np.int64], hours: NDArray[np.float64] | None, order: NDArray[np.float64] | None
    ) -> NDArray[np.int64]:
        """By learner and time; rows of one moment stay as they stand in the file."""
        keys = [key for key in (order, hours) if key is not None]
        rank: NDArray[np.int64] = np.lexsort((*keys, learner))
        as_given = np.argsort(learner, kind="stable")
        if (moved := np.flatnonzero(rank != as_given)).size:
            name = "timestamp" if hours is not None else "order_id"
            self._note(f"rows were put in the order of {name}", int(as_given[moved[0]]))
        return rank

    def _formats(self, item: NDArray[np.int64], items: int) -> tuple[str, ...]:
        """The response format of each item; of one that had several, the one that it had most often."""
        if "response_format" not in self.columns.column_names:
            return ("",) * items
        codes, names = self._codes("response_format", required=False)
        names = [name.lower() for name in names]
        strange = [n for n, name in enumerate(names) if name and name not in RESPONSE_FORMATS]
        if strange:
            at = int(np.flatnonzero(np.isin(codes, strange))[0])
            known = ", ".join(sorted(RESPONSE_FORMATS))
            self._note(f"response_format {names[int(codes[at])]!r} is unknown and was not used (known: {known})", at)
        found = [""] * items
        both, times = np.unique(np.stack([item, codes]), axis=1, return_counts=True)
        for n, code in both[:, np.argsort(times, kind="stable")].T.tolist():
            found[n] = "" if code in strange else names[code]
        return tuple(found)

    def _row(self, index: int) -> int:
        return index + (1 if is_parquet(self.path) else 2)

    def _note(self, what: str, index: int) -> None:
        self.notes.append(f"{self.path}, row {self._row(index)}: {what}.")

    def _error(self, index: int | None, what: str) -> ResponseFileError:
        where = f"{self.path}" if index is None else f"{self.path}, row {self._row(index)}"
        return ResponseFileError(f"{where}: {what}.")


def _split(combinations: list[str]) -> tuple[tuple[str, ...], NDArray[np.int64], NDArray[np.int64]]:
    """All skills; where each combination's begin; their numbers, combination after combination."""
    number: dict[str, int] = {}
    starts, found = [0], list[int]()
    for text in combinations:
        found.extend(number.setdefault(name, len(number)) for name in _names(text))
        starts.append(len(found))
    return tuple(number), np.array(starts, dtype=np.int64), np.array(found, dtype=np.int64)


def _names(text: str) -> list[str]:
    """The skills that a cell names, each once."""
    for separator in SEPARATORS[1:]:
        text = text.replace(separator, SEPARATORS[0])
    return list(dict.fromkeys(name.strip() for name in text.split(SEPARATORS[0]) if name.strip()))


def _verdict(text: str) -> int:
    number = _number(text)
    return int(number) if number in (0.0, 1.0) else VERDICTS.get(text.lower(), -1)


def _seconds(text: str) -> float:
    number = _number(text)
    if not np.isnan(number):
        return number
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return float("nan")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return float("nan")
    return number if np.isfinite(number) else float("nan")


def with_formats(responses: Responses, curriculum: Path) -> Responses:
    """The responses with each item's format as a curriculum file tells it; others stay as they are.

    Raises:
        ResponseFileError: the curriculum can't be read.
    """
    told = {item.id: item.response_format for item in read_curriculum(curriculum).items}
    formats = (told.get(item, old) for item, old in zip(responses.items, responses.formats, strict=True))
    return replace(responses, formats=tuple(formats))


def read_curriculum(path: Path) -> Curriculum:
    """Read a curriculum from a file that `Curriculum.to_json` wrote. Raises `ResponseFileError`."""
    try:
        return Curriculum.from_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, CurriculumError) as error:
        raise ResponseFileError(f"{path}: {error}") from error
