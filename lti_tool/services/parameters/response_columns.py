"""The columns of a file of responses as text: CSV, TSV or Parquet, compressed or not. Needs pyarrow."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from item_banks.reading.office_files import SAVE_AS, office_file

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
NOTHING: Final = "there is no response in it. Write one row for each response under the header"
NAMES_SHOWN: Final = 300
"""Characters of a header that an error repeats."""
GZIP, PARQUET = b"\x1f\x8b", b"PAR1"


UNREADABLE: Final = (
    pa.ArrowException,
    OSError,
    EOFError,
    zlib.error,
    gzip.BadGzipFile,
    UnicodeDecodeError,
    csv.Error,
)


class ResponseFileError(ValueError):
    """A file of responses can't be used. The message names file and row and says what to do."""


def is_parquet(path: Path) -> bool:
    """Whether a file is Parquet by its first bytes, whatever its name."""
    return _magic(path).startswith(PARQUET)


def columns_of(path: Path) -> pa.Table:
    """The columns that count, under their own names, as text.

    Raises:
        ResponseFileError: the file is missing, empty or damaged, or lacks a column.
    """
    try:
        if path.is_dir():
            raise ResponseFileError(f"{path}: it is a folder. Name a CSV, TSV or Parquet file in it.")
        if not path.is_file():
            raise ResponseFileError(f"{path}: there is no such file. Name a CSV, TSV or Parquet file.")
        if not path.stat().st_size:
            raise ResponseFileError(f"{path}: the file is empty. Write a header and one row for each response.")
        if office_file(_magic(path)) and (kind := office_file(path.read_bytes())):
            raise ResponseFileError(f"{path}: {SAVE_AS[kind]}.")
        return _parquet(path) if is_parquet(path) else _text(path)
    except UNREADABLE as error:
        raise ResponseFileError(
            f"{path}: it can't be read ({error}). Write it anew as CSV or TSV in UTF-8, or as Parquet."
        ) from error


def _magic(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(8)


def _parquet(path: Path) -> pa.Table:
    file = pyarrow.parquet.ParquetFile(path)
    names = file.schema_arrow.names
    wanted = _wanted(path, names)
    if twice := [given for given in wanted.values() if names.count(given) > 1]:
        raise ResponseFileError(f"{path}: it has the column {twice[0]} twice. Take one of them out.")
    table = file.read(columns=list(wanted.values()))
    columns = [_as_text(table[given]) for given in wanted.values()]
    return pa.table(columns, names=list(wanted))


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        column = pc.cast(pc.cast(column, pa.timestamp("us")), pa.int64())
        column = pc.divide(pc.cast(column, pa.float64()), 1e6)
    if pa.types.is_dictionary(column.type):
        column = pc.cast(column, column.type.value_type)
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        lists = pc.cast(column, pa.list_(pa.string())).to_pylist()
        return pa.chunked_array([[";".join(filter(None, names or ())) for names in lists]], pa.string())
    return pc.cast(column, pa.string())


def _text(path: Path) -> pa.Table:
    opener: Callable[[Path, Any], Any] = gzip.open if _magic(path).startswith(GZIP) else Path.open
    with opener(path, "rb") as file:
        header = file.readline(1 << 20).removeprefix(b"\xef\xbb\xbf")
    encoding = "utf-8" if not header.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-16"
    # Old spreadsheets end a line with \r alone.
    line = re.split("[\r\n]", header.decode(encoding, errors="ignore"), maxsplit=1)[0]
    separator = max("\t,;|", key=line.count)
    names = next(csv.reader([line], delimiter=separator), [])
    wanted = _wanted(path, names)
    with opener(path, "rb") as file:
        data = pa.input_stream(file) if encoding == "utf-8" else io.BytesIO(file.read())
        try:
            return _parsed(data, separator, names, wanted, encoding)
        except pa.ArrowInvalid as error:
            problem = error
    with opener(path, "rb") as file:
        _point_out(path, io.TextIOWrapper(file, encoding, errors="replace", newline=""), separator, len(names))
    raise problem


def _point_out(path: Path, lines: Iterable[str], separator: str, cells: int) -> None:
    """Say which row can't be read, where one can be named."""
    n, rows = 0, csv.reader(lines, delimiter=separator)
    try:
        for n, row in enumerate(rows, start=1):
            _check_row(f"{path}, row {n}", row, separator, cells)
    except csv.Error as error:
        raise ResponseFileError(f"{path}, row {n + 1}: it can't be read ({error}). Correct or remove it.") from error
    if n < 2:
        raise ResponseFileError(f"{path}: {NOTHING}.")


def _check_row(where: str, row: Sequence[str], separator: str, cells: int) -> None:
    if row and len(row) != cells:
        raise ResponseFileError(
            f"{where}: it has {len(row)} cells, and the header has {cells}. "
            f"Write one cell for each column; a cell with {separator!r} in it needs quotation marks."
        )
    if any("\ufffd" in cell for cell in row):
        raise ResponseFileError(f"{where}: it is not UTF-8. Save the file as UTF-8.")


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
        has = ", ".join(repr(name) for name in names)[:NAMES_SHOWN] or "none"
        raise ResponseFileError(
            f"{path}, row 1: the column {missing[0]} is missing (columns found: {has}). "
            f"Name the columns {', '.join(REQUIRED)}, and where known {', '.join(OPTIONAL)}."
        )
    return found
