"""Figures of several web processes: a scrape reaches one of them, and tells what all of them have counted."""

import os
import re
import signal
import time
from pathlib import Path

import pytest
import requests

from lti_tool.cli.running.processes import Processes, free_port
from tests.deploy.installation import PROXIMAL

ASKED = 40
LINE = re.compile(r'^proximal_requests_total\{route="lti\.login",status="\d+"\} (\d+)', re.MULTILINE)


def counted(address: str) -> int:
    """How many logins a scrape tells of; on a connection of its own, so that any process may take it."""
    answer = requests.get(f"{address}/metrics", headers={"Connection": "close"}, timeout=20)
    assert answer.status_code == 200
    return sum(int(count) for count in LINE.findall(answer.text))


def web_processes(folder: Path) -> list[int]:
    """Those that have counted anything: each has a file of its own."""
    return [int(file.stem.removeprefix("counter_")) for file in (folder / "metrics").glob("counter_*.db")]


@pytest.mark.long
def test_each_scrape_tells_what_all_web_processes_have_counted_and_those_that_have_ended(tmp_path: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environment = {
        "PROXIMAL_BASE_URL": address,
        "PROXIMAL_DATA_DIR": str(tmp_path),
        "PROXIMAL_BIND": f"127.0.0.1:{port}",
        "PROXIMAL_WEB_PROCESSES": "2",
        "PROXIMAL_EMBEDDED_WORKER": "false",
    }
    with Processes(tmp_path / "logs") as processes:
        processes.start("proximal", [*PROXIMAL, "serve"], environment)
        processes.wait_until_healthy("proximal", f"{address}/readyz")
        for _ in range(ASKED):
            requests.get(f"{address}/lti/login", headers={"Connection": "close"}, timeout=20)
        assert {counted(address) for _ in range(10)} == {ASKED}
        assert len(web_processes(tmp_path)) == 2, "both processes have counted"
        ended = web_processes(tmp_path)[0]
        os.kill(ended, signal.SIGTERM)
        for _ in range(100):
            if not Path(f"/proc/{ended}").exists():
                break
            time.sleep(0.1)
        assert not Path(f"/proc/{ended}").exists()
        assert {counted(address) for _ in range(10)} == {ASKED}
