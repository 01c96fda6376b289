"""Calls to platforms: bounded in time and size, without redirects, https only (but for the practice LMS)."""

import socket
import ssl
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.network.address_guard import AddressGuard, AddressRefused, GuardedAdapter, hung_up_after
from lti_tool.lti.network.origins import is_loopback

TIMEOUT_SECONDS = (3.05, 10)
TOTAL_SECONDS = 10.0
"""An answer that trickles in never runs into the time-outs above, which start anew with each byte."""
MAX_ANSWER_BYTES = 2_000_000
MAX_RETRY_AFTER_SECONDS = 3_600.0
"""To be asked once an hour burdens no LMS; grades that wait for a day burden a school."""
MAX_CLOCK_SHIFT = timedelta(days=1)
"""A `Date` further from ours is no clock that is wrong: nothing is put on it."""
_RETRY_STATUSES = frozenset({408, 425, 429})


class Transport:
    """An HTTP client for addresses that come from outside. Thread-safe as far as `requests.Session` is."""

    def __init__(
        self,
        *,
        allow_http_on_loopback: bool,
        ca_file: str = "",
        private_hosts: Iterable[str] = (),
        session: requests.Session | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._clock = clock
        self._clock_shifts: dict[str, timedelta] = {}
        self.allow_http_on_loopback = allow_http_on_loopback
        self._session = session or guarded_session(AddressGuard(private_hosts, allow_loopback=allow_http_on_loopback))
        # No proxy or netrc credentials of the machine slip into calls to a school's LMS.
        self._session.trust_env = False
        # The session is shared by all LMSs and threads: it must not carry anybody's cookies.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.verify = ca_file or True
        self._session.headers["User-Agent"] = f"Proximal/{version('proximal')}"

    def call(
        self,
        method: str,
        url: str,
        *,
        rate_limit: tuple[int, str] | None = None,
        most_bytes: int = MAX_ANSWER_BYTES,
        **options: Any,
    ) -> requests.Response:
        """Send one request; return any answer with a status below 300.

        `rate_limit` is a status and a part of the body by which this LMS says "slow down". Raises `ServiceError` for
        everything else, with `permanent` where the same request can only fail again.
        """
        self._check(url)
        asked_at = self._clock()
        try:
            with self._session.request(
                method, url, timeout=TIMEOUT_SECONDS, allow_redirects=False, stream=True, **options
            ) as response:
                body = _read(response.raw, url, most_bytes)
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            raise ServiceError("timeout", f"{_host(url)} did not answer in time.") from None
        except requests.ConnectionError as error:
            raise _connection_error(error, url) from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise ServiceError("unreachable", f"{_host(url)} could not be reached ({type(error).__name__}).") from None
        response._content = body
        self._note_clock(url, response.headers.get("Date", ""), asked_at)
        if response.status_code >= 300:
            raise _status_error(response, url, rate_limit, self._clock())
        return response

    def json(self, method: str, url: str, **options: Any) -> Any:
        """Like `call`, with the answer read as JSON."""
        response = self.call(method, url, **options)
        try:
            return response.json()
        except (ValueError, RecursionError):
            raise ServiceError("not-json", f"{_host(url)} answered with something that is not JSON.") from None

    def learn_clock(self, url: str) -> None:
        """Ask a host for the time, if it has told us nothing yet. Raises `ServiceError` where no answer comes."""
        if _origin(url) in self._clock_shifts:
            return
        try:
            self.call("GET", url)
        except ServiceError as refusal:
            if refusal.status is None:
                raise
        self._clock_shifts.setdefault(_origin(url), timedelta(0))

    def clock_shift(self, url: str) -> timedelta:
        """What to add to our clock to be on this host's, as of its last answer; zero where the two agree.

        A moment of ours, so shifted, is never ahead of the host's clock by more than its answer took.
        """
        return self._clock_shifts.get(_origin(url), timedelta(0))

    def _note_clock(self, url: str, date: str, asked_at: datetime) -> None:
        """`Date` is cut to whole seconds (RFC 9110, 6.6.1): only what that can't explain is a difference."""
        theirs, answered_at = read_date(date), self._clock()
        if theirs is None:
            return
        agree = asked_at - theirs < timedelta(seconds=1) and answered_at >= theirs
        shift = timedelta(0) if agree else theirs - answered_at
        self._clock_shifts[_origin(url)] = shift if abs(shift) <= MAX_CLOCK_SHIFT else timedelta(0)

    def _check(self, url: str) -> None:
        scheme = url.partition("://")[0].lower()
        if scheme == "https" or (scheme == "http" and self.allow_http_on_loopback and is_loopback(url)):
            return
        raise ServiceError("insecure-url", f"{_host(url)} would be called without TLS.", permanent=True)


def read_date(header: str) -> datetime | None:
    """A date of HTTP (RFC 9110, 5.6.7); None for a text that is none, or that no calendar holds."""
    try:
        moment = parsedate_to_datetime(header)
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else None


def guarded_session(guard: AddressGuard) -> requests.Session:
    """A session that connects only where the guard allows."""
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, GuardedAdapter(guard))
    return session


def _connection_error(error: BaseException, url: str) -> ServiceError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, AddressRefused):
            return ServiceError("private-address", str(cause))
        if isinstance(cause, socket.gaierror):
            return ServiceError("unreachable", f"{_host(url)} could not be reached: its name is not known here.")
        if isinstance(cause, ssl.SSLError):
            why = getattr(cause, "verify_message", "") or getattr(cause, "reason", "") or type(cause).__name__
            return ServiceError("unreachable", f"{_host(url)} could not be reached: TLS fails ({why}).")
        if isinstance(cause, ConnectionRefusedError):
            return ServiceError("unreachable", f"{_host(url)} could not be reached: it refuses the connection.")
        cause = cause.__cause__ or cause.__context__ or getattr(cause, "reason", None)
    return ServiceError("unreachable", f"{_host(url)} could not be reached ({type(error).__name__}).")


def _read(raw: urllib3.HTTPResponse, url: str, most_bytes: int) -> bytes:
    body, late = bytearray(), False
    # The connection is cut as well: a line between two pieces of the body may trickle in without an end, in one read.
    with hung_up_after(TOTAL_SECONDS + 1, getattr(raw, "connected", None)):
        deadline = time.monotonic() + TOTAL_SECONDS
        while not late and (chunk := raw.read1(65_536, decode_content=True)):
            body += chunk
            if len(body) > most_bytes:
                raise ServiceError("answer-too-large", f"{_host(url)} answered with more than {most_bytes} bytes.")
            late = time.monotonic() > deadline
    if late or time.monotonic() > deadline:
        raise ServiceError("timeout", f"{_host(url)} did not answer in time.")
    return bytes(body)


def _status_error(
    response: requests.Response, url: str, rate_limit: tuple[int, str] | None, present: datetime
) -> ServiceError:
    status = response.status_code
    limited = rate_limit is not None and status == rate_limit[0] and rate_limit[1].encode() in response.content
    permanent = 400 <= status < 500 and status not in _RETRY_STATUSES and not limited
    reason = "".join(letter for letter in (response.reason or "")[:100] if letter.isprintable())
    detail = f"{_host(url)} answered {status} {reason}".strip()
    code = "rate-limited" if limited or status == 429 else f"http-{status}"
    return ServiceError(
        code,
        detail,
        status=status,
        permanent=permanent,
        retry_after=_retry_after(response, present),
        reason=_reason(response),
    )


def _reason(response: requests.Response) -> str:
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        return ""
    reason = answer.get("error") if isinstance(answer, dict) else None
    return reason if isinstance(reason, str) else ""


def _retry_after(response: requests.Response, present: datetime) -> float | None:
    """Seconds to wait (RFC 9110, 10.2.3), bounded: a wrong answer must not silence us for years."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        seconds = float(value)
    else:
        # A date is read against the platform's own clock, where it says what that shows.
        then, date = read_date(value), response.headers.get("Date")
        read_at = read_date(date) if date else present
        if then is None or read_at is None:
            return None
        seconds = (then - read_at).total_seconds()
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_SECONDS)


def _origin(url: str) -> str:
    return "/".join(url.split("/", 3)[:3]).lower()


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "the address"
    except ValueError:
        return "the address"
