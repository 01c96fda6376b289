"""Who may use the console: what can only be done by whoever runs the server."""

from datetime import UTC, datetime

import click
from sqlalchemy.orm import Session

from lti_tool.cli.opening import open_database
from lti_tool.config import Settings
from lti_tool.persistence.database import Database
from lti_tool.persistence.secrets import Vault, open_vault
from lti_tool.persistence.tables import audit
from lti_tool.persistence.tables.administration import AdminGrant, Administrator
from lti_tool.persistence.tables.tenancy import District
from lti_tool.services.admin.access import sessions
from lti_tool.services.admin.access.roles import forget_administrator
from lti_tool.services.admin.reach import ROLES, SERVER
from lti_tool.services.platforms.districts import NoSuchDistrict, add_district, all_districts, named_district

of_district = click.option("--district", help="Its name; needed only where there are several.")


@click.group()
def admin() -> None:
    """Who may use the console at /admin."""


@admin.command()
@of_district
def invite(district: str | None) -> None:
    """Print an address, good once and for three days: who signs in with it runs the district."""
    settings, database, _ = _open()
    with database.write() as session:
        secret = sessions.invite_administrator(session, _district(session, district), _now())
    if settings.admin_sign_in == "off":
        click.echo("Nobody can sign in yet: set PROXIMAL_ADMIN_SIGN_IN (docs/sso.md).", err=True)
    click.echo(f"{settings.base_url}/admin/join?invitation={secret}")


@admin.command("break-glass")
@of_district
def break_glass(district: str | None) -> None:
    """Print an emergency address, good once and for 15 minutes: an hour in the console without signing in."""
    settings, database, _ = _open()
    with database.write() as session:
        secret = sessions.break_glass(session, _district(session, district), _now())
    click.echo(f"{settings.base_url}/admin/emergency?invitation={secret}")


@admin.command()
@of_district
@click.option("--group", required=True, help="Its name, as the identity provider or proxy says it.")
@click.option("--role", type=click.Choice([role for role in (*ROLES, SERVER) if role != "school"]), required=True)
def grant(district: str | None, group: str, role: str) -> None:
    """Give a group a role in a district. (Roles for single schools are given in the console.)"""
    _, database, _ = _open()
    with database.write() as session:
        found = _district(session, district)
        session.add(AdminGrant(district_id=found.id, role=role, group_name=group, created_at=_now()))
        audit.record(session, "role.given", group, at=_now(), district_id=found.id, role=role)
        click.echo(f"The group {group} has the role {role} in {found.name}.")


@admin.command("add-district")
@click.argument("name")
def add_district_command(name: str) -> None:
    """Make a further district, which sees nothing of the others."""
    _, database, _ = _open()
    with database.write() as session:
        if name in [district.name for district in all_districts(session)]:
            raise click.ClickException(f"There is a district {name!r} already.")
        add_district(session, name, _now())
    click.echo(f"Made. Its first administrator: proximal admin invite --district {name!r}")


@admin.command("list")
def show_all() -> None:
    """List districts, and who has signed in."""
    _, database, vault = _open()
    with database.read() as session:
        for district in all_districts(session):
            click.echo(f"district       {district.name}")
        for row in session.query(Administrator).order_by(Administrator.id):
            click.echo(
                f"administrator  {row.id}  {vault.decrypt(row.encrypted_name)}  seen {row.last_seen_at:%Y-%m-%d}"
            )


@admin.command()
@click.argument("number", type=int)
def forget(number: int) -> None:
    """Erase an administrator: sessions and roles go; what they did stays in the audit log, without them."""
    _, database, _ = _open()
    with database.write() as session:
        if session.get(Administrator, number) is None:
            raise click.ClickException("There is no such administrator. See: proximal admin list")
        forget_administrator(session, number)
    click.echo("Erased.")


def _district(session: Session, name: str | None) -> District:
    try:
        return named_district(session, name)
    except NoSuchDistrict as problem:
        raise click.ClickException(str(problem)) from None


def _open() -> tuple[Settings, Database, Vault]:
    settings = Settings.load()
    return settings, open_database(settings), open_vault(settings.master_key, settings.data_dir)


def _now() -> datetime:
    return datetime.now(UTC)
