"""Child processes that start together and end together."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import click

_given: set[int] = set()
START_SECONDS = 90  # a process that ends meanwhile is noticed at once
STOP_SECONDS = 8


class Processes:
    """Runs commands in the background until the block ends, however it ends."""

    def __init__(self, log_dir: Path) -> None:
        self._log_dir = log_dir
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Processes":
        signal.signal(signal.SIGTERM, _interrupt)
        return self

    def __exit__(self, *_: object) -> None:
        # Ctrl-C once is enough: a second one must not leave half of them running.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for process in self._running.values():
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in self._running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a command whose output goes to <log_dir>/<name>.log."""
        self._log_dir.mkdir(parents=True, exist_ok=True)
        with self.log_file(name).open("wb") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603 - our own commands
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **environment},
                start_new_session=True,  # Ctrl-C reaches the parent only, which ends its children in order
            )

    def log_file(self, name: str) -> Path:
        """Where a command's output is."""
        return self._log_dir / f"{name}.log"

    def pid(self, name: str) -> int:
        """A command's process id."""
        return self._running[name].pid

    def wait_until_healthy(self, name: str, url: str) -> None:
        """Wait for a 2xx answer. Raises `click.ClickException` with the end of the log if it does not come."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._running[name].poll() is None:
            try:
                with urlopen(url, timeout=2):  # noqa: S310 - our own loopback address
                    return
            except (URLError, OSError):
                time.sleep(0.1)
        tail = self.log_file(name).read_text(errors="replace")[-2000:]
        raise click.ClickException(f"{name} did not start. The end of its log ({self.log_file(name)}):\n{tail}")

    def wait(self) -> None:
        """Wait until one of them ends by itself (an error) or the user interrupts."""
        while all(process.poll() is None for process in self._running.values()):
            time.sleep(0.3)
        ended = next(name for name, process in self._running.items() if process.poll() is not None)
        raise click.ClickException(f"{ended} stopped. Its log is {self.log_file(ended)}")


def require_free_port(port: int, option: str) -> None:
    """Raise `click.ClickException` with what to do if a loopback port is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise click.ClickException(
                f"Port {port} is taken by another program. "
                f"Choose a free one: make demo DEMO_ARGS='{option} {port + 100}'"
            ) from None


def free_port() -> int:
    """A loopback port that is free now, another one each time: who was given it may not listen yet."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port not in _given:
            _given.add(port)
            return port


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
