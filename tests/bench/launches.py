"""Prints what a launch costs: server CPU of login and launch, as a multiple of a minimal tool made with pylti1p3.

python -m tests.bench launches [--launches 200] [--profile]

A pupil opens an activity, not for the first time. That tool checks far less (no replay, no target, no times that are
missing), knows nobody, and stores its one-time state durably too.
"""

import argparse
import cProfile
import pstats
import tempfile
from collections.abc import Mapping
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import structlog
from flask import Flask
from werkzeug.test import EnvironBuilder

from tests.bench.answers import Cost
from tests.bench.minimal_tool import create_minimal_tool
from tests.support.databases import BACKENDS, Servers
from tests.support.school import TOOL_URL, School, open_school

BLOCK = 20
"""Both tools take turns in blocks, so that a busy machine slows both."""
GOAL = 1.3


class Launches:
    """Launches of one tool, one after the other; only what the tool does is measured."""

    def __init__(self, school: School, app: Flask, link: int) -> None:
        self._school, self._app, self._link = school, app, link
        self.login, self.launch = Cost(), Cost()

    def run(self) -> None:
        """One launch of a pupil in a browser without cookies."""
        fields = self._school.lms.start_launch("ada", self._link).fields
        _, headers = self._measure(self.login, "/lti/login", fields, "")
        location = headers["Location"]
        query = dict(parse_qsl(urlsplit(location).query))
        cookies = "; ".join(f"{one.key}={one.value}" for one in SimpleCookie(headers["Set-Cookie"]).values())
        token = self._school.lms.sign_launch("ada", self._link, nonce=query["nonce"])
        status, _ = self._measure(self.launch, "/lti/launch", {"state": query["state"], "id_token": token}, cookies)
        assert status in ("200 OK", "303 SEE OTHER"), status

    @property
    def mean_cpu(self) -> float:
        """CPU seconds of a whole launch."""
        return self.login.mean_cpu + self.launch.mean_cpu

    def _measure(self, cost: Cost, path: str, fields: Mapping[str, str], cookie: str) -> tuple[str, dict[str, Any]]:
        builder = EnvironBuilder(
            path, base_url=TOOL_URL, method="POST", data=dict(fields), headers={"Cookie": cookie} if cookie else {}
        )
        told: list[Any] = []

        def remember(status: str, headers: list[tuple[str, str]], *_: object) -> Any:
            told.extend([status, headers])

        cost.measure(lambda environ, _: self._app(environ, remember), builder.get_environ())
        headers = {name: value for name, value in told[1] if name != "Set-Cookie"}
        return told[0], headers | {"Set-Cookie": "; ".join(v.split(";")[0] for n, v in told[1] if n == "Set-Cookie")}


def compare(school: School, launches: int, profile: cProfile.Profile | None) -> None:
    """Let both tools take turns; print the ratio."""
    link = school.add_activity("M.NBT2.ADDREG")
    minimal_app = create_minimal_tool(school.runtime.database, school.lms.lms.key.jwks())
    ours, minimal = Launches(school, school.app, link), Launches(school, minimal_app, link)
    for each in (ours, minimal):
        for _ in range(5):
            each.run()
        each.login, each.launch = Cost(), Cost()
    for _ in range(max(1, launches // BLOCK)):
        for _ in range(BLOCK):
            minimal.run()
        if profile is not None:
            profile.enable()
        for _ in range(BLOCK):
            ours.run()
        if profile is not None:
            profile.disable()
    print(
        f"    CPU {ours.mean_cpu / minimal.mean_cpu:.2f} x minimal tool (goal {GOAL})"
        f"   ({1000 * ours.mean_cpu:.2f} ms: login {1000 * ours.login.mean_cpu:.2f},"
        f" launch {1000 * ours.launch.mean_cpu:.2f};"
        f" minimal {1000 * minimal.mean_cpu:.2f} ms: {1000 * minimal.login.mean_cpu:.2f},"
        f" {1000 * minimal.launch.mean_cpu:.2f})"
    )


def main(words: list[str]) -> None:
    """Run on both databases."""
    arguments = argparse.ArgumentParser(prog="python -m tests.bench launches", description=__doc__)
    arguments.add_argument("--launches", type=int, default=200)
    arguments.add_argument("--profile", action="store_true", help="where the time of a launch goes")
    chosen = arguments.parse_args(words)
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    profile = cProfile.Profile() if chosen.profile else None
    with tempfile.TemporaryDirectory() as name:
        servers = Servers(Path(name))
        try:
            for backend in BACKENDS:
                folder = Path(name) / f"launches-{backend}"
                folder.mkdir()
                with servers.fresh(backend) as url, open_school(url, folder) as school:
                    print(f"  {backend}")
                    compare(school, chosen.launches, profile)
        finally:
            servers.close()
    if profile is not None:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(50)
