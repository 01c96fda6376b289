"""Who an administrator is: what an identity provider or a proxy in front says, in one form."""

import hmac
from dataclasses import dataclass
from typing import Any, Final

from lti_tool.config import Settings

MAX_GROUPS: Final = 1000


class SignInRefused(Exception):  # noqa: N818 - it is the sign-in that is refused
    """A sign-in did not work. `code` names the page, `detail` is for the log."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


@dataclass(frozen=True)
class Identity:
    """Somebody whom a provider or proxy vouches for."""

    issuer: str
    subject: str
    name: str
    groups: tuple[str, ...] = ()
    id_token: str | None = None


@dataclass(frozen=True)
class LoginSecrets:
    """What ties an answer of the provider to the sign-in that asked for it."""

    state: str
    nonce: str
    code_verifier: str


def proxy_identity(settings: Settings, *, secret: str, user: str, groups: str) -> Identity:
    """Whom a proxy in front has signed in, by its headers. Raises `SignInRefused`.

    A user with a comma is refused: it is what two headers of the same name become, one of which came from outside.
    """
    if not settings.admin_proxy_secret or not _equal(secret, settings.admin_proxy_secret):
        raise SignInRefused("not-by-proxy", "The request did not come through the proxy: its secret is wrong.")
    if not user.strip() or "," in user or not user.isprintable() or len(user) > 255:
        raise SignInRefused("not-by-proxy", "The proxy named nobody.")
    return Identity("proxy", user.strip(), user.strip(), groups_of(groups.split(",")))


def _equal(sent: str, expected: str) -> bool:
    return hmac.compare_digest(sent.encode(), expected.encode())


def groups_of(value: object) -> tuple[str, ...]:
    """Group names out of a claim: a list, or one name."""
    names = (str(name).strip()[:255] for name in as_list(value))
    return tuple(name for name in names if name)[:MAX_GROUPS]


def as_list(value: object) -> list[Any]:
    """A claim that may be one value or several, as a list."""
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]
