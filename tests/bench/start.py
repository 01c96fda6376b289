"""What a web process costs before its first request: seconds until it serves, and memory.

    python -m tests.bench start [--times 5]

The floor is a Python process that imports Flask, SQLAlchemy and requests in the same run. The aim: 2 s and 120 MB.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from lti_tool.persistence import migrate
from lti_tool.persistence.database import Database

SECONDS, MEGABYTES = 2.0, 120.0
REPORT = "import resource as r, time; print(time.process_time(), r.getrusage(r.RUSAGE_SELF).ru_maxrss / 1024)"
FLOOR = f"import flask, sqlalchemy, requests; {REPORT}"
TOOL = f"""
from pathlib import Path
from lti_tool.app import create_app
from lti_tool.config import Settings
from lti_tool.runtime import Runtime
app = create_app(Runtime.start(Settings.load(data_dir=Path({{folder!r}}))))
assert app.test_client().get("/readyz").status_code == 200
{REPORT}
"""


def measure(code: str, times: int) -> tuple[float, float]:
    """Median CPU seconds and megabytes of a process that runs this code."""
    runs = []
    for _ in range(times):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        runs.append([float(word) for word in done.stdout.split()])
    seconds, megabytes = zip(*runs, strict=True)
    return statistics.median(seconds), statistics.median(megabytes)


def main(words: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench start", description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args(words).times
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'proximal.db'}")
        migrate.upgrade(database)
        database.close()
        tool = TOOL.format(folder=folder)
        measure(tool, 1)  # makes keys, and compiles what was never imported
        floor_seconds, floor_megabytes = measure(FLOOR, times)
        seconds, megabytes = measure(tool, times)
    print(f"{'':28}{'CPU seconds':>12}{'MB':>8}")
    print(f"{'Flask, SQLAlchemy, requests':28}{floor_seconds:12.2f}{floor_megabytes:8.0f}")
    print(f"{'a web process':28}{seconds:12.2f}{megabytes:8.0f}")
    print(f"{'ratio':28}{seconds / floor_seconds:12.2f}{megabytes / floor_megabytes:8.2f}")
    print(f"{'aim':28}{SECONDS:12.2f}{MEGABYTES:8.0f}")
