"""A district's own data, its schools, and which courses belong to which school."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from lti_tool.persistence.tables.administration import AdminGrant
from lti_tool.persistence.tables.people import Membership
from lti_tool.persistence.tables.tenancy import Context, Deployment, District, Registration, School
from lti_tool.services.admin.district.audit_log import record
from lti_tool.services.admin.reach import Reach, school_of_context

MAX_NAME = 100
PAGE = 50


class BadValue(ValueError):  # noqa: N818 - it is the value that is bad
    """A form's field can't be what it says. `code` names the sentence."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class SchoolLine:
    """A school with what is mapped to it."""

    id: int
    name: str
    courses: int
    pupils: int


@dataclass(frozen=True)
class DeploymentLine:
    """An installation of an LMS, and the school that all of its courses belong to unless they have their own."""

    id: int
    lms: str
    lms_id: str
    school_id: int | None
    courses: int


@dataclass(frozen=True)
class CourseLine:
    """A course, its own school, and the one that it gets from its deployment."""

    id: int
    title: str
    lms: str
    lms_id: str
    school_id: int | None
    inherited_id: int | None
    pupils: int


def change_district(session: Session, reach: Reach, name: str, time_zone: str, now: datetime) -> None:
    """Rename the district or move its clock. Raises `BadValue`."""
    name = clean_name(name)
    if time_zone not in available_timezones():
        raise BadValue("time-zone")
    taken = session.scalar(select(District.id).where(District.name == name, District.id != reach.district_id))
    if taken is not None:
        raise BadValue("name-taken")
    district = session.get_one(District, reach.district_id)
    if (district.name, district.time_zone) != (name, time_zone):
        district.name, district.time_zone = name, time_zone
        record(session, reach, "district.changed", name, now, time_zone=time_zone)


def add_school(session: Session, reach: Reach, name: str, now: datetime) -> School:
    """Add a school. Raises `BadValue`."""
    school = School(district_id=reach.district_id, name=_free_name(session, reach, name))
    session.add(school)
    session.flush()
    record(session, reach, "school.added", school.name, now, school=school.id)
    return school


def rename_school(session: Session, reach: Reach, school_id: int, name: str, now: datetime) -> None:
    """Rename a school. Raises `BadValue`, `LookupError`."""
    school = school_in_reach(session, reach, school_id)
    was, school.name = school.name, _free_name(session, reach, name, besides=school_id)
    record(session, reach, "school.renamed", school.name, now, school=school_id, was=was)


def remove_school(session: Session, reach: Reach, school_id: int, now: datetime) -> None:
    """Take a school away; its courses stay, and belong to none. Raises `BadValue` while somebody looks after it."""
    school = school_in_reach(session, reach, school_id)
    if session.scalar(select(func.count()).select_from(AdminGrant).where(AdminGrant.school_id == school_id)):
        raise BadValue("school-has-role")
    for model in (Deployment, Context):
        for row in session.scalars(select(model).where(model.school_id == school_id)):
            row.school_id = None  # type: ignore[attr-defined]
    record(session, reach, "school.removed", school.name, now, school=school_id)
    session.flush()
    session.delete(school)


def school_in_reach(session: Session, reach: Reach, school_id: int) -> School:
    """A school that is seen. Raises `LookupError`."""
    found = session.scalars(select(School).where(School.id == school_id, School.id.in_(reach.schools()))).one_or_none()
    if found is None:
        raise LookupError("school")
    return found


def map_to_school(session: Session, reach: Reach, kind: str, row_id: int, school_id: int | None, now: datetime) -> None:
    """Put a "deployment" or a "course" under a school, or under none. Raises `LookupError`."""
    if school_id is not None:
        school_in_reach(session, reach, school_id)
    row: Deployment | Context | None
    if kind == "deployment":
        query = select(Deployment).where(Deployment.id == row_id, Deployment.registration_id.in_(reach.registrations()))
        row = session.scalars(query).one_or_none()
    else:
        row = session.scalars(
            select(Context).where(Context.id == row_id, Context.id.in_(reach.contexts()))
        ).one_or_none()
    if row is None:
        raise LookupError(kind)
    if row.school_id != school_id:
        record(session, reach, f"{kind}.mapped", str(row_id), now, school=school_id, was=row.school_id)
        row.school_id = school_id


def schools(session: Session, reach: Reach) -> Sequence[SchoolLine]:
    """The schools that are seen, by name, with the number of their courses and pupils."""
    courses = _count_by_school(session, reach, select(school_of_context(), func.count(Context.id)))
    pupils = _count_by_school(
        session,
        reach,
        select(school_of_context(), func.count(func.distinct(Membership.person_id))),
        members=True,
    )
    rows = session.scalars(select(School).where(School.id.in_(reach.schools())).order_by(School.name))
    return [SchoolLine(row.id, row.name, courses.get(row.id, 0), pupils.get(row.id, 0)) for row in rows]


def _count_by_school(session: Session, reach: Reach, query: Any, *, members: bool = False) -> Mapping[int | None, int]:
    query = query.select_from(Context).join(Deployment, Deployment.id == Context.deployment_id)
    if members:
        pupil = (Membership.context_id == Context.id) & (Membership.role == "pupil") & Membership.active
        query = query.join(Membership, pupil)
    query = query.where(Context.id.in_(reach.contexts())).group_by(school_of_context())
    return dict(session.execute(query).all())


def deployments(session: Session, reach: Reach) -> Sequence[DeploymentLine]:
    """The district's installations in LMSs."""
    courses = select(func.count()).where(Context.deployment_id == Deployment.id).scalar_subquery()
    query = (
        select(Deployment, Registration.issuer, courses)
        .join(Deployment.registration)
        .where(Registration.id.in_(reach.registrations()))
        .order_by(Registration.issuer, Deployment.id)
    )
    return [
        DeploymentLine(row.id, issuer, row.lms_id, row.school_id, count)
        for row, issuer, count in session.execute(query)
    ]


def courses(session: Session, reach: Reach, *, search: str = "", page: int = 0) -> tuple[Sequence[CourseLine], bool]:
    """A page of the courses that are seen, by title; and whether there are more."""
    pupils = (
        select(func.count())
        .where(Membership.context_id == Context.id, Membership.role == "pupil", Membership.active)
        .scalar_subquery()
    )
    query = (
        select(Context, Deployment.school_id, Registration.issuer, pupils)
        .join(Deployment, Deployment.id == Context.deployment_id)
        .join(Registration, Registration.id == Deployment.registration_id)
        .where(Context.id.in_(reach.contexts()))
        .order_by(Context.title, Context.id)
        .offset(page * PAGE)
        .limit(PAGE + 1)
    )
    if search:
        like = f"%{search.replace('%', '').replace('_', '')}%"
        query = query.where(or_(Context.title.ilike(like), Context.label.ilike(like), Context.lms_id.ilike(like)))
    lines = [
        CourseLine(row.id, row.title or row.label or row.lms_id, issuer, row.lms_id, row.school_id, inherited, count)
        for row, inherited, issuer, count in session.execute(query)
    ]
    return lines[:PAGE], len(lines) > PAGE


def _free_name(session: Session, reach: Reach, name: str, *, besides: int = 0) -> str:
    name = clean_name(name)
    query = select(School.id).where(School.district_id == reach.district_id, School.name == name, School.id != besides)
    if session.scalar(query) is not None:
        raise BadValue("name-taken")
    return name


def clean_name(text: str) -> str:
    """A name as it is kept. Raises `BadValue`."""
    name = " ".join(text.split())
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise BadValue("name")
    return name
