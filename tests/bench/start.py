"""What a web process costs before its first request: seconds until it serves, and memory.

    python -m tests.bench start [--times 5]

The floor is a Python process that imports Flask, SQLAlchemy and requests in the same run. The aim: 2 s and 120 MB, for
a web process alone. Under gunicorn libraries and banks are read once and shared; what then is each one's part of the
memory (proportional set size) is printed too. Packages that are here for tests alone are hidden: libraries that find
rich or chardet import those as well.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import packages_distributions
from pathlib import Path

from lti_tool.cli.running.processes import Processes, free_port
from lti_tool.cli.running.server import GUNICORN
from lti_tool.config import CONFIG_DIR
from lti_tool.persistence import migrate
from lti_tool.persistence.database import Database

ROOT = Path(__file__).resolve().parents[2]
SECONDS, MEGABYTES = 2.0, 120.0
WEB_PROCESSES = 2
REPORT = """
import re, time
print(time.process_time(), int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024)
"""
"""The peak of this program alone: what `getrusage` tells holds the peak of the process that started it too."""
FLOOR = f"import flask, sqlalchemy, requests\n{REPORT}"
TOOL = f"""
import os, runpy
os.environ["PROXIMAL_DATA_DIR"] = {{folder!r}}
runpy.run_path({str(CONFIG_DIR / "gunicorn.conf.py")!r})
from lti_tool.app import create_app_for_server
app = create_app_for_server()
assert app.test_client().get("/readyz").status_code == 200
{REPORT}
"""
"""What gunicorn does before a web process serves: its settings, then the application."""


def for_tests() -> list[str]:
    """Modules of packages that an installation does not have."""
    locked = (ROOT / "requirements" / "run.txt").read_text()
    installed = {"proximal", *re.findall(r"^([a-z0-9-]+)", locked, re.MULTILINE)}
    return [
        module
        for module, names in packages_distributions().items()
        if not installed & {re.sub(r"[-_.]+", "-", name).lower() for name in names}
    ]


def shared(folder: Path) -> tuple[float, list[float]]:
    """Seconds on the clock until gunicorn serves, and each web process's part of the memory."""
    address = f"127.0.0.1:{free_port()}"
    environment = {
        "PROXIMAL_BASE_URL": f"http://{address}",
        "PROXIMAL_BIND": address,
        "PROXIMAL_DATA_DIR": str(folder),
        "PROXIMAL_WEB_PROCESSES": str(WEB_PROCESSES),
        "PROXIMAL_EMBEDDED_WORKER": "false",
    }
    with Processes(folder) as processes:
        begun = time.perf_counter()
        processes.start("proximal", GUNICORN, environment)
        processes.wait_until_healthy("proximal", f"http://{address}/readyz")
        seconds = time.perf_counter() - begun
        time.sleep(2)  # the others follow
        return seconds, [proportional(pid) for pid in children(processes.pid("proximal"))]


def children(parent: int) -> list[int]:
    """The processes that a process has started."""
    tasks = Path(f"/proc/{parent}/task")
    return [int(pid) for task in tasks.iterdir() for pid in (task / "children").read_text().split()]


def proportional(pid: int) -> float:
    """Megabytes of a process, where a page that several share counts in parts."""
    found = re.search(r"^Pss: +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) / 1024


def measure(code: str, times: int) -> tuple[float, float]:
    """Median CPU seconds and megabytes of a process that runs this code."""
    runs = []
    for _ in range(times):
        hide = f"import sys; sys.modules.update(dict.fromkeys({for_tests()!r}))\n"
        done = subprocess.run([sys.executable, "-c", hide + code], capture_output=True, text=True, check=True)
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
        until, parts = shared(Path(folder))
    print(f"{'':28}{'CPU seconds':>12}{'MB':>8}")
    print(f"{'Flask, SQLAlchemy, requests':28}{floor_seconds:12.2f}{floor_megabytes:8.0f}")
    print(f"{'a web process':28}{seconds:12.2f}{megabytes:8.0f}")
    print(f"{'ratio':28}{seconds / floor_seconds:12.2f}{megabytes / floor_megabytes:8.2f}")
    print(f"{'aim':28}{SECONDS:12.2f}{MEGABYTES:8.0f}")
    print(f"{len(parts)} under gunicorn: {until:.1f} s on the clock; {max(parts):.0f} MB each, shared pages in parts")
