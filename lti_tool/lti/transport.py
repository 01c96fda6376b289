"""Calls to platforms: bounded in time and size, without redirects, https only (but for the practice LMS)."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

import requests

from lti_tool.lti.errors import ServiceError

TIMEOUT_SECONDS = (3.05, 10)
MAX_ANSWER_BYTES = 2_000_000
_RETRY_STATUSES = frozenset({408, 425, 429})


class Transport:
    """An HTTP client for addresses that come from outside. Thread-safe as far as `requests.Session` is."""

    def __init__(
        self, *, allow_http_on_loopback: bool, ca_file: str = "", session: requests.Session | None = None
    ) -> None:
        self._allow_http_on_loopback = allow_http_on_loopback
        self._session = session or requests.Session()
        # No proxy or netrc credentials of the machine slip into calls to a school's LMS.
        self._session.trust_env = False
        self._session.verify = ca_file or True

    def call(self, method: str, url: str, **options: Any) -> requests.Response:
        """Send one request; return any answer with a status below 400.

        Raises `ServiceError` for everything else, with `permanent` where the same request can only fail again.
        """
        self._check(url)
        try:
            with self._session.request(
                method, url, timeout=TIMEOUT_SECONDS, allow_redirects=False, stream=True, **options
            ) as response:
                body = response.raw.read(MAX_ANSWER_BYTES + 1, decode_content=True)
        except requests.Timeout:
            raise ServiceError("timeout", f"{_host(url)} did not answer in time.") from None
        except (requests.RequestException, OSError, ValueError) as error:
            raise ServiceError("unreachable", f"{_host(url)} could not be reached ({type(error).__name__}).") from None
        if len(body) > MAX_ANSWER_BYTES:
            raise ServiceError("answer-too-large", f"{_host(url)} answered with more than {MAX_ANSWER_BYTES} bytes.")
        response._content = body
        if response.status_code >= 300:
            raise _status_error(response, url)
        return response

    def json(self, method: str, url: str, **options: Any) -> Any:
        """Like `call`, with the answer read as JSON."""
        response = self.call(method, url, **options)
        try:
            return response.json()
        except ValueError:
            raise ServiceError("not-json", f"{_host(url)} answered with something that is not JSON.") from None

    def _check(self, url: str) -> None:
        scheme = urlsplit(url).scheme
        if scheme == "https" or (scheme == "http" and self._allow_http_on_loopback and _is_loopback(url)):
            return
        raise ServiceError("insecure-url", f"{_host(url)} would be called without TLS.", permanent=True)


def _status_error(response: requests.Response, url: str) -> ServiceError:
    status = response.status_code
    permanent = 400 <= status < 500 and status not in _RETRY_STATUSES
    detail = f"{_host(url)} answered {status} {response.reason or ''}".strip()
    return ServiceError(
        f"http-{status}", detail, status=status, permanent=permanent, retry_after=_retry_after(response)
    )


def _retry_after(response: requests.Response) -> float | None:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else None


def _host(url: str) -> str:
    return urlsplit(url).netloc or "the address"


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
