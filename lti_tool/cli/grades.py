"""Grades on their way to LMSs: how many wait, send again, read back."""

from datetime import UTC, datetime

import click

from lti_tool.cli.opening import open_database, open_runtime
from lti_tool.config import Settings
from lti_tool.lti.errors import ServiceError
from lti_tool.services.delivery.grade_repairs import send_again
from lti_tool.services.delivery.outbox_status import outbox_status


@click.group()
def grades() -> None:
    """Grades on their way to LMSs."""


@grades.command("status")
def status() -> None:
    """Show how many grades are in each state, and how long the oldest has waited."""
    with open_database().read() as session:
        found = outbox_status(session, datetime.now(UTC))
    for state, count in found.counts.items():
        click.echo(f"{state:12}{count}")
    click.echo(f"oldest waiting: {found.oldest_waiting.total_seconds():.0f} s")
    if found.left_alone:
        click.echo(f"LMSs in trouble that are left alone for now: {found.left_alone}")


@grades.command("send-again")
@click.option("--activity", help="Id of an activity.")
@click.option("--all", "every", is_flag=True, help="All grades that an LMS refused.")
def send_again_command(activity: str | None, every: bool) -> None:
    """Send grades that were refused once more."""
    if (activity is None) == (not every):
        raise click.UsageError("Say --activity ID or --all.")
    with open_database().write() as session:
        number = send_again(session, now=datetime.now(UTC), activity_id=activity)
    click.echo(f"{number} grades will be sent again.")


@grades.command("reconcile")
def reconcile() -> None:
    """Read all gradebooks back now, and hold them against what was sent."""
    settings = Settings.load()
    open_database(settings)
    runtime = open_runtime(settings)
    failed = False
    for label, found in runtime.reconciliation.check_all(datetime.now(UTC)):
        if isinstance(found, ServiceError):
            failed = True
            click.echo(f"{label}: could not be read ({found.detail})")
        else:
            click.echo(
                f"{label}: {found.agree} agree, {found.theirs} changed in the LMS, {found.sent_again} sent again"
            )
    if failed:
        raise click.ClickException("Not every gradebook could be read.")
