"""The command line: `proximal ...`."""

import click
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from item_banks.loader import BankError
from lti_tool.cli.admin import admin
from lti_tool.cli.content.banks import banks
from lti_tool.cli.grades import grades
from lti_tool.cli.keys import keys
from lti_tool.cli.platforms import platforms
from lti_tool.cli.privacy import erase, export, retention
from lti_tool.cli.research.evaluate import evaluate
from lti_tool.cli.research.fit import fit
from lti_tool.cli.research.simulate import simulate
from lti_tool.cli.running.demo import demo
from lti_tool.cli.running.doctor import doctor
from lti_tool.cli.running.server import db, serve, worker
from lti_tool.config import SettingsError
from lti_tool.persistence.database import DatabaseFileError
from lti_tool.persistence.secrets import MasterKeyError


class _Commands(click.Group):
    """Turns what an operator can mend into one sentence instead of a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (SettingsError, MasterKeyError, BankError, DatabaseFileError) as error:
            raise click.ClickException(str(error)) from None
        except (IntegrityError, DataError):  # nothing that an operator could mend
            raise
        except DBAPIError as error:
            why = str(error.orig).strip().splitlines()[0]
            raise click.ClickException(
                f"The database can't be used: {why}. See that it runs, that PROXIMAL_DATABASE_URL or PROXIMAL_DATA_DIR "
                "leads to it, and that this user may use it. More: proximal doctor"
            ) from None


@click.group(cls=_Commands)
@click.version_option(package_name="proximal")
def main() -> None:
    """Adaptive practice in math and spelling, inside the LMS a school already has."""


COMMANDS = (
    demo,
    serve,
    worker,
    db,
    doctor,
    platforms,
    admin,
    keys,
    grades,
    banks,
    fit,
    evaluate,
    simulate,
    export,
    erase,
    retention,
)
for _command in COMMANDS:
    main.add_command(_command)
