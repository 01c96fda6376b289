"""The LMS made of `lti1p3platform` in Chromium: the tool in its frame, with few cookies or none."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
import requests
from playwright.sync_api import Browser, Frame, Page, Playwright, sync_playwright

from lti_tool.cli.running.demo import CLIENT_ID, DEPLOYMENT_ID, Demo
from lti_tool.cli.running.processes import Processes, free_port
from lti_tool.cli.running.server import GUNICORN
from lti_tool.persistence import migrate
from lti_tool.persistence.database import Database
from lti_tool.services.platforms.registrations import NewRegistration, add_registration
from tests.browser.conftest import ARGUMENTS, BLOCK_THIRD_PARTY_COOKIES
from tests.browser.people import Person
from tests.browser.site import Site
from tests.browser.test_blocked_cookies import SKILLS, block_in_frames
from tests.lti.platforms.other_lms import LIKE, PUPIL, TEACHER, OtherLms
from tests.lti.platforms.other_pages import serve_pages, served
from tests.lti.platforms.other_services import serve_services

pytestmark = [pytest.mark.browser, pytest.mark.long]
PATIENCE = 60
"""Seconds that a grade may take on a busy machine."""


@dataclass(frozen=True)
class Sites:
    """That LMS and the tool, running, with one activity in the course."""

    lms: OtherLms
    site: Site
    link: str

    def visit(self, page: Page, who: str, link: str = "", *, keeps: bool = False) -> Person:
        """Somebody opens the course's page with the activity, or with the choice of activities."""
        asked = {"as": who, **({"link": link} if link else {}), **({"keeps": "yes"} if keeps else {})}
        page.goto(requests.Request("GET", f"{self.lms.url}/course", params=asked).prepare().url or "")
        return Person(who, page, self.site)


def frame_of(page: Page, waiting_for: str) -> Frame:
    """The tool's frame, once it shows something."""
    page.frame_locator("#tool").locator(waiting_for).first.wait_for()
    element = page.locator("#tool").element_handle()
    frame = element.content_frame() if element else None
    assert frame is not None
    return frame


@pytest.fixture(scope="module")
def driver(chromium_path: str) -> Iterator[Playwright]:
    """One for all windows of these tests: two can't live in one thread."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def without_third_party(driver: Playwright, chromium_path: str) -> Iterator[Browser]:
    """A browser that blocks third-party cookies."""
    arguments = [*ARGUMENTS, BLOCK_THIRD_PARTY_COOKIES]
    browser = driver.chromium.launch(executable_path=chromium_path, args=arguments)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def sites(without_third_party: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """The teacher has chosen an activity in the LMS's frame, by deep linking, without third-party cookies."""
    folder = tmp_path_factory.mktemp("other")
    demo = Demo(free_port(), free_port(), folder)
    lms = OtherLms(ways=LIKE["standard"], url=demo.lms_url)
    serve_services(lms)
    serve_pages(lms)
    database = Database(f"sqlite:///{folder / 'proximal' / 'proximal.db'}")
    migrate.upgrade(database)
    url = lms.url
    with database.write() as session:
        new = NewRegistration(url, CLIENT_ID, f"{url}/auth", f"{url}/token", f"{url}/keys", [DEPLOYMENT_ID])
        add_registration(session, new, datetime.now(UTC))
    with served(lms), Processes(folder / "logs") as processes:
        processes.start("proximal", GUNICORN, demo.environment)
        processes.wait_until_healthy("proximal", f"{demo.tool_url}/readyz")
        keys: dict[str, Any] = requests.get(f"{demo.tool_url}/lti/jwks", timeout=30).json()
        addresses = {"login": f"{demo.tool_url}/lti/login", "launch": f"{demo.tool_url}/lti/launch"}
        lms.add_tool(CLIENT_ID, DEPLOYMENT_ID, addresses, keys)
        lms.active.add(CLIENT_ID)
        found = Sites(lms, Site(demo, database, cast(Any, None)), "link-2")
        with without_third_party.new_context() as context:
            add_activity(found.visit(context.new_page(), TEACHER))
        yield found
        database.close()


def add_activity(teacher: Person) -> None:
    picker = frame_of(teacher.page, "#title")
    for skill in SKILLS:
        box = picker.locator(f'input[value="{skill}"]')
        if not box.is_visible():
            picker.locator("details", has=box).locator("summary").click()
        box.check()
    picker.locator("#title").fill("Adding")
    picker.get_by_role("button", name="Add to the course").click()
    frame_of(teacher.page, "text=Added: link-2")


@pytest.fixture
def tablet(sites: Sites, driver: Playwright, chromium_path: str, tmp_path: Path) -> Iterator[Page]:
    """A browser that keeps nothing at all for the tool inside the LMS's page."""
    block_in_frames(tmp_path, inside=sites.site.demo.tool_url, outside=sites.lms.url)
    context = driver.chromium.launch_persistent_context(tmp_path, executable_path=chromium_path, args=list(ARGUMENTS))
    yield context.pages[0]
    context.close()


def test_a_pupil_practises_in_the_frame_to_a_grade_without_third_party_cookies(
    sites: Sites, without_third_party: Browser
) -> None:
    with without_third_party.new_context() as context:
        pia = sites.visit(context.new_page(), PUPIL, sites.link)
        pia._room = frame_of(pia.page, "#answer-form")
        pia.respond(right=True)
        assert all(cookie.get("partitionKey") for cookie in context.cookies(sites.site.demo.tool_url))
    deadline = time.monotonic() + PATIENCE
    while not sites.lms.scores and time.monotonic() < deadline:
        time.sleep(0.2)
    [((column, who), score)] = sites.lms.scores.items()
    assert (column, who) == (sites.lms.columns["1"]["id"], PUPIL)
    assert score["scoreGiven"] > 0


def test_with_the_lms_s_storage_a_pupil_practises_in_the_frame_without_any_cookie(sites: Sites, tablet: Page) -> None:
    pia = sites.visit(tablet, PUPIL, sites.link, keeps=True)
    pia._room = frame_of(tablet, "#answer-form")
    pia.respond(right=True)
    assert tablet.context.cookies(sites.site.demo.tool_url) == []


def test_without_storage_and_cookies_the_activity_opens_in_a_window_of_its_own(sites: Sites, tablet: Page) -> None:
    pia = sites.visit(tablet, PUPIL, sites.link)
    offer = frame_of(tablet, "text=One more tap")
    with tablet.context.expect_page() as opened:
        offer.get_by_role("button", name="Open in a new window").click()
    opened.value.wait_for_url(f"{sites.site.demo.tool_url}/a/*")
    pia._room = opened.value.main_frame
    pia.respond(right=True)
