"""Calls to a platform's services with an access token: the part that AGS and NRPS share."""

import re
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

import requests

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.network.transport import Transport
from lti_tool.lti.platform_profile import platform_profile
from lti_tool.lti.services.access_tokens import AccessTokens
from lti_tool.persistence.tables.tenancy import Registration

MAX_PAGES = 500
"""Canvas gives lists 50 to a page: enough for the largest class that is read (`lti.services.nrps.MAX_MEMBERS`)."""
LIST_SECONDS = 300.0
"""A class of 10,000 comes from Canvas in this time. A list that trickles in must not keep a worker for hours."""
SHORT_LIST_SECONDS = 30.0
"""For lists of which one entry is wanted while a score waits to be sent."""
MAX_PAGE_BYTES = 16_000_000
"""Moodle gives a class list in one page, with some 400 bytes for each member."""
WEB_PAGE = "web-page"
"""Code of the error for an answer that is a page for people."""
_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_RELATION_NEXT = re.compile(r""";\s*rel\s*=\s*(?:["']|\xe2\x80\x9c)?(?:[\w-]+ )*next(?![a-z-])""", re.IGNORECASE)
"""`rel=next` among a link's parameters (RFC 8288, 3). One of Moodle's stands in typographic quotes, read as Latin-1."""


class PlatformServices:
    """The services of one registration, at one moment."""

    def __init__(self, tokens: AccessTokens, transport: Transport, registration: Registration, now: datetime) -> None:
        self._tokens = tokens
        self._transport = transport
        self._registration = registration
        self._now = now
        self.profile = platform_profile(registration.profile)

    def call(
        self, method: str, url: str, *, scopes: tuple[str, ...], headers: Mapping[str, str], **options: Any
    ) -> requests.Response:
        """Call with a bearer token for these scopes. Raises `ServiceError`."""
        for last_try in (False, True):
            token = self._tokens.get(self._registration, scopes, self._now)
            try:
                authorized = {**headers, "Authorization": f"Bearer {token}"}
                response = self._transport.call(
                    method, url, headers=authorized, rate_limit=self.profile.rate_limit, **options
                )
                _refuse_page(response)
                return response
            except ServiceError as error:
                if error.status != 401 or last_try:
                    raise
                # The platform forgot the token before its time: fetch a new one, once.
                self._tokens.forget(self._registration)
        raise AssertionError("unreachable")

    def json(self, method: str, url: str, **options: Any) -> Any:
        """Like `call`, with the answer read as JSON."""
        return _json(self.call(method, url, **options))

    def pages(self, url: str, *, within: float = LIST_SECONDS, **options: Any) -> Iterator[Any]:
        """The JSON documents of a list that spreads over pages (Link header, rel=next), `within` so many seconds."""
        following: str | None = url
        seen: set[str] = set()
        deadline = time.monotonic() + within
        for _ in range(MAX_PAGES):
            if following is None:
                return
            if following in seen:
                raise ServiceError("endless-list", "The platform's list leads back to a page of before.")
            if seen and time.monotonic() >= deadline:
                raise ServiceError("timeout", f"The platform's list did not come to an end in {within:.0f} seconds.")
            seen.add(following)
            response = self.call("GET", following, most_bytes=MAX_PAGE_BYTES, **options)
            yield _json(response)
            following = _next_page(response, url)
        raise ServiceError("too-many-pages", f"The platform's list has more than {MAX_PAGES} pages.")


def with_query(url: str, filters: Mapping[str, str]) -> str:
    """The address with these parameters behind its own."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query="&".join(q for q in (parts.query, urlencode(filters)) if q)))


def _refuse_page(response: requests.Response) -> None:
    """A web page in place of a service's answer, with whatever status: nothing was taken.

    Proxies show one while an LMS is in maintenance or wants somebody to sign in.
    """
    if response.content.lstrip()[:1] == b"<":
        raise ServiceError(WEB_PAGE, "The platform answered with a web page.")


def _json(response: requests.Response) -> Any:
    try:
        return response.json()
    except (ValueError, RecursionError):
        raise ServiceError("not-json", "The platform's answer is not JSON.") from None


def _next_page(response: requests.Response, first: str) -> str | None:
    links = _LINK.findall(response.headers.get("Link", ""))
    following = next((url for url, parameters in links if _RELATION_NEXT.search(parameters)), None)
    if following is None:
        return None
    try:
        address = urljoin(first, unescape(following.strip()))
        foreign = urlsplit(address).netloc != urlsplit(first).netloc
    except ValueError:
        raise ServiceError("bad-next-page", "The platform's list names no usable next page.", permanent=True) from None
    if foreign:
        raise ServiceError("foreign-page", "The platform's list goes on at another host.", permanent=True)
    return address
