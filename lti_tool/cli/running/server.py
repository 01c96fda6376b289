"""Running the tool: web server, worker, database."""

import os
import signal
import sys
import tempfile
import threading

import click

from lti_tool.cli.opening import open_runtime
from lti_tool.config import CONFIG_DIR, Settings, SettingsError
from lti_tool.log import configure_logging
from lti_tool.persistence import migrate
from lti_tool.persistence.database import Database
from lti_tool.runtime import Runtime
from lti_tool.services.upkeep.worker import run_worker
from lti_tool.telemetry import error_reports, start_tracing

GUNICORN = (
    sys.executable,
    "-m",
    "gunicorn",
    "--config",
    str(CONFIG_DIR / "gunicorn.conf.py"),
    "lti_tool.app:create_app_for_server()",
)


@click.command()
def serve() -> None:
    """Serve the tool with gunicorn (brings the database up to date first)."""
    settings = Settings.load()
    _upgrade(settings)
    _start_once(settings)
    os.execv(GUNICORN[0], GUNICORN)  # noqa: S606 - our own interpreter, no shell


@click.command()
def worker() -> None:
    """Send grades and do background work until stopped."""
    settings = Settings.load()
    configure_logging(error_reports(settings))
    runtime = open_runtime(_checked(settings))
    start_tracing(settings, runtime.database.engine)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    run_worker(runtime.database, runtime.delivery, runtime.chores, stop)


@click.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
def upgrade_command() -> None:
    """Bring the database to this release's tables."""
    if _upgrade(Settings.load()):
        click.echo("The database is up to date.")
    else:
        click.echo("The database is of a newer release than this program, which works with it. Nothing was changed.")


def _upgrade(settings: Settings) -> bool:
    database = Database(settings.sqlalchemy_url)
    try:
        return migrate.upgrade(database)
    finally:
        database.close()


def _start_once(settings: Settings) -> None:
    """Put everything together as web processes will: they would end of what is wrong, and be started anew for ever.

    Raises what `proximal` says in a sentence.
    """
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=settings.data_dir).close()
    except OSError as error:
        raise SettingsError(
            f"Nothing can be written to {settings.data_dir} ({error.strerror}). Let PROXIMAL_DATA_DIR name a folder in "
            "which this user may write."
        ) from None
    error_reports(settings)
    runtime = Runtime.start(settings)
    start_tracing(settings, runtime.database.engine)
    runtime.database.close()


def _checked(settings: Settings) -> Settings:
    database = Database(settings.sqlalchemy_url)
    try:
        if not migrate.is_current(database):
            raise click.ClickException("The database lacks tables of this release. Run: proximal db upgrade")
    finally:
        database.close()
    return settings
