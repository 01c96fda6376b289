"""Which LMSs may launch Proximal."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.lti.messages.claims import MAX_ID
from lti_tool.lti.network.origins import is_usable, origin_of
from lti_tool.persistence.database import get_or_create
from lti_tool.persistence.tables import audit
from lti_tool.persistence.tables.keys import AccessToken, PlatformKeys
from lti_tool.persistence.tables.tenancy import Deployment, Registration
from lti_tool.services.platforms.districts import first_district


class BadRegistration(ValueError):  # noqa: N818 - it is the registration that is bad
    """A field of a registration can't be what it says. The message names it and says what to do."""


@dataclass(frozen=True)
class NewRegistration:
    """What an LMS's administrator copies over from its page about an external tool."""

    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    deployment_ids: Sequence[str]
    token_audience: str | None = None
    profile: str = "generic"
    state: str = "active"
    """Of a new registration; an existing one keeps its own."""
    accepts_new_deployments: bool = False
    district_id: int | None = None
    """Of a new registration: whose it is; None: the oldest district's."""
    display_names: bool = True
    """Of a new registration: whether names are kept for teachers' eyes."""


def add_registration(session: Session, new: NewRegistration, now: datetime) -> Registration:
    """Add a registration or bring an existing one (same issuer and client_id) up to date."""
    district_id = new.district_id or first_district(session).id
    registration, created = get_or_create(
        session,
        Registration,
        {"issuer": new.issuer, "client_id": new.client_id},
        {
            "district_id": district_id,
            "auth_url": new.auth_url,
            "token_url": new.token_url,
            "jwks_url": new.jwks_url,
            "state": new.state,
            "accepts_new_deployments": new.accepts_new_deployments,
            "display_names": new.display_names,
            "created_at": now,
        },
    )
    if new.accepts_new_deployments:
        registration.accepts_new_deployments = True
    if registration.jwks_url != new.jwks_url:
        # Keys from the old address must not open doors any longer.
        session.execute(delete(PlatformKeys).where(PlatformKeys.registration_id == registration.id))
    if (registration.token_url, registration.token_audience) != (new.token_url, new.token_audience):
        session.execute(delete(AccessToken).where(AccessToken.registration_id == registration.id))
    registration.auth_url, registration.token_url = new.auth_url, new.token_url
    registration.jwks_url, registration.token_audience = new.jwks_url, new.token_audience
    registration.profile = new.profile
    for lms_id in new.deployment_ids:
        get_or_create(session, Deployment, {"registration_id": registration.id, "lms_id": lms_id})
    action = "registration.added" if created else "registration.changed"
    _audit(session, registration, action, now, None, issuer=new.issuer, client_id=new.client_id)
    return registration


def check_registration(new: NewRegistration, *, allow_http: bool) -> None:
    """Raise `BadRegistration` for a field that no LMS could have."""
    for name, url in (("auth URL", new.auth_url), ("token URL", new.token_url), ("key set URL", new.jwks_url)):
        if not is_usable(url, allow_http=allow_http):
            raise BadRegistration(f"The {name} must be a whole https address, not {url[:100]!r}.")
    for name, text, most in (("issuer", new.issuer, 512), ("client id", new.client_id, MAX_ID)):
        if not text.strip() or len(text) > most or not text.isprintable():
            raise BadRegistration(f"The {name} must be 1 to {most} characters long, as the LMS shows it.")
    for lms_id in new.deployment_ids:
        if not lms_id.strip() or len(lms_id) > MAX_ID or not lms_id.isprintable():
            raise BadRegistration(f"A deployment id must be 1 to {MAX_ID} characters long, as the LMS shows it.")


def change_page_hosts(
    session: Session,
    registration: Registration,
    *,
    add: Iterable[str],
    remove: Iterable[str],
    now: datetime,
    administrator_id: int | None = None,
) -> Sequence[str]:
    """Let pages of further hosts of the LMS frame Proximal's; return all that an admin added.

    A host is written as https://portal.school.example. Raises `BadRegistration`.
    """
    added, removed = [_page_origin(host) for host in add], {_page_origin(host) for host in remove}
    hosts = sorted({*registration.extra_origins, *added} - removed)
    if hosts != registration.extra_origins:
        registration.extra_origins = hosts
        _audit(session, registration, "registration.page_hosts", now, administrator_id, hosts=hosts)
    return hosts


def _page_origin(host: str) -> str:
    origin = origin_of(host if "://" in host else f"https://{host}")
    if not origin:
        raise BadRegistration(f"{host[:100]!r} is no host such as https://portal.school.example.")
    return origin


def all_registrations(session: Session) -> Sequence[tuple[Registration, Sequence[str]]]:
    """Every registration with the ids of its deployments."""
    registrations = session.scalars(select(Registration).order_by(Registration.id)).all()
    return [
        (
            registration,
            session.scalars(
                select(Deployment.lms_id).where(Deployment.registration_id == registration.id).order_by(Deployment.id)
            ).all(),
        )
        for registration in registrations
    ]


def find_registration(session: Session, issuer: str, client_id: str) -> Registration | None:
    """The registration with this issuer and client_id."""
    return session.scalars(
        select(Registration).where(Registration.issuer == issuer, Registration.client_id == client_id)
    ).one_or_none()


def set_state(
    session: Session, registration: Registration, state: str, now: datetime, *, administrator_id: int | None = None
) -> None:
    """Approve ("active"), disable or enable a registration."""
    issuer, was = registration.issuer, registration.state
    _audit(session, registration, f"registration.{state}", now, administrator_id, issuer=issuer, was=was)
    registration.state = state


def _audit(
    session: Session,
    registration: Registration,
    action: str,
    now: datetime,
    administrator_id: int | None,
    **detail: Any,
) -> None:
    audit.record(
        session,
        action,
        str(registration.id),
        at=now,
        registration_id=registration.id,
        administrator_id=administrator_id,
        **detail,
    )
