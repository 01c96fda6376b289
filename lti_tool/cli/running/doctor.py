"""What is wrong with this installation, and how to mend it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import click
import requests
from sqlalchemy.exc import SQLAlchemyError

from lti_tool.cli.opening import open_runtime
from lti_tool.config import Settings
from lti_tool.persistence import migrate
from lti_tool.persistence.database import Database, DatabaseFileError
from lti_tool.persistence.secrets import MasterKeyError
from lti_tool.services.upkeep.doctor import Finding, before_start, examine


@click.command()
def doctor() -> None:
    """Look at address, TLS, database, keys, worker, grades, sound and every LMS; say what to mend."""
    bad = 0
    for finding in _findings(Settings.load()):
        click.echo(f"{'ok  ' if finding.good else 'BAD '} {finding.what}: {finding.found} {finding.detail}".rstrip())
        if not finding.good:
            bad += 1
            click.echo(f"     -> {finding.advice}")
    if bad:
        raise click.ClickException(f"{bad} things to mend.")
    click.echo("All is well.")


def _findings(settings: Settings) -> Iterator[Finding]:
    yield from before_start(settings)
    try:
        database = Database(settings.sqlalchemy_url)
    except DatabaseFileError as error:
        yield Finding("database", False, "Its file can't be made.", str(error))
        return
    try:
        current = migrate.is_current(database)
    except SQLAlchemyError as error:
        why = str(getattr(error, "orig", error)).strip().splitlines()[0]
        yield Finding(
            "database",
            False,
            f"It does not answer: {why}",
            "Start it, or correct PROXIMAL_DATABASE_URL.",
        )
        return
    finally:
        database.close()
    if not current:
        yield Finding("database", False, "It lacks tables of this release.", "Run: proximal db upgrade")
        return
    try:
        runtime = open_runtime(settings)
    except MasterKeyError as error:
        yield Finding("keys", False, "The signing key can't be opened.", str(error))
        return
    yield from examine(runtime, requests.Session(), datetime.now(UTC))
