"""School authorities: whose each LMS is."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.persistence.tables import audit
from lti_tool.persistence.tables.tenancy import District

FIRST_NAME = "My district"


class NoSuchDistrict(LookupError):  # noqa: N818 - says what was asked for
    """There is no district of that name, or several and none was named."""


def first_district(session: Session) -> District:
    """The oldest district, made where there is none: an LMS that names no other belongs to it."""
    found = session.scalars(select(District).order_by(District.id).limit(1)).first()
    return found or add_district(session, FIRST_NAME)


def all_districts(session: Session) -> Sequence[District]:
    """Every district, oldest first."""
    return session.scalars(select(District).order_by(District.id)).all()


def add_district(
    session: Session, name: str, now: datetime | None = None, *, administrator_id: int | None = None
) -> District:
    """Make a district."""
    district = District(name=name)
    session.add(district)
    session.flush()
    if now is not None:
        audit.record(
            session, "district.added", name, at=now, district_id=district.id, administrator_id=administrator_id
        )
    return district


def named_district(session: Session, name: str | None) -> District:
    """The district of this name; without one, the only one there is. Raises `NoSuchDistrict`."""
    if name is None:
        districts = all_districts(session)
        if len(districts) > 1:
            names = ", ".join(repr(district.name) for district in districts)
            raise NoSuchDistrict(f"There are several districts: name one with --district ({names}).")
        return first_district(session)
    found = session.scalars(select(District).where(District.name == name)).one_or_none()
    if found is None:
        raise NoSuchDistrict(f"There is no district {name!r}. Make it: proximal admin add-district {name!r}")
    return found
