"""Whether a registered LMS answers as it should: keys, clock, token."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.messages.validation import LEEWAY
from lti_tool.lti.network.transport import Transport, read_date
from lti_tool.lti.services.access_tokens import AccessTokens
from lti_tool.lti.services.scopes import SCOPE_LINEITEM, SCOPE_MEMBERSHIP_READ, SCOPE_RESULT_READ, SCOPE_SCORE
from lti_tool.persistence.database import Database
from lti_tool.persistence.secrets import Vault
from lti_tool.persistence.tables.tenancy import Registration

_FURTHER = (
    ("gradebook columns", SCOPE_LINEITEM, "links made by hand get no column, and changed points stay as they are."),
    ("grades read back", SCOPE_RESULT_READ, "what a teacher changed in the LMS's gradebook stays unknown here."),
    ("class lists", SCOPE_MEMBERSHIP_READ, "class pages show only pupils who have opened Proximal."),
)
"""What else a token may allow, and what is missing without."""


@dataclass(frozen=True)
class Check:
    """One thing that was tried, and what was found in words."""

    what: str
    good: bool
    found: str
    needed: bool = True
    """Whether launches and grades need it; else only something else is missing without."""


def check_platform(
    database: Database,
    vault: Vault,
    transport: Transport,
    registration: Registration,
    now: datetime,
    *,
    key_set: str,
) -> list[Check]:
    """Try what a launch and a grade need of the LMS. Never raises: what goes wrong is a finding.

    `key_set` is the address of our own keys, which the LMS must know.
    """
    tokens = AccessTokens(database, vault, transport)
    tokens.forget(registration)
    checks = [
        _state(registration),
        _check("public keys", lambda: _keys(transport, registration)),
        _check("clock", lambda: _clock(transport, registration, now)),
        _check("access token", lambda: _token(tokens, registration, now, key_set)),
    ]
    if checks[-1].good:
        checks += [
            _check(what, partial(_further, tokens, registration, scope, without, now), needed=False)
            for what, scope, without in _FURTHER
        ]
    return checks


def _check(what: str, attempt: Callable[[], str], *, needed: bool = True) -> Check:
    try:
        return Check(what, True, attempt(), needed)
    except ServiceError as error:
        return Check(what, False, error.detail, needed)


def _state(registration: Registration) -> Check:
    found = {
        "active": "switched on",
        "waiting": "waits for approval: proximal platforms approve",
        "disabled": "switched off: proximal platforms enable",
    }
    return Check("registration", registration.state == "active", found[registration.state])


def _keys(transport: Transport, registration: Registration) -> str:
    document = transport.json("GET", registration.jwks_url)
    keys = document.get("keys") if isinstance(document, dict) else None
    usable = [key for key in keys or [] if isinstance(key, dict) and key.get("kty") == "RSA" and key.get("kid")]
    if not usable:
        raise ServiceError("no-keys", f"{registration.jwks_url} holds no RSA key with a kid.")
    return f"{len(usable)} RSA keys"


def _clock(transport: Transport, registration: Registration, now: datetime) -> str:
    theirs = read_date(transport.call("GET", registration.jwks_url).headers.get("Date", ""))
    if theirs is None:
        return "the LMS does not say what time it has"
    seconds = (theirs - now).total_seconds()
    if abs(seconds) > LEEWAY.total_seconds():
        raise ServiceError("clock", f"the LMS's clock is {seconds:+.0f} s from ours; launches will be refused.")
    return f"{seconds:+.0f} s from ours"


def _token(tokens: AccessTokens, registration: Registration, now: datetime, key_set: str) -> str:
    try:
        tokens.get(registration, (SCOPE_SCORE,), now)
    except ServiceError as error:
        if error.code not in ("token-refused", "not-allowed"):
            raise
        raise ServiceError(
            error.code,
            f"{error.detail}. Is the tool switched on there with grades, is its client id {registration.client_id}, "
            f"and does the LMS read our keys from {key_set}?",
        ) from None
    return "given for sending scores"


def _further(tokens: AccessTokens, registration: Registration, scope: str, without: str, now: datetime) -> str:
    try:
        tokens.get(registration, (scope,), now)
    except ServiceError as error:
        raise ServiceError(error.code, f"not allowed there; {without}") from None
    return "allowed"
