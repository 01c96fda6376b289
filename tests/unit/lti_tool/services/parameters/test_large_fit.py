"""More responses than memory: sorted on disk, fitted part by part."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from engine.parameters import SkillParameters
from lti_tool.services.parameters.large_fit import _pauses, fit_parts, parts_of, sort_by_skill
from tests.unit.engine.responses_of import two_state_rows

TRUTH = SkillParameters(prior=0.3, learn=0.15, guess=0.2, slip=0.08, forget=0.0)


def file(folder: Path, *, timed: bool) -> Path:
    """Three skills; answers stand in the file in no order but their own."""
    rows = [row for n, s in enumerate("abc") for row in two_state_rows(TRUTH, learners=40, length=8, skill=s, seed=n)]
    columns = dict(
        zip(("learner_id", "skill_id", "item_id", "correct"), map(list, zip(*rows, strict=True)), strict=True)
    )
    if timed:
        columns["timestamp"] = [60 * (n % 8) for n in range(len(rows))]
    path = folder / "it's big.parquet"
    pyarrow.parquet.write_table(pa.table(columns), path)
    return path


@pytest.mark.parametrize("timed", [True, False])
def test_a_file_is_fitted_in_parts_as_it_would_be_in_one(tmp_path: Path, timed: bool) -> None:
    path, known = sort_by_skill(file(tmp_path, timed=timed), tmp_path)
    assert known == timed
    many, one = parts_of(path, rows=320), parts_of(path)
    assert (len(many), len(one)) == (3, 1)
    apart, together = (fit_parts(parts, forgetting=False, max_rounds=20) for parts in (many, one))
    assert [fit.skill for fit in apart] == ["a", "b", "c"]
    assert apart == together
    assert apart[0].responses == 320
    assert apart[0].parameters.learn == pytest.approx(0.15, abs=0.1)
    assert len(apart[0].items) == 10


@pytest.mark.parametrize(
    "kind",
    [
        pa.int64(),
        pa.timestamp("s"),
        pa.timestamp("ns"),
        pa.timestamp("us", "UTC"),
        pa.timestamp("ns", "UTC"),
        pa.timestamp("ms", "Asia/Tokyo"),
    ],
    ids=str,
)
def test_times_are_seconds_of_whatever_type_they_are(tmp_path: Path, kind: pa.DataType) -> None:
    source = tmp_path / "dated.parquet"
    stamps = pa.array([1_700_000_000, 1_700_003_600], pa.int64())
    if kind != pa.int64():
        stamps = stamps.cast(pa.timestamp("s")).cast(pa.timestamp(kind.unit)).cast(kind)
    columns = {"learner_id": ["ada"] * 2, "skill_id": ["a"] * 2, "item_id": ["x", "y"], "correct": [1, 0]}
    pyarrow.parquet.write_table(pa.table({**columns, "timestamp": stamps}), source)
    path, _ = sort_by_skill(source, tmp_path)
    assert pyarrow.parquet.read_table(path)["at"].to_pylist() == [1_700_000_000.0, 1_700_003_600.0]


def test_nothing_is_forgotten_in_lessons_without_a_night_between_them() -> None:
    assert _pauses(pa.chunked_array([[0.0, 60.0, 30_000.0]])).tolist() == [False, False, True]
    assert _pauses(pa.chunked_array([pa.array([None, None], pa.float64())])).tolist() == [True, True]
