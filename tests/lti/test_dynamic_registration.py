"""An LMS and the tool make each other's acquaintance (Dynamic Registration 1.0): what is believed, and what is not."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask, jsonify, request
from werkzeug.test import TestResponse

from lti_tool.lti.messages.dynamic_registration import TOOL_CONFIGURATION
from lti_tool.persistence.tables.tenancy import Registration
from lti_tool.services.platforms.registrations import all_registrations, set_state
from lti_tool.web.register import AT_A_TIME
from tests.support.school import CANVAS_URL, LMS_URL, TOOL_URL, School, open_school
from tests.support.wires import AppAdapter

REGISTER = f"{TOOL_URL}/lti/register"
CONFIGURATION = f"{LMS_URL}/.well-known/openid-configuration"
SKILL = "M.NBT2.ADDREG"


@pytest.fixture
def strangers(database_url: str, tmp_path: Path) -> Iterator[School]:
    """A school whose LMS and tool have never heard of each other."""
    with open_school(database_url, tmp_path, registered=False) as opened:
        yield opened


def registrations(school: School) -> list[tuple[Registration, list[str]]]:
    """What the tool knows of LMSs."""
    with school.runtime.database.read() as session:
        return [(registration, list(deployments)) for registration, deployments in all_registrations(session)]


def switch_on(school: School, tool: int = 1) -> None:
    """As the LMS's administrator does after a registration."""
    assert school.lms.post("admin", f"/tools/{tool}/activate", {}).status == 303


def open_register(school: School, **query: str) -> TestResponse:
    """Open the tool's registration page with a query of one's own."""
    return school.browser("admin").get(f"{REGISTER}?{urlencode(query)}")


def test_an_invited_lms_is_active_at_once_and_a_teacher_can_add_an_activity(strangers: School) -> None:
    done = strangers.register(strangers.invitation())
    assert "Proximal is registered in your LMS" in done.text
    assert "platforms approve" not in done.text
    [(registration, deployments)] = registrations(strangers)
    assert (registration.issuer, registration.state, len(deployments)) == (LMS_URL, "active", 1)
    assert (registration.auth_url, registration.token_url) == (f"{LMS_URL}/lti/auth", f"{LMS_URL}/lti/token")
    switch_on(strangers)
    link = strangers.add_activity(SKILL, title="Adding")
    assert 'id="answer-form"' in strangers.open("ada", link).text


def test_an_invitation_lets_in_one_lms_only(strangers: School) -> None:
    address = strangers.invitation()
    assert strangers.register(address).status_code == 200
    again = strangers.register(address, choice="new")
    assert again.status_code == 400
    assert "bad-invitation" in again.text
    assert len(registrations(strangers)) == 1


def test_without_an_invitation_a_registration_waits_and_launches_say_so(strangers: School) -> None:
    done = strangers.register(REGISTER)
    [(registration, _)] = registrations(strangers)
    assert registration.state == "waiting"
    assert f"--client-id {registration.client_id}" in done.text
    switch_on(strangers)
    link = strangers.lms.add_link_by_hand("class-5a", "Practice")
    waiting = strangers.launch("marit", link)
    assert waiting.status_code == 403
    assert "has to approve it first" in waiting.text
    with strangers.runtime.database.write() as session:
        set_state(session, session.get_one(Registration, registration.id), "active", datetime.now(UTC))
    assert strangers.launch("marit", link).status_code == 303


def test_until_the_lms_switches_it_on_nobody_can_use_the_tool(strangers: School) -> None:
    strangers.register(strangers.invitation())
    course = strangers.lms.get("marit", "/courses/class-5a").text
    assert "Add an activity from Proximal" not in course
    assert strangers.lms.get("marit", "/courses/class-5a/add?tool=1").status == 403


@pytest.mark.parametrize("state", ["active", "disabled", "waiting"])
def test_an_update_keeps_the_client_id_and_the_state(strangers: School, state: str) -> None:
    strangers.register(strangers.invitation())
    [(before, deployments)] = registrations(strangers)
    with strangers.runtime.database.write() as session:
        session.get_one(Registration, before.id).state = state
    asked = strangers.lms.post("admin", "/tools/register", {"address": REGISTER})
    assert f"Update Proximal (client {before.client_id})" in asked.text
    done = strangers.register(REGISTER, choice="1")
    assert "Proximal is up to date in your LMS" in done.text
    [(after, same_deployments)] = registrations(strangers)
    assert (after.id, after.client_id, after.state) == (before.id, before.client_id, state)
    assert same_deployments == deployments


def test_registered_as_new_the_tool_is_there_twice_and_both_launch(strangers: School) -> None:
    strangers.register(strangers.invitation())
    strangers.register(strangers.invitation(), choice="new")
    found = registrations(strangers)
    assert len({registration.client_id for registration, _ in found}) == 2
    for tool in (1, 2):
        switch_on(strangers, tool)
        start = strangers.lms.form("marit", f"/courses/class-5a/add/launch?tool={tool}")
        login = strangers.begin_login("marit", start.fields)
        answer = strangers.post_launch("marit", strangers.lms.authorize("marit", login.location).fields)
        assert answer.status_code == 303
        page = strangers.browser("marit").get(answer.location, base_url=TOOL_URL)
        assert 'name="skill"' in page.text


def test_a_registration_token_works_once(strangers: School) -> None:
    address = strangers.registration_address(REGISTER)
    assert strangers.browser("admin").get(address).status_code == 200
    again = strangers.browser("admin").get(address)
    assert again.status_code == 400
    assert "registration-failed" in again.text
    assert len(registrations(strangers)) == 1


def test_a_made_up_token_registers_nothing(strangers: School) -> None:
    strangers.registration_address(REGISTER)
    refused = open_register(strangers, openid_configuration=CONFIGURATION, registration_token="guess")
    assert refused.status_code == 400
    assert registrations(strangers) == []


def test_the_page_by_itself_says_where_it_belongs(strangers: School) -> None:
    assert "not-from-an-lms" in open_register(strangers).text


class Stranger:
    """A host that serves a configuration of its own making, and takes any registration."""

    def __init__(self, school: School, origin: str, answer: Mapping[str, Any] | None = None, **changes: Any) -> None:
        self.asked: list[dict[str, Any]] = []
        self.answer = answer or {"client_id": "stranger"}
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
        school.http.mount(origin, AppAdapter(app))

    def register(self) -> Any:
        self.asked.append(request.get_json())
        return jsonify(self.answer)


@pytest.mark.parametrize("issuer", [LMS_URL, "https://canvas.instructure.com", "https://lms.example.evil.example"])
def test_a_host_that_speaks_for_another_issuer_is_not_believed(strangers: School, issuer: str) -> None:
    evil = Stranger(strangers, "https://evil.example", issuer=issuer)
    refused = open_register(strangers, openid_configuration="https://evil.example/configuration")
    assert refused.status_code == 400
    assert "foreign-issuer" in refused.text
    assert evil.asked == []
    assert registrations(strangers) == []


def test_a_registration_endpoint_on_another_host_is_not_used(strangers: School) -> None:
    evil = Stranger(strangers, "https://evil.example")
    Stranger(strangers, "https://lms.example", registration_endpoint="https://evil.example/register")
    refused = open_register(strangers, openid_configuration="https://lms.example/configuration")
    assert "foreign-registration-endpoint" in refused.text
    assert evil.asked == []


def test_a_stranger_that_serves_its_own_configuration_waits_for_approval(strangers: School) -> None:
    Stranger(strangers, "https://lms.example")
    assert open_register(strangers, openid_configuration="https://lms.example/configuration").status_code == 200
    [(registration, deployments)] = registrations(strangers)
    assert (registration.state, deployments) == ("waiting", [])


def test_two_files_on_the_lms_s_host_do_not_lead_its_launches_to_other_keys(strangers: School) -> None:
    """Whoever may put files on the LMS that anybody can read writes a configuration, and an answer, of their own."""
    strangers.register(strangers.invitation())
    [(before, deployments)] = registrations(strangers)
    files = f"{LMS_URL}/files"
    document = {
        "issuer": LMS_URL,
        "authorization_endpoint": f"{LMS_URL}/lti/auth",
        "token_endpoint": f"{LMS_URL}/lti/token",
        "jwks_uri": f"{files}/my-own-keys",
        "registration_endpoint": f"{files}/answer",
    }
    app = Flask("uploads")
    app.add_url_rule("/files/configuration", "configuration", lambda: jsonify(document))
    answer = {"client_id": before.client_id, TOOL_CONFIGURATION: {"deployment_id": "of-a-stranger"}}
    app.add_url_rule("/files/answer", "answer", lambda: jsonify(answer), methods=["POST"])
    strangers.http.mount(files, AppAdapter(app))
    refused = open_register(strangers, openid_configuration=f"{files}/configuration")
    assert "changed-addresses" in refused.text
    own_keys, document["jwks_uri"] = document["jwks_uri"], before.jwks_url
    assert "up to date" in open_register(strangers, openid_configuration=f"{files}/configuration").text
    [(after, same_deployments)] = registrations(strangers)
    assert (after.jwks_url, after.profile, after.state) == (before.jwks_url, before.profile, "active")
    assert same_deployments == deployments
    document["jwks_uri"] = own_keys
    invitation = parse_qs(urlsplit(strangers.invitation()).query)["invitation"][0]
    moved = open_register(strangers, openid_configuration=f"{files}/configuration", invitation=invitation)
    assert moved.status_code == 200, "an administrator of ours says that it is so"
    assert registrations(strangers)[0][0].jwks_url == document["jwks_uri"]


def test_registrations_that_hang_leave_threads_to_the_others(strangers: School) -> None:
    held = [AT_A_TIME.acquire(blocking=False) for _ in range(2)]
    try:
        assert all(held)
        refused = open_register(strangers, openid_configuration=CONFIGURATION)
        assert (refused.status_code, "Try again in a minute" in refused.text) == (400, True)
    finally:
        for _ in held:
            AT_A_TIME.release()


@pytest.mark.parametrize("missing", ["issuer", "authorization_endpoint", "jwks_uri", "registration_endpoint"])
def test_a_configuration_with_a_hole_is_refused(strangers: School, missing: str) -> None:
    Stranger(strangers, "https://lms.example", **{missing: None})
    refused = open_register(strangers, openid_configuration="https://lms.example/configuration")
    assert refused.status_code == 400
    assert missing in refused.text


def test_what_can_be_no_registration_is_refused_and_nothing_is_kept(strangers: School) -> None:
    lies: list[tuple[dict[str, str], dict[str, Any]]] = [
        ({"issuer": "https://[x"}, {}),
        ({"issuer": "lms.example"}, {}),
        ({"issuer": "https://lms.example/" + "x" * 600}, {}),
        ({"registration_endpoint": "https://[x/register"}, {}),
        ({"jwks_uri": "https://lms.example/\ud800"}, {}),
        ({"token_endpoint": "http://lms.example/token"}, {}),
        ({}, {"client_id": "x" * 256}),
        ({}, {"client_id": "\ud800"}),
        ({}, {"client_id": 7}),
        *(
            ({}, {"client_id": "stranger", TOOL_CONFIGURATION: {"deployment_id": bad}})
            for bad in ("1" * 256, "\ud800", "1\x00")
        ),
    ]
    for changes, answer in lies:
        Stranger(strangers, "https://lms.example", answer, **changes)
        refused = open_register(strangers, openid_configuration="https://lms.example/configuration")
        assert (refused.status_code, "could not be registered" in refused.text) == (400, True), (changes, answer)
    assert registrations(strangers) == []


def test_canvas_shows_its_configuration_to_the_bearer_of_the_token_only(database_url: str, tmp_path: Path) -> None:
    with open_school(database_url, tmp_path, like="canvas", registered=False) as school:
        refused = open_register(school, openid_configuration=f"{CANVAS_URL}/.well-known/openid-configuration")
        assert "no-configuration" in refused.text
        school.connect()
        [(registration, deployments)] = registrations(school)
        assert (registration.issuer, registration.profile) == ("https://canvas.instructure.com", "canvas")
        assert (deployments, registration.accepts_new_deployments) == ([], True)
        for course in ("class-5a", "class-5b"):
            school.open_deep_linking(course=course)
        [(_, deployments)] = registrations(school)
        assert len(deployments) == 2


def test_brightspace_sends_no_token(database_url: str, tmp_path: Path) -> None:
    with open_school(database_url, tmp_path, like="brightspace", registered=False) as school:
        address = school.registration_address(school.invitation())
        assert set(parse_qs(urlsplit(address).query)) == {"invitation", "openid_configuration"}
        assert school.browser("admin").get(address).status_code == 200
        [(registration, _)] = registrations(school)
        assert (registration.profile, registration.state) == ("brightspace", "active")
        assert registration.token_audience == "https://api.brightspace.com/auth/token"
        again = school.browser("admin").get(unescape(address).replace("invitation", "nothing"))
        assert "registration-failed" in again.text


def test_in_a_tab_the_page_can_tell_the_lms_that_it_is_done(strangers: School) -> None:
    page = strangers.lms.post("admin", "/tools/register", {"address": REGISTER, "where": "tab"})
    found = re.search(r'href="([^"]+)" target="_blank" rel="opener"', page.text)
    assert found
    done = strangers.browser("admin").get(unescape(found[1]))
    assert "register.js" in done.text
