"""What is held about people: given out, erased, and for how long it is kept."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from lti_tool.cli.opening import open_database
from lti_tool.config import Settings
from lti_tool.persistence.database import Database
from lti_tool.persistence.holdings import courses_of_school, people_last_seen_before, people_of_registrations
from lti_tool.persistence.secrets import Vault, open_vault
from lti_tool.persistence.tables.tenancy import Registration, School
from lti_tool.services.platforms.districts import NoSuchDistrict, named_district
from lti_tool.services.platforms.registrations import find_registration
from lti_tool.services.upkeep import privacy

Command = Callable[..., Any]


def _lms(command: Command) -> Command:
    for option in (
        click.option("--client-id", required=True, help="The client id of that registration."),
        click.option("--issuer", required=True, help="The LMS, as `proximal platforms list` shows it."),
    ):
        command = option(command)
    return command


_out = click.option(
    "--out", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write here, not to the screen."
)
_user = click.option("--user", required=True, help="The LMS's own id of the person (`sub` of its launches).")
_course = click.option("--course", required=True, help="The LMS's own id of the course (`context` of its launches).")
_district = click.option("--district", help="Its name; needed only where there are several.")
_school = click.option("--school", required=True, help="Its name, as the console shows it.")
_days = click.option("--days", type=click.IntRange(min=1), required=True, help="Since the last launch.")
_yes = click.confirmation_option(prompt="This can't be undone. Erase it?")


@click.group()
def export() -> None:
    """Give out, as JSON, what is held about a person, a course, a school, a district, or who has not come for long."""


@export.command("person")
@_lms
@_user
@_out
def export_person(issuer: str, client_id: str, user: str, out: Path | None) -> None:
    """All that is held about one person."""
    database, vault = _open()
    with database.read() as session:
        person = _found(privacy.find_person, session, _registration(session, issuer, client_id), user)
        _give(privacy.export_person(session, person.id, vault), out)


@export.command("course")
@_lms
@_course
@_out
def export_course(issuer: str, client_id: str, course: str, out: Path | None) -> None:
    """All that was recorded in one course."""
    database, vault = _open()
    with database.read() as session:
        found = _found(privacy.find_course, session, _registration(session, issuer, client_id), course)
        _give(privacy.export_course(session, found.id, vault), out)


@export.command("school")
@_district
@_school
@_out
def export_school(district: str | None, school: str, out: Path | None) -> None:
    """All that was recorded in the courses of one school: a line of JSON for each."""
    database, vault = _open()
    with database.read() as session:
        courses = courses_of_school(session, _school_id(session, district, school))
        _give("\n".join(privacy.export_courses(session, courses, vault)), out)


@export.command("district")
@_district
@_out
def export_district(district: str | None, out: Path | None) -> None:
    """All that is held about everybody of one district: a line of JSON for each."""
    database, vault = _open()
    with database.read() as session:
        people = people_of_registrations(session, _registrations(session, district))
        _give("\n".join(privacy.export_people(session, people, vault)), out)


@export.command("older-than")
@_days
@_district
@_out
def export_older(days: int, district: str | None, out: Path | None) -> None:
    """All that is held about people who have not launched for so many days: a line of JSON for each."""
    database, vault = _open()
    with database.read() as session:
        people = people_last_seen_before(session, _days_ago(days), _registrations(session, district))
        _give("\n".join(privacy.export_people(session, people, vault)), out)


@click.group()
def erase() -> None:
    """Erase a person, a course, a school, a district, or who has not come for long."""


@erase.command("person")
@_lms
@_user
@_yes
def erase_person(issuer: str, client_id: str, user: str) -> None:
    """Erase one person from every table. Grades that the LMS has already are the LMS's."""
    database, _ = _open()
    with database.write() as session:
        person = _found(privacy.find_person, session, _registration(session, issuer, client_id), user)
        report = privacy.erase(session, person.id, why="request", now=datetime.now(UTC))
    _tell(report, database)


@erase.command("course")
@_lms
@_course
@_yes
def erase_course(issuer: str, client_id: str, course: str) -> None:
    """Erase what people did in one course; those who are in no other one are erased altogether."""
    database, _ = _open()
    with database.write() as session:
        found = _found(privacy.find_course, session, _registration(session, issuer, client_id), course)
        report = privacy.erase_course(session, found.id, now=datetime.now(UTC))
    _tell(report, database)


@erase.command("school")
@_district
@_school
@_yes
def erase_school(district: str | None, school: str) -> None:
    """Erase what people did in the courses of one school; those who are in no other course are erased altogether."""
    database, _ = _open()
    with database.write() as session:
        courses = courses_of_school(session, _school_id(session, district, school))
        report = privacy.erase_courses(session, courses, now=datetime.now(UTC))
    _tell(report, database)


@erase.command("district")
@_district
@_yes
def erase_district(district: str | None) -> None:
    """Erase everybody of one district. Its LMSs stay registered: switch them off first."""
    database, _ = _open()
    with database.write() as session:
        people = people_of_registrations(session, _registrations(session, district))
        report = _erase_all(session, people, district, "district")
    _tell(report, database)


@erase.command("older-than")
@_days
@_district
@_yes
def erase_older(days: int, district: str | None) -> None:
    """Erase people who have not launched for so many days."""
    database, _ = _open()
    with database.write() as session:
        people = people_last_seen_before(session, _days_ago(days), _registrations(session, district))
        report = _erase_all(session, people, district, "age")
    _tell(report, database)


@click.group()
def retention() -> None:
    """For how long data about people is kept."""


@retention.command("show")
def retention_show() -> None:
    """Show the periods; config/default.toml says how to change them."""
    settings = Settings.load()
    click.echo(f"names     {settings.names_days} days after a person's last launch")
    click.echo(f"records   {settings.records_days} days after a person's last launch")
    click.echo(f"sessions  {privacy.SESSIONS_KEPT.days} days after they ended")


@retention.command("run")
def retention_run() -> None:
    """Erase now what is older; the worker does so every day."""
    settings = Settings.load()
    database, _ = _open()
    with database.write() as session:
        periods = {"names_days": settings.names_days, "records_days": settings.records_days}
        report = privacy.erase_old(session, **periods, now=datetime.now(UTC))
    _tell(report, database)


def _open() -> tuple[Database, Vault]:
    settings = Settings.load()
    return open_database(settings), open_vault(settings.master_key, settings.data_dir)


def _registration(session: Session, issuer: str, client_id: str) -> Registration:
    registration = find_registration(session, issuer, client_id)
    if registration is None:
        raise click.ClickException("No such registration. See them all: proximal platforms list")
    return registration


def _school_id(session: Session, district: str | None, name: str) -> int:
    query = select(School.id).where(School.district_id == _district_id(session, district), School.name == name)
    found = session.scalar(query)
    if found is None:
        raise click.ClickException("No school of that name. The console shows them under Schools.")
    return found


def _district_id(session: Session, name: str | None) -> int:
    try:
        return named_district(session, name).id
    except NoSuchDistrict as problem:
        raise click.ClickException(str(problem)) from None


def _registrations(session: Session, district: str | None) -> Select[int]:
    return select(Registration.id).where(Registration.district_id == _district_id(session, district))


def _erase_all(session: Session, people: Sequence[str], district: str | None, why: str) -> privacy.Report:
    if not people:
        return {}
    of = _district_id(session, district)
    return privacy.erase_people(session, people, why=why, district_id=of, now=datetime.now(UTC))


def _days_ago(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def _found(find: Callable[[Session, Registration, str], Any], session: Session, lms: Registration, name: str) -> Any:
    try:
        return find(session, lms, name)
    except privacy.NothingHeld as error:
        raise click.ClickException(str(error)) from None


def _give(text: str, out: Path | None) -> None:
    if out is None:
        click.echo(text)
    else:
        out.touch(mode=0o600)
        out.write_text(text, encoding="utf-8")
        click.echo(f"Written to {out}. It holds personal data: keep it accordingly.", err=True)


def _tell(report: privacy.Report, database: Database) -> None:
    database.shred()
    for table, rows in sorted(report.items()):
        click.echo(f"{table:20}{rows} rows")
    click.echo(f"Erased {sum(report.values())} rows." if report else "There was nothing to erase.")
