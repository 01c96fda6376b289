"""State, nonce and cookie: each login opens one session, in the browser and for the tool that began it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from lti_tool.persistence.tables.launches import LaunchSession, LoginAttempt
from lti_tool.persistence.tables.tenancy import Registration
from lti_tool.services.launching.logins import digest, forget_old
from lti_tool.services.platforms.registrations import add_registration
from tests.lti.platforms import Platform
from tests.support.school import TOOL_URL, onward

CROSS_SITE_FRAME = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe"}


@pytest.fixture
def before(shared: Platform) -> int:
    """How many sessions there are before the test."""
    for who in (shared.pupil, shared.classmate, shared.teacher):
        shared.school.browser(who)._cookies.clear()
    return sessions(shared)


def sessions(platform: Platform) -> int:
    with platform.school.runtime.database.read() as session:
        return session.scalar(select(func.count()).select_from(LaunchSession)) or 0


def assert_refused(answer: TestResponse, code: str) -> None:
    assert 400 <= answer.status_code < 500, answer.text
    assert f"Code: {code}<" in answer.text
    assert not [cookie for cookie in answer.headers.getlist("Set-Cookie") if "proximal" in cookie]


def test_the_same_answer_opens_nothing_twice_in_the_same_browser(shared: Platform, before: int) -> None:
    form = shared.signed(shared.pupil)
    browser = shared.school.browser(shared.pupil)
    cookies = {cookie.key: cookie.value for cookie in browser._cookies.values()}
    assert shared.school.post_launch(shared.pupil, form).status_code == 303
    for name, value in cookies.items():
        browser.set_cookie(name, value, domain="127.0.0.1", secure=True)
    assert_refused(shared.school.post_launch(shared.pupil, form), "used-state")
    assert sessions(shared) == before + 1


def test_the_same_answer_opens_nothing_in_a_fresh_browser(shared: Platform, before: int) -> None:
    form = shared.signed(shared.pupil)
    assert shared.school.post_launch(shared.pupil, form).status_code == 303
    assert 400 <= shared.school.post_launch(shared.classmate, form).status_code < 500
    assert sessions(shared) == before + 1


def test_an_answer_taken_to_another_browser_opens_nothing_there(shared: Platform, before: int) -> None:
    form = shared.signed(shared.pupil)
    assert_refused(shared.school.post_launch(shared.classmate, form), "no-cookie")
    assert sessions(shared) == before
    assert shared.school.post_launch(shared.pupil, form).status_code == 303, "and is not spoilt for its own"


def test_a_site_that_brings_a_login_and_its_secret_signs_nobody_in(shared: Platform, before: int) -> None:
    form = shared.signed(shared.teacher)
    [secret] = [cookie.value for cookie in shared.school.browser(shared.teacher)._cookies.values()]
    victim = shared.school.browser(shared.pupil)
    for more in ({"browser_secret": secret}, {"window": "own"}):
        for headers in (CROSS_SITE_FRAME, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {}):
            answer = victim.post("/lti/launch", data=form | more, base_url=TOOL_URL, headers=headers)
            assert 400 <= answer.status_code < 500
    assert sessions(shared) == before


def test_a_made_up_cookie_opens_nothing(shared: Platform, before: int) -> None:
    form = shared.signed(shared.pupil)
    browser = shared.school.browser(shared.pupil)
    [name] = [cookie.key for cookie in browser._cookies.values()]
    for value in ("made-up", "é", ""):
        browser.set_cookie(name, value, domain="127.0.0.1", secure=True)
        assert 400 <= shared.school.post_launch(shared.pupil, form).status_code < 500
    assert sessions(shared) == before


@pytest.mark.parametrize(
    ("state", "code"),
    [("made-up", "unknown-state"), ("", "missing-state"), (None, "missing-state"), ("\x00" * 9, "unknown-state")],
    ids=repr,
)
def test_a_state_of_nobody_or_none_opens_nothing(shared: Platform, before: int, state: str | None, code: str) -> None:
    form = shared.signed(shared.pupil) | {"state": state}
    sent = {name: value for name, value in form.items() if value is not None}
    assert_refused(shared.school.post_launch(shared.pupil, sent), code)
    assert sessions(shared) == before


def test_a_login_that_took_longer_than_ten_minutes_opens_nothing(shared: Platform, before: int) -> None:
    form = shared.signed(shared.pupil)
    this = LoginAttempt.state_hash == digest(form["state"])
    with shared.school.runtime.database.write() as session:
        session.execute(update(LoginAttempt).where(this).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    assert_refused(shared.school.post_launch(shared.pupil, form), "expired-state")
    with shared.school.runtime.database.write() as session:
        forget_old(session, datetime.now(UTC))
    assert_refused(shared.school.post_launch(shared.pupil, form), "unknown-state")
    assert sessions(shared) == before


def test_two_pending_logins_cannot_be_swapped_and_both_work_as_they_began(shared: Platform, before: int) -> None:
    first, second, third, fourth = (shared.signed(shared.pupil) for _ in range(4))
    swapped = {"state": first["state"], "id_token": second["id_token"]}
    assert_refused(shared.school.post_launch(shared.pupil, swapped), "wrong-nonce")
    for form in (third, fourth):
        assert shared.school.post_launch(shared.pupil, form).status_code == 303
    assert sessions(shared) == before + 2


def test_a_failed_launch_uses_its_login_up(shared: Platform, before: int) -> None:
    location = onward(shared.begin(shared.pupil))
    bad = shared.answer(shared.pupil, location, version="2")
    good = shared.answer(shared.pupil, location)
    assert bad["state"] == good["state"]
    assert_refused(shared.school.post_launch(shared.pupil, bad), "wrong-version")
    assert_refused(shared.school.post_launch(shared.pupil, good), "used-state")
    assert sessions(shared) == before


def add_other_district(platform: Platform) -> None:
    """A second registration on the same issuer."""
    other = replace(platform.registration, client_id="other-district")
    with platform.school.runtime.database.write() as session:
        add_registration(session, other, datetime.now(UTC))


def test_a_login_begun_for_one_client_does_not_open_with_another_clients_token(platform: Platform) -> None:
    add_other_district(platform)
    login = onward(platform.begin(platform.pupil, client_id="other-district"))
    begun = {name: values[0] for name, values in parse_qs(urlsplit(login).query).items()}
    token = platform.signed(platform.pupil, nonce=begun["nonce"])["id_token"]
    form = {"state": begun["state"], "id_token": token}
    assert_refused(platform.school.post_launch(platform.pupil, form), "wrong-audience")
    assert sessions(platform) == 0


def test_two_registrations_on_one_issuer_need_a_client_id_to_tell_them_apart(platform: Platform) -> None:
    alone = {name: value for name, value in platform.login_fields(platform.pupil).items() if name != "client_id"}
    assert platform.school.begin_login(platform.pupil, alone).status_code == 302
    add_other_district(platform)
    assert_refused(platform.school.begin_login(platform.pupil, alone), "ambiguous-platform")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"iss": "https://unknown.example"}, "unknown-platform"),
        ({"iss": "a\x00b"}, "malformed-login"),
        ({"iss": ""}, "incomplete-login"),
        ({"iss": "x" * 10_000}, "malformed-login"),
        ({"client_id": "other"}, "unknown-platform"),
        ({"client_id": "a\x00b"}, "malformed-login"),
        ({"client_id": "' OR 1=1 --"}, "unknown-platform"),
        ({"login_hint": ""}, "incomplete-login"),
        ({"login_hint": "x" * 10_000}, "malformed-login"),
        ({"login_hint": "a\x00b"}, "malformed-login"),
        ({"target_link_uri": ""}, "incomplete-login"),
        ({"target_link_uri": "a\x00b"}, "malformed-login"),
        ({"lti_message_hint": "x" * 10_000}, "malformed-login"),
        ({"login_hint": ["ada", "ben"]}, "malformed-form"),
    ],
    ids=str,
)
def test_a_login_request_with_a_fault_leads_nowhere(shared: Platform, change: dict[str, object], code: str) -> None:
    fields = shared.login_fields(shared.pupil) | change
    answer = shared.school.browser(shared.pupil).post("/lti/login", data=fields, base_url=TOOL_URL)
    assert_refused(answer, code)
    assert "Location" not in answer.headers


def test_the_login_request_decides_neither_redirect_uri_nor_where_the_browser_goes(shared: Platform) -> None:
    evil = "https://evil.example/"
    login = shared.begin(shared.pupil, target_link_uri=evil, redirect_uri=evil)
    assert login.location.startswith(f"{shared.registration.auth_url}?")
    assert "evil" not in login.location


def test_an_lms_that_is_switched_off_opens_nothing_not_even_a_login_under_way(platform: Platform) -> None:
    form = platform.signed(platform.pupil)
    with platform.school.runtime.database.write() as session:
        session.execute(update(Registration).values(state="disabled"))
    assert_refused(platform.school.post_launch(platform.pupil, form), "unknown-platform")
    assert_refused(platform.begin(platform.pupil), "unknown-platform")
    assert sessions(platform) == 0


def test_an_error_of_the_platform_is_told_and_never_echoed(shared: Platform, before: int) -> None:
    location = onward(shared.begin(shared.pupil))
    state = parse_qs(urlsplit(location).query)["state"][0]
    error = {"error": "login_required", "error_description": "<script>x</script>", "state": state}
    answer = shared.school.post_launch(shared.pupil, error)
    assert_refused(answer, "platform-error")
    assert "<script>x" not in answer.text
    beside_a_token = shared.signed(shared.pupil) | {"error": "access_denied"}
    assert_refused(shared.school.post_launch(shared.pupil, beside_a_token), "platform-error")
    assert sessions(shared) == before


@pytest.mark.parametrize("name", ["id_token", "state"])
def test_a_field_that_comes_twice_with_two_values_is_refused(shared: Platform, before: int, name: str) -> None:
    form: dict[str, object] = dict(shared.signed(shared.pupil))
    twice = form | {name: [form[name], "other"]}
    answer = shared.school.browser(shared.pupil).post("/lti/launch", data=twice, base_url=TOOL_URL)
    assert_refused(answer, "malformed-form")
    assert sessions(shared) == before


def test_the_launch_address_takes_no_get(shared: Platform, before: int) -> None:
    form = shared.signed(shared.pupil)
    answer = shared.school.browser(shared.pupil).get("/lti/launch", query_string=form, base_url=TOOL_URL)
    assert answer.status_code == 405
    assert sessions(shared) == before
