"""Knowledge tracing fitted to more responses than fit into memory, on one machine or on several.

DuckDB sorts the file by skill, learner and time, spilling to disk; then each part of the skills is fitted by itself,
here one after the other or on the workers of a Dask cluster that see the same folder. A first pass under the central
priors says what the skills have in common, a second one fits them under that. Source of the file: as
`services.parameters.response_files`, Parquet, times as numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, cast

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet
from numpy.typing import NDArray

from engine.fitting.bkt import Beta, BktFitter, Priors
from engine.fitting.responses import UNKNOWN_FORMAT, Opportunities
from engine.knowledge_tracing import FORGETTING_GAP_HOURS
from engine.parameters import ItemParameters, ParameterSet, SkillParameters

MEMORY: Final = "256MB"
ROWS_A_PART: Final = 500_000
ROW_GROUP: Final = 100_000


@dataclass(frozen=True)
class SkillFit:
    """One skill's parameters, and guess and slip of the items that have their own."""

    skill: str
    responses: int
    parameters: SkillParameters
    items: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Part:
    """Skills that are fitted together: the sorted file, and their first and last id."""

    path: str
    first: str
    last: str


Task = tuple[Part, Priors, bool, int]
Run = Callable[[Callable[[Task], list[SkillFit]], Sequence[Task]], Iterable[list[SkillFit]]]
"""Applies a function to every task, in order: `map`, or `distributed`."""


def sort_by_skill(source: Path, folder: Path, *, memory: str = MEMORY) -> tuple[Path, bool]:
    """Write the responses sorted by skill, learner and time; whether times were known."""
    schema = pyarrow.parquet.ParquetFile(source).schema_arrow
    given = set(schema.names)
    timed = "timestamp" in given
    when = ", ".join(name for name in ("timestamp", "order_id") if name in given) or "file_row_number"
    at = _seconds(schema.field("timestamp").type) if timed else "NULL::DOUBLE"
    target = folder / "by_skill.parquet"
    with _duckdb(folder, memory) as connection:
        connection.execute(
            f"""COPY (
                SELECT skill_id::VARCHAR AS skill, learner_id::VARCHAR AS learner, item_id::VARCHAR AS item,
                       correct::TINYINT AS "right", {at} AS at
                FROM read_parquet({_quoted(source)}, file_row_number = true)
                ORDER BY skill, learner, {when}
            ) TO {_quoted(target)} (FORMAT parquet, ROW_GROUP_SIZE {ROW_GROUP})"""  # noqa: S608 - our own names
        )
    return target, timed


def _seconds(kind: pa.DataType) -> str:
    """Seconds since 1970 from the column of times, as SQL; times without a zone are UTC."""
    if not pa.types.is_temporal(kind):
        return "timestamp::DOUBLE"
    return f"epoch(timestamp::{'TIMESTAMPTZ' if getattr(kind, 'tz', None) else 'TIMESTAMP'})"


def parts_of(path: Path, *, rows: int = ROWS_A_PART, memory: str = MEMORY) -> list[Part]:
    """Cut the skills into parts of about so many rows; a skill is never cut."""
    with _duckdb(path.parent, memory) as connection:
        query = f"SELECT skill, count(*) FROM read_parquet({_quoted(path)}) GROUP BY skill ORDER BY skill"  # noqa: S608
        counts = connection.execute(query).fetchall()
    parts, names, size = list[Part](), list[str](), 0
    for name, count in counts:
        if names and size + count > rows:
            parts.append(Part(str(path), names[0], names[-1]))
            names, size = [], 0
        names.append(name)
        size += count
    return [*parts, Part(str(path), names[0], names[-1])] if names else parts


def fit_parts(
    parts: Sequence[Part],
    run: Run = map,
    *,
    priors: Priors | None = None,
    forgetting: bool = True,
    max_rounds: int = BktFitter.MAX_ROUNDS,
) -> list[SkillFit]:
    """Fit all parts, pool what their skills have in common, and fit them again under it."""
    priors = replace(priors or Priors(), group_weight=0.0)
    first = [fit for part in run(fit_part, [(p, priors, forgetting, max_rounds) for p in parts]) for fit in part]
    pooled = _pooled(priors, first, forgetting)
    return [fit for part in run(fit_part, [(p, pooled, forgetting, max_rounds) for p in parts]) for fit in part]


def fit_part(task: Task) -> list[SkillFit]:
    """Fit the skills of one part."""
    part, priors, forgetting, max_rounds = task
    table = pyarrow.parquet.read_table(part.path, filters=[("skill", ">=", part.first), ("skill", "<=", part.last)])
    skill, skills = _codes(table["skill"])
    item, items = _codes(table["item"])
    learner, _ = _codes(table["learner"])
    new = np.ones(len(skill), dtype=np.bool_)
    new[1:] = (skill[1:] != skill[:-1]) | (learner[1:] != learner[:-1])
    opportunities = Opportunities(
        skill=skill,
        response=np.arange(len(skill)),
        item=item,
        right=table["right"].to_numpy().astype(np.int8),
        gap=(~new & _pauses(table["at"])).astype(np.int8),
        sequence_start=np.append(np.flatnonzero(new), len(new)),
    )
    del table, learner, new
    formats = (UNKNOWN_FORMAT,) * len(items)
    found = BktFitter(
        opportunities, formats, len(skills), priors=priors, forgetting=forgetting, max_rounds=max_rounds
    ).fitted()
    own: dict[int, dict[str, tuple[float, float]]] = {k: {} for k in range(len(skills))}
    for slot, rates, counted in zip(found.slots.tolist(), found.by_slot.tolist(), found.own.tolist(), strict=True):
        if counted:
            own[slot // len(items)][items[slot % len(items)]] = (round(rates[0], 4), round(rates[1], 4))
    return [
        SkillFit(
            name,
            int(found.responses[k]),
            SkillParameters(*(round(float(x), 4) for x in _five(found.transitions[k], found.by_format[k, 0]))),
            own[k],
        )
        for k, name in enumerate(skills)
    ]


def distributed(scheduler: str) -> tuple[Run, Callable[[], None]]:
    """A `Run` on the workers of a Dask scheduler, and what closes the connection."""
    from distributed import Client

    client: Any = cast(Any, Client)(scheduler)

    def run(function: Callable[[Task], list[SkillFit]], tasks: Sequence[Task]) -> Iterable[list[SkillFit]]:
        found: list[list[SkillFit]] = client.gather(client.map(function, tasks, pure=False))
        return found

    return run, client.close


def _pauses(at: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Whether something may be forgotten before each row: after 8 hours; where no times are known, always."""
    if at.null_count:
        return np.ones(len(at), dtype=np.bool_)
    pauses: NDArray[np.bool_] = np.diff(at.to_numpy(), prepend=0.0) > FORGETTING_GAP_HOURS * 3600.0
    return pauses


def _five(transitions: Any, rates: Any) -> tuple[float, float, float, float, float]:
    return transitions[0], transitions[1], rates[0], rates[1], transitions[2]


def _pooled(priors: Priors, fits: Sequence[SkillFit], forgetting: bool) -> Priors:
    """Priors with the skills' means in place of the central ones, and their worth."""
    total = sum(fit.responses for fit in fits) or 1

    def moved(name: str, base: Beta) -> Beta:
        mean = sum(fit.responses * getattr(fit.parameters, name) for fit in fits) / total
        worth = max(base.yes + base.no, Priors().group_weight)
        return Beta(mean * worth, (1.0 - mean) * worth)

    return replace(
        priors,
        prior=moved("prior", priors.prior),
        learn=moved("learn", priors.learn),
        forget=moved("forget", priors.forget) if forgetting else priors.forget,
        guess={**priors.guess, UNKNOWN_FORMAT: moved("guess", priors.guess[UNKNOWN_FORMAT])},
        slip={**priors.slip, UNKNOWN_FORMAT: moved("slip", priors.slip[UNKNOWN_FORMAT])},
    )


def _codes(column: pa.ChunkedArray) -> tuple[NDArray[np.int64], list[str]]:
    array = column.combine_chunks().dictionary_encode()
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0)
    return array.indices.to_numpy(zero_copy_only=False).astype(np.int64), array.dictionary.to_pylist()


def _duckdb(folder: Path, memory: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"memory_limit": memory, "threads": 1, "temp_directory": str(folder / "spill")})
    connection.execute("SET preserve_insertion_order = false")
    return connection


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def sample_of_learners(source: Path, folder: Path, *, rows: int, memory: str = MEMORY) -> Path:
    """Whole learners' responses, about so many, as a file of their own: enough for the population and the predictor."""
    total = pyarrow.parquet.ParquetFile(source).metadata.num_rows
    share = max(1, total // rows)
    target = folder / "sample.parquet"
    with _duckdb(folder, memory) as connection:
        connection.execute(
            f"COPY (SELECT * FROM read_parquet({_quoted(source)}) WHERE hash(learner_id) % {share} = 0) "  # noqa: S608
            f"TO {_quoted(target)} (FORMAT parquet)"
        )
    return target


def with_everybody(parameters: ParameterSet, fits: Sequence[SkillFit], *, forgets: bool) -> ParameterSet:
    """A set fitted to a sample, with everybody's skills, and everybody's items where the sample had none."""
    skills, items = dict(parameters.skills), dict[str, ItemParameters]()
    for each in fits:
        own, old = each.parameters, parameters.for_skill(each.skill)
        forget = own.forget if forgets else old.forget
        skills[each.skill] = SkillParameters(own.prior, own.learn, own.guess, own.slip, forget)
        items.update({name: ItemParameters(0.0, *rates) for name, rates in each.items.items()})
    return replace(parameters, skills=skills, items={**items, **parameters.items})
