"""What can go wrong between an LMS and Proximal. Each error has a code (for the log and IT) and a sentence."""


class LtiError(Exception):
    """Base of the errors of this room. `code` is stable and goes into the log and onto the page."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class LaunchRefused(LtiError):  # noqa: N818 - what happened to the launch reads better than "error"
    """A login or launch that must not open a session. `detail` is for IT and names no person."""


class ServiceError(LtiError):
    """A call to a platform's service failed.

    `status` is the HTTP status, None where no answer came; `retry_after` is in seconds where the platform named it;
    `permanent` says that the same request will fail again; `reason` is the answer's `error` (RFC 6749,
    5.2) where it has one.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        status: int | None = None,
        permanent: bool = False,
        retry_after: float | None = None,
        reason: str = "",
    ) -> None:
        super().__init__(code, detail)
        self.reason = reason
        self.status = status
        self.permanent = permanent
        self.retry_after = retry_after


class RegistrationRefused(LtiError):  # noqa: N818 - what happened to the registration
    """A dynamic registration that can't be completed. `detail` is for the administrator who began it."""
