"""This tool's signing keys."""

from datetime import UTC, datetime, timedelta

import click

from lti_tool.config import Settings
from lti_tool.lti.tool_keys import LEAD, published_keys, rotate
from lti_tool.runtime import Runtime


@click.group()
def keys() -> None:
    """The keys that sign our messages to LMSs."""


@keys.command("list")
def show_all() -> None:
    """List the published keys, newest first."""
    runtime, now = Runtime.start(Settings.load()), datetime.now(UTC)
    with runtime.database.read() as session:
        for row in published_keys(session, now):
            signs = "signs from" if row.signs_from > now else "signs since"
            until = f", published until {row.retires_at:%Y-%m-%d %H:%M}" if row.retires_at else ""
            click.echo(f"{row.kid}  {signs} {row.signs_from:%Y-%m-%d %H:%M}{until}")


@keys.command("rotate")
@click.option("--now", "at_once", is_flag=True, help="Sign with it at once: for a key that leaked.")
def rotate_command(at_once: bool) -> None:
    """Publish a new key, which signs after a day, when LMSs have read it; the old one is served two days longer."""
    runtime, now = Runtime.start(Settings.load()), datetime.now(UTC)
    with runtime.database.write() as session:
        new = rotate(session, runtime.vault, now, lead=timedelta(0) if at_once else LEAD)
        click.echo(f"{new.kid}  signs from {new.signs_from:%Y-%m-%d %H:%M} UTC")
