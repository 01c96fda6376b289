"""Who looks after a district: groups of the identity provider, and single administrators."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, joinedload

from lti_tool.persistence.secrets import Vault
from lti_tool.persistence.tables.administration import AdminGrant, Administrator, AdminSession
from lti_tool.persistence.tables.audit import AuditEvent
from lti_tool.persistence.tables.tenancy import School
from lti_tool.services.admin.district.audit_log import record
from lti_tool.services.admin.district.schools import BadValue, school_in_reach
from lti_tool.services.admin.reach import ROLES, SERVER, Reach


@dataclass(frozen=True)
class GrantLine:
    """A role, and who has it."""

    id: int
    role: str
    school: str | None
    group: str | None
    person: str | None
    since: datetime


def grants(session: Session, reach: Reach, vault: Vault) -> Sequence[GrantLine]:
    """Every role that was given in the district."""
    query = (
        select(AdminGrant, School.name)
        .outerjoin(School, School.id == AdminGrant.school_id)
        .where(AdminGrant.district_id == reach.district_id)
        .options(joinedload(AdminGrant.administrator))
        .order_by(AdminGrant.role, AdminGrant.id)
    )
    return [
        GrantLine(
            row.id,
            row.role,
            school,
            row.group_name,
            vault.decrypt(row.administrator.encrypted_name) if row.administrator else None,
            row.created_at,
        )
        for row, school in session.execute(query)
    ]


def grant_to_group(
    session: Session, reach: Reach, *, group: str, role: str, school_id: int | None, now: datetime
) -> AdminGrant:
    """Give a role to everybody in a group of the identity provider. Raises `BadValue`, `LookupError`."""
    group = group.strip()
    if not group or len(group) > 255 or not group.isprintable() or "," in group:
        raise BadValue("group")
    if role not in roles_to_give(reach):
        raise BadValue("role")
    if role == "school":
        if school_id is None:
            raise BadValue("school")
        school_in_reach(session, reach, school_id)
    else:
        school_id = None
    same = select(AdminGrant).where(
        AdminGrant.district_id == reach.district_id,
        AdminGrant.group_name == group,
        AdminGrant.role == role,
        AdminGrant.school_id.is_(None) if school_id is None else AdminGrant.school_id == school_id,
    )
    found = session.scalars(same).first()
    if found is not None:
        return found
    grant = AdminGrant(district_id=reach.district_id, role=role, school_id=school_id, group_name=group, created_at=now)
    session.add(grant)
    record(session, reach, "role.given", group, now, role=role, school=school_id)
    return grant


def roles_to_give(reach: Reach) -> Sequence[str]:
    """The roles that an administrator may give: none that reaches further than their own."""
    return (*ROLES, SERVER) if reach.runs_installation else ROLES


def take_away(session: Session, reach: Reach, grant_id: int, now: datetime) -> None:
    """Take a role away; it is gone with the next click of whoever had it. Raises `LookupError`, `BadValue`."""
    grant = session.get(AdminGrant, grant_id)
    if grant is None or grant.district_id != reach.district_id or grant.role not in roles_to_give(reach):
        raise LookupError("grant")
    others = select(func.count()).select_from(AdminGrant)
    others = others.where(
        AdminGrant.district_id == reach.district_id,
        AdminGrant.role.in_(("district", SERVER)),
        AdminGrant.id != grant_id,
    )
    if grant.role in ("district", SERVER) and not session.scalar(others):
        raise BadValue("last-admin")
    record(
        session,
        reach,
        "role.taken",
        grant.group_name or f"administrator {grant.administrator_id}",
        now,
        role=grant.role,
    )
    session.delete(grant)


def forget_administrator(session: Session, administrator_id: int) -> None:
    """Erase an administrator: sessions and roles go, what they did stays in the audit log without them."""
    session.execute(
        update(AuditEvent).where(AuditEvent.administrator_id == administrator_id).values(administrator_id=None)
    )
    for model in (AdminSession, AdminGrant):
        session.execute(delete(model).where(model.administrator_id == administrator_id))
    session.execute(delete(Administrator).where(Administrator.id == administrator_id))
