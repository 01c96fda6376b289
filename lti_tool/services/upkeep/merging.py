"""Two registrations of one LMS become one: when it was registered anew, its pupils' history must not stay behind."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from lti_tool.persistence.absorbing import absorb
from lti_tool.persistence.tables import audit
from lti_tool.persistence.tables.keys import AccessToken, PlatformKeys
from lti_tool.persistence.tables.people import Person
from lti_tool.persistence.tables.practice import LearnerState
from lti_tool.persistence.tables.tenancy import Registration
from lti_tool.services.platforms.registrations import BadRegistration

TO_REPLAY = "merged"
"""Stands for a parameter set that no answer was traced with: the next practice traces all of them anew."""


def merge_registrations(
    session: Session, old: Registration, new: Registration, now: datetime, administrator_id: int | None = None
) -> int:
    """Put what belongs to the `old` registration and to the `new` one under the new one's client id and addresses.

    People with the same `sub` become one. Returns how many. Raises `BadRegistration` where the two are not one LMS's.
    """
    if old.id == new.id:
        raise BadRegistration("These are the same registration.")
    if (old.issuer, old.district_id) != (new.issuer, new.district_id):
        raise BadRegistration("Only registrations of one LMS (the same issuer) in one district can be merged.")
    both = _people_of_both(session, old, new)
    _trace_anew(session, both)
    session.execute(delete(PlatformKeys).where(PlatformKeys.registration_id.in_((old.id, new.id))))
    session.execute(delete(AccessToken).where(AccessToken.registration_id.in_((old.id, new.id))))
    values = {
        name: getattr(new, name)
        for name in ("client_id", "auth_url", "token_url", "jwks_url", "token_audience", "profile", "state")
    }
    was, kept, gone = old.client_id, old.id, new.id
    session.flush()
    session.expunge(new)
    absorb(session, Registration.__table__, kept, gone)  # type: ignore[arg-type]
    session.execute(update(Registration).where(Registration.id == kept).values(values))
    session.expire_all()
    audit.record(
        session,
        "registration.merged",
        str(kept),
        at=now,
        registration_id=kept,
        administrator_id=administrator_id,
        client_id=values["client_id"],
        was=was,
        people_of_both=len(both),
    )
    return len(both)


def _people_of_both(session: Session, old: Registration, new: Registration) -> list[tuple[str, str]]:
    theirs = select(Person.sub).where(Person.registration_id == new.id)
    olds = select(Person.sub, Person.id).where(Person.registration_id == old.id, Person.sub.in_(theirs))
    by_sub = dict(session.execute(olds).all())
    news = select(Person.sub, Person.id).where(Person.registration_id == new.id, Person.sub.in_(by_sub))
    return [(by_sub[sub], person_id) for sub, person_id in session.execute(news)]


def _trace_anew(session: Session, both: list[tuple[str, str]]) -> None:
    """Beliefs of one person from two histories can't be added up: they are worked out from all answers."""
    people = [person_id for pair in both for person_id in pair]
    session.execute(update(LearnerState).where(LearnerState.person_id.in_(people)).values(parameter_version=TO_REPLAY))
