"""How much one person or one LMS may ask of a web process: a bucket each, which refills. Never by address."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import current_app

from lti_tool.web.errors import Stopped

MOST_BUCKETS = 50_000
"""Of those who have asked for nothing for longest are forgotten first: their buckets are full anyway."""


@dataclass
class Rates:
    """Token buckets: a minute's worth at once, then as it refills."""

    clock: Callable[[], float] = time.monotonic
    _buckets: OrderedDict[tuple[str, str], tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def takes(self, kind: str, who: str, per_minute: int) -> bool:
        """Whether one more request is taken."""
        with self._lock:
            now = self.clock()
            left, seen = self._buckets.pop((kind, who), (float(per_minute), now))
            left = min(float(per_minute), left + (now - seen) * per_minute / 60)
            taken = left >= 1
            self._buckets[(kind, who)] = (left - 1 if taken else left, now)
            if len(self._buckets) > MOST_BUCKETS:
                self._buckets.popitem(last=False)
            return taken


def check_rate(kind: str, who: str, per_minute: int) -> None:
    """Raises `Stopped` with 429 for one who asks too much."""
    rates: Rates = current_app.extensions["proximal-rates"]
    if not rates.takes(kind, who, per_minute):
        raise Stopped("too-many", 429)
