"""Keeps calls to addresses that come from outside away from this machine and its network (SSRF).

Registration, key, token and grade addresses are written by others. A name is resolved here, each address is checked,
and the connection goes to the address that was checked, so that a name which resolves differently a moment later
(DNS rebinding) gains nothing.
"""

import ipaddress
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain, zip_longest
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError
from urllib3.response import HTTPResponse
from urllib3.util.connection import create_connection

_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
"""All that the internet uses of IPv6 (RFC 4291, 2.4). Outside stand site-local addresses, and prefixes by which a
network translates to its own IPv4, such as 64:ff9b:1::/48 (RFC 8215)."""
HEADER_SECONDS = 10.0
"""How long an LMS may take from the request to the end of its answer's headers."""
MOST_TRIED = 4
"""Addresses of one host that are tried: each may take until its time-out, and a name may resolve to hundreds."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressRefused(OSError):  # noqa: N818 - names what was refused
    """A host stands on no public address, and the settings do not allow it."""


class AddressGuard:
    """Decides which addresses may be called.

    `allowed` names hosts ("moodle.school.lan") and networks ("10.20.0.0/16") of a district whose LMS is on a private
    network. Raises `ValueError` for a network that is none.
    """

    def __init__(self, allowed: Iterable[str] = (), *, allow_loopback: bool = False) -> None:
        entries = [entry.strip().lower() for entry in allowed if entry.strip()]
        self._networks = [ipaddress.ip_network(entry) for entry in entries if _is_network(entry)]
        self._hosts = {entry for entry in entries if not _is_network(entry)}
        self._allow_loopback = allow_loopback

    def resolve(self, host: str, port: int) -> list[str]:
        """The host's addresses that may be called. Raises `AddressRefused`, or `OSError` if it does not resolve."""
        name = host.strip("[]").rstrip(".").lower()
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
        callable_ones = [address for address in addresses if name in self._hosts or self._allows(address)]
        if not callable_ones:
            raise AddressRefused(
                f"{host} is on a private network. Name it in the setting private_lms_hosts to allow it."
            )
        return _by_turns(callable_ones)[:MOST_TRIED]

    def _allows(self, text: str) -> bool:
        address = _unmapped(ipaddress.ip_address(text.split("%")[0]))
        if address.is_global and not address.is_multicast and (address.version == 4 or address in _GLOBAL_UNICAST):
            return True
        if self._allow_loopback and address.is_loopback:
            return True
        return any(address.version == network.version and address in network for network in self._networks)


class GuardedAdapter(HTTPAdapter):
    """A `requests` adapter whose connections go only where the guard allows."""

    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Use connections of our own in all pools."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._guard)


def _pools(guard: AddressGuard) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, guard)

        def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 has it
            return _bounded(self.sock, super().getresponse)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, guard)

        def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 has it
            return _bounded(self.sock, super().getresponse)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _bounded(connected: socket.socket | None, getresponse: Callable[[], HTTPResponse]) -> HTTPResponse:
    """The answer, once its headers came in time; who reads on can cut its connection as well."""
    with hung_up_after(HEADER_SECONDS, connected):
        response = getresponse()
    response.connected = connected  # type: ignore[attr-defined]
    return response


@contextmanager
def hung_up_after(seconds: float, connected: socket.socket | None) -> Iterator[None]:
    """End a connection that has not come as far as this in time.

    A socket's own time-out starts anew with each byte: headers that trickle in would hold a thread for hours.
    """
    if connected is None:
        yield
        return
    timer = threading.Timer(seconds, _hang_up, (connected,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _hang_up(connected: socket.socket) -> None:
    with suppress(OSError):  # it may have ended by itself at this moment
        connected.shutdown(socket.SHUT_RDWR)


def _connect(connection: HTTPConnection, guard: AddressGuard) -> socket.socket:
    problem: OSError | None = None
    try:
        for address in guard.resolve(connection.host, connection.port):
            try:
                return create_connection(
                    (address, connection.port), connection.timeout, socket_options=connection.socket_options
                )
            except OSError as error:
                problem = error
    except OSError as error:
        problem = error
    raise NewConnectionError(connection, str(problem)) from problem


def _by_turns(addresses: Sequence[str]) -> list[str]:
    """IPv4 and IPv6 by turns, in the resolver's order: of a host's many addresses of one kind none may be reachable."""
    new = [address for address in addresses if ":" in address]
    old = [address for address in addresses if ":" not in address]
    first, second = (new, old) if addresses and ":" in addresses[0] else (old, new)
    return [address for address in chain(*zip_longest(first, second)) if address is not None]


def _is_network(entry: str) -> bool:
    try:
        ipaddress.ip_network(entry)
    except ValueError:
        if "/" in entry:
            raise ValueError(f"{entry!r} in private_lms_hosts is no network such as 10.20.0.0/16.") from None
        return False
    return True


def _unmapped(address: Address) -> Address:
    # ::ffff:10.0.0.1 is 10.0.0.1, and 6to4 and NAT64 addresses carry one inside as well.
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address.sixtofour is not None:
            return address.sixtofour
        if address in ipaddress.ip_network("64:ff9b::/96"):
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address
