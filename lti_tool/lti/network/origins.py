"""Addresses that others write: which ones are usable, and the origin on which one stands."""

import ipaddress
import re
from urllib.parse import urlsplit

_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?")


def is_usable(url: str, *, allow_http: bool) -> bool:
    """Whether this is an https URL (or an http one on this machine, where that is allowed) without tricks.

    Its host goes into response headers, where a `;` would begin a directive of its own.
    """
    try:
        url.encode()  # half a surrogate pair can't be: no database keeps it
        parts = urlsplit(url)
        secure = parts.scheme == "https" or (allow_http and parts.scheme == "http" and is_loopback(url))
        return (
            secure
            and _HOST.fullmatch(parts.netloc) is not None
            and parts.port != 0  # one beyond 65,535 raises
            and not any(ord(c) <= 32 or ord(c) == 127 for c in url)
        )
    except ValueError:
        return False


def origin_of(url: str) -> str:
    """Scheme and host of a URL, as browsers write an origin; empty where it has none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    usable = parts.scheme in ("http", "https") and _HOST.fullmatch(parts.netloc)
    return f"{parts.scheme}://{parts.netloc}".lower() if usable else ""


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine."""
    try:
        host = urlsplit(url).hostname or ""
        if host == "localhost" or host.endswith(".localhost"):
            return True
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
