"""Bring a database to this release's tables (Alembic), or say that it is not there yet."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from lti_tool.persistence.database import Database

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def upgrade(database: Database) -> None:
    """Run every migration that this database lacks. Safe to call at each start, by several processes at once."""
    with database.migrating() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(database: Database) -> bool:
    """Whether the database has all tables of this release."""
    with database.engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    return present == ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
