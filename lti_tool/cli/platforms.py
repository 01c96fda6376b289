"""Which LMSs may launch Proximal."""

from datetime import UTC, datetime

import click

from lti_tool.config import Settings
from lti_tool.lti.platform_profile import platform_profile
from lti_tool.persistence import migrate
from lti_tool.persistence.database import Database
from lti_tool.services.registrations import NewRegistration, add_registration, all_registrations


@click.group()
def platforms() -> None:
    """The LMSs that are registered."""


@platforms.command("add")
@click.option("--issuer", required=True, help="Issuer (platform id), exactly as the LMS shows it.")
@click.option("--client-id", required=True)
@click.option("--auth-url", required=True, help="OIDC authentication request URL.")
@click.option("--token-url", required=True, help="OAuth 2.0 access token URL.")
@click.option("--jwks-url", required=True, help="The LMS's public key set URL.")
@click.option("--deployment", "deployments", multiple=True, required=True, help="Deployment id; may be repeated.")
@click.option("--audience", help="`aud` of token requests, where the LMS wants another than the token URL.")
@click.option("--profile", default="generic", show_default=True, help="A file of config/platforms.")
def add(
    issuer: str,
    client_id: str,
    auth_url: str,
    token_url: str,
    jwks_url: str,
    deployments: tuple[str, ...],
    audience: str | None,
    profile: str,
) -> None:
    """Register an LMS, or bring its registration up to date."""
    try:
        platform_profile(profile)
    except KeyError as error:
        raise click.BadParameter(str(error.args[0]), param_hint="--profile") from None
    new = NewRegistration(issuer, client_id, auth_url, token_url, jwks_url, deployments, audience, profile)
    with _database().write() as session:
        registration = add_registration(session, new, datetime.now(UTC))
        click.echo(f"Registered {registration.issuer} (client {registration.client_id}).")


@platforms.command("list")
def show_all() -> None:
    """List the registered LMSs."""
    with _database().read() as session:
        for registration, deployments in all_registrations(session):
            state = "" if registration.enabled else "  disabled"
            names = ", ".join(deployments)
            click.echo(f"{registration.issuer}  client {registration.client_id}  deployments {names}{state}")


def _database() -> Database:
    database = Database(Settings.load().sqlalchemy_url)
    migrate.upgrade(database)
    return database
