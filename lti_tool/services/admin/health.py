"""The doctor's sentences for the console."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import requests

from lti_tool.runtime import Runtime
from lti_tool.services.admin.reach import Reach
from lti_tool.services.upkeep.doctor import GRADES_FOR, PARKED, Finding, before_start, disk, examine, inside


def look(runtime: Runtime, now: datetime) -> Iterator[Finding]:
    """What can be seen without calling anybody."""
    yield from disk(runtime.settings.data_dir)
    yield from _ours(inside(runtime, now))


def look_closely(runtime: Runtime, reach: Reach, now: datetime) -> Iterator[Finding]:
    """Everything, with our own address and the LMSs of one district."""
    yield from before_start(runtime.settings)
    yield from _ours(examine(runtime, requests.Session(), now, registrations=reach.registrations()))


def _ours(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Without grades that wait for or were refused by other districts' LMSs: the console has its own page for those."""
    return (finding for finding in findings if finding.what != PARKED and not finding.what.startswith(GRADES_FOR))
