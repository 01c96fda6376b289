"""An LMS and the tool make each other's acquaintance (Dynamic Registration 1.0): what is believed, and what is not."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask, jsonify, request
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.messages.dynamic_registration import TOOL_CONFIGURATION
from lti_tool.lti.network.address_guard import AddressGuard, GuardedAdapter
from lti_tool.lti.services.access_tokens import AccessTokens
from lti_tool.lti.services.scopes import SCOPE_SCORE
from lti_tool.persistence.tables.tenancy import Context, Registration
from lti_tool.services.platforms.registrations import all_registrations, set_state
from lti_tool.web.lti.register import AT_A_TIME
from tests.lti.conftest import BOTH, Opener, opened
from tests.lti.platforms import Platform
from tests.support.databases import Servers
from tests.support.school import TOOL_URL
from tests.support.wires import AppAdapter
from tests.unit.lti_tool.lti.scripted import Call, Reply

REGISTER = f"{TOOL_URL}/lti/register"
SKILL = "M.NBT2.ADDREG"


@pytest.fixture(params=BOTH)
def lms(request: pytest.FixtureRequest, database_servers: Servers, tmp_path: Path) -> Iterator[Platform]:
    """An LMS and a tool that have never heard of each other."""
    with opened(request.param, database_servers, tmp_path, registered=False) as found:
        yield found


def registrations(lms: Platform) -> list[tuple[Registration, list[str]]]:
    """What the tool knows of LMSs."""
    with lms.school.runtime.database.read() as session:
        return [(registration, list(deployments)) for registration, deployments in all_registrations(session)]


def open_register(lms: Platform, **query: str) -> TestResponse:
    """Open the tool's registration page with a query of one's own."""
    return lms.school.browser("admin").get(f"{REGISTER}?{urlencode(query)}")


def register(lms: Platform, address: str, **choice: str) -> TestResponse:
    """Register the tool as the LMS's administrator; the tool's page about it."""
    return lms.school.browser("admin").get(lms.registration_address(address, **choice))


def test_an_invited_lms_is_active_at_once_and_a_teacher_can_add_an_activity(lms: Platform) -> None:
    done = register(lms, lms.school.invitation())
    assert "Proximal is registered in your LMS" in done.text
    assert "platforms approve" not in done.text
    [(registration, deployments)] = registrations(lms)
    assert (registration.issuer, registration.state, len(deployments)) == (lms.registration.issuer, "active", 1)
    assert (registration.auth_url, registration.token_url) == (lms.registration.auth_url, lms.registration.token_url)
    lms.switch_on()
    link = lms.add_activity(SKILL)
    assert 'id="answer-form"' in lms.open(lms.pupil, link).text


def test_an_invitation_lets_in_one_lms_only(lms: Platform) -> None:
    address = lms.school.invitation()
    assert register(lms, address).status_code == 200
    again = register(lms, address, choice="new")
    assert again.status_code == 400
    assert "bad-invitation" in again.text
    assert len(registrations(lms)) == 1


def test_without_an_invitation_a_registration_waits_and_launches_say_so(lms: Platform) -> None:
    done = register(lms, REGISTER)
    [(registration, _)] = registrations(lms)
    assert registration.state == "waiting"
    assert f"--client-id {registration.client_id}" in done.text
    lms.switch_on()
    waiting = lms.launch_picker()
    assert waiting.status_code == 403
    assert "has to approve it first" in waiting.text
    with lms.school.runtime.database.write() as session:
        set_state(session, session.get_one(Registration, registration.id), "active", datetime.now(UTC))
    assert lms.launch_picker().status_code == 303


def test_until_the_lms_switches_it_on_nobody_can_use_the_tool(lms: Platform) -> None:
    register(lms, lms.school.invitation())
    assert not lms.offers_tool()
    lms.switch_on()
    assert lms.offers_tool()
    assert lms.open_picker().status == 200


@pytest.mark.parametrize("state", ["active", "disabled", "waiting"])
def test_an_update_keeps_the_client_id_and_the_state(lms: Platform, state: str) -> None:
    register(lms, lms.school.invitation())
    [(before, deployments)] = registrations(lms)
    with lms.school.runtime.database.write() as session:
        session.get_one(Registration, before.id).state = state
    done = register(lms, REGISTER, choice="1")
    assert "Proximal is up to date in your LMS" in done.text
    [(after, same_deployments)] = registrations(lms)
    assert (after.id, after.client_id, after.state) == (before.id, before.client_id, state)
    assert same_deployments == deployments


def test_registered_as_new_the_tool_is_there_twice_and_both_launch(lms: Platform) -> None:
    register(lms, lms.school.invitation())
    register(lms, lms.school.invitation(), choice="new")
    found = registrations(lms)
    assert len({registration.client_id for registration, _ in found}) == 2
    for tool in (1, 2):
        lms.switch_on(tool)
        login = lms.school.begin_login(lms.teacher, lms.deep_linking_fields(tool))
        answer = lms.school.post_launch(lms.teacher, lms.answer(lms.teacher, login.location))
        assert 'name="skill"' in lms.school.page(lms.teacher, answer).text


def test_tokens_are_never_shared_by_two_registrations_on_one_issuer(lms: Platform) -> None:
    for tool in (1, 2):
        register(lms, lms.school.invitation(), choice="new")
        lms.switch_on(tool)
    parts = lms.school.runtime
    tokens = AccessTokens(parts.database, parts.vault, parts.transport)
    for _ in range(2):
        for registration, _deployments in registrations(lms):
            token = tokens.get(registration, [SCOPE_SCORE], datetime.now(UTC))
            assert lms.owner_of(token) == registration.client_id


def test_a_registration_token_works_once(lms: Platform) -> None:
    address = lms.registration_address(REGISTER)
    assert lms.school.browser("admin").get(address).status_code == 200
    again = lms.school.browser("admin").get(address)
    assert again.status_code == 400
    assert "registration-failed" in again.text
    assert len(registrations(lms)) == 1


def test_a_made_up_token_registers_nothing(lms: Platform) -> None:
    lms.registration_address(REGISTER)
    refused = open_register(lms, openid_configuration=lms.configuration_url, registration_token="guess")
    assert refused.status_code == 400
    assert registrations(lms) == []


def test_the_page_by_itself_says_where_it_belongs(lms: Platform) -> None:
    assert "not-from-an-lms" in open_register(lms).text


class Stranger:
    """A host that serves a configuration of its own making, and takes any registration."""

    def __init__(self, lms: Platform, origin: str, **changes: Any) -> None:
        self.asked: list[dict[str, Any]] = []
        document = {
            "issuer": origin,
            "authorization_endpoint": f"{origin}/auth",
            "token_endpoint": f"{origin}/token",
            "jwks_uri": f"{origin}/jwks",
            "registration_endpoint": f"{origin}/register",
        }
        app = Flask("stranger")
        app.add_url_rule("/configuration", view_func=lambda: jsonify(document | changes))
        app.add_url_rule("/register", view_func=self.register, methods=["POST"])
        lms.school.http.mount(origin, AppAdapter(app))

    def register(self) -> Any:
        self.asked.append(request.get_json())
        return jsonify({"client_id": "stranger"})


def test_a_stranger_that_serves_its_own_configuration_waits_for_approval(lms: Platform) -> None:
    register(lms, lms.school.invitation())
    Stranger(lms, "https://stranger.example")
    done = open_register(lms, openid_configuration="https://stranger.example/configuration")
    assert done.status_code == 200
    states = {registration.issuer: registration.state for registration, _ in registrations(lms)}
    assert states == {lms.registration.issuer: "active", "https://stranger.example": "waiting"}


def test_a_host_that_speaks_for_another_issuer_is_not_believed(lms: Platform) -> None:
    lookalike = f"https://{urlsplit(lms.registration.issuer).hostname}.evil.example"
    for issuer in (lms.registration.issuer, "https://canvas.instructure.com", lookalike):
        evil = Stranger(lms, "https://evil.example", issuer=issuer)
        refused = open_register(lms, openid_configuration="https://evil.example/configuration")
        assert refused.status_code == 400
        assert "foreign-issuer" in refused.text
        assert evil.asked == []
    assert registrations(lms) == []


def lie(lms: Platform, configuration: Mapping[str, Any], answer: Mapping[str, Any] | None = None) -> TestResponse:
    """Register with an LMS whose configuration, or answer to a registration, was changed on its way."""

    def changed(call: Call) -> Reply:
        reply = lms.forward(call)
        changes = configuration if call.method == "GET" else answer or {}
        return Reply.json({**json.loads(reply.body), **changes}, reply.status)

    lms.wire.answer = changed
    refused = register(lms, REGISTER)
    lms.wire.answer = lms.forward
    return refused


def test_a_registration_endpoint_on_another_host_is_not_used(lms: Platform) -> None:
    evil = Stranger(lms, "https://evil.example")
    assert "foreign-registration-endpoint" in lie(lms, {"registration_endpoint": "https://evil.example/register"}).text
    assert evil.asked == []


@pytest.mark.parametrize("missing", ["issuer", "authorization_endpoint", "jwks_uri", "registration_endpoint"])
def test_a_configuration_with_a_hole_is_refused(lms: Platform, missing: str) -> None:
    refused = lie(lms, {missing: None})
    assert refused.status_code == 400
    assert missing in refused.text


def test_what_can_be_no_registration_is_refused_and_nothing_is_kept(lms: Platform) -> None:
    origin = lms.origin
    lies: list[tuple[dict[str, str], dict[str, Any]]] = [
        ({"issuer": "https://[x"}, {}),
        ({"issuer": "lms.example"}, {}),
        ({"issuer": f"{origin}/" + "x" * 600}, {}),
        ({"registration_endpoint": "https://[x/register"}, {}),
        ({"jwks_uri": f"{origin}/\ud800"}, {}),
        ({"token_endpoint": "http://lms.example/token"}, {}),
        ({}, {"client_id": "x" * 256}),
        ({}, {"client_id": "\ud800"}),
        ({}, {"client_id": 7}),
        *(({}, {TOOL_CONFIGURATION: {"deployment_id": bad}}) for bad in ("1" * 256, "\ud800", "1\x00")),
    ]
    for configuration, answer in lies:
        refused = lie(lms, configuration, answer)
        expected = (400, True)
        assert (refused.status_code, "could not be registered" in refused.text) == expected, (configuration, answer)
    assert registrations(lms) == []


def test_two_files_on_the_lms_s_host_do_not_lead_its_launches_to_other_keys(lms: Platform) -> None:
    """Whoever may put files on the LMS that anybody can read writes a configuration, and an answer, of their own."""
    register(lms, lms.school.invitation())
    [(before, deployments)] = registrations(lms)
    files = f"{lms.origin}/files"
    document = {
        "issuer": lms.registration.issuer,
        "authorization_endpoint": lms.registration.auth_url,
        "token_endpoint": lms.registration.token_url,
        "jwks_uri": f"{files}/my-own-keys",
        "registration_endpoint": f"{files}/answer",
    }
    app = Flask("uploads")
    app.add_url_rule("/files/configuration", "configuration", lambda: jsonify(document))
    answer = {"client_id": before.client_id, TOOL_CONFIGURATION: {"deployment_id": "of-a-stranger"}}
    app.add_url_rule("/files/answer", "answer", lambda: jsonify(answer), methods=["POST"])
    lms.school.http.mount(files, AppAdapter(app))
    refused = open_register(lms, openid_configuration=f"{files}/configuration")
    assert "changed-addresses" in refused.text
    own_keys, document["jwks_uri"] = document["jwks_uri"], before.jwks_url
    assert "up to date" in open_register(lms, openid_configuration=f"{files}/configuration").text
    [(after, same_deployments)] = registrations(lms)
    assert (after.jwks_url, after.profile, after.state) == (before.jwks_url, before.profile, "active")
    assert same_deployments == deployments
    document["jwks_uri"] = own_keys
    invitation = parse_qs(urlsplit(lms.school.invitation()).query)["invitation"][0]
    moved = open_register(lms, openid_configuration=f"{files}/configuration", invitation=invitation)
    assert moved.status_code == 200, "an administrator of ours says that it is so"
    assert registrations(lms)[0][0].jwks_url == document["jwks_uri"]


def test_registrations_that_hang_leave_threads_to_the_others(lms: Platform) -> None:
    """Two that wait for their LMS are as many as there may be."""
    address = lms.registration_address(REGISTER)
    held = [AT_A_TIME.acquire(blocking=False) for _ in range(2)]
    try:
        assert all(held)
        refused = lms.school.browser("admin").get(address)
        assert (refused.status_code, "Try again in a minute" in refused.text) == (400, True)
    finally:
        for _ in held:
            AT_A_TIME.release()
    assert lms.school.browser("admin").get(address).status_code == 200


def test_canvas_shows_its_configuration_to_the_bearer_of_the_token_only(open_platform: Opener) -> None:
    with open_platform(like="canvas", registered=False) as lms:
        assert "no-configuration" in open_register(lms, openid_configuration=lms.configuration_url).text
        assert register(lms, lms.school.invitation()).status_code == 200
        lms.switch_on()
        [(registration, deployments)] = registrations(lms)
        assert (registration.issuer, registration.profile) == (lms.registration.issuer, "canvas")
        assert (deployments, registration.accepts_new_deployments) == ([], True)
        for place in ("of-5a", "of-5b"):
            lms.open_picker(deployment_id=place)
        [(_, deployments)] = registrations(lms)
        assert sorted(deployments) == ["of-5a", "of-5b"]


def test_brightspace_sends_no_token(open_platform: Opener) -> None:
    with open_platform(like="brightspace", registered=False) as lms:
        address = lms.registration_address(lms.school.invitation())
        assert set(parse_qs(urlsplit(address).query)) == {"invitation", "openid_configuration"}
        assert lms.school.browser("admin").get(address).status_code == 200
        [(registration, _)] = registrations(lms)
        assert (registration.profile, registration.state) == ("brightspace", "active")
        assert registration.token_audience == "https://api.brightspace.com/auth/token"
        again = lms.school.browser("admin").get(address.replace("invitation=", "nothing="))
        assert "registration-failed" in again.text


@pytest.mark.parametrize("where", ["frame", "tab"])
def test_the_page_tells_the_lms_that_it_is_done(lms: Platform, where: str) -> None:
    done = register(lms, REGISTER, where=where)
    assert "register.js" in done.text
    ancestors = done.headers["Content-Security-Policy"].split("frame-ancestors")[1].split(";")[0]
    assert "https:" in ancestors.split(), "any LMS may show it in a frame: it holds no session"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "[::1]"])
def test_no_private_address_is_called_whatever_the_lms_says(open_platform: Opener, host: str) -> None:
    with open_platform() as lms:
        lms.school.http.mount("https://", GuardedAdapter(AddressGuard(())))
        claim = {"context_memberships_url": f"https://{host}/members", "service_versions": ["2.0"]}
        lms.open(lms.teacher, nrps=claim)
        with lms.school.runtime.database.read() as session:
            context_id = session.scalars(select(Context.id).where(Context.lms_id == lms.course)).one()
        with pytest.raises(ServiceError, match="private-address"):
            lms.school.runtime.rosters.read(context_id, datetime.now(UTC))
        refused = open_register(lms, openid_configuration=f"https://{host}/configuration")
        assert (refused.status_code, "no-configuration" in refused.text) == (400, True)


def test_no_redirect_is_followed(open_platform: Opener) -> None:
    with open_platform(registered=False) as lms:
        lms.wire.answer = lambda _: Reply(302, headers={"Location": "https://10.0.0.1/configuration"})
        refused = open_register(lms, openid_configuration=lms.configuration_url, registration_token="t")
        assert (refused.status_code, "no-configuration" in refused.text) == (400, True)
        assert [call.url for call in lms.wire.calls] == [lms.configuration_url]
