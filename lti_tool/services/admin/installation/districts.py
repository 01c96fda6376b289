"""The installation's districts, for who looks after it: which there are, a new one, and an invitation to run one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.persistence.tables.administration import AdminGrant
from lti_tool.persistence.tables.tenancy import District, Registration
from lti_tool.services.admin.access.sessions import invite_administrator
from lti_tool.services.admin.district.schools import BadValue, clean_name
from lti_tool.services.admin.reach import Reach
from lti_tool.services.platforms.districts import add_district


@dataclass(frozen=True)
class DistrictLine:
    """A district from outside: its name, how many LMSs it has, and whether anybody may run it."""

    id: int
    name: str
    lmss: int
    is_run: bool


def district_lines(session: Session) -> Sequence[DistrictLine]:
    """Every district, by name."""
    lmss = select(func.count()).where(Registration.district_id == District.id).scalar_subquery()
    roles = select(func.count()).where(AdminGrant.district_id == District.id).scalar_subquery()
    query = select(District.id, District.name, lmss, roles).order_by(District.name)
    return [DistrictLine(number, name, lms, bool(given)) for number, name, lms, given in session.execute(query)]


def make_district(session: Session, reach: Reach, name: str, now: datetime) -> str:
    """Make a district; return the secret of the invitation to run it. Raises `BadValue`."""
    name = clean_name(name)
    if session.scalar(select(District.id).where(District.name == name)) is not None:
        raise BadValue("name-taken")
    district = add_district(session, name, now, administrator_id=reach.administrator_id)
    return invite_administrator(session, district, now, administrator_id=reach.administrator_id)


def invite_to_run(session: Session, reach: Reach, district_id: int, now: datetime) -> str:
    """The secret of an invitation to run a district. Raises `LookupError`."""
    district = session.get(District, district_id)
    if district is None:
        raise LookupError("district")
    return invite_administrator(session, district, now, administrator_id=reach.administrator_id)
