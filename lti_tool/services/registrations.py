"""Which LMSs may launch Proximal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.persistence import audit
from lti_tool.persistence.database import get_or_create
from lti_tool.persistence.keys import AccessToken, PlatformKeys
from lti_tool.persistence.tenancy import Deployment, District, Registration

DEFAULT_DISTRICT = "My district"


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


def add_registration(session: Session, new: NewRegistration, now: datetime) -> Registration:
    """Add a registration or bring an existing one (same issuer and client_id) up to date."""
    district, _ = get_or_create(session, District, {"name": DEFAULT_DISTRICT})
    registration, created = get_or_create(
        session,
        Registration,
        {"issuer": new.issuer, "client_id": new.client_id},
        {
            "district_id": district.id,
            "auth_url": new.auth_url,
            "token_url": new.token_url,
            "jwks_url": new.jwks_url,
            "state": new.state,
            "accepts_new_deployments": new.accepts_new_deployments,
            "created_at": now,
        },
    )
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
    audit.record(session, action, str(registration.id), at=now, issuer=new.issuer, client_id=new.client_id)
    return registration


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


def set_state(session: Session, registration: Registration, state: str, now: datetime) -> None:
    """Approve ("active"), disable or enable a registration."""
    issuer, was = registration.issuer, registration.state
    audit.record(session, f"registration.{state}", str(registration.id), at=now, issuer=issuer, was=was)
    registration.state = state
