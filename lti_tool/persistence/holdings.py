"""What the tables hold about a person or about a course, found by what each table declares of itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Table, exists, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.persistence.tables import Base
from lti_tool.persistence.tables.people import Membership, Person
from lti_tool.persistence.tables.tenancy import Context, Deployment


@dataclass(frozen=True)
class Holding:
    """The rows of one table that somebody's request is about."""

    table: Table
    where: ColumnElement[bool]

    def rows(self) -> Select[tuple[object, ...]]:
        """Selects them."""
        return select(self.table).where(self.where)


def of_person(person_id: str) -> Iterator[Holding]:
    """Every row that names a person, in whatever part."""
    for table in Base.metadata.sorted_tables:
        columns = [table.columns[name] for name in table.info["person_columns"]]
        if columns:
            yield Holding(table, or_(*(column == person_id for column in columns)))


def of_course(context_id: int) -> Iterator[Holding]:
    """Every row about people that was made in a course: parents before children.

    A table belongs to a course if a chain of references leads from it to `context`, such as answer -> activity ->
    course. What a person knows (learner_state, certificate) has no such chain: it is the person's, not the course's.
    """
    context = Base.metadata.tables["context"]
    for table in Base.metadata.sorted_tables:
        if table.info["person_columns"] and table.name != "activity":  # settings: the school's, whoever made them
            where = _leads_to(table, context, context_id, seen=(table.name,))
            if where is not None:
                yield Holding(table, where)


def _leads_to(table: Table, context: Table, context_id: int, seen: tuple[str, ...]) -> ColumnElement[bool] | None:
    """A row's way to the course over its references; the shortest by the order of the tables."""
    ways = []
    for column in table.columns:
        for key in column.foreign_keys:
            parent = key.column.table
            if parent is context:
                return column == context_id
            if parent.name in seen or parent.name == "person":
                continue
            further = _leads_to(parent, context, context_id, (*seen, parent.name))
            if further is not None:
                ways.append(column.in_(select(key.column).where(further)))
    return ways[0] if ways else None


def people_of(session: Session, context_id: int) -> list[str]:
    """Everybody who is or was a member of a course."""
    query = select(Membership.person_id).where(Membership.context_id == context_id).order_by(Membership.person_id)
    return list(session.scalars(query))


def people_of_registrations(session: Session, registrations: Select[int]) -> list[str]:
    """Everybody whom these LMSs have told of."""
    query = select(Person.id).where(Person.registration_id.in_(registrations)).order_by(Person.id)
    return list(session.scalars(query))


def people_last_seen_before(session: Session, moment: datetime, registrations: Select[int] | None = None) -> list[str]:
    """Who has not launched since a moment; who never did counts from when a class list first named them."""
    seen = func.coalesce(Person.last_launch_at, Person.created_at)
    query = select(Person.id).where(seen < moment).order_by(Person.id)
    return list(
        session.scalars(query if registrations is None else query.where(Person.registration_id.in_(registrations)))
    )


def courses_of_school(session: Session, school_id: int) -> list[int]:
    """The courses that are mapped to a school, by themselves or by their deployment."""
    school = func.coalesce(Context.school_id, Deployment.school_id)
    query = select(Context.id).join(Deployment, Deployment.id == Context.deployment_id).where(school == school_id)
    return list(session.scalars(query.order_by(Context.id)))


def has_a_course(session: Session, person_id: str) -> bool:
    """Whether a person is a member of any course."""
    return bool(session.scalar(select(exists().where(Membership.person_id == person_id))))
