"""What is held about a person or a course: given out on request, erased on request, and erased when it is old."""

import json
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from lti_tool.persistence.database import Database
from lti_tool.persistence.erasure import erase_person, pseudonymise_audit
from lti_tool.persistence.holdings import Holding, has_a_course, of_course, of_person, people_of
from lti_tool.persistence.secrets import Vault
from lti_tool.persistence.tables import audit
from lti_tool.persistence.tables.launches import LaunchSession
from lti_tool.persistence.tables.people import DisplayName, Person
from lti_tool.persistence.tables.tenancy import Context, Deployment, Registration

SECRETS = frozenset({"secret_hash", "lease"})
"""Columns that open doors and say nothing about anybody."""
LEAST_NAMING_SUB = 8
SESSIONS_KEPT = timedelta(days=30)
RETENTION_EVERY = timedelta(hours=6)

Report = dict[str, int]
"""Rows by table."""


class NothingHeld(LookupError):  # noqa: N818 - says what was found
    """Nobody and no course of that name is known."""


def find_person(session: Session, registration: Registration, sub: str) -> Person:
    """The person whom an LMS knows by this user id (`sub`). Raises `NothingHeld`."""
    query = select(Person).where(Person.registration_id == registration.id, Person.sub == sub)
    person = session.scalars(query).one_or_none()
    if person is None:
        raise NothingHeld(f"Nothing is held about user {sub!r} of {registration.issuer}.")
    return person


def find_course(session: Session, registration: Registration, lms_id: str) -> Context:
    """The course with this id in the LMS. Raises `NothingHeld`."""
    query = (
        select(Context)
        .join(Deployment, Deployment.id == Context.deployment_id)
        .where(Deployment.registration_id == registration.id, Context.lms_id == lms_id)
        .order_by(Context.id)
    )
    course = session.scalars(query).first()
    if course is None:
        raise NothingHeld(f"No course {lms_id!r} of {registration.issuer} is known.")
    return course


def export_person(session: Session, person_id: str, vault: Vault) -> str:
    """All that is held about a person, as JSON: rows by table, the name in clear."""
    return _as_json(session, of_person(person_id), vault)


def export_course(session: Session, context_id: int, vault: Vault) -> str:
    """All that was recorded in a course, as JSON: rows by table. What its people know belongs to them, not to it."""
    return _as_json(session, of_course(context_id), vault)


def export_people(session: Session, people: Iterable[str], vault: Vault) -> Iterator[str]:
    """All that is held about each of several people: one JSON object a line."""
    for person_id in people:
        yield json.dumps(_readable_rows(session, of_person(person_id), vault), ensure_ascii=False)


def export_courses(session: Session, courses: Iterable[int], vault: Vault) -> Iterator[str]:
    """All that was recorded in each of several courses: one JSON object a line."""
    for context_id in courses:
        yield json.dumps(_readable_rows(session, of_course(context_id), vault), ensure_ascii=False)


def _as_json(session: Session, holdings: Iterable[Holding], vault: Vault) -> str:
    return json.dumps(_readable_rows(session, holdings, vault), ensure_ascii=False, indent=1)


def _readable_rows(session: Session, holdings: Iterable[Holding], vault: Vault) -> dict[str, list[dict[str, Any]]]:
    tables: dict[str, list[dict[str, Any]]] = {}
    for holding in holdings:
        rows = [_readable(dict(row), vault) for row in session.execute(holding.rows()).mappings()]
        if rows:
            tables[holding.table.name] = rows
    return tables


def _readable(row: dict[str, Any], vault: Vault) -> dict[str, Any]:
    if "encrypted_name" in row:
        row["name"] = vault.decrypt(row.pop("encrypted_name"))
    return {name: _plain(value) for name, value in row.items() if name not in SECRETS}


def _plain(value: Any) -> Any:
    """A value as JSON has it; a teacher's file in base64."""
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value.isoformat() if isinstance(value, date) else value


def erase(session: Session, person_id: str, *, why: str, now: datetime, administrator_id: int | None = None) -> Report:
    """Erase one person from every table. The audit log keeps that it was done, and by whom; not of whom."""
    registration_id = session.scalar(select(Person.registration_id).where(Person.id == person_id))
    report = _erase(session, [person_id])
    audit.record(
        session,
        "person.erased",
        why,
        at=now,
        registration_id=registration_id,
        administrator_id=administrator_id,
        rows=report,
    )
    return report


def erase_people(
    session: Session,
    people: Sequence[str],
    *,
    why: str,
    district_id: int | None,
    now: datetime,
    administrator_id: int | None = None,
) -> Report:
    """Erase several people from every table, as one act."""
    report = _erase(session, people)
    audit.record(
        session,
        "people.erased",
        why,
        at=now,
        district_id=district_id,
        administrator_id=administrator_id,
        people=len(people),
        rows=report,
    )
    return report


def _erase(session: Session, people: Sequence[str]) -> Report:
    report: Counter[str] = Counter()
    named = [*people, *_subs(session, people)]
    for person_id in people:
        report.update(erase_person(session, person_id))
    report["audit"] += pseudonymise_audit(session, named)
    return {table: rows for table, rows in report.items() if rows}


def _subs(session: Session, people: Sequence[str]) -> list[str]:
    """The LMS's own ids of people, so far as they are long enough to name nothing else."""
    found = [session.scalar(select(Person.sub).where(Person.id == person_id)) for person_id in people]
    return [sub for sub in found if sub is not None and len(sub) >= LEAST_NAMING_SUB]


def erase_courses(session: Session, courses: Iterable[int], *, now: datetime) -> Report:
    """Erase what people did in several courses, such as all of a school."""
    report: Counter[str] = Counter()
    for context_id in courses:
        report.update(erase_course(session, context_id, now=now))
    return dict(report)


def erase_course(session: Session, context_id: int, *, now: datetime, administrator_id: int | None = None) -> Report:
    """Erase what people did in a course; those who are in no other one are erased altogether.

    The course, its activities and its columns stay: they tell of nobody, and the LMS still links to them.
    """
    people = people_of(session, context_id)
    report: Counter[str] = Counter()
    for holding in reversed(list(of_course(context_id))):
        result = session.execute(delete(holding.table).where(holding.where))
        report[holding.table.name] += result.rowcount  # type: ignore[attr-defined]
    report.update(_erase(session, [person_id for person_id in people if not has_a_course(session, person_id)]))
    found = {table: rows for table, rows in report.items() if rows}
    deployment = select(Context.deployment_id).where(Context.id == context_id).scalar_subquery()
    audit.record(
        session,
        "course.erased",
        str(context_id),
        at=now,
        registration_id=session.scalar(select(Deployment.registration_id).where(Deployment.id == deployment)),
        administrator_id=administrator_id,
        rows=found,
    )
    return found


def erase_old(session: Session, *, names_days: int, records_days: int, now: datetime) -> Report:
    """Apply the retention periods (config/default.toml): first names go, then whole people, after their last launch.

    Somebody of whom only class lists tell counts from when a list named them last.
    """
    last_seen = func.coalesce(Person.last_launch_at, DisplayName.seen_at)
    nameless = (
        select(DisplayName.person_id)
        .join(Person, Person.id == DisplayName.person_id)
        .where(last_seen < now - timedelta(days=names_days))
    )
    names = session.execute(delete(DisplayName).where(DisplayName.person_id.in_(nameless)))
    report = Counter({"display_name": names.rowcount})  # type: ignore[attr-defined]
    gone = select(Person.id).where(
        func.coalesce(Person.last_launch_at, Person.created_at) < now - timedelta(days=records_days)
    )
    people = session.scalars(gone).all()
    if people:
        report.update(erase_people(session, people, why="retention", district_id=None, now=now))
    sessions = session.execute(delete(LaunchSession).where(LaunchSession.expires_at < now - SESSIONS_KEPT))
    report["launch_session"] += sessions.rowcount  # type: ignore[attr-defined]
    return {table: rows for table, rows in report.items() if rows}


class Retention:
    """Applies the retention periods in the background, a few times a day."""

    def __init__(self, database: Database, *, names_days: int, records_days: int) -> None:
        self._database = database
        self._names_days, self._records_days = names_days, records_days
        self._next: datetime | None = None

    def apply_due(self, now: datetime) -> Report:
        """Erase what is too old, unless this process did so lately."""
        if self._next is not None and now < self._next:
            return {}
        with self._database.write() as session:
            report = erase_old(session, names_days=self._names_days, records_days=self._records_days, now=now)
        if report:
            self._database.shred()
        self._next = now + RETENTION_EVERY
        return report
