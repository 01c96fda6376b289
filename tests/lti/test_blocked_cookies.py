"""Launches in browsers that keep no cookies for a frame: platform storage, and a window of its own."""

import re
from collections.abc import Mapping
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lti_tool.persistence.tables.launches import LaunchSession
from tests.lti.platforms import Platform
from tests.support.school import TOOL_URL

SKILLS = ("M.NBT2.ADDREG", "M.NBT2.SUBREG", "M.NBT3.SUB0")
FRAME = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site"}
OWN_PAGE = {"Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "same-origin"}
OWN_FRAME = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def link(shared: Platform) -> str:
    """An activity to open."""
    return shared.add_activity(*SKILLS)


@pytest.fixture
def tablet(shared: Platform) -> FlaskClient:
    """A browser that blocks all cookies in frames."""
    return shared.school.app.test_client(use_cookies=False)


@pytest.fixture
def before(shared: Platform) -> int:
    """How many sessions there are for pupils before the test."""
    return sessions(shared)


def post(browser: FlaskClient, path: str, fields: Mapping[str, str], **headers: str) -> TestResponse:
    """Send a form, from a frame unless the headers say otherwise."""
    return browser.post(path, data=dict(fields), headers=FRAME | headers, base_url=TOOL_URL)


def begin(lms: Platform, browser: FlaskClient, link: str, **more: str) -> TestResponse:
    """Open the activity up to the tool's answer to the login."""
    return post(browser, "/lti/login", {**lms.login_fields(lms.pupil, link), **more})


def attributes(page: TestResponse) -> dict[str, str]:
    """The data attributes of a page that talks to the LMS's storage."""
    return dict(re.findall(r'data-(target|origin|key|value|next)="([^"]*)"', page.text))


def hidden(page: TestResponse) -> dict[str, str]:
    """The hidden fields of a page."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))


def sessions(lms: Platform) -> int:
    """How many sessions there are for pupils."""
    with lms.school.runtime.database.read() as session:
        query = select(func.count()).select_from(LaunchSession).where(LaunchSession.role == "pupil")
        return session.scalar(query) or 0


def test_the_login_asks_the_lms_to_keep_its_secret_where_the_lms_offers_that(
    shared: Platform, tablet: FlaskClient, link: str
) -> None:
    page = begin(shared, tablet, link, lti_storage_target="_parent")
    told = attributes(page)
    assert page.status_code == 200
    assert (told["target"], told["origin"]) == ("_parent", shared.origin)
    assert told["next"].startswith(f"{shared.registration.auth_url}?")
    assert told["value"] not in told["next"]


def test_a_browser_that_has_kept_our_cookies_before_goes_the_short_way(shared: Platform, link: str) -> None:
    shared.open(shared.pupil, link)
    login = shared.begin(shared.pupil, link, lti_storage_target="_parent")
    assert login.status_code == 302


def test_without_any_cookie_ada_practises_with_a_session_that_travels_in_forms(
    shared: Platform, tablet: FlaskClient, link: str, before: int
) -> None:
    told = attributes(begin(shared, tablet, link, lti_storage_target="_parent"))
    form = shared.answer(shared.pupil, unescape(told["next"]))
    waiting = post(tablet, "/lti/launch", form)
    assert waiting.status_code == 403
    assert attributes(waiting)["key"] == told["key"]
    assert sessions(shared) == before

    first = post(tablet, "/lti/launch", {**hidden(waiting), "browser_secret": told["value"]}, **OWN_FRAME)
    assert first.status_code == 200
    assert 'id="answer-form"' in first.text
    place = re.search(r'action="(/a/[^"/]+)/answer"', first.text)
    assert place
    item = shared.school.waiting_item(hidden(first)["item"])

    feedback = post(tablet, f"{place[1]}/answer", {**hidden(first), "response": item.answer})
    assert feedback.status_code == 200
    assert 'class="feedback right"' in feedback.text

    following = post(tablet, place[1], hidden(feedback))
    assert following.status_code == 200
    assert hidden(following)["item"] != hidden(first)["item"]

    again = post(tablet, "/lti/launch", {**hidden(waiting), "browser_secret": told["value"]}, **OWN_FRAME)
    assert again.status_code == 403
    assert "used-state" in again.text
    assert sessions(shared) == before + 1


def test_a_wrong_secret_from_the_storage_opens_nothing(
    shared: Platform, tablet: FlaskClient, link: str, before: int
) -> None:
    told = attributes(begin(shared, tablet, link, lti_storage_target="_parent"))
    form = shared.answer(shared.pupil, unescape(told["next"]))
    refused = post(tablet, "/lti/launch", {**form, "browser_secret": "guess"}, **OWN_FRAME)
    assert refused.status_code == 403
    assert "foreign-state" in refused.text
    assert sessions(shared) == before


def test_another_site_cant_bring_the_secret_of_a_login_of_its_own(
    shared: Platform, tablet: FlaskClient, link: str, before: int
) -> None:
    told = attributes(begin(shared, tablet, link, lti_storage_target="_parent"))
    form = shared.answer(shared.pupil, unescape(told["next"]))
    post(tablet, "/lti/launch", {**form, "browser_secret": told["value"], "tried_storage": "yes"})
    assert sessions(shared) == before


def test_without_storage_a_tap_finishes_the_launch_in_a_window_of_its_own(
    shared: Platform, tablet: FlaskClient, link: str
) -> None:
    login = begin(shared, tablet, link)
    assert login.status_code == 302
    offered = post(tablet, "/lti/launch", shared.answer(shared.pupil, login.location))
    assert offered.status_code == 403
    assert 'target="_blank"' in offered.text
    assert shared.origin in offered.headers["Content-Security-Policy"].split("frame-ancestors")[1]
    window = shared.school.app.test_client()
    opened = post(window, "/lti/launch", hidden(offered), **OWN_PAGE)
    assert opened.status_code == 303
    page = window.get(opened.location, base_url=TOOL_URL)
    assert 'id="answer-form"' in page.text


def test_after_the_storage_kept_nothing_the_window_is_offered(shared: Platform, tablet: FlaskClient, link: str) -> None:
    told = attributes(begin(shared, tablet, link, lti_storage_target="_parent"))
    waiting = post(tablet, "/lti/launch", shared.answer(shared.pupil, unescape(told["next"])))
    offered = post(tablet, "/lti/launch", hidden(waiting), **OWN_FRAME)
    assert 'target="_blank"' in offered.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"},
    ],
    ids=lambda headers: headers["Sec-Fetch-Site"],
)
def test_another_site_cant_make_a_browser_finish_a_stolen_login(
    shared: Platform, tablet: FlaskClient, link: str, before: int, headers: dict[str, str]
) -> None:
    login = begin(shared, tablet, link)
    form = shared.answer(shared.pupil, login.location)
    victim = shared.school.app.test_client()
    refused = post(victim, "/lti/launch", {**form, "window": "own"}, **headers)
    assert refused.status_code == 403
    assert "no-cookie" in refused.text
    assert sessions(shared) == before


def test_the_page_in_the_frame_is_for_the_lms_only(shared: Platform, tablet: FlaskClient, link: str) -> None:
    login = begin(shared, tablet, link)
    offered = post(tablet, "/lti/launch", shared.answer(shared.pupil, login.location))
    ancestors = offered.headers["Content-Security-Policy"].split("frame-ancestors")[1].split()
    assert ancestors == [shared.origin]


def test_a_pupils_sound_needs_no_cookie(shared: Platform, tablet: FlaskClient) -> None:
    page = shared.open(shared.pupil, shared.add_activity("SP.DOUBLE"))
    for _ in range(15):
        address = re.search(r'src="(/sound/[^"]+)"', page.text)
        if address:
            break
        page = page.respond(page.item.answer).reload()
    assert address
    sound = tablet.get(address[1], base_url=TOOL_URL)
    assert sound.status_code == 200
    assert sound.mimetype == "audio/mpeg"
    sound.close()
    assert tablet.get("/sound/nobodys", base_url=TOOL_URL).status_code == 404
    assert tablet.get("/sound/%00", base_url=TOOL_URL).status_code == 404
