"""Rows as launches and pickers leave them, for tests that need no launch."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.lti.services.scopes import SCOPE_SCORE
from lti_tool.persistence.tables.activities import Activity, LineItem, ResourceLink
from lti_tool.persistence.tables.people import Person
from lti_tool.persistence.tables.tenancy import Context, Deployment, Registration
from lti_tool.services.platforms.registrations import NewRegistration, add_registration

MONDAY = datetime(2026, 9, 7, 9, 0, tzinfo=UTC)
LMS = "https://lms.example"


def later(**delay: float) -> datetime:
    """So long after Monday's lesson began."""
    return MONDAY + timedelta(**delay)


@dataclass(frozen=True)
class Place:
    """An activity behind a link in a class, by the ids of its rows."""

    registration_id: int
    context_id: int
    link_id: int
    activity_id: str
    column_id: int


def add_lms(session: Session, *, issuer: str = LMS, client_id: str = "client-1") -> Registration:
    """A registered LMS with one deployment."""
    new = NewRegistration(
        issuer=issuer,
        client_id=client_id,
        auth_url=f"{LMS}/auth",
        token_url=f"{LMS}/token",
        jwks_url=f"{LMS}/keys",
        deployment_ids=["1"],
    )
    return add_registration(session, new, MONDAY)


def add_place(
    session: Session,
    registration: Registration,
    *,
    link: str = "link-1",
    column_url: str | None = f"{LMS}/columns/1?type_id=4",
    collection_url: str | None = f"{LMS}/columns?type_id=4",
    scopes: tuple[str, ...] = (SCOPE_SCORE,),
    points: float = 10,
) -> Place:
    """A class, a link in it, an activity behind the link, and its column."""
    deployment = session.scalars(select(Deployment).where(Deployment.registration_id == registration.id)).one()
    context = Context(deployment_id=deployment.id, lms_id=f"class of {link}")
    session.add(context)
    session.flush()
    activity = Activity(
        registration_id=registration.id,
        context_id=context.id,
        title="Adding",
        bank_id="math",
        skill_ids=["M.NBT2.ADDREG"],
        points=points,
        created_at=MONDAY,
    )
    session.add(activity)
    session.flush()
    row = ResourceLink(deployment_id=deployment.id, context_id=context.id, lms_id=link, activity_id=activity.id)
    session.add(row)
    session.flush()
    column = LineItem(
        activity_id=activity.id,
        resource_link_id=row.id,
        resource_id=activity.id,
        url=column_url,
        collection_url=collection_url,
        scopes=list(scopes),
        points=points,
    )
    session.add(column)
    session.flush()
    return Place(registration.id, context.id, row.id, activity.id, column.id)


def add_person(session: Session, registration: Registration, sub: str) -> str:
    """Somebody of that LMS; returns our id."""
    person = Person(registration_id=registration.id, sub=sub, created_at=MONDAY, last_launch_at=MONDAY)
    session.add(person)
    session.flush()
    return person.id
