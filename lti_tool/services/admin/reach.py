"""What an administrator sees and may change: one district at a time, all of it or some of its schools."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.persistence.tables.administration import AdminGrant, AdminSession
from lti_tool.persistence.tables.tenancy import Context, Deployment, District, Registration, School

ROLES: Final = ("district", "school", "reader")
SERVER: Final = "server"
"""The role of who looks after the installation: runs the district in which it was given, and makes further ones."""
BREAK_GLASS: Final = "break-glass"


@dataclass(frozen=True)
class Reach:
    """The rights of one administrator in one district. None stands for the whole district."""

    administrator_id: int
    district_id: int
    sees: frozenset[int] | None
    changes: frozenset[int] | None
    runs_installation: bool = False
    """Whether what all districts share may be changed, and districts be made. It opens no other district."""

    @property
    def sees_district(self) -> bool:
        """Whether all of the district is seen, and not only some schools."""
        return self.sees is None

    @property
    def runs_district(self) -> bool:
        """Whether all of the district may be changed."""
        return self.changes is None

    @property
    def changes_anything(self) -> bool:
        """Whether anything may be changed at all."""
        return self.changes is None or bool(self.changes)

    @property
    def role(self) -> str:
        """The role's name, for the page's head."""
        if self.runs_installation:
            return SERVER
        return "district" if self.runs_district else "school" if self.changes else "reader"

    def registrations(self) -> Select[int]:
        """Ids of the district's LMSs."""
        return select(Registration.id).where(Registration.district_id == self.district_id)

    def schools(self) -> Select[int]:
        """Ids of the schools that are seen."""
        query = select(School.id).where(School.district_id == self.district_id)
        return query if self.sees is None else query.where(School.id.in_(self.sees))

    def contexts(self, *, to_change: bool = False) -> Select[int]:
        """Ids of the courses that are seen, or that may be changed."""
        query = (
            select(Context.id)
            .join(Deployment, Deployment.id == Context.deployment_id)
            .where(Deployment.registration_id.in_(self.registrations()))
        )
        schools = self.changes if to_change else self.sees
        return query if schools is None else query.where(school_of_context().in_(schools))


def school_of_context() -> ColumnElement[int | None]:
    """SQL for a course's school: its own, else its deployment's (which must be joined)."""
    return func.coalesce(Context.school_id, Deployment.school_id)


def reaches(session: Session, entered: AdminSession) -> Sequence[Reach]:
    """What a session reaches, district by district, as it is granted now: what is taken away is gone at once."""
    if entered.method == BREAK_GLASS:
        if entered.district_id is None:
            return []
        # A district's door opens nothing of the others', nor what they share.
        return [Reach(entered.administrator_id, entered.district_id, None, None, serves_one_district(session))]
    theirs = [AdminGrant.administrator_id == entered.administrator_id]
    if entered.groups:
        theirs.append(and_(AdminGrant.group_name.is_not(None), AdminGrant.group_name.in_(entered.groups)))
    grants = session.scalars(select(AdminGrant).where(or_(*theirs))).all()
    districts = sorted({grant.district_id for grant in grants})
    return [_united(entered, district, [g for g in grants if g.district_id == district]) for district in districts]


def _united(entered: AdminSession, district_id: int, grants: Sequence[AdminGrant]) -> Reach:
    """Several roles in one district add up."""
    roles = {grant.role for grant in grants}
    schools = frozenset(grant.school_id for grant in grants if grant.role == "school" and grant.school_id is not None)
    everything = bool(roles & {"district", SERVER})
    return Reach(
        administrator_id=entered.administrator_id,
        district_id=district_id,
        sees=None if everything or "reader" in roles else schools,
        changes=None if everything else schools,
        runs_installation=SERVER in roles,
    )


def reach_of(session: Session, entered: AdminSession) -> tuple[Reach | None, Sequence[District]]:
    """The reach in the district that is looked after now, and all districts that could be chosen."""
    found = {reach.district_id: reach for reach in reaches(session, entered)}
    districts = session.scalars(select(District).where(District.id.in_(found)).order_by(District.name)).all()
    chosen = entered.district_id if entered.district_id in found else districts[0].id if districts else None
    return found.get(chosen or 0), districts


def serves_one_district(session: Session) -> bool:
    """Whether what belongs to the whole installation (keys, retention) is this district's alone."""
    return session.scalar(select(func.count()).select_from(District)) == 1
