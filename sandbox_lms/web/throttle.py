"""Slows tools down as an LMS does: a leaky bucket for each of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from sandbox_lms.errors import Refused
from sandbox_lms.families.base import RateLimit


class TooManyRequests(Refused):
    """A service call came while the tool's bucket was full."""


class Throttle:
    """The buckets of all tools. Any thread may use it."""

    def __init__(self, limit: RateLimit, now: Callable[[], datetime]) -> None:
        self._limit = limit
        self._now = now
        self._lock = threading.Lock()
        self._buckets: dict[int, tuple[float, datetime]] = {}

    def enter(self, tool_id: int) -> None:
        """Charge a request in advance. Raises TooManyRequests."""
        with self._lock:
            level = self._level(tool_id)
            if level + self._limit.cost > self._limit.size:
                raise TooManyRequests(self._limit.status, self._limit.body)
            self._buckets[tool_id] = (level + self._limit.cost, self._now())

    def leave(self, tool_id: int) -> None:
        """Give back what the request did not need."""
        with self._lock:
            level = self._level(tool_id) + self._limit.kept - self._limit.cost
            self._buckets[tool_id] = (max(0.0, level), self._now())

    def fill(self, tool_id: int, share: float) -> None:
        """Fill a share of the bucket, from 0 (empty) to 1 (the tool has asked too much)."""
        with self._lock:
            self._buckets[tool_id] = (share * self._limit.size, self._now())

    def remaining(self, tool_id: int) -> float:
        """What is left in the bucket."""
        with self._lock:
            return self._limit.size - self._level(tool_id)

    def _level(self, tool_id: int) -> float:
        level, since = self._buckets.get(tool_id, (0.0, self._now()))
        return max(0.0, level - (self._now() - since).total_seconds() * self._limit.leaks_per_second)
