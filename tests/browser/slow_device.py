"""How long an old tablet on a poor line needs: `python -m tests.browser.slow_device`, figures for docs/devices.md.

Chromium with its processor slowed down four times, 400 kbit/s, 150 ms away, nothing in its cache.
"""

import sys
import time

from playwright.sync_api import Page

from tests.browser.gallery import opened
from tests.browser.people import Person

SLOWER, BYTES_PER_SECOND, LATENCY = 4, 400_000 / 8, 150
QUIET = """() => new Promise(done => {
  let last = performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd;
  const until = task => last = Math.max(last, task.startTime + task.duration);
  new PerformanceObserver(list => list.getEntries().forEach(until)).observe({type: 'longtask', buffered: true});
  setTimeout(() => done(last), 2000);
})"""


def slow_down(page: Page) -> None:
    """An old tablet and a poor line."""
    tools = page.context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    line = {"offline": False, "latency": LATENCY, "downloadThroughput": BYTES_PER_SECOND}
    tools.send("Network.emulateNetworkConditions", {**line, "uploadThroughput": BYTES_PER_SECOND})
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


def measure(person: Person, link: int) -> tuple[float, float]:
    """Seconds until the first question takes an answer, and from "Check" to the feedback."""
    person.open(link, alone=True)
    slow_down(person.page)
    person.page.reload()
    interactive = float(person.page.evaluate(QUIET)) / 1000
    person.fill_in(person.item.answer)
    start = time.monotonic()
    person.check()
    return interactive, time.monotonic() - start


if __name__ == "__main__":
    with opened([]) as gallery:
        for subject, skill in (("math", "M.NBT2.ADDREG"), ("spelling", "SP.DOUBLE")):
            link = gallery.site.add_activity(skill, title=f"Slow {subject}")
            interactive, answered = measure(gallery.visit("ada"), link)
            sys.stdout.write(f"{subject}: interactive after {interactive:.1f} s, feedback after {answered:.1f} s\n")
