"""Requests about people's data, answered in the console: what is held, given out or erased.

Of one person, a course, a school, everybody who has not come for long, or the district. `services.upkeep.privacy` does
it; here stands whose data an administrator reaches.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.persistence.database import Database
from lti_tool.persistence.holdings import (
    courses_of_school,
    people_last_seen_before,
    people_of,
    people_of_registrations,
)
from lti_tool.persistence.secrets import Vault
from lti_tool.persistence.tables.people import Membership, Person
from lti_tool.persistence.tables.tenancy import Context, District, Registration
from lti_tool.services.admin.district.audit_log import record
from lti_tool.services.admin.district.schools import school_in_reach
from lti_tool.services.admin.reach import Reach
from lti_tool.services.upkeep import privacy

Kind = Literal["person", "course", "school", "age", "district"]
KINDS: Final[tuple[Kind, ...]] = ("person", "course", "school", "age", "district")
AT_ONCE: Final = 25
"""People erased in one transaction: pupils who practise meanwhile wait for it."""
MOST_DAYS: Final = 36_500


@dataclass(frozen=True)
class Wanted:
    """Whose data: `id` is a person's random id, a course's or school's number, or a number of days; "" for all."""

    kind: Kind
    id: str = ""


@dataclass(frozen=True)
class Held:
    """What was found. `name` is the course's, the school's or the district's; "" for people."""

    wanted: Wanted
    name: str
    people: int
    courses: int

    @property
    def to_type(self) -> str:
        """What must be typed before so much is erased at once; "" where a tick is enough."""
        return self.name if self.wanted.kind in ("school", "age", "district") else ""


@dataclass(frozen=True)
class Erased:
    """How far an erasure has come: rows gone, and whether something is `left` to go on with `after` a course."""

    rows: int
    left: bool
    after: int = 0


def person_of(session: Session, reach: Reach, registration_id: int, user: str) -> Wanted:
    """The person whom one of the district's LMSs knows by this id. Raises `LookupError`."""
    query = select(Registration).where(Registration.id == registration_id, Registration.id.in_(reach.registrations()))
    registration = session.scalars(query).one_or_none()
    if registration is None:
        raise LookupError("registration")
    return Wanted("person", privacy.find_person(session, registration, user).id)


def look(session: Session, reach: Reach, wanted: Wanted, now: datetime) -> Held:
    """How much is held. Raises `LookupError` for what is not the district's."""
    if wanted.kind == "person":
        return Held(wanted, "", 1, _courses_of(session, _person(session, reach, wanted)))
    if wanted.kind == "course":
        course = _course(session, reach, wanted)
        return Held(wanted, course.title or course.label or course.lms_id, len(people_of(session, course.id)), 1)
    if wanted.kind == "school":
        school = school_in_reach(session, reach, _number(wanted))
        courses = courses_of_school(session, school.id)
        query = select(func.count(func.distinct(Membership.person_id))).where(Membership.context_id.in_(courses))
        return Held(wanted, school.name, session.scalar(query) or 0, len(courses))
    people = _people(session, reach, wanted, now)
    return Held(wanted, session.get_one(District, reach.district_id).name, len(people), 0)


def export(database: Database, reach: Reach, wanted: Wanted, vault: Vault, now: datetime) -> Iterator[str]:
    """All that is held, as JSON: one object, or a line for each person or course. Raises `LookupError` at once."""
    with database.write() as session:
        held = look(session, reach, wanted, now)
        detail = {"id": wanted.id} if wanted.id else {}
        record(session, reach, "data.exported", wanted.kind, now, people=held.people, **detail)
    return _lines(database, reach, wanted, vault, now)


def _lines(database: Database, reach: Reach, wanted: Wanted, vault: Vault, now: datetime) -> Iterator[str]:
    with database.read() as session:
        if wanted.kind == "person":
            yield privacy.export_person(session, wanted.id, vault)
        elif wanted.kind == "course":
            yield privacy.export_course(session, _number(wanted), vault)
        elif wanted.kind == "school":
            courses = courses_of_school(session, _number(wanted))
            yield from (f"{line}\n" for line in privacy.export_courses(session, courses, vault))
        else:
            people = _people(session, reach, wanted, now)
            yield from (f"{line}\n" for line in privacy.export_people(session, people, vault))


def erase(
    database: Database, reach: Reach, wanted: Wanted, now: datetime, *, after: int = 0, enough: Callable[[], bool]
) -> Erased:
    """Erase until all is gone or `enough` says so, a course or some people in each transaction.

    `after` is the course after which a school's go on. Raises `LookupError` for what is not the district's.
    """
    with database.read() as session:
        look(session, reach, wanted, now)
        steps = list(_steps(session, reach, wanted, now, after))
    rows: Counter[str] = Counter()
    for number, (step, course) in enumerate(steps, start=1):
        with database.write() as session:
            rows.update(step(session))
        after = course
        if enough() and number < len(steps):
            return Erased(rows.total(), True, after)
    return Erased(rows.total(), False)


Step = tuple[Callable[[Session], privacy.Report], int]
"""One transaction of an erasure, and the course that it is about (0: none)."""


def _steps(session: Session, reach: Reach, wanted: Wanted, now: datetime, after: int) -> Iterator[Step]:
    by = reach.administrator_id
    if wanted.kind == "person":
        yield lambda session: privacy.erase(session, wanted.id, why="request", now=now, administrator_id=by), 0
    elif wanted.kind in ("course", "school"):
        number = _number(wanted)
        courses = [number] if wanted.kind == "course" else courses_of_school(session, number)
        for course in (each for each in courses if each > after):
            yield _course_step(course, now, by), course
    else:
        people = _people(session, reach, wanted, now)
        for first in range(0, len(people), AT_ONCE):
            yield _people_step(people[first : first + AT_ONCE], wanted, reach, now), 0


def _course_step(course: int, now: datetime, by: int) -> Callable[[Session], privacy.Report]:
    return lambda session: privacy.erase_course(session, course, now=now, administrator_id=by)


def _people_step(
    people: Sequence[str], wanted: Wanted, reach: Reach, now: datetime
) -> Callable[[Session], privacy.Report]:
    by, district = reach.administrator_id, reach.district_id
    return lambda session: privacy.erase_people(
        session, people, why=wanted.kind, district_id=district, now=now, administrator_id=by
    )


def _person(session: Session, reach: Reach, wanted: Wanted) -> str:
    query = select(Person.id).where(Person.id == wanted.id, Person.registration_id.in_(reach.registrations()))
    found = session.scalar(query)
    if found is None:
        raise LookupError("person")
    return found


def _course(session: Session, reach: Reach, wanted: Wanted) -> Context:
    query = select(Context).where(Context.id == _number(wanted), Context.id.in_(reach.contexts()))
    found = session.scalars(query).one_or_none()
    if found is None:
        raise LookupError("course")
    return found


def _courses_of(session: Session, person_id: str) -> int:
    return session.scalar(select(func.count()).where(Membership.person_id == person_id)) or 0


def _people(session: Session, reach: Reach, wanted: Wanted, now: datetime) -> Sequence[str]:
    if wanted.kind == "age":
        return people_last_seen_before(session, now - timedelta(days=_number(wanted)), reach.registrations())
    return people_of_registrations(session, reach.registrations())


def _number(wanted: Wanted) -> int:
    number = int(wanted.id) if wanted.id.isascii() and wanted.id.isdecimal() and len(wanted.id) < 10 else 0
    if number == 0 or (wanted.kind == "age" and number > MOST_DAYS):
        raise LookupError(wanted.kind)
    return number
