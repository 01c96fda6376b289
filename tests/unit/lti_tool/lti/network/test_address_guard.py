"""A forged address must not reach this machine or the district's network."""

import socket
from collections.abc import Callable

import pytest
from urllib3.exceptions import NewConnectionError

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.network import address_guard, transport
from lti_tool.lti.network.address_guard import AddressGuard, AddressRefused, GuardedAdapter
from lti_tool.lti.network.transport import Transport

PRIVATE = (
    "127.0.0.1",
    "127.1.2.3",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fd00::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "2002:0a00:0001::1",
    "64:ff9b::a00:1",
    "64:ff9b:1::a00:1",
    "::ffff:0:10.0.0.1",
    "::10.0.0.1",
    "fec0::1",
)
PUBLIC = ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e")

Resolve = Callable[..., None]


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Resolve:
    """Let every name resolve to these addresses."""

    def to(*addresses: str) -> None:
        infos = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
        monkeypatch.setattr(address_guard.socket, "getaddrinfo", lambda *_, **__: infos)

    return to


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_that_resolves_to_a_private_address_is_refused(address: str, resolve: Resolve) -> None:
    resolve(address)
    with pytest.raises(AddressRefused, match="private_lms_hosts"):
        AddressGuard().resolve("lms.example", 443)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_called(address: str, resolve: Resolve) -> None:
    resolve(address)
    assert AddressGuard().resolve("lms.example", 443) == [address]


def test_of_several_addresses_only_the_public_ones_are_called(resolve: Resolve) -> None:
    resolve("10.0.0.1", "93.184.215.14", "127.0.0.1", "93.184.215.14")
    assert AddressGuard().resolve("lms.example", 443) == ["93.184.215.14"]


def test_a_district_can_allow_its_own_lms_by_name_or_network(resolve: Resolve) -> None:
    resolve("10.20.3.4")
    assert AddressGuard(["Moodle.School.lan"]).resolve("moodle.school.LAN.", 443) == ["10.20.3.4"]
    assert AddressGuard(["10.20.0.0/16"]).resolve("moodle.school.lan", 443) == ["10.20.3.4"]
    for other in (["other.school.lan"], ["10.21.0.0/16"], ["fd00::/8"], [""]):
        with pytest.raises(AddressRefused):
            AddressGuard(other).resolve("moodle.school.lan", 443)


def test_the_practice_lms_on_this_machine_is_reached_only_where_that_is_switched_on(resolve: Resolve) -> None:
    resolve("127.0.0.1")
    assert AddressGuard(allow_loopback=True).resolve("localhost", 9000) == ["127.0.0.1"]
    resolve("10.0.0.1")
    with pytest.raises(AddressRefused):
        AddressGuard(allow_loopback=True).resolve("localhost", 9000)


def test_a_network_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.0/99"):
        AddressGuard(["10.0.0.0/99"])


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch, resolve: Resolve) -> None:
    tried: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        tried.append(address)
        raise OSError("nobody answers")

    monkeypatch.setattr(address_guard, "create_connection", connect)
    resolve("93.184.215.14", "93.184.215.15")
    pool = GuardedAdapter(AddressGuard()).poolmanager.connection_from_host("lms.example", 443, "https")
    with pytest.raises(NewConnectionError, match="nobody answers"):
        pool.ConnectionCls("lms.example", 443)._new_conn()
    assert tried == [("93.184.215.14", 443), ("93.184.215.15", 443)]


def test_headers_that_trickle_in_end_with_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other side sends a byte now and then, each in time for the socket, and never an end."""
    monkeypatch.setattr(address_guard, "HEADER_SECONDS", 0.05)
    ours, theirs = socket.socketpair()
    pool = GuardedAdapter(AddressGuard()).poolmanager.connection_from_host("lms.example", 80, "http")
    connection = pool.ConnectionCls("lms.example", 80)
    connection.sock = ours
    with theirs:
        connection.request("GET", "/jwks")
        theirs.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        assert connection.getresponse().read() == b"", "it was given up, not waited for"
    connection.close()


def test_a_line_within_the_body_that_trickles_in_ends_with_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The length of the next piece never ends, and is one read for whoever waits for it."""
    monkeypatch.setattr(transport, "TOTAL_SECONDS", -0.9)
    ours, theirs = socket.socketpair()
    with monkeypatch.context() as patched, theirs:
        patched.setattr(address_guard, "_connect", lambda *_: ours)
        theirs.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0")
        with pytest.raises(ServiceError, match="timeout"):
            Transport(allow_http_on_loopback=True).call("GET", "http://localhost/jwks")
        theirs.settimeout(1)
        assert theirs.recv(9) == b"GET /jwks"


def test_a_name_with_very_many_addresses_is_not_tried_to_the_last(resolve: Resolve) -> None:
    new = [f"2606:2800:21f:cb07:6820:80da:af6b:{number:x}" for number in range(1, 9)]
    resolve(*new, "93.184.215.14", "93.184.215.15", "93.184.215.16")
    assert AddressGuard().resolve("lms.example", 443) == [new[0], "93.184.215.14", new[1], "93.184.215.15"]


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_call_to_a_private_address_says_what_to_do(scheme: str, resolve: Resolve) -> None:
    resolve("10.0.0.1")
    pool = GuardedAdapter(AddressGuard()).poolmanager.connection_from_host("lms.example", 443, scheme)
    with pytest.raises(NewConnectionError, match="private_lms_hosts"):
        pool.ConnectionCls("lms.example", 443)._new_conn()
    with pytest.raises(ServiceError, match="private_lms_hosts") as refused:
        Transport(allow_http_on_loopback=False).call("GET", "https://lms.example/jwks")
    assert refused.value.code == "private-address"
