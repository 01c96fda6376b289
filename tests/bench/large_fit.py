"""More responses than fit into memory: sorted by DuckDB and fitted part by part, on one machine.

    python -m tests.bench large-fit [--rows 1000000] [--memory 256MB]

Made-up pupils answer 200 items each, of 20 of 150 skills, as knowledge tracing has it; what is fitted is held against
the parameters that they were made with. Twenty million rows take about five minutes and 600 MB of disk.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lti_tool.services.parameters import large_fit

SKILLS, SKILLS_EACH, TRIES = 150, 20, 10
ITEMS_A_SKILL = 20
LEARNERS_AT_ONCE = 500
NAMES = ("prior", "learn", "guess", "slip")
LOW, HIGH = np.array([0.1, 0.05, 0.05, 0.03]), np.array([0.7, 0.35, 0.3, 0.15])


def main(words: list[str]) -> None:
    """Make the file, sort it, fit it, and print what that took and how near the fit comes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=float, default=1e6)
    parser.add_argument("--memory", default=large_fit.MEMORY, help="of DuckDB's sort")
    wanted = parser.parse_args(words)
    truth = np.random.default_rng(1).uniform(LOW, HIGH, (SKILLS, len(NAMES)))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "responses.parquet"
        with get_context("spawn").Pool(1) as apart:  # so that its memory is not counted
            rows = apart.apply(write_responses, (source, int(wanted.rows), truth))
        began, cpu = time.perf_counter(), time.process_time()
        path, timed = large_fit.sort_by_skill(source, folder, memory=wanted.memory)
        sorting = time.process_time() - cpu
        fits = large_fit.fit_parts(large_fit.parts_of(path), forgetting=timed)
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        size = source.stat().st_size / 1e6
    print(f"  {rows:,} responses ({size:.0f} MB of Parquet), {len(fits)} skills")
    each = cpu / rows * 1e6
    print(f"    CPU {cpu:.0f} s ({sorting:.0f} s of it sorting), {each:.1f} s a million; {seconds:.0f} s in all")
    print(f"    memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most (goal: 512)")
    order = [int(fit.skill[1:]) for fit in fits]
    fitted = np.array([[getattr(fit.parameters, name) for name in NAMES] for fit in fits])
    far = np.abs(fitted - truth[order])
    print(
        "    mean distance from the truth: "
        + "  ".join(f"{n} {x:.3f}" for n, x in zip(NAMES, far.mean(0), strict=True))
    )


def write_responses(target: Path, rows: int, truth: Any) -> int:
    """Write about so many responses in the order in which they were given, learner by learner; return how many."""
    random, written, writer = np.random.default_rng(2), 0, None
    while written < rows:
        learners = min(LEARNERS_AT_ONCE, -(-(rows - written) // (SKILLS_EACH * TRIES)))
        table = _table(random, learners, written // (SKILLS_EACH * TRIES), truth)
        writer = writer or pq.ParquetWriter(target, table.schema)
        writer.write_table(table)
        written += len(table)
    if writer is not None:
        writer.close()
    return written


def _table(random: np.random.Generator, learners: int, first: int, truth: Any) -> pa.Table:
    skills = random.random((learners, SKILLS)).argsort(axis=1)[:, :SKILLS_EACH]
    prior, learn, guess, slip = (truth[skills, k] for k in range(len(NAMES)))
    known = random.random(skills.shape) < prior
    right = np.empty((learners, TRIES, SKILLS_EACH), dtype=np.int8)
    for t in range(TRIES):
        right[:, t] = random.random(skills.shape) < np.where(known, 1.0 - slip, guess)
        known |= random.random(skills.shape) < learn
    skill = np.broadcast_to(skills[:, None, :], right.shape).ravel()
    item = skill * ITEMS_A_SKILL + random.integers(0, ITEMS_A_SKILL, skill.size)
    each = TRIES * SKILLS_EACH
    return pa.table(
        {
            "learner_id": pa.array(np.repeat(np.arange(first, first + learners), each).astype(str)),
            "skill_id": pa.array(np.char.add("s", skill.astype(str))),
            "item_id": pa.array(np.char.add("i", item.astype(str))),
            "correct": right.ravel(),
            "timestamp": np.tile(np.arange(each) * 60.0, learners),
        }
    )
