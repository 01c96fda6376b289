"""This tool's signing keys."""

from datetime import UTC, datetime

import click

from lti_tool.cli.opening import open_database
from lti_tool.config import Settings
from lti_tool.lti.tool_keys import ensure_signing_key, published_keys, rotate
from lti_tool.persistence.database import Database
from lti_tool.persistence.secrets import Vault, add_master_key, load_master_key, open_vault, renew_all
from lti_tool.persistence.tables import audit


@click.group()
def keys() -> None:
    """The keys that sign our messages to LMSs."""


@keys.command("list")
def show_all() -> None:
    """List the published keys, newest first."""
    database, _ = _open()
    now = datetime.now(UTC)
    with database.read() as session:
        for row in published_keys(session, now):
            signs = "signs from" if row.signs_from > now else "signs since"
            until = f", published until {row.retires_at:%Y-%m-%d %H:%M}" if row.retires_at else ""
            click.echo(f"{row.kid}  {signs} {row.signs_from:%Y-%m-%d %H:%M}{until}")


@keys.command("rotate")
@click.option(
    "--now", "at_once", is_flag=True, help="For a key that leaked: withdraw it and sign with the new one at once."
)
def rotate_command(at_once: bool) -> None:
    """Publish a new key, which signs after a day, when LMSs have read it; the old one is served two days longer."""
    database, vault = _open()
    now = datetime.now(UTC)
    with database.write() as session:
        new = rotate(session, vault, now, leaked=at_once)
        click.echo(f"{new.kid}  signs from {new.signs_from:%Y-%m-%d %H:%M} UTC")


@keys.command("new-master")
def new_master() -> None:
    """Put a new master key before the old one in data_dir/master.key.

    Then restart, run `proximal keys reencrypt`, and remove the old line.
    Where PROXIMAL_MASTER_KEY is set, put the new key before the old one there, with a comma between them.
    """
    settings = Settings.load()
    if settings.master_key:
        raise click.ClickException("PROXIMAL_MASTER_KEY is set: put a new key before it there, with a comma between.")
    load_master_key("", settings.data_dir)
    add_master_key(settings.data_dir)
    click.echo("Restart web processes and workers, then run: proximal keys reencrypt")


@keys.command("reencrypt")
def reencrypt() -> None:
    """Put names, tokens and private keys under the newest master key. Older keys are needed no more afterwards."""
    database, vault = _open()
    with database.write() as session:
        count = renew_all(session, vault)
        audit.record(session, "keys.reencrypted", "all", at=datetime.now(UTC), values=count)
    database.shred()
    click.echo(f"{count} values are under the newest master key. Remove the older ones, and restart.")


def _open() -> tuple[Database, Vault]:
    settings = Settings.load()
    database, vault = open_database(settings), open_vault(settings.master_key, settings.data_dir)
    with database.write() as session:
        ensure_signing_key(session, vault, datetime.now(UTC))
    return database, vault
