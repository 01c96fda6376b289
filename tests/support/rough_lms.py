"""The practice LMS on a bad day: its services fail by chance, in the ways that real ones do, while a file says so.

python -m tests.support.rough_lms --port 8000 --database lms.db --tool-url http://127.0.0.1:8001 --rough ROUGH --seed 1

Or it is merely slow: `--wait 0.05` lets each call of a service take so many seconds longer.
"""

import argparse
import json
import logging
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from werkzeug.serving import make_server

from sandbox_lms.app import create_lms
from sandbox_lms.config import LmsConfig, ToolRegistration

SILENCE_SECONDS = 12.0
"""Longer than the tool waits for an answer."""
CHANCES = {
    "refused": 0.10,  # 500, 503 with Retry-After, 429
    "stored, answer lost": 0.02,
    "no answer in time": 0.02,
    "connection reset": 0.01,
}
REFUSALS = ("500 Internal Server Error", "503 Service Unavailable", "429 Too Many Requests")
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Rough:
    """WSGI middleware around the LMS. `told` counts what it did, in the file of that name beside the switch."""

    def __init__(self, app: Application, switch: Path, seed: int, wait: float = 0.0) -> None:
        self._app, self._switch, self._wait = app, switch, wait
        self._rng = random.Random(seed)
        self._told: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer as the LMS does, or as a bad day does."""
        service = environ["PATH_INFO"].startswith(("/lti/courses/", "/lti/token"))
        if service:
            time.sleep(self._wait)
        trouble = self._draw() if service and self._switch.exists() else None
        if trouble is None:
            return self._app(environ, start_response)
        if trouble == "refused":
            status = self._rng.choice(REFUSALS)
            headers = [("Content-Type", "text/plain")] + ([("Retry-After", "1")] if status.startswith("503") else [])
            start_response(status, headers)
            return [b"not now"]
        if trouble == "stored, answer lost":
            list(self._app(environ, lambda *_: lambda __: None))
        elif trouble == "no answer in time":
            time.sleep(SILENCE_SECONDS)
        _reset(environ["werkzeug.socket"])
        raise ConnectionAbortedError

    def _draw(self) -> str | None:
        with self._lock:
            [trouble] = self._rng.choices(["well", *CHANCES], [1 - sum(CHANCES.values()), *CHANCES.values()])
            self._told[trouble] += 1
            self._switch.with_suffix(".told").write_text(json.dumps(self._told))
        return None if trouble == "well" else trouble


def _reset(connection: socket.socket) -> None:
    """Close so that the other side sees a reset, not an end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--tool-url", required=True)
    parser.add_argument("--rough", type=Path, required=True, help="while this file is there, the services are rough")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--wait", type=float, default=0.0)
    chosen = parser.parse_args()
    config = LmsConfig(
        base_url=f"http://localhost:{chosen.port}",
        database=chosen.database,
        tool=ToolRegistration.by_convention(chosen.tool_url),
    )
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    app = Rough(create_lms(config), chosen.rough, chosen.seed, chosen.wait)
    make_server("localhost", chosen.port, app, threaded=True).serve_forever()


if __name__ == "__main__":
    main()
