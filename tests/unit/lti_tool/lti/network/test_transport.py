"""Calls to a platform: what comes back as an answer, and what as an error that says how to go on."""

import gzip
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from io import BytesIO
from typing import Any

import pytest
import requests
from urllib3.exceptions import ProtocolError, ReadTimeoutError

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.network import transport as transport_module
from lti_tool.lti.network.origins import is_loopback
from lti_tool.lti.network.transport import MAX_ANSWER_BYTES, Transport
from tests.unit.lti_tool.lti.scripted import Reply, ScriptedPlatform

URL = "https://lms.example/scores"


def transport_to(answer: Reply | BaseException, *, allow_http: bool = False) -> tuple[Transport, ScriptedPlatform]:
    def reply(_: object) -> Reply:
        if isinstance(answer, BaseException):
            raise answer
        return answer

    platform = ScriptedPlatform(reply)
    return Transport(allow_http_on_loopback=allow_http, session=platform.session()), platform


def failure(answer: Reply | BaseException, url: str = URL) -> ServiceError:
    transport, _ = transport_to(answer)
    with pytest.raises(ServiceError) as error:
        transport.json("GET", url)
    return error.value


class Stalling(BytesIO):
    """A body that breaks off after its first bytes."""

    def __init__(self, trouble: Exception) -> None:
        super().__init__(b"")
        self.pieces: Iterator[bytes | Exception] = iter([b'{"a":', trouble])

    def read1(self, _size: int | None = -1, /) -> bytes:
        piece = next(self.pieces)
        if isinstance(piece, Exception):
            raise piece
        return piece


class TestAnswers:
    def test_json_comes_back_as_it_is(self) -> None:
        transport, platform = transport_to(Reply.json({"a": [1]}))
        assert transport.json("POST", URL, data="x") == {"a": [1]}
        assert (platform.calls[0].method, platform.calls[0].body) == ("POST", "x")

    def test_a_packed_answer_is_unpacked(self) -> None:
        packed = Reply(200, gzip.compress(b'{"a": 1}'), {"Content-Encoding": "gzip"})
        assert transport_to(packed)[0].json("GET", URL) == {"a": 1}

    def test_no_cookie_of_a_platform_is_kept(self) -> None:
        transport, platform = transport_to(Reply.json({}, 200, **{"Set-Cookie": "district=1; Path=/"}))
        for _ in range(2):
            transport.json("GET", URL)
        assert "Cookie" not in platform.calls[1].headers


class TestErrors:
    @pytest.mark.parametrize(
        ("answer", "code"),
        [
            (requests.ConnectTimeout(), "timeout"),
            (requests.ConnectionError(), "unreachable"),
            (OSError(), "unreachable"),
            (Reply(200, Stalling(ReadTimeoutError(None, URL, "stalled"))), "timeout"),  # type: ignore[arg-type]
            (Reply(200, Stalling(ProtocolError("cut off"))), "unreachable"),
            (Reply(200, b"no gzip", {"Content-Encoding": "gzip"}), "unreachable"),
            (Reply(200, b"x" * (MAX_ANSWER_BYTES + 1)), "answer-too-large"),
            (Reply(200, gzip.compress(b"x" * 20_000_000), {"Content-Encoding": "gzip"}), "answer-too-large"),
            (Reply(200, b"<html>"), "not-json"),
            (Reply(200, b"[" * 100_000), "not-json"),
            (Reply(302, headers={"Location": "http://169.254.169.254/"}), "http-302"),
        ],
    )
    def test_what_may_pass_says_so(self, answer: Reply | BaseException, code: str) -> None:
        error = failure(answer)
        assert (error.code, error.permanent) == (code, False)

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
    def test_what_cannot_pass_says_so(self, status: int) -> None:
        error = failure(Reply(status))
        assert (error.code, error.status, error.permanent) == (f"http-{status}", status, True)

    @pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
    def test_a_tired_platform_is_asked_again(self, status: int) -> None:
        error = failure(Reply(status))
        assert (error.status, error.permanent) == (status, False)

    def test_an_answer_that_trickles_in_is_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock: Iterator[float] = iter([0.0, 1.0, 11.0])
        monkeypatch.setattr(transport_module.time, "monotonic", lambda: next(clock))

        class Trickle(BytesIO):
            def read1(self, _size: int | None = -1, /) -> bytes:
                return b"x"

        assert failure(Reply(200, Trickle())).code == "timeout"


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [
            ({}, None),
            ({"Retry-After": "7"}, 7.0),
            ({"Retry-After": "soon"}, None),
            ({"Retry-After": "-5"}, None),
            ({"Retry-After": "²"}, None),
            ({"Retry-After": "9" * 400}, 3_600.0),
            ({"Retry-After": "Mon, 07 Sep 2026 09:01:00 GMT", "Date": "Mon, 07 Sep 2026 09:00:00 GMT"}, 60.0),
            ({"Retry-After": "Mon, 07 Sep 2026 08:00:00 GMT", "Date": "Mon, 07 Sep 2026 09:00:00 GMT"}, 0.0),
            ({"Retry-After": "Mon, 07 Sep 2026 09:01:00 GMT", "Date": "today"}, None),
            ({"Retry-After": "Mon, 07 Sep 99999999999 09:01:00 GMT"}, None),
        ],
        ids=str,
    )
    def test_it_is_read_as_seconds_or_as_a_date_on_the_platforms_clock(
        self, headers: dict[str, str], seconds: float | None
    ) -> None:
        assert failure(Reply(503, headers=headers)).retry_after == seconds

    def test_a_date_of_a_platform_that_does_not_tell_the_time_is_read_by_our_clock(self) -> None:
        now = datetime(2026, 9, 7, 9, 0, tzinfo=UTC)
        reply = Reply(429, headers={"Retry-After": format_datetime(now + timedelta(seconds=90), usegmt=True)})
        platform = ScriptedPlatform(lambda _: reply)
        transport = Transport(allow_http_on_loopback=False, session=platform.session(), clock=lambda: now)
        with pytest.raises(ServiceError) as refusal:
            transport.call("GET", "https://lms.example/")
        assert refusal.value.retry_after == 90.0


@pytest.mark.parametrize(
    "date",
    [
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Mon, 01 Jan 99999999999 00:00:00 GMT",
        "Mon, 07 Sep 2026 00:00:00 +99999999999999",
        "Mon, 01 Jan 1000 00:00:00 GMT",
        "Mon, 07 Sep 2026 00:00:00 -0000",
        "today",
    ],
)
def test_a_date_that_no_clock_shows_is_no_clock_of_the_platforms(date: str) -> None:
    transport, _ = transport_to(Reply.json({}, 200, Date=date))
    transport.call("GET", URL)
    assert transport.clock_shift(URL) == timedelta(0)


def test_what_a_status_line_says_is_kept_as_a_database_can_keep_it() -> None:
    platform = ScriptedPlatform(lambda _: Reply(500))
    session = platform.session()
    send = session.send

    def with_reason(request: requests.PreparedRequest, **options: Any) -> requests.Response:
        response = send(request, **options)
        response.reason = "Out\x00 of order" + "r" * 9000
        return response

    session.send = with_reason  # type: ignore[method-assign]
    with pytest.raises(ServiceError) as error:
        Transport(allow_http_on_loopback=False, session=session).call("GET", URL)
    assert error.value.detail.startswith("lms.example answered 500 Out of order")
    assert len(error.value.detail) < 150


class TestAddresses:
    @pytest.mark.parametrize(
        "url", ["http://lms.example/", "http://localhost:9000/", "ftp://lms.example/", "lms.example", "", "http://[x"]
    )
    def test_nothing_is_called_without_tls(self, url: str) -> None:
        transport, platform = transport_to(Reply.json({}))
        with pytest.raises(ServiceError) as error:
            transport.call("GET", url)
        assert (error.value.code, error.value.permanent) == ("insecure-url", True)
        assert platform.calls == []

    @pytest.mark.parametrize(
        ("url", "called"),
        [
            ("http://localhost:9000/", True),
            ("http://127.0.0.1:9000/", True),
            ("http://[::1]:9000/", True),
            ("http://localhost.example/", False),
            ("http://lms.example/", False),
        ],
    )
    def test_the_practice_lms_may_be_called_on_this_machine_only(self, url: str, called: bool) -> None:
        transport, platform = transport_to(Reply.json({}), allow_http=True)
        if called:
            transport.call("GET", url)
        else:
            with pytest.raises(ServiceError, match="insecure-url"):
                transport.call("GET", url)
        assert bool(platform.calls) is called

    @pytest.mark.parametrize("url", ["https://[broken/", "https:///path"])
    def test_what_is_no_url_is_an_error_like_any_other(self, url: str) -> None:
        assert failure(Reply.json({}), url).code == "unreachable"

    @pytest.mark.parametrize(("url", "here"), [("http://a.localhost/", True), ("http://[broken", False), ("", False)])
    def test_loopback_is_told_from_the_host(self, url: str, here: bool) -> None:
        assert is_loopback(url) is here


def test_an_error_names_no_query_and_no_credentials() -> None:
    error: Any = failure(Reply(500), "https://user:secret@lms.example/scores?token=secret")
    assert "secret" not in str(error)


def untrusted() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError("certificate verify failed")
    error.verify_message = "self-signed certificate"
    return error


@pytest.mark.parametrize(
    ("cause", "why"),
    [
        (socket.gaierror(-2, "Name or service not known"), "its name is not known here"),
        (ConnectionRefusedError(111, "refused"), "it refuses the connection"),
        (untrusted(), r"TLS fails \(self-signed certificate\)"),
        (ssl.SSLError(1, "wrong version number"), r"TLS fails \(SSLError\)"),
        (OSError(101, "Network is unreachable"), r"\(ConnectionError\)"),
    ],
    ids=["name", "refused", "untrusted", "no TLS", "network"],
)
def test_what_keeps_an_lms_from_being_reached_is_named(cause: OSError, why: str) -> None:
    error = requests.ConnectionError("a pool and its addresses")
    error.__cause__ = cause
    with pytest.raises(ServiceError, match=f"^unreachable: lms.example could not be reached.*{why}") as told:
        transport_to(error)[0].call("GET", URL)
    assert not told.value.permanent
