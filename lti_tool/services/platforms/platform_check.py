"""Whether a registered LMS answers as it should: keys, clock, token."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from gettext import NullTranslations

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.messages.validation import LEEWAY
from lti_tool.lti.network.transport import Transport, read_date
from lti_tool.lti.platform_keys import LEAST_BITS, launch_keys
from lti_tool.lti.services.access_tokens import AccessTokens
from lti_tool.lti.services.scopes import SCOPE_LINEITEM, SCOPE_MEMBERSHIP_READ, SCOPE_RESULT_READ, SCOPE_SCORE
from lti_tool.persistence.database import Database
from lti_tool.persistence.secrets import Vault
from lti_tool.persistence.tables.tenancy import Registration
from lti_tool.services.wording import ENGLISH


@dataclass(frozen=True)
class Check:
    """One thing that was tried, and what was found, in the reader's language.

    `detail` is what the LMS answered, or the network, in its own words. `needed` says whether launches and grades need
    it; else only something else is missing without.
    """

    what: str
    good: bool
    found: str
    detail: str = ""
    needed: bool = True
    advice: str = ""


class _FoundError(Exception):
    """What was found, in the reader's language, and the LMS's own words."""

    def __init__(self, found: str, detail: str = "") -> None:
        super().__init__(found)
        self.found, self.detail = found, detail


def check_platform(
    database: Database,
    vault: Vault,
    transport: Transport,
    registration: Registration,
    now: datetime,
    words: NullTranslations = ENGLISH,
    *,
    key_set: str,
) -> list[Check]:
    """Try what a launch and a grade need of the LMS. Never raises: what goes wrong is a finding.

    `key_set` is the address of our own keys, which the LMS must know.
    """
    tokens = AccessTokens(database, vault, transport)
    tokens.forget(registration)
    reach = words.gettext("See that this machine may call the LMS's key address, and that it is the one the LMS shows.")
    checks = [
        _state(registration, words),
        _check(
            words.gettext("public keys"),
            reach,
            words,
            lambda: _keys(transport, registration, words),
        ),
        _check(
            words.gettext("clock"),
            words.gettext("Let both machines set their clocks by NTP."),
            words,
            lambda: _clock(transport, registration, now, words),
            unanswered=reach,
        ),
        _check(
            words.gettext("access token"),
            words.gettext(
                "Compare client id, token address, audience and our public key address with what the LMS shows."
            ),
            words,
            lambda: _token(tokens, registration, now, key_set, words),
        ),
    ]
    if checks[-1].good:
        for what, scope, without in _scopes(words):
            checks.append(_further(what, without, words, partial(tokens.get, registration, (scope,), now)))
    return checks


def _scopes(words: NullTranslations) -> tuple[tuple[str, str, str], ...]:
    """What else a token may allow, and what is missing without."""
    return (
        (
            words.gettext("gradebook columns"),
            SCOPE_LINEITEM,
            words.gettext("Not allowed there: links made by hand get no column, and changed points stay as they are."),
        ),
        (
            words.gettext("grades read back"),
            SCOPE_RESULT_READ,
            words.gettext("Not allowed there: what a teacher changed in the LMS's gradebook stays unknown here."),
        ),
        (
            words.gettext("class lists"),
            SCOPE_MEMBERSHIP_READ,
            words.gettext("Not allowed there: class pages show only pupils who have opened Proximal."),
        ),
    )


def _check(
    what: str, advice: str, words: NullTranslations, attempt: Callable[[], str], *, unanswered: str | None = None
) -> Check:
    """What became of an attempt. `unanswered` is the advice where nothing could be found out, if it is another one."""
    try:
        return Check(what, True, attempt())
    except _FoundError as it:
        return Check(what, False, it.found, it.detail, advice=advice)
    except ServiceError as error:
        return Check(
            what, False, words.gettext("There was no usable answer."), error.detail, advice=unanswered or advice
        )


def _state(registration: Registration, words: NullTranslations) -> Check:
    found = {
        "active": words.gettext("switched on"),
        "waiting": words.gettext("waits for approval: proximal platforms approve"),
        "disabled": words.gettext("switched off: proximal platforms enable"),
    }
    return Check(words.gettext("registration"), registration.state == "active", found[registration.state])


def _keys(transport: Transport, registration: Registration, words: NullTranslations) -> str:
    usable = launch_keys(transport.json("GET", registration.jwks_url))
    if not usable:
        found = words.gettext("%(address)s holds no RSA key of %(bits)d bits or more with a kid.")
        raise _FoundError(found % {"address": registration.jwks_url, "bits": LEAST_BITS})
    return words.ngettext("%(num)d RSA key", "%(num)d RSA keys", len(usable)) % {"num": len(usable)}


def _clock(transport: Transport, registration: Registration, now: datetime, words: NullTranslations) -> str:
    theirs = read_date(transport.call("GET", registration.jwks_url).headers.get("Date", ""))
    if theirs is None:
        return words.gettext("the LMS does not say what time it has")
    seconds = (theirs - now).total_seconds()
    named = {"seconds": f"{seconds:+.0f}"}
    if abs(seconds) > LEEWAY.total_seconds():
        found = words.gettext("the LMS's clock is %(seconds)s s from ours; launches will be refused.")
        raise _FoundError(found % named)
    return words.gettext("%(seconds)s s from ours") % named


def _token(
    tokens: AccessTokens, registration: Registration, now: datetime, key_set: str, words: NullTranslations
) -> str:
    try:
        tokens.get(registration, (SCOPE_SCORE,), now)
    except ServiceError as error:
        if error.code not in ("token-refused", "not-allowed"):
            raise
        found = words.gettext(
            "It gives no token. Is the tool switched on there with grades, is its client id %(client_id)s, "
            "and does the LMS read our keys from %(key_set)s?"
        )
        named = {"client_id": registration.client_id, "key_set": key_set}
        raise _FoundError(found % named, error.detail) from None
    return words.gettext("given for sending scores")


def _further(what: str, without: str, words: NullTranslations, ask: Callable[[], object]) -> Check:
    try:
        ask()
    except ServiceError:
        advice = words.gettext("Allow it for this tool in the LMS's tool settings.")
        return Check(what, False, without, needed=False, advice=advice)
    return Check(what, True, words.gettext("allowed"), needed=False)
