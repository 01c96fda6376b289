"""The first half of a launch: the platform announces it, we send the browser back with a state and a nonce."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from lti_tool.lti.errors import LaunchRefused
from lti_tool.lti.origins import origin_of
from lti_tool.persistence.launches import LaunchSession, LoginAttempt
from lti_tool.persistence.tenancy import Registration

LOGIN_LIFETIME = timedelta(minutes=10)
MAX_HINT_CHARACTERS = 8_000
MAX_STORAGE_TARGET = 255
_USED = "This launch was already used: open the activity again."


@dataclass(frozen=True)
class LoginStart:
    """Where the browser goes next, and what it must bring back."""

    redirect_to: str
    state: str
    browser_secret: str
    storage: "PlatformStorage | None"


@dataclass(frozen=True)
class PlatformStorage:
    """Where a platform keeps data for a tool whose cookies are blocked: a frame, and the only origin to talk to."""

    target: str
    origin: str


def begin_login(session: Session, parameters: Mapping[str, str], *, redirect_uri: str, now: datetime) -> LoginStart:
    """Answer a login initiation (Security Framework 1.1, 5.1.1.1). Raises `LaunchRefused`.

    `redirect_uri` is always our one launch address: what to open travels in the claims, never in this request.
    """
    registration = _find_registration(session, parameters)
    login_hint, target = (_bounded(parameters, key) for key in ("login_hint", "target_link_uri"))
    if not login_hint or not target:
        raise LaunchRefused("incomplete-login", "The login request lacks login_hint or target_link_uri.")
    storage_target = _bounded(parameters, "lti_storage_target")[:MAX_STORAGE_TARGET]
    state, nonce, browser_secret = (secrets.token_urlsafe(32) for _ in range(3))
    session.add(
        LoginAttempt(
            state_hash=digest(state),
            nonce=nonce,
            browser_hash=digest(browser_secret),
            registration_id=registration.id,
            target_link_uri=target,
            storage_target=storage_target or None,
            expires_at=now + LOGIN_LIFETIME,
        )
    )
    query = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": registration.client_id,
        "redirect_uri": redirect_uri,
        "login_hint": login_hint,
        "state": state,
        "nonce": nonce,
    }
    if message_hint := _bounded(parameters, "lti_message_hint"):
        query["lti_message_hint"] = message_hint
    storage = PlatformStorage(storage_target, origin_of(registration.auth_url)) if storage_target else None
    return LoginStart(_with_query(registration.auth_url, query), state, browser_secret, storage)


@dataclass(frozen=True)
class WaitingLogin:
    """A login that can still be finished, and for whom. `storage` is None where the platform offers none."""

    registration: Registration
    nonce: str
    target_link_uri: str
    storage: PlatformStorage | None


def waiting_login(session: Session, state: str, now: datetime) -> WaitingLogin:
    """The login that `state` names, without using it up. Raises `LaunchRefused` where it can't be finished anyway."""
    attempt = _waiting_login(session, state)
    _check_unused(attempt, now)
    registration = session.get_one(Registration, attempt.registration_id)
    target = attempt.storage_target
    storage = PlatformStorage(target, origin_of(registration.auth_url)) if target else None
    return WaitingLogin(registration, attempt.nonce, attempt.target_link_uri, storage)


def consume_login(
    session: Session, state: str, browser_secret: str | None, now: datetime, *, same_browser: bool = False
) -> LoginAttempt:
    """Use up the login that `state` names; it can never be used again. Raises `LaunchRefused`.

    `browser_secret` proves that the same browser began it, which keeps others from signing a pupil in as
    somebody else. `same_browser` says that the caller knows so by other means.
    """
    attempt = _waiting_login(session, state)
    if not same_browser:
        if browser_secret is None:
            raise LaunchRefused("no-cookie", "The browser did not bring back the cookie of its login.")
        if not hmac.compare_digest(attempt.browser_hash, digest(browser_secret)):
            raise LaunchRefused("foreign-state", "The login was begun in another browser.")
    _check_unused(attempt, now)
    claimed = session.execute(
        update(LoginAttempt)
        .where(LoginAttempt.state_hash == attempt.state_hash, LoginAttempt.used_at.is_(None))
        .values(used_at=now)
    )
    if claimed.rowcount != 1:  # type: ignore[attr-defined]
        raise LaunchRefused("used-state", _USED)
    return attempt


def _waiting_login(session: Session, state: str) -> LoginAttempt:
    if not state:
        raise LaunchRefused("missing-state", "The launch has no state.")
    attempt = session.get(LoginAttempt, digest(state))
    if attempt is None:
        raise LaunchRefused("unknown-state", "The state belongs to no login that Proximal began.")
    return attempt


def _check_unused(attempt: LoginAttempt, now: datetime) -> None:
    if attempt.expires_at < now:
        raise LaunchRefused("expired-state", "The login took too long: open the activity again.")
    if attempt.used_at is not None:
        raise LaunchRefused("used-state", _USED)


def forget_old(session: Session, now: datetime) -> None:
    """Delete logins and sessions that can't be used any more (the latter are kept a day, to explain themselves)."""
    session.execute(delete(LoginAttempt).where(LoginAttempt.expires_at < now))
    session.execute(delete(LaunchSession).where(LaunchSession.expires_at < now - timedelta(days=1)))


def digest(secret: str) -> str:
    """SHA-256 in hex. Our secrets are 256 random bits, so a plain hash can't be reversed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _find_registration(session: Session, parameters: Mapping[str, str]) -> Registration:
    issuer, client_id = (_bounded(parameters, key) for key in ("iss", "client_id"))
    if not issuer:
        raise LaunchRefused("incomplete-login", "The login request does not say which platform it comes from.")
    query = select(Registration).where(Registration.issuer == issuer, Registration.state != "disabled")
    found = session.scalars(query.where(Registration.client_id == client_id) if client_id else query).all()
    if not found:
        raise LaunchRefused("unknown-platform", "No registration fits this issuer and client_id.")
    if len(found) > 1:
        raise LaunchRefused("ambiguous-platform", "Several registrations share this issuer; send a client_id.")
    return found[0]


def _bounded(parameters: Mapping[str, str], key: str) -> str:
    value = parameters.get(key, "")
    if len(value) > MAX_HINT_CHARACTERS or "\x00" in value:
        raise LaunchRefused("malformed-login", f"{key} is too long or has control characters.")
    return value


def _with_query(url: str, query: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    return urlunsplit(
        parts._replace(query=urlencode([*parse_qsl(parts.query, keep_blank_values=True), *query.items()]))
    )
