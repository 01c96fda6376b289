"""State, nonce and cookie: each login opens one session, in the browser and for the tool that began it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from lti_tool.persistence.tables.launches import LaunchSession, LoginAttempt
from lti_tool.persistence.tables.tenancy import Registration
from lti_tool.services.launching.logins import forget_old
from lti_tool.services.platforms.registrations import add_registration
from tests.support.school import CLIENT_ID, LMS_URL, TOOL_URL, School, practice_lms_registration

LOGIN = {"iss": LMS_URL, "client_id": CLIENT_ID, "login_hint": "ada", "target_link_uri": f"{TOOL_URL}/lti/launch"}
CROSS_SITE_FRAME = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe"}


@pytest.fixture
def link(school: School) -> int:
    return school.lms.add_activity("class-5a", {"type": "ltiResourceLink", "title": "Fractions"})[0]


def sessions(school: School) -> int:
    with school.runtime.database.read() as session:
        return session.scalar(select(func.count()).select_from(LaunchSession)) or 0


def assert_refused(school: School, answer: TestResponse, code: str, *, opened_before: int = 0) -> None:
    assert 400 <= answer.status_code < 500, answer.text
    assert f"Code: {code}<" in answer.text
    assert not [cookie for cookie in answer.headers.getlist("Set-Cookie") if "proximal" in cookie]
    assert sessions(school) == opened_before


def signed(school: School, who: str, link: int) -> dict[str, str]:
    """A login that has come as far as the platform's answer."""
    state, nonce = school.pending_login(who, link)
    return {"state": state, "id_token": school.lms.sign_launch(who, link, nonce=nonce)}


def test_the_same_answer_opens_nothing_twice_in_the_same_browser(school: School, link: int) -> None:
    form = signed(school, "ada", link)
    cookies = {cookie.key: cookie.value for cookie in school.browser("ada")._cookies.values()}
    assert school.post_launch("ada", form).status_code == 303
    for name, value in cookies.items():
        school.browser("ada").set_cookie(name, value, domain="127.0.0.1", secure=True)
    assert_refused(school, school.post_launch("ada", form), "used-state", opened_before=1)


def test_the_same_answer_opens_nothing_in_a_fresh_browser(school: School, link: int) -> None:
    form = signed(school, "ada", link)
    assert school.post_launch("ada", form).status_code == 303
    assert 400 <= school.post_launch("ben", form).status_code < 500
    assert sessions(school) == 1


def test_an_answer_taken_to_another_browser_opens_nothing_there(school: School, link: int) -> None:
    form = signed(school, "ada", link)
    assert_refused(school, school.post_launch("ben", form), "no-cookie")
    assert school.post_launch("ada", form).status_code == 303, "and is not spoilt for its own"


def test_a_site_that_brings_a_login_and_its_secret_signs_nobody_in(school: School, link: int) -> None:
    form = signed(school, "marit", link)
    [secret] = [cookie.value for cookie in school.browser("marit")._cookies.values()]
    for headers in (CROSS_SITE_FRAME, {"Sec-Fetch-Site": "cross-site"}, {}):
        answer = school.browser("ada").post(
            "/lti/launch", data=form | {"browser_secret": secret}, base_url=TOOL_URL, headers=headers
        )
        assert 400 <= answer.status_code < 500
    for headers in (CROSS_SITE_FRAME, {"Sec-Fetch-Site": "same-site"}, {}):
        answer = school.browser("ada").post(
            "/lti/launch", data=form | {"window": "own"}, base_url=TOOL_URL, headers=headers
        )
        assert 400 <= answer.status_code < 500
    assert sessions(school) == 0


def test_a_made_up_cookie_opens_nothing(school: School, link: int) -> None:
    form = signed(school, "ada", link)
    [name] = [cookie.key for cookie in school.browser("ada")._cookies.values()]
    for value in ("made-up", "é", ""):
        school.browser("ada").set_cookie(name, value, domain="127.0.0.1", secure=True)
        assert 400 <= school.post_launch("ada", form).status_code < 500
    assert sessions(school) == 0


def test_a_state_of_nobody_or_none_opens_nothing(school: School, link: int) -> None:
    token = signed(school, "ada", link)["id_token"]
    assert_refused(school, school.post_launch("ada", {"id_token": token, "state": "made-up"}), "unknown-state")
    assert_refused(school, school.post_launch("ada", {"id_token": token, "state": ""}), "missing-state")
    assert_refused(school, school.post_launch("ada", {"id_token": token}), "missing-state")
    assert_refused(school, school.post_launch("ada", {"id_token": token, "state": "\x00" * 9}), "unknown-state")


def test_a_login_that_took_longer_than_ten_minutes_opens_nothing(school: School, link: int) -> None:
    form = signed(school, "ada", link)
    with school.runtime.database.write() as session:
        session.execute(update(LoginAttempt).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    assert_refused(school, school.post_launch("ada", form), "expired-state")
    with school.runtime.database.write() as session:
        forget_old(session, datetime.now(UTC))
    assert_refused(school, school.post_launch("ada", form), "unknown-state")


def test_two_pending_logins_cannot_be_swapped_and_both_work_as_they_began(school: School, link: int) -> None:
    first, second = signed(school, "ada", link), signed(school, "ada", link)
    third, fourth = signed(school, "ada", link), signed(school, "ada", link)
    swapped = {"state": first["state"], "id_token": second["id_token"]}
    assert_refused(school, school.post_launch("ada", swapped), "wrong-nonce")
    for form in (third, fourth):
        assert school.post_launch("ada", form).status_code == 303


def test_a_failed_launch_uses_its_login_up(school: School, link: int) -> None:
    state, nonce = school.pending_login("ada", link)
    bad = school.lms.sign_launch("ada", link, nonce=nonce, version="2")
    good = school.lms.sign_launch("ada", link, nonce=nonce)
    assert_refused(school, school.post_launch("ada", {"state": state, "id_token": bad}), "wrong-version")
    assert_refused(school, school.post_launch("ada", {"state": state, "id_token": good}), "used-state")


def test_a_login_begun_for_one_client_does_not_open_with_another_clients_token(school: School, link: int) -> None:
    with school.runtime.database.write() as session:
        add_registration(session, practice_lms_registration(client_id="other-district"), datetime.now(UTC))
    login = school.begin_login("ada", LOGIN | {"client_id": "other-district"})
    state, nonce = (login.location.partition(f"{name}=")[2].partition("&")[0] for name in ("state", "nonce"))
    token = school.lms.sign_launch("ada", link, nonce=nonce)
    assert_refused(school, school.post_launch("ada", {"state": state, "id_token": token}), "wrong-audience")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"iss": "https://other.example"}, "unknown-platform"),
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
def test_a_login_request_with_a_fault_leads_nowhere(school: School, change: dict[str, object], code: str) -> None:
    answer = school.browser("ada").post("/lti/login", data=LOGIN | change, base_url=TOOL_URL)
    assert_refused(school, answer, code)
    assert "Location" not in answer.headers


def test_the_login_request_decides_neither_redirect_uri_nor_where_the_browser_goes(school: School) -> None:
    login = school.begin_login(
        "ada", LOGIN | {"target_link_uri": "https://evil.example/", "redirect_uri": "https://evil.example/"}
    )
    assert login.location.startswith(f"{LMS_URL}/lti/auth?")
    assert "evil" not in login.location


def test_two_registrations_on_one_issuer_need_a_client_id_to_tell_them_apart(school: School) -> None:
    alone = {name: value for name, value in LOGIN.items() if name != "client_id"}
    assert school.begin_login("ada", alone).status_code == 302
    with school.runtime.database.write() as session:
        add_registration(session, practice_lms_registration(client_id="other-district"), datetime.now(UTC))
    assert_refused(school, school.begin_login("ada", alone), "ambiguous-platform")


def test_an_lms_that_is_switched_off_opens_nothing_not_even_a_login_under_way(school: School, link: int) -> None:
    form = signed(school, "ada", link)
    with school.runtime.database.write() as session:
        session.execute(update(Registration).values(state="disabled"))
    assert_refused(school, school.post_launch("ada", form), "unknown-platform")
    assert_refused(school, school.begin_login("ada", LOGIN), "unknown-platform")


def test_an_error_of_the_platform_is_told_and_never_echoed(school: School) -> None:
    answer = school.post_launch(
        "ada", {"error": "login_required", "error_description": "<script>x</script>", "state": "s"}
    )
    assert_refused(school, answer, "platform-error")
    assert "<script>x" not in answer.text


@pytest.mark.parametrize("name", ["id_token", "state"])
def test_a_field_that_comes_twice_with_two_values_is_refused(school: School, link: int, name: str) -> None:
    form: dict[str, object] = dict(signed(school, "ada", link))
    answer = school.browser("ada").post("/lti/launch", data=form | {name: [form[name], "other"]}, base_url=TOOL_URL)
    assert_refused(school, answer, "malformed-form")


def test_the_launch_address_takes_no_get(school: School) -> None:
    assert school.browser("ada").get("/lti/launch?id_token=x&state=y", base_url=TOOL_URL).status_code == 405
