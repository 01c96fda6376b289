"""What an item of the math bank costs: to draw it and mark an answer, its pictures when asked for, and its page.

    python -m tests.bench items [--seeds 40]

A skill's figure is the median over its templates and seeds, the figure of a kind the median over skills; items with
steps or with something drawn stand apart. Times are those of the processor. The floor is a JSON round trip of 8 KB in
the same run, so that a slow machine shows as such. Pages are those that a pupil's browser loads for the largest item
of each format: with the last hint open, and the feedback on a wrong answer.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from item_banks.generators.problem import pictures_of
from item_banks.loader import load_banks
from item_banks.marking import as_typed, mark
from item_banks.schema import Bank, Item
from tests.support.databases import Servers
from tests.support.pupils import Desk, wrong_answer
from tests.support.school import TOOL_URL, Page, open_school

PLAIN_LIMIT, DRAWN_LIMIT = 0.2, 0.5  # milliseconds
PAGE_LIMIT = 8_192  # bytes, compressed


def main(words: Sequence[str]) -> None:
    """Print the figures beside their limits."""
    parser = argparse.ArgumentParser(
        prog="tests.bench items", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=40)
    seeds = parser.parse_args(words).seeds
    bank = load_banks()["math-en"]
    _times(bank, seeds)
    with tempfile.TemporaryDirectory() as folder:
        servers = Servers(Path(folder) / "databases")
        try:
            with servers.fresh("sqlite") as url, open_school(url, Path(folder)) as school:
                _pages(bank, school.open("ada", school.add_activity("M.NBT2.ADDREG")))
        finally:
            servers.close()


def _times(bank: Bank, seeds: int) -> None:
    by_skill: dict[bool, dict[str, list[float]]] = {False: defaultdict(list), True: defaultdict(list)}
    pictures: list[float] = []
    for template in bank.templates.values():
        item = bank.draw(template.id, seeds)
        pictures_of(bank, item)  # formulas and calls are read once per process
        if "picture" in template.options:
            pictures.append(timed(lambda: pictures_of(bank, item)))  # noqa: B023 - called at once
        for seed in range(seeds):
            spent = timed(lambda: answered(bank, template.id, seed))  # noqa: B023 - called at once
            by_skill[is_drawn(item)][template.skill].append(spent)
    for drawn, limit in ((False, PLAIN_LIMIT), (True, DRAWN_LIMIT)):
        medians = sorted((statistics.median(times), skill) for skill, times in by_skill[drawn].items())
        middle, (slowest, skill) = statistics.median(each for each, _ in medians), medians[-1]
        kind = "steps or something drawn" if drawn else "words and numbers"
        print(f"draw + mark, {kind}, {len(medians)} skills: median {middle:.3f} ms (limit {limit}), ", end="")
        print(f"slowest {slowest:.3f} ms ({skill})")
    text = json.dumps("x" * 8_000)
    floor = statistics.median(timed(lambda: json.loads(json.dumps(text))) for _ in range(500))
    print(
        f"pictures of hint and solution, once asked for: median {statistics.median(pictures):.3f} ms; floor {floor:.3f}"
    )


def answered(bank: Bank, template: str, seed: int) -> None:
    """Draw an item and mark its answer."""
    item = bank.draw(template, seed)
    mark(item, as_typed(item, item.answer))


def is_drawn(item: Item) -> bool:
    """Whether a question has steps to fill in or something drawn."""
    return bool(item.response.rows or item.response.svg) or any(block.kind == "picture" for block in item.prompt)


def timed(work: Callable[[], object]) -> float:
    """Milliseconds of the processor that a call takes."""
    began = time.thread_time()
    work()
    return 1000 * (time.thread_time() - began)


def _pages(bank: Bank, page: Page) -> None:
    largest: dict[str, Item] = {}
    for template in bank.templates.values():
        for item in (bank.draw(template.id, seed) for seed in range(5)):
            if item.format not in largest or len(item.to_json()) > len(largest[item.format].to_json()):
                largest[item.format] = item
    print(f"heaviest page of each format, compressed (limit {PAGE_LIMIT} B):")
    for name, item in sorted(largest.items()):
        weights = _weights(Desk.of(page), page, item)
        print(f"  {name:10} {max(weights):5} B  {item.template}")


def _weights(desk: Desk, page: Page, item: Item) -> list[int]:
    """What the pages of an item weigh, from the first hint to the feedback on a wrong answer."""
    if desk.open().open_item is None:
        desk.again()
    desk.put(item.template, item.seed)
    waiting = desk.open().open_item
    assert waiting is not None
    [token, *_] = re.findall(r'name="form_token" value="([^"]+)"', page.text)
    form, browser = {"form_token": token, "item": waiting.token}, page.school.browser("ada")
    found = []
    for step, more in (*[("hint", {})] * 3, ("answer", {"response": wrong_answer(item)})):
        headers = {"HX-Request": "true"}
        answer = browser.post(f"{page.place}/{step}", data=form | more, headers=headers, base_url=TOOL_URL)
        assert answer.status_code == 200, (item.template, step)
        found.append(len(gzip.compress(answer.data)))
    return found
