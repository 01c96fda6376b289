"""Whether a registered LMS answers as it should: keys, clock, token."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from lti_tool.lti.access_tokens import AccessTokens
from lti_tool.lti.errors import ServiceError
from lti_tool.lti.scopes import SCOPE_SCORE
from lti_tool.lti.transport import Transport
from lti_tool.lti.validation import LEEWAY
from lti_tool.persistence.database import Database
from lti_tool.persistence.secrets import Vault
from lti_tool.persistence.tenancy import Registration


@dataclass(frozen=True)
class Check:
    """One thing that was tried, and what was found in words."""

    what: str
    good: bool
    found: str


def check_platform(
    database: Database, vault: Vault, transport: Transport, registration: Registration, now: datetime
) -> list[Check]:
    """Try what a launch and a grade need of the LMS. Never raises: what goes wrong is a finding."""
    return [
        _check("public keys", lambda: _keys(transport, registration)),
        _check("clock", lambda: _clock(transport, registration, now)),
        _check("access token", lambda: _token(AccessTokens(database, vault, transport), registration, now)),
    ]


def _check(what: str, attempt: Callable[[], str]) -> Check:
    try:
        return Check(what, True, attempt())
    except ServiceError as error:
        return Check(what, False, error.detail)


def _keys(transport: Transport, registration: Registration) -> str:
    document = transport.json("GET", registration.jwks_url)
    keys = document.get("keys") if isinstance(document, dict) else None
    usable = [key for key in keys or [] if isinstance(key, dict) and key.get("kty") == "RSA" and key.get("kid")]
    if not usable:
        raise ServiceError("no-keys", f"{registration.jwks_url} holds no RSA key with a kid.")
    return f"{len(usable)} RSA keys"


def _clock(transport: Transport, registration: Registration, now: datetime) -> str:
    header = transport.call("GET", registration.jwks_url).headers.get("Date", "")
    try:
        seconds = (parsedate_to_datetime(header) - now).total_seconds()
    except (TypeError, ValueError):
        return "the LMS does not say what time it has"
    if abs(seconds) > LEEWAY.total_seconds():
        raise ServiceError("clock", f"the LMS's clock is {seconds:+.0f} s from ours; launches will be refused.")
    return f"{seconds:+.0f} s from ours"


def _token(tokens: AccessTokens, registration: Registration, now: datetime) -> str:
    tokens.forget(registration)
    tokens.get(registration, (SCOPE_SCORE,), now)
    return "given for sending scores"
