"""What is held about people: given out, erased, and for how long it is kept."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from lti_tool.config import Settings
from lti_tool.persistence import migrate
from lti_tool.persistence.database import Database
from lti_tool.persistence.secrets import Vault, load_master_key
from lti_tool.persistence.tenancy import Registration
from lti_tool.services import privacy
from lti_tool.services.registrations import find_registration

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
_yes = click.confirmation_option(prompt="This can't be undone. Erase it?")


@click.group()
def export() -> None:
    """Give out all that is held about a person or a course, as JSON."""


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


@click.group()
def erase() -> None:
    """Erase a person, or what was recorded in a course."""


@erase.command("person")
@_lms
@_user
@_yes
def erase_person(issuer: str, client_id: str, user: str) -> None:
    """Erase one person from every table. Grades that the LMS has already are the LMS's."""
    database, _ = _open()
    with database.write() as session:
        person = _found(privacy.find_person, session, _registration(session, issuer, client_id), user)
        _tell(privacy.erase(session, person.id, why="request", now=datetime.now(UTC)))


@erase.command("course")
@_lms
@_course
@_yes
def erase_course(issuer: str, client_id: str, course: str) -> None:
    """Erase what people did in one course; those who are in no other one are erased altogether."""
    database, _ = _open()
    with database.write() as session:
        found = _found(privacy.find_course, session, _registration(session, issuer, client_id), course)
        _tell(privacy.erase_course(session, found.id, now=datetime.now(UTC)))


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
        _tell(
            privacy.erase_old(
                session,
                names_days=settings.names_days,
                records_days=settings.records_days,
                now=datetime.now(UTC),
            )
        )


def _open() -> tuple[Database, Vault]:
    settings = Settings.load()
    database = Database(settings.sqlalchemy_url)
    migrate.upgrade(database)
    return database, Vault(load_master_key(settings.master_key, settings.data_dir))


def _registration(session: Session, issuer: str, client_id: str) -> Registration:
    registration = find_registration(session, issuer, client_id)
    if registration is None:
        raise click.ClickException("No such registration. See them all: proximal platforms list")
    return registration


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


def _tell(report: privacy.Report) -> None:
    for table, rows in sorted(report.items()):
        click.echo(f"{table:20}{rows} rows")
    click.echo(f"Erased {sum(report.values())} rows." if report else "There was nothing to erase.")
