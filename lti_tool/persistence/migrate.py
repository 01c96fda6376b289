"""Bring a database to this release's tables (Alembic), or say that it is not there yet.

Alembic is imported where it is used: a web process, which never migrates, would pay 0.1 s and 12 MB for it.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from lti_tool.persistence.database import Database

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def upgrade(database: Database) -> bool:
    """Run every migration that this database lacks. Safe to call at each start, by several processes at once.

    False where the database is of a newer release: it is left as it is, for this release works with the next one's
    tables, and must start on them while the next one is being brought in or taken back.
    """
    from alembic import command

    with database.migrating() as connection:
        if _is_newer(_revision(connection)):
            return False
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return True


def is_current(database: Database) -> bool:
    """Whether the database has all tables of this release, be it its own or a newer one's."""
    with database.engine.connect() as connection:
        present = _revision(connection)
    return present == _migrations().get_current_head() or _is_newer(present)


def _revision(connection: Connection) -> str | None:
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def _is_newer(present: str | None) -> bool:
    return present is not None and present not in {script.revision for script in _migrations().walk_revisions()}


def _migrations() -> "ScriptDirectory":
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
