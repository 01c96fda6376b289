"""A browser that keeps nothing at all for a page inside another page: with the LMS's storage, and without."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, Route, expect, sync_playwright

from lti_tool.cli.running.demo import CLIENT_ID, DEPLOYMENT_ID, Demo
from lti_tool.cli.running.processes import Processes, free_port
from lti_tool.cli.running.server import GUNICORN
from lti_tool.persistence import migrate
from lti_tool.persistence.database import Database
from lti_tool.services.platforms.registrations import NewRegistration, add_registration
from sandbox_lms.app import create_lms
from sandbox_lms.config import LmsConfig, ToolRegistration
from sandbox_lms.testing import SandboxClient, serving
from tests.browser.conftest import ARGUMENTS
from tests.browser.people import Person
from tests.browser.site import COURSE, Site

pytestmark = pytest.mark.browser
SKILLS = ("M.NBT2.ADDREG", "M.NBT2.SUBREG")
BLOCK = 2
"""Chromium's CONTENT_SETTING_BLOCK."""
IN_PAGE, IN_FRAME, NONE = "brightspace", "canvas", "moodle"
"""Families whose pages keep data themselves, in a frame beside the tool's, and not at all."""


ASK = """([keeper, subject]) => new Promise(resolve => {
    addEventListener("message", event => {
        if (event.data?.message_id === "m" && event.data.subject.endsWith(".response")) resolve(event.data);
    });
    const frame = keeper === "_parent" ? window.top : window.top.frames[keeper];
    frame.postMessage({ subject, message_id: "m", key: "k", value: "v" }, "*");
})"""
"""A question to whoever keeps data in the LMS's page."""


@contextmanager
def site_like(folder: Path, like: str) -> Iterator[Site]:
    """A practice LMS with a family's ways, and the tool as a process of its own, registered by hand."""
    demo = Demo(free_port(), free_port(), folder)
    tool = ToolRegistration.by_convention(demo.tool_url, client_id=CLIENT_ID, deployment_id=DEPLOYMENT_ID)
    app = create_lms(LmsConfig(demo.lms_url, tool, like=like))
    database = Database(f"sqlite:///{folder / 'proximal' / 'proximal.db'}")
    with serving(app), Processes(folder / "logs") as processes:
        client = SandboxClient(app, address=demo.lms_url)
        register(database, client, like)
        processes.start("proximal", GUNICORN, demo.environment)
        processes.wait_until_healthy("proximal", f"{demo.tool_url}/readyz")
        try:
            yield Site(demo, database, client)
        finally:
            database.close()


def register(database: Database, client: SandboxClient, like: str) -> None:
    """As the tool's administrator does with the facts on the LMS's page."""
    config = client.lms.config
    new = NewRegistration(
        issuer=config.issuer,
        client_id=CLIENT_ID,
        auth_url=config.url("/lti/auth"),
        token_url=config.token_url,
        jwks_url=config.url("/.well-known/jwks.json"),
        deployment_ids=[config.family.deployment_id(DEPLOYMENT_ID, COURSE)],
        token_audience=config.family.assertion_audience,
        profile=like,
    )
    migrate.upgrade(database)
    with database.write() as session:
        add_registration(session, new, datetime.now(UTC))


@pytest.fixture(scope="module", params=[IN_PAGE, IN_FRAME])
def storing(
    request: pytest.FixtureRequest, chromium_path: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """An LMS that keeps data for tools."""
    with site_like(tmp_path_factory.mktemp("storing"), request.param) as site:
        yield site


@pytest.fixture(scope="module")
def forgetful(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An LMS that keeps nothing for tools."""
    with site_like(tmp_path_factory.mktemp("forgetful"), NONE) as site:
        yield site


@pytest.fixture
def tablet(chromium_path: str, tmp_path: Path) -> Iterator[Callable[..., Person]]:
    """Gives people a browser that keeps nothing for the tool's pages inside the LMS's, partitioned or not."""
    contexts: list[BrowserContext] = []
    with sync_playwright() as playwright:

        def opened(who: str, site: Site) -> Person:
            profile = tmp_path / who
            block_in_frames(profile, inside=site.demo.tool_url, outside=site.demo.lms_url)
            context = playwright.chromium.launch_persistent_context(
                profile, executable_path=chromium_path, args=list(ARGUMENTS)
            )
            contexts.append(context)
            person = Person(who, context.pages[0], site)
            person.sign_in()
            return person

        yield opened
        for context in contexts:
            context.close()


def block_in_frames(profile: Path, *, inside: str, outside: str) -> None:
    """Write a browser profile in which one site's pages keep nothing inside another's."""
    settings = {f"{inside},{outside}": {"setting": BLOCK}}
    file = profile / "Default" / "Preferences"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"profile": {"content_settings": {"exceptions": {"cookies": settings}}}}))


def tool_frame(page: Page, waiting_for: str) -> Frame:
    """The tool's frame in the LMS's page, once it shows something."""
    page.frame_locator("iframe.tool").locator(waiting_for).first.wait_for()
    element = page.locator("iframe.tool").element_handle()
    frame = element.content_frame() if element else None
    assert frame is not None
    return frame


def add_activity(teacher: Person, title: str) -> int:
    """Choose skills in the tool's frame; return the new resource link's id."""
    teacher.page.goto(f"{teacher.site.demo.lms_url}/courses/{COURSE}/add")
    frame = tool_frame(teacher.page, "#title")
    for skill in SKILLS:
        box = frame.locator(f'input[value="{skill}"]')
        if not box.is_visible():
            frame.locator("details", has=box).locator("summary").click()
        box.check()
    frame.locator("#title").fill(title)
    frame.get_by_role("button", name="Add to the course").click()
    link = teacher.page.get_by_role("link", name=title)
    link.wait_for()
    return int((link.get_attribute("href") or "").rpartition("/")[2])


def kept_by_the_tool(person: Person) -> list[str]:
    """The names of cookies that the browser has for the tool."""
    return [cookie["name"] for cookie in person.page.context.cookies(person.site.demo.tool_url)]


def test_with_the_lms_s_storage_a_teacher_chooses_and_a_pupil_practises_in_the_frame(
    tablet: Callable[..., Person], storing: Site
) -> None:
    link = add_activity(tablet("marit", storing), "Without cookies")
    ada = tablet("ada", storing)
    ada.page.goto(f"{storing.demo.lms_url}/courses/{COURSE}/links/{link}")
    for _ in range(3):
        ada._room = tool_frame(ada.page, "#answer-form")
        item = ada.token
        ada.respond(right=True)
        assert storing.answers_to(item) == 1
        ada.pause()
        ada.room.locator("#next").click()
    tool_frame(ada.page, "#answer-form")
    assert kept_by_the_tool(ada) == []


def test_without_storage_the_activity_opens_in_a_window_of_its_own(
    tablet: Callable[..., Person], forgetful: Site
) -> None:
    link = forgetful.add_activity(*SKILLS, title="In a window")
    ada = tablet("ada", forgetful)
    ada.page.goto(f"{forgetful.demo.lms_url}/courses/{COURSE}/links/{link}")
    offer = tool_frame(ada.page, "text=One more tap")
    with ada.page.context.expect_page() as opened:
        offer.get_by_role("button", name="Open in a new window").click()
    window = opened.value
    window.wait_for_url(f"{forgetful.demo.tool_url}/a/*")
    ada._room = window.main_frame
    item = ada.token
    ada.respond(right=True)
    assert forgetful.answers_to(item) == 1
    expect(offer.get_by_text("One more tap")).to_be_visible()


def test_a_storage_frame_that_is_not_there_stops_no_launch(tablet: Callable[..., Person], storing: Site) -> None:
    marit = tablet("marit", storing)
    target = storing.lms.lms.family.storage_target

    def rename(route: Route) -> None:
        route.continue_(post_data=(route.request.post_data or "").replace(target, "nobody"))

    marit.page.route("**/lti/login", rename)
    marit.page.goto(f"{storing.demo.lms_url}/courses/{COURSE}/add")
    tool_frame(marit.page, "#title")


def test_another_frame_of_the_page_reads_nothing_that_the_tool_stored(
    tablet: Callable[..., Person], storing: Site
) -> None:
    """The LMS's own page is such a frame: another origin than the tool's."""
    marit = tablet("marit", storing)
    marit.page.goto(f"{storing.demo.lms_url}/courses/{COURSE}/add")
    frame = tool_frame(marit.page, "#title")
    keeper = storing.lms.lms.family.storage_target
    assert frame.evaluate(ASK, [keeper, "lti.put_data"])["value"] == "v"
    assert frame.evaluate(ASK, [keeper, "lti.get_data"])["value"] == "v"
    refused = marit.page.evaluate(ASK, [keeper, "lti.get_data"])
    assert refused["error"]["code"] == "wrong_origin"
    assert "value" not in refused
    supported = marit.page.evaluate(ASK, ["_parent", "lti.capabilities"])["supported_messages"]
    assert {one["subject"] for one in supported} >= {"lti.put_data", "lti.get_data"}


def open_picker_in_a_window(teacher: Person) -> Page:
    """Add an activity where the tool's frame keeps nothing: the picker opens in a window of its own."""
    teacher.page.goto(f"{teacher.site.demo.lms_url}/courses/{COURSE}/add")
    offer = tool_frame(teacher.page, "text=One more tap")
    with teacher.page.context.expect_page() as opened:
        offer.get_by_role("button", name="Open in a new window").click()
    opened.value.locator("#title").wait_for()
    return opened.value


def choose_in(window: Page, title: str) -> None:
    box = window.locator(f'input[value="{SKILLS[0]}"]')
    window.locator("details", has=box).locator("summary").click()
    box.check()
    window.locator("#title").fill(title)
    window.get_by_role("button", name="Add to the course").click()


def test_without_storage_what_a_teacher_chose_in_a_window_comes_back_to_the_lms_s_own_frame(
    tablet: Callable[..., Person], forgetful: Site
) -> None:
    marit = tablet("marit", forgetful)
    window = open_picker_in_a_window(marit)
    with window.expect_event("close"):
        choose_in(window, "Chosen in a window")
    expect(marit.page.get_by_role("link", name="Chosen in a window")).to_be_visible()
    assert marit.page.url.startswith(forgetful.demo.lms_url)


def test_a_window_whose_frame_is_gone_sends_the_choice_itself(tablet: Callable[..., Person], forgetful: Site) -> None:
    marit = tablet("marit", forgetful)
    window = open_picker_in_a_window(marit)
    marit.page.goto(f"{forgetful.demo.lms_url}/courses/{COURSE}")
    choose_in(window, "Chosen alone")
    window.wait_for_url(f"{forgetful.demo.lms_url}/**")
    marit.page.goto(f"{forgetful.demo.lms_url}/courses/{COURSE}")
    expect(marit.page.get_by_role("link", name="Chosen alone")).to_be_visible()
