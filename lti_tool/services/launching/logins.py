"""The first half of a launch: the platform announces it, we send the browser back with a state and a nonce."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from lti_tool.lti.errors import LaunchRefused
from lti_tool.lti.network.origins import origin_of
from lti_tool.lti.platform_keys import StoredKeys
from lti_tool.persistence.tables.keys import PlatformKeys
from lti_tool.persistence.tables.launches import LaunchSession, LoginAttempt
from lti_tool.persistence.tables.tenancy import Registration

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


_BEGIN = insert(LoginAttempt.__table__)  # type: ignore[arg-type]
_OF_ISSUER = select(Registration.id, Registration.client_id, Registration.auth_url).where(
    Registration.issuer == bindparam("issuer"), Registration.state != "disabled"
)
_OF_CLIENT = _OF_ISSUER.where(Registration.client_id == bindparam("client_id"))


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
    attempt = {
        "state_hash": digest(state),
        "nonce": nonce,
        "browser_hash": digest(browser_secret),
        "registration_id": registration.id,
        "target_link_uri": target,
        "storage_target": storage_target or None,
        "expires_at": now + LOGIN_LIFETIME,
    }
    session.connection().execute(_BEGIN, attempt)
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
    browser_hash: str
    keys: StoredKeys | None
    """The platform's keys as last fetched."""

    def check_browser(self, secret: str | None) -> None:
        """Raise `LaunchRefused` unless this is the secret of the browser that began it.

        It keeps others from signing a pupil in as somebody else.
        """
        if secret is None:
            raise LaunchRefused("no-cookie", "The browser did not bring back the cookie of its login.")
        if not hmac.compare_digest(self.browser_hash, digest(secret)):
            raise LaunchRefused("foreign-state", "The login was begun in another browser.")


# Built once, and without objects for rows: each launch uses them.
_REGISTRATION = Registration.__table__.columns.keys()
_WAITING = (
    select(
        *Registration.__table__.columns,
        LoginAttempt.nonce,
        LoginAttempt.target_link_uri,
        LoginAttempt.storage_target,
        LoginAttempt.browser_hash,
        LoginAttempt.expires_at,
        LoginAttempt.used_at,
        PlatformKeys.jwks,
        PlatformKeys.fetched_at,
    )
    .join(Registration, Registration.id == LoginAttempt.registration_id)
    .outerjoin(PlatformKeys, PlatformKeys.registration_id == LoginAttempt.registration_id)
    .where(LoginAttempt.state_hash == bindparam("state_hash"))
)
_USE_UP = (
    update(LoginAttempt.__table__)  # type: ignore[arg-type]
    .where(LoginAttempt.state_hash == bindparam("state"), LoginAttempt.used_at.is_(None))
    .values(used_at=bindparam("now"))
)


def waiting_login(session: Session, state: str, now: datetime) -> WaitingLogin:
    """The login that `state` names, without using it up. Raises `LaunchRefused` where it can't be finished anyway."""
    if not state:
        raise LaunchRefused("missing-state", "The launch has no state.")
    found = session.connection().execute(_WAITING, {"state_hash": digest(state)}).one_or_none()
    if found is None:
        raise LaunchRefused("unknown-state", "The state belongs to no login that Proximal began.")
    if found.expires_at < now:
        raise LaunchRefused("expired-state", "The login took too long: open the activity again.")
    if found.used_at is not None:
        raise LaunchRefused("used-state", _USED)
    target = found.storage_target
    storage = PlatformStorage(target, origin_of(found.auth_url)) if target else None
    registration = Registration(**dict(zip(_REGISTRATION, found, strict=False)))  # a copy, to look at
    keys = StoredKeys(found.jwks, found.fetched_at) if found.fetched_at is not None else None
    return WaitingLogin(registration, found.nonce, found.target_link_uri, storage, found.browser_hash, keys)


def use_up(session: Session, state: str, now: datetime) -> None:
    """Use up the login that `state` names; it can never be used again. Raises `LaunchRefused` if it was."""
    claimed = session.connection().execute(_USE_UP, {"state": digest(state), "now": now})
    if claimed.rowcount != 1:
        raise LaunchRefused("used-state", _USED)


def forget_old(session: Session, now: datetime) -> None:
    """Delete logins and sessions that can't be used any more (the latter are kept a day, to explain themselves)."""
    session.execute(delete(LoginAttempt).where(LoginAttempt.expires_at < now))
    session.execute(delete(LaunchSession).where(LaunchSession.expires_at < now - timedelta(days=1)))


def digest(secret: str) -> str:
    """SHA-256 in hex. Our secrets are 256 random bits, so a plain hash can't be reversed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _find_registration(session: Session, parameters: Mapping[str, str]) -> Row[int, str, str]:
    """Id, client_id and auth_url of the one that a login comes from."""
    issuer, client_id = (_bounded(parameters, key) for key in ("iss", "client_id"))
    if not issuer:
        raise LaunchRefused("incomplete-login", "The login request does not say which platform it comes from.")
    names = {"issuer": issuer, "client_id": client_id}
    found = session.connection().execute(_OF_CLIENT if client_id else _OF_ISSUER, names).all()
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
