"""The doctor's sentences for the console."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import requests

from lti_tool.runtime import Runtime
from lti_tool.services.admin.reach import Reach
from lti_tool.services.upkeep.doctor import Finding, before_start, disk, examine, inside
from lti_tool.services.wording import catalogue


def look(runtime: Runtime, now: datetime, locale: str) -> Iterator[Finding]:
    """What can be seen without calling anybody."""
    words = catalogue(locale)
    yield from disk(runtime.settings.data_dir, words)
    yield from _ours(inside(runtime, now, words))


def look_closely(runtime: Runtime, reach: Reach, now: datetime, locale: str) -> Iterator[Finding]:
    """Everything, with our own address and the LMSs of one district."""
    words = catalogue(locale)
    yield from before_start(runtime.settings, words)
    yield from _ours(examine(runtime, requests.Session(), now, words, registrations=reach.registrations()))


def _ours(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Without grades that wait for or were refused by other districts' LMSs: the console has its own page for those."""
    return (finding for finding in findings if not finding.of_scores)
