"""Prints what an answer costs: server CPU and time as multiples of the floor, bytes against their limits.

python -m tests.bench answers [--answers 300] [--profile] [--class]
"""

import argparse
import cProfile
import gzip
import pstats
import re
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask
from werkzeug.test import EnvironBuilder

from tests.bench.floor import create_floor, token
from tests.support.databases import BACKENDS, Servers
from tests.support.pupils import wrong_answer
from tests.support.school import TOOL_URL, Page, School, open_school
from tests.support.sites import practise_together, running_site

ACTIVITIES = {
    "math": ("M.NBT2.ADDREG", "M.NBT2.SUBREG", "M.NBT3.SUB0"),
    "spelling": ("SP.DOUBLE", "SP.HF34"),
}
BLOCK = 25
"""Floor and tool take turns in blocks, so that a busy machine slows both."""
ANSWER_LIMIT, FIRST_PAGE_LIMIT = 8_192, 90_000


@dataclass
class Cost:
    """CPU seconds and wall-clock seconds of each request."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    def measure(self, app: Flask, environ: dict[str, object]) -> bytes:
        """Call the app as a server does, with nothing of a client inside the measurement."""
        wall, cpu = time.perf_counter(), time.process_time()
        body = b"".join(app(environ, lambda *_: lambda __: None))
        self.cpu.append(time.process_time() - cpu)
        self.wall.append(time.perf_counter() - wall)
        return body

    @property
    def mean_cpu(self) -> float:
        """Mean CPU seconds."""
        return statistics.mean(self.cpu)

    @property
    def p50(self) -> float:
        """Median wall-clock seconds."""
        return statistics.median(self.wall)


def environ(path: str, fields: dict[str, str] | None, cookie: str = "") -> dict[str, object]:
    """A request as htmx makes it."""
    headers = {"HX-Request": "true", "Cookie": cookie}
    body = urlencode(fields) if fields is not None else ""
    builder = EnvironBuilder(
        path,
        base_url=TOOL_URL,
        method="POST" if fields is not None else "GET",
        data=body,
        content_type="application/x-www-form-urlencoded",
        headers=headers,
    )
    return builder.get_environ()


class Pupil:
    """One pupil who answers wrongly, so that the sitting goes on."""

    def __init__(self, school: School, page: Page) -> None:
        self._school, self._page = school, page
        launch_id = page.place.rsplit("/", 1)[-1]
        cookie = school.browser(page.who).get_cookie(f"__Host-proximal-{launch_id}", domain="127.0.0.1")
        assert cookie is not None
        self._cookie = f"{cookie.key}={cookie.value}"
        self._form_token = re.findall(r'name="form_token" value="([^"]+)"', page.text)[0]
        self._item = page.item_token
        self.posts, self.gets = Cost(), Cost()
        self.bytes = 0

    def answer(self) -> None:
        """Post an answer and get the next item."""
        item = self._school.waiting_item(self._item)
        fields = {"form_token": self._form_token, "item": self._item, "response": wrong_answer(item)}
        body = self.posts.measure(self._school.app, environ(f"{self._page.place}/answer", fields, self._cookie))
        assert b'id="next"' in body, body
        following = self.gets.measure(self._school.app, environ(self._page.place, None, self._cookie)).decode()
        self.bytes = max(self.bytes, len(body), len(following.encode()))
        found = re.search(r'data-item="([^"]+)"', following)
        self._item = found[1] if found else self._page.send("again").item_token


def compare(school: School, skills: tuple[str, ...], answers: int, profile: cProfile.Profile | None) -> Pupil:
    """Let a pupil and the floor take turns; print the ratios."""
    pupil = Pupil(school, school.open("ada", school.add_activity(*skills)))
    floor_app, floor = create_floor_once(school), Cost()
    request = {"form_token": token(), "response": "42"}
    for _ in range(10):
        pupil.answer()
        floor.measure(floor_app, environ("/answer", request))
    pupil.posts, pupil.gets, floor = Cost(), Cost(), Cost()
    for _ in range(answers // BLOCK):
        for _ in range(BLOCK):
            floor.measure(floor_app, environ("/answer", request))
        if profile is not None:
            profile.enable()
        for _ in range(BLOCK):
            pupil.answer()
        if profile is not None:
            profile.disable()
    for name, cost in (("answer", pupil.posts), ("next item", pupil.gets)):
        print(
            f"    {name:10} CPU {cost.mean_cpu / floor.mean_cpu:5.2f} x floor   p50 {cost.p50 / floor.p50:5.2f} x floor"
            f"   ({1000 * cost.mean_cpu:.1f} ms CPU, {1000 * cost.p50:.1f} ms; floor "
            f"{1000 * floor.mean_cpu:.1f} ms CPU, {1000 * floor.p50:.1f} ms)"
        )
    return pupil


def create_floor_once(school: School) -> Flask:
    """The floor app on the school's database."""
    if "floor" not in school.app.extensions:
        school.app.extensions["floor"] = create_floor(school.runtime.database)
    floor: Flask = school.app.extensions["floor"]
    return floor


def first_page_bytes(school: School, page: Page) -> dict[str, int]:
    """What a first visit loads, text compressed as any web server in front does it."""
    browser = school.browser(page.who)
    sizes = {"page": len(gzip.compress(page.text.encode()))}
    paths = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text))
    for path in sorted(paths):
        data = browser.get(path, base_url=TOOL_URL).data
        if path.split("?")[0].endswith(".css"):
            paths |= {f"/static/{each.lstrip('./')}" for each in re.findall(r'url\("?([^")]+)"?\)', data.decode())}
    for path in sorted(paths):
        data = browser.get(path, base_url=TOOL_URL).data
        sizes[path] = len(data) if ".woff2" in path else len(gzip.compress(data))
    return sizes


def measure_class(servers: Servers, folder: Path) -> None:
    """p50 and p95 of an answer while 25 simulated pupils practise over HTTP, as multiples of the one who is alone."""
    for backend in BACKENDS:
        with servers.fresh(backend) as url, running_site(folder / backend, url) as site:
            link = site.add_activity(*ACTIVITIES["math"], title="Class", points="10")
            began = time.perf_counter()
            pupils = practise_together(site, link, "math-en", 12).values()
            lasted = time.perf_counter() - began
        seconds = sorted(second for pupil in pupils for second in pupil.seconds)
        p50, p95 = seconds[len(seconds) // 2], seconds[int(len(seconds) * 0.95)]
        print(
            f"  {backend}: 25 pupils without a pause: p95 {p95 / p50:.1f} x p50 "
            f"(p50 {1000 * p50:.0f} ms, p95 {1000 * p95:.0f} ms, {len(seconds) / lasted:.0f} answers/s)"
        )


def main(words: Sequence[str]) -> None:
    """Run what was asked for."""
    arguments = argparse.ArgumentParser(prog="tests.bench answers", description=__doc__)
    arguments.add_argument("--answers", type=int, default=300)
    arguments.add_argument("--profile", action="store_true", help="where the time of an answer goes")
    arguments.add_argument("--class", dest="whole_class", action="store_true", help="25 pupils over HTTP as well")
    chosen = arguments.parse_args(words)
    profile = cProfile.Profile() if chosen.profile else None
    with tempfile.TemporaryDirectory() as name:
        servers = Servers(Path(name))
        try:
            for backend in BACKENDS:
                each_activity(servers, backend, Path(name) / f"tool-{backend}", chosen.answers, profile)
            if chosen.whole_class:
                measure_class(servers, Path(name))
        finally:
            servers.close()
    if profile is not None:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(50)


def each_activity(servers: Servers, backend: str, folder: Path, answers: int, profile: cProfile.Profile | None) -> None:
    """Measure each subject on one database."""
    folder.mkdir()
    endless = {"sitting_items": 200, "sitting_minutes": 240}
    with servers.fresh(backend) as url, open_school(url, folder, **endless) as school:
        for subject, skills in ACTIVITIES.items():
            print(f"  {backend}, {subject}")
            pupil = compare(school, skills, answers, profile)
            print(f"    largest fragment {pupil.bytes} of {ANSWER_LIMIT} bytes")
        sizes = first_page_bytes(school, school.open("sean", school.add_activity(*ACTIVITIES["spelling"])))
        print(f"  first page {sum(sizes.values())} of {FIRST_PAGE_LIMIT} bytes: {sizes}")
