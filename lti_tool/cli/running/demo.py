"""`proximal demo`: the practice LMS and the tool on two sites of this machine, connected and ready to click."""

import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from lti_tool.cli.running.processes import Processes, free_port, require_free_port
from lti_tool.cli.running.round_trip import RoundTripFailed, round_trip
from lti_tool.cli.running.server import GUNICORN
from lti_tool.config import Settings
from lti_tool.persistence import migrate
from lti_tool.persistence.database import Database
from lti_tool.services.platforms.registrations import NewRegistration, add_registration

CLIENT_ID, DEPLOYMENT_ID = "proximal-demo", "1"
DEMO_DIR = Path("var/demo")


@dataclass(frozen=True)
class Demo:
    """Where the two sites are and where they keep their data.

    localhost and 127.0.0.1 are two sites to a browser, so that the frame is a third party, as it is in a real LMS.
    """

    lms_port: int
    tool_port: int
    folder: Path

    @property
    def lms_url(self) -> str:
        """The practice LMS."""
        return f"http://localhost:{self.lms_port}"

    @property
    def tool_url(self) -> str:
        """Proximal."""
        return f"http://127.0.0.1:{self.tool_port}"

    @property
    def environment(self) -> dict[str, str]:
        """Proximal's settings in the demo."""
        return {
            "PROXIMAL_BASE_URL": self.tool_url,
            "PROXIMAL_BIND": f"127.0.0.1:{self.tool_port}",
            "PROXIMAL_DATA_DIR": str(self.folder / "proximal"),
            "PROXIMAL_ALLOW_HTTP_ON_LOOPBACK": "true",
        }

    def register(self) -> None:
        """Make the database and register the practice LMS in it."""
        settings = Settings.load(data_dir=self.folder / "proximal")
        database = Database(settings.sqlalchemy_url)
        migrate.upgrade(database)
        new = NewRegistration(
            issuer=self.lms_url,
            client_id=CLIENT_ID,
            auth_url=f"{self.lms_url}/lti/auth",
            token_url=f"{self.lms_url}/lti/token",
            jwks_url=f"{self.lms_url}/.well-known/jwks.json",
            deployment_ids=[DEPLOYMENT_ID],
        )
        with database.write() as session:
            add_registration(session, new, datetime.now(UTC))
        database.close()

    def start(self, processes: Processes) -> None:
        """Start both and wait until they answer."""
        self.register()
        lms = [sys.executable, "-m", "sandbox_lms", "--port", str(self.lms_port)]
        lms += ["--database", str(self.folder / "lms.db"), "--tool-url", self.tool_url]
        processes.start("practice-lms", lms, {})
        processes.start("proximal", GUNICORN, self.environment)
        processes.wait_until_healthy("practice-lms", f"{self.lms_url}/healthz")
        processes.wait_until_healthy("proximal", f"{self.tool_url}/readyz")


@click.command()
@click.option("--check", is_flag=True, help="Do the round trip without a person, and say whether it worked.")
@click.option("--lms-port", default=9000, show_default=True)
@click.option("--tool-port", default=9001, show_default=True)
def demo(check: bool, lms_port: int, tool_port: int) -> None:
    """Start the practice LMS and Proximal, and print what to click."""
    if check:
        _check()
        return
    require_free_port(lms_port, "--lms-port")
    require_free_port(tool_port, "--tool-port")
    site = Demo(lms_port, tool_port, DEMO_DIR.resolve())
    with Processes(site.folder / "logs") as processes:
        try:
            site.start(processes)
            _say_what_to_click(site)
            processes.wait()
        except KeyboardInterrupt:
            click.echo("\nStopped.")


def _check() -> None:
    with tempfile.TemporaryDirectory(prefix="proximal-check-") as folder:
        site = Demo(free_port(), free_port(), Path(folder))
        with Processes(site.folder / "logs") as processes:
            site.start(processes)
            try:
                grade = round_trip(site.lms_url)
            except RoundTripFailed as problem:
                raise click.ClickException(str(problem)) from None
    click.echo(
        f"The round trip works: deep link, launch, {grade.answers} answers, grade {grade.shown} in the gradebook."
    )


def _say_what_to_click(site: Demo) -> None:
    names = ("Marit de Vries", "Add an activity from Proximal", "Ada Okonkwo", "Grades")
    teacher, add, pupil, grades = (click.style(name, bold=True) for name in names)
    click.echo(
        f"""
Open   {click.style(site.lms_url, bold=True)}

  1. As the teacher {teacher}: open Class 5A, press {add}, tick a few skills, add them.
  2. As the pupil {pupil}: open Class 5A, then the new activity, and answer a few questions.
  3. As the teacher again: see the grade under {grades}, and open the activity to see what Ada knows.

Ctrl-C ends both. What you did stays in {site.folder} until you delete it.
"""
    )
