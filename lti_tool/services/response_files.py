"""Reads files of pupils' responses: CSV, TSV or Parquet, compressed or not. Needs pyarrow and numpy.

One row is one response: learner_id, skill_id, item_id, correct, and where known timestamp, response_format, order_id.
Several skills of one response stand in one cell, with a semicolon between them. docs/response-files.md explains it all.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from engine.curriculum import RESPONSE_FORMATS, Curriculum, CurriculumError
from engine.responses import Responses

ALIASES: Final = {
    "user_id": "learner_id",
    "student_id": "learner_id",
    "anon student id": "learner_id",
    "problem_id": "item_id",
    "question_id": "item_id",
    "skill": "skill_id",
    "skill_name": "skill_id",
    "time": "timestamp",
    "format": "response_format",
    "order": "order_id",
}
REQUIRED: Final = ("learner_id", "skill_id", "item_id", "correct")
OPTIONAL: Final = ("timestamp", "response_format", "order_id")
VERDICTS: Final = {"1": 1, "1.0": 1, "true": 1, "0": 0, "0.0": 0, "false": 0}
SEPARATORS: Final = (";", "~~")
GZIP, PARQUET = b"\x1f\x8b", b"PAR1"
MILLISECONDS_FROM: Final = 1e11
"""Seconds since 1970 that lie after the year 5000 are milliseconds."""


class ResponseFileError(ValueError):
    """A file of responses can't be used. The message names file and row and says what to do."""


@dataclass(frozen=True)
class ResponseFile:
    """What a file holds, and what was done to it on the way (one sentence each)."""

    responses: Responses
    notes: tuple[str, ...]


def read_responses(path: Path) -> ResponseFile:
    """Read a file.

    Raises:
        ResponseFileError: it is missing, empty or damaged, lacks a column, has a verdict other than right or wrong,
            or repeats a response.
    """
    table = _Table(path, _columns(path))
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
            raise self._error(None, "there is no response in it. Write one row for each response under the header")
        right = self._right()
        learner, learners = self._codes("learner_id", required=True)
        item, items = self._codes("item_id", required=True)
        combination, combinations = self._codes("skill_id", required=False)
        hours, order = self._hours(), self._order()
        self._refuse_repeats(learner, item, combination, hours, order)
        keep = np.array([bool(name.strip()) for name in combinations])[combination]
        if not keep.all():
            self._note(f"{int((~keep).sum())} responses without a skill were left out", int(np.flatnonzero(~keep)[0]))
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
        verdicts = np.array([VERDICTS.get(name.strip().lower(), -1) for name in names], dtype=np.int8)[codes]
        if (bad := np.flatnonzero(verdicts < 0)).size:
            given = names[int(codes[bad[0]])]
            raise self._error(int(bad[0]), f"correct is {given!r}. Write 1 for a right and 0 for a wrong answer")
        return verdicts

    def _codes(self, name: str, *, required: bool) -> tuple[NDArray[np.int64], list[str]]:
        """A column as numbers and the texts that they stand for."""
        column = self.columns[name].combine_chunks()
        if required:
            empty = pc.or_kleene(pc.is_null(column), pc.equal(pc.utf8_trim_whitespace(column), ""))
            at = pc.index(empty, True).as_py()
            if at >= 0:
                raise self._error(at, f"{name} is empty. Fill it in, or take the row out")
        encoded = pc.fill_null(column, "").dictionary_encode()
        return encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64), encoded.dictionary.to_pylist()

    def _hours(self) -> NDArray[np.float64] | None:
        if "timestamp" not in self.columns.column_names:
            return None
        codes, names = self._codes("timestamp", required=False)
        seconds = np.array([_seconds(name) for name in names])[codes]
        bad = np.flatnonzero(np.isnan(seconds))
        if bad.size == len(seconds):
            return None
        if bad.size:
            given = names[int(codes[bad[0]])]
            raise self._error(
                int(bad[0]), f"timestamp is {given!r}. Write seconds, or a date such as 2026-11-23T09:00:00Z"
            )
        if np.abs(seconds).max() >= MILLISECONDS_FROM:
            self._note("timestamps were read as milliseconds", 0)
            seconds = seconds / 1000.0
        hours: NDArray[np.float64] = seconds / 3600.0
        return hours

    def _order(self) -> NDArray[np.float64] | None:
        if "order_id" not in self.columns.column_names:
            return None
        codes, names = self._codes("order_id", required=False)
        numbers = np.array([_number(name) for name in names])[codes]
        if (bad := np.flatnonzero(np.isnan(numbers))).size:
            given = names[int(codes[bad[0]])]
            raise self._error(int(bad[0]), f"order_id is {given!r}. Write a number that rises with time")
        return numbers

    def _refuse_repeats(
        self,
        learner: NDArray[np.int64],
        item: NDArray[np.int64],
        skill: NDArray[np.int64],
        hours: NDArray[np.float64] | None,
        order: NDArray[np.float64] | None,
    ) -> None:
        """The same learner can't answer the same item twice at one moment; without a moment nobody can tell."""
        when = order if order is not None else hours
        if when is None:
            return
        rank = np.lexsort((skill, when, item, learner))
        same = np.ones(len(rank) - 1, dtype=np.bool_)
        for column in (learner, item, when, skill):
            same &= column[rank][1:] == column[rank][:-1]
        if same.any():
            at = int(np.flatnonzero(same)[0])
            first, second = sorted(rank[at : at + 2].tolist())
            name = "order_id" if order is not None else "timestamp"
            raise self._error(
                second,
                f"it repeats row {self._row(first)} (same learner, item, skill and {name}). Take one of them out",
            )

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
        if "response_format" not in self.columns.column_names:
            return ("",) * items
        codes, names = self._codes("response_format", required=False)
        names = [name.strip().lower() for name in names]
        strange = [n for n, name in enumerate(names) if name and name not in RESPONSE_FORMATS]
        if strange:
            at = int(np.flatnonzero(np.isin(codes, strange))[0])
            known = ", ".join(sorted(RESPONSE_FORMATS))
            self._note(f"response_format {names[int(codes[at])]!r} is unknown and was not used (known: {known})", at)
        found = [""] * items
        for n, code in zip(*np.unique(np.stack([item, codes]), axis=1).tolist(), strict=True):
            found[n] = "" if code in strange else names[code]
        return tuple(found)

    def _row(self, index: int) -> int:
        return index + (1 if _magic(self.path).startswith(PARQUET) else 2)

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
        for separator in SEPARATORS[1:]:
            text = text.replace(separator, SEPARATORS[0])
        names = dict.fromkeys(name.strip() for name in text.split(SEPARATORS[0]) if name.strip())
        found.extend(number.setdefault(name, len(number)) for name in names)
        starts.append(len(found))
    return tuple(number), np.array(starts, dtype=np.int64), np.array(found, dtype=np.int64)


def _seconds(text: str) -> float:
    number = _number(text)
    if not np.isnan(number):
        return number
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return float("nan")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return float("nan")
    return number if np.isfinite(number) else float("nan")


def _magic(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def _columns(path: Path) -> pa.Table:
    """The columns that count, under their own names, as text."""
    try:
        if not path.is_file():
            raise ResponseFileError(f"{path}: there is no such file. Name a CSV, TSV or Parquet file.")
        if not path.stat().st_size:
            raise ResponseFileError(f"{path}: the file is empty. Write a header and one row for each response.")
        magic = _magic(path)
        table = _parquet(path) if magic == PARQUET else _text(path, magic)
    except (pa.ArrowException, OSError, EOFError, zlib.error, gzip.BadGzipFile, UnicodeDecodeError) as error:
        raise ResponseFileError(
            f"{path}: it can't be read ({error}). Write it anew as CSV or TSV in UTF-8, or as Parquet."
        ) from error
    return table


def _parquet(path: Path) -> pa.Table:
    file = pyarrow.parquet.ParquetFile(path)
    wanted = _wanted(path, file.schema_arrow.names)
    table = file.read(columns=list(wanted.values()))
    columns = [_as_text(table[given]) for given in wanted.values()]
    return pa.table(columns, names=list(wanted))


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        column = pc.cast(pc.cast(column, pa.timestamp("us")), pa.int64())
        column = pc.divide(pc.cast(column, pa.float64()), 1e6)
    if pa.types.is_dictionary(column.type):
        column = pc.cast(column, column.type.value_type)
    return pc.cast(column, pa.string())


def _text(path: Path, magic: bytes) -> pa.Table:
    compressed = magic.startswith(GZIP)
    opener: Callable[[Path, Any], Any] = gzip.open if compressed else Path.open
    with opener(path, "rb") as file:
        header = file.readline(1 << 20).removeprefix(b"\xef\xbb\xbf")
    encoding = "utf-8" if not header.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-16"
    line = header.decode(encoding, errors="ignore")
    separator = max("\t,;|", key=line.count)
    names = next(csv.reader([line.rstrip("\r\n")], delimiter=separator), [])
    wanted = _wanted(path, names)
    with opener(path, "rb") as file:
        data = pa.input_stream(file) if encoding == "utf-8" else io.BytesIO(file.read())
        return _parsed(data, separator, names, wanted, encoding)


def _parsed(data: Any, separator: str, names: list[str], wanted: dict[str, str], encoding: str) -> pa.Table:
    unique = [f"{n} {name}" for n, name in enumerate(names)]
    used = {own: unique[names.index(given)] for own, given in wanted.items()}
    table = pyarrow.csv.read_csv(
        data,
        read_options=pyarrow.csv.ReadOptions(column_names=unique, skip_rows=1, encoding=encoding),
        parse_options=pyarrow.csv.ParseOptions(delimiter=separator, newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(unique, pa.string()),
            include_columns=list(used.values()),
            strings_can_be_null=False,
        ),
    )
    return table.rename_columns(list(used))


def _wanted(path: Path, names: list[str]) -> dict[str, str]:
    """The columns that count: own name -> name in the file.

    An exact name goes before an alias, and the first of two alike before the second.
    """
    found: dict[str, str] = {}
    plain = {name: name.strip().lower() for name in names}
    for own in (*REQUIRED, *OPTIONAL):
        exact = [name for name, text in plain.items() if text == own]
        alias = [name for name, text in plain.items() if ALIASES.get(text) == own]
        if exact or alias:
            found[own] = (exact or alias)[0]
    if missing := [name for name in REQUIRED if name not in found]:
        has = ", ".join(repr(name) for name in names) or "none"
        raise ResponseFileError(
            f"{path}, row 1: the column {missing[0]} is missing (columns found: {has}). "
            f"Name the columns {', '.join(REQUIRED)}, and where known {', '.join(OPTIONAL)}."
        )
    return found


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
