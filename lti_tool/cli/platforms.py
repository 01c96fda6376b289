"""Which LMSs may launch Proximal."""

from datetime import UTC, datetime

import click
from sqlalchemy.orm import Session

from lti_tool.cli.opening import open_database, open_runtime
from lti_tool.config import Settings
from lti_tool.lti.platform_profile import platform_profile
from lti_tool.persistence.tables.tenancy import Registration
from lti_tool.services.platforms.districts import NoSuchDistrict, named_district
from lti_tool.services.platforms.invitations import invite
from lti_tool.services.platforms.platform_check import check_platform
from lti_tool.services.platforms.registrations import (
    BadRegistration,
    NewRegistration,
    add_registration,
    all_registrations,
    change_page_hosts,
    check_registration,
    find_registration,
    set_state,
)
from lti_tool.services.upkeep.merging import merge_registrations


@click.group()
def platforms() -> None:
    """The LMSs that are registered."""


@platforms.command("add")
@click.option("--issuer", required=True, help="Issuer (platform id), exactly as the LMS shows it.")
@click.option("--client-id", required=True)
@click.option("--auth-url", required=True, help="OIDC authentication request URL.")
@click.option("--token-url", required=True, help="OAuth 2.0 access token URL.")
@click.option("--jwks-url", required=True, help="The LMS's public key set URL.")
@click.option("--deployment", "deployments", multiple=True, help="Deployment id; may be repeated.")
@click.option("--any-deployment", is_flag=True, help="Take in deployments as they are first launched (Canvas).")
@click.option("--audience", help="`aud` of token requests, where the LMS wants another than its profile says.")
@click.option("--profile", default="generic", show_default=True, help="A file of config/platforms.")
@click.option("--district", help="Whose LMS it is; needed only where there are several.")
@click.option("--without-names", is_flag=True, help="Keep no names of people: class pages show labels.")
def add(
    issuer: str,
    client_id: str,
    auth_url: str,
    token_url: str,
    jwks_url: str,
    deployments: tuple[str, ...],
    any_deployment: bool,
    audience: str | None,
    profile: str,
    district: str | None,
    without_names: bool,
) -> None:
    """Register an LMS, or bring its registration up to date."""
    try:
        facts = platform_profile(profile)
    except KeyError as error:
        raise click.BadParameter(str(error.args[0]), param_hint="--profile") from None
    if not deployments and not any_deployment:
        raise click.UsageError("Missing option '--deployment' (or --any-deployment, where the LMS has many).")
    database = open_database()
    with database.write() as session:
        district_id = _district_id(session, district)
    new = NewRegistration(
        issuer=issuer,
        client_id=client_id,
        auth_url=auth_url,
        token_url=token_url,
        jwks_url=jwks_url,
        deployment_ids=deployments,
        token_audience=audience or facts.token_audience,
        profile=profile,
        accepts_new_deployments=any_deployment,
        district_id=district_id,
        display_names=not without_names,
    )
    try:
        check_registration(new, allow_http=Settings.load().allow_http_on_loopback)
    except BadRegistration as problem:
        raise click.UsageError(str(problem)) from None
    with database.write() as session:
        registration = add_registration(session, new, datetime.now(UTC))
        click.echo(f"Registered {registration.issuer} (client {registration.client_id}).")
    click.echo("See whether it answers: proximal platforms test --issuer … --client-id …", err=True)


@platforms.command("list")
def show_all() -> None:
    """List the registered LMSs."""
    with open_database().read() as session:
        registered = all_registrations(session)
        if not registered:
            click.echo("No LMS is registered yet. To begin: proximal platforms invite", err=True)
        for registration, deployments in registered:
            state = "" if registration.state == "active" else f"  {registration.state}"
            names = ", ".join(deployments)
            click.echo(f"{registration.issuer}  client {registration.client_id}  deployments {names}{state}")


@platforms.command("invite")
@click.option("--district", help="Whose LMS it is; needed only where there are several.")
@click.option("--without-names", is_flag=True, help="Keep no names of people: class pages show labels.")
def invite_command(district: str | None, without_names: bool) -> None:
    """Print a registration URL, good once and for seven days, to paste into an LMS (dynamic registration)."""
    settings = Settings.load()
    with open_database().write() as session:
        district_id = _district_id(session, district)
        secret = invite(session, datetime.now(UTC), district_id=district_id, display_names=not without_names)
    click.echo("Paste this into your LMS where it asks for a tool's registration URL.", err=True)
    click.echo("It is good once, for seven days:", err=True)
    if not settings.base_url.startswith("https://") and not settings.allow_http_on_loopback:
        click.echo("No LMS will get there: first set PROXIMAL_BASE_URL to the https address of this tool.", err=True)
    click.echo(f"{settings.base_url}/lti/register?invitation={secret}")


def _state_command(name: str, state: str, text: str) -> None:
    @platforms.command(name, help=text)
    @click.option("--issuer", required=True)
    @click.option("--client-id", required=True)
    def command(issuer: str, client_id: str) -> None:
        with open_database().write() as session:
            registration = _find(session, issuer, client_id)
            set_state(session, registration, state, datetime.now(UTC))
            addresses = [f"{name:16}{getattr(registration, name)}" for name in ("auth_url", "token_url", "jwks_url")]
        click.echo(f"{issuer} (client {client_id}) is {state}.")
        if state == "active":
            click.echo("\n".join(["Launches are believed by these addresses:", *addresses]), err=True)


_state_command("approve", "active", "Let a registration that waits launch Proximal.")
_state_command("enable", "active", "Switch a disabled registration on again.")
_state_command("disable", "disabled", "Refuse launches from a registration. Nothing is deleted.")


@platforms.command("merge")
@click.option("--issuer", required=True)
@click.option("--old-client-id", required=True, help="The registration whose history is there.")
@click.option("--client-id", required=True, help="The one that the LMS uses now.")
@click.confirmation_option(prompt="This can't be undone. Merge them?")
def merge(issuer: str, old_client_id: str, client_id: str) -> None:
    """Make one of two registrations of the same LMS, such as after it was registered anew."""
    with open_database().write() as session:
        old, new = _find(session, issuer, old_client_id), _find(session, issuer, client_id)
        try:
            people = merge_registrations(session, old, new, datetime.now(UTC))
        except BadRegistration as problem:
            raise click.UsageError(str(problem)) from None
    click.echo(f"Merged. {people} people were in both, and are one each now.")


@platforms.command("show")
@click.option("--issuer", required=True)
@click.option("--client-id", required=True)
def show(issuer: str, client_id: str) -> None:
    """Show one registration."""
    with open_database().read() as session:
        registration = _find(session, issuer, client_id)
        for name in ("issuer", "client_id", "auth_url", "token_url", "jwks_url", "token_audience", "profile", "state"):
            click.echo(f"{name:16}{getattr(registration, name) or '–'}")
        deployments = next(ids for row, ids in all_registrations(session) if row.id == registration.id)
        click.echo(f"{'deployments':16}{', '.join(deployments) or '– (the first launch names one)'}")


@platforms.command("page-hosts")
@click.option("--issuer", required=True)
@click.option("--client-id", required=True)
@click.option("--add", "add_hosts", multiple=True, help="A host such as https://portal.school.example.")
@click.option("--remove", "remove_hosts", multiple=True)
def page_hosts(issuer: str, client_id: str, add_hosts: tuple[str, ...], remove_hosts: tuple[str, ...]) -> None:
    """Show or change on which further hosts the LMS's pages stand, which may show Proximal in a frame.

    The hosts of its own addresses, and those that a launch names, may do so anyway.
    """
    with open_database().write() as session:
        registration = _find(session, issuer, client_id)
        try:
            hosts = change_page_hosts(session, registration, add=add_hosts, remove=remove_hosts, now=datetime.now(UTC))
        except BadRegistration as problem:
            raise click.UsageError(str(problem)) from None
    for host in hosts:
        click.echo(host)


@platforms.command("test")
@click.option("--issuer", required=True)
@click.option("--client-id", required=True)
def test(issuer: str, client_id: str) -> None:
    """Ask a registered LMS for its keys, its clock and tokens, and say what does not work."""
    with open_database().read() as session:
        registration = _find(session, issuer, client_id)
    runtime = open_runtime(Settings.load())
    checks = check_platform(
        runtime.database,
        runtime.vault,
        runtime.transport,
        registration,
        datetime.now(UTC),
        key_set=f"{runtime.settings.base_url}/lti/jwks",
    )
    for check in checks:
        sign = "ok  " if check.good else "BAD " if check.needed else "note"
        click.echo(f"{sign} {check.what}: {check.found} {check.detail}".rstrip())
    if not all(check.good or not check.needed for check in checks):
        raise click.ClickException("This LMS can't be used yet. Mend what is marked BAD.")


def _district_id(session: Session, name: str | None) -> int:
    try:
        return named_district(session, name).id
    except NoSuchDistrict as problem:
        raise click.ClickException(str(problem)) from None


def _find(session: Session, issuer: str, client_id: str) -> Registration:
    registration = find_registration(session, issuer, client_id)
    if registration is None:
        raise click.ClickException("No such registration. See them all: proximal platforms list")
    return registration
