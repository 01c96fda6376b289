"""How much one person or one LMS may ask of a web process: a bucket each, which refills.

A person is never counted by address: a whole school comes from one. Logins are, for nobody has signed in yet.
"""

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import current_app, request

from lti_tool.web.errors import Stopped

MOST_BUCKETS = 50_000
"""Of those who have asked for nothing for longest are forgotten first: their buckets are full anyway."""

STRANGERS_SHARE = 10
"""An address from which no launch has come through yet begins this part of an LMS's logins at most."""
IPV6_PREFIX = 64
"""What one household has of IPv6's addresses, in bits (RFC 6177)."""


@dataclass
class Rates:
    """Token buckets: a minute's worth at once, then as it refills."""

    clock: Callable[[], float] = time.monotonic
    _proven: OrderedDict[tuple[str, str], None] = field(default_factory=OrderedDict)
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

    def prove(self, address: str, issuer: str) -> None:
        """Note that a launch of this LMS has come through from an address."""
        with self._lock:
            self._proven[address, issuer] = None
            self._proven.move_to_end((address, issuer))
            if len(self._proven) > MOST_BUCKETS:
                self._proven.popitem(last=False)

    def takes_login(self, address: str, issuer: str, client_id: str, per_minute: int) -> bool:
        """Whether one more login of an LMS is taken.

        An address that has proven itself has a bucket of its own. All others share one, and each gets a part of it
        only: who begins logins and finishes none is in nobody's way, and does not fill the table of logins either.
        """
        lms = f"{issuer} {client_id}"
        if (address, issuer) in self._proven:
            return self.takes("login", f"{address} {lms}", per_minute)
        part = max(1, per_minute // STRANGERS_SHARE)
        return self.takes("stranger", f"{address} {lms}", part) and self.takes("strangers", lms, per_minute)


def check_login_rate(issuer: str, client_id: str, per_minute: int) -> None:
    """Raises `Stopped` with 429 where an LMS's logins from the request's address are too many."""
    rates: Rates = current_app.extensions["proximal-rates"]
    if not rates.takes_login(_address(), issuer[:400], client_id[:400], per_minute):
        raise Stopped("too-many", 429)


def note_launch(issuer: str) -> None:
    """A launch has come through from the request's address."""
    rates: Rates = current_app.extensions["proximal-rates"]
    rates.prove(_address(), issuer[:400])


def check_rate(kind: str, who: str, per_minute: int) -> None:
    """Raises `Stopped` with 429 for one who asks too much."""
    rates: Rates = current_app.extensions["proximal-rates"]
    if not rates.takes(kind, who, per_minute):
        raise Stopped("too-many", 429)


def _address() -> str:
    """Where the request comes from, as far as one household or one school has it for itself."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:  # a socket of this machine
        return ""
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, IPV6_PREFIX), strict=False))
