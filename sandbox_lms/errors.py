"""The one way in which the practice LMS says no."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818  -- it is an answer, not a malfunction
    """A request that the LMS does not carry out.

    `status` is the HTTP status, `reason` one sentence that says what was wrong, and `code` the error code
    of OAuth 2 or OpenID Connect where the caller expects one. Pages show it as a page, services as JSON.
    """

    def __init__(self, status: int, reason: str, code: str = "invalid_request") -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.code = code
