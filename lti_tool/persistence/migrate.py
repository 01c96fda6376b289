"""Bring a database to this release's tables (Alembic), or say that it is not there yet.

Alembic is imported where it is used: a web process, which never migrates, would pay 0.1 s and 12 MB for it.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from lti_tool.persistence.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def upgrade(database: Database) -> None:
    """Run every migration that this database lacks. Safe to call at each start, by several processes at once."""
    from alembic import command

    with database.migrating() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(database: Database) -> bool:
    """Whether the database has all tables of this release."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    with database.engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    return present == ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
