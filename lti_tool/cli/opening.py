"""What commands open. It is given back when the command has ended, however it ends."""

import click

from lti_tool.config import Settings
from lti_tool.persistence import migrate
from lti_tool.persistence.database import Database
from lti_tool.runtime import Runtime


def open_database(settings: Settings | None = None) -> Database:
    """The installation's database, brought up to date.

    Args:
        settings: those of the installation, where they have been read already.
    """
    database = Database((settings or Settings.load()).sqlalchemy_url)
    click.get_current_context().call_on_close(database.close)
    migrate.upgrade(database)
    return database


def open_runtime(settings: Settings) -> Runtime:
    """All that web processes and workers have, for a database that is up to date."""
    runtime = Runtime.start(settings)
    click.get_current_context().call_on_close(runtime.database.close)
    return runtime
