"""An LMS registers itself: ask it who it is, tell it who we are, remember what it answered."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from lti_tool.lti.errors import RegistrationRefused
from lti_tool.lti.messages.dynamic_registration import (
    PlatformConfiguration,
    RegisteredClient,
    ToolAddresses,
    read_configuration,
    register,
    registration_document,
)
from lti_tool.lti.network.origins import is_usable
from lti_tool.lti.network.transport import Transport
from lti_tool.lti.platform_profile import PlatformProfile, profile_of_family, serves_configuration
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.tenancy import Invitation, Registration
from lti_tool.services.platforms import invitations
from lti_tool.services.platforms.registrations import (
    BadRegistration,
    NewRegistration,
    add_registration,
    check_registration,
    find_registration,
)

TOOL_NAME = "Proximal"
TOOL_DESCRIPTION = "Adaptive practice in math and spelling for pupils aged 7 to 12."


@dataclass(frozen=True)
class Registered:
    """How a registration ended, for the page that the LMS's administrator sees."""

    issuer: str
    client_id: str
    active: bool
    updated: bool


def register_platform(
    database: Database,
    transport: Transport,
    *,
    configuration_url: str,
    token: str | None,
    invitation: str | None,
    tool: ToolAddresses,
    now: datetime,
) -> Registered:
    """Carry out Dynamic Registration 1.0. Raises `RegistrationRefused`.

    A new registration is active at once with an open invitation, else it waits for approval. A client_id that we
    know already is an update (Moodle offers one): what the LMS knows of us is new, what we know of it stays as it is.
    To change that needs an invitation, too: whoever can put two files on the LMS's host, a pupil perhaps, could lead
    its launches to keys of their own.
    """
    invited = _open_invitation(database, invitation, now)
    configuration = _configuration(transport, configuration_url, token)
    profile = profile_of_family(configuration.product_family)
    document = registration_document(
        configuration, tool, profile.registration, name=TOOL_NAME, description=TOOL_DESCRIPTION
    )
    client = register(transport, configuration, document, token)
    new = _as_answered(configuration, client, profile, invited)
    try:
        check_registration(new, allow_http=transport.allow_http_on_loopback)
    except BadRegistration as error:
        raise RegistrationRefused("bad-registration-answer", str(error)) from None
    with database.write() as session:
        known = find_registration(session, new.issuer, new.client_id)
        if known is not None and invited is None:
            return _update(known, new)
        registration = add_registration(session, new, now)
        if invitation is not None and invitations.use(session, invitation, registration.id, now):
            registration.state = "active"
        return Registered(
            issuer=registration.issuer,
            client_id=registration.client_id,
            active=registration.state == "active",
            updated=known is not None,
        )


def _open_invitation(database: Database, invitation: str | None, now: datetime) -> Invitation | None:
    if invitation is None:
        return None
    with database.read() as session:
        invited = invitations.open_invitation(session, invitation, now)
    if invited is None:
        raise RegistrationRefused("bad-invitation", "This invitation was used or has expired.")
    return invited


def _configuration(transport: Transport, url: str, token: str | None) -> PlatformConfiguration:
    """What the LMS says of itself, at addresses that can be used and are its own."""
    found = read_configuration(transport, url, token)
    addresses = (found.issuer, found.auth_url, found.token_url, found.jwks_url)
    if not all(is_usable(address, allow_http=transport.allow_http_on_loopback) for address in addresses):
        raise RegistrationRefused("bad-configuration", "The configuration names an address that is no https URL.")
    if not serves_configuration(urlsplit(url).netloc, found.issuer):
        # Anybody may open this page: without this check a forged document could put its own keys under the issuer
        # of a real LMS.
        raise RegistrationRefused("foreign-issuer", "The configuration names an issuer that is not its own host.")
    return found


def _as_answered(
    configuration: PlatformConfiguration, client: RegisteredClient, profile: PlatformProfile, invited: Invitation | None
) -> NewRegistration:
    return NewRegistration(
        issuer=configuration.issuer,
        client_id=client.client_id,
        auth_url=configuration.auth_url,
        token_url=configuration.token_url,
        jwks_url=configuration.jwks_url,
        deployment_ids=[client.deployment_id] if client.deployment_id else [],
        token_audience=profile.token_audience,
        profile=profile.name,
        state="waiting",
        accepts_new_deployments=client.deployment_id is None,
        district_id=invited.district_id if invited else None,
        display_names=invited.display_names if invited else True,
    )


def _update(known: Registration, new: NewRegistration) -> Registered:
    """What the LMS knows of us is new; what we know of it must be the same."""
    if (new.auth_url, new.token_url, new.jwks_url) != (known.auth_url, known.token_url, known.jwks_url):
        raise RegistrationRefused(
            "changed-addresses",
            "The LMS names other addresses than when it was registered. Register it again with an invitation.",
        )
    return Registered(known.issuer, known.client_id, active=known.state == "active", updated=True)
