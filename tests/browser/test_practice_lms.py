"""The practice LMS in a real Chromium that blocks third-party cookies, at a desk and on a phone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import parse_qsl, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from sandbox_lms.errors import Refused
from sandbox_lms.records import activities, scores
from tests.lti.sandbox_sites import Sites, two_sites

WIDTHS = (360, 1280)
ITEMS = [
    {"type": "ltiResourceLink", "title": "Fractions", "text": "Twelve.", "lineItem": {"scoreMaximum": 10}},
    {"type": "ltiResourceLink", "title": "Spelling"},
]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    with two_sites(str(tmp_path_factory.mktemp("lms") / "lms.sqlite")) as both:
        both.tool.content_items = ITEMS
        yield both


@pytest.fixture
def page(chromium: Browser, sites: Sites) -> Iterator[Page]:
    context = chromium.new_context(base_url=sites.address)
    opened = context.new_page()
    opened.goto("/")
    yield opened
    context.close()


def become(page: Page, name: str) -> None:
    """Choose a person on the first page."""
    page.goto("/")
    page.get_by_role("button", name=name).click()


def assert_fit_for_all(page: Page) -> None:
    """axe finds nothing, and nothing sticks out at the side."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width, page.url
        problems = Axe().run(page).response["violations"]
        assert not problems, (page.url, width, [problem["id"] for problem in problems])


def test_a_teacher_adds_activities_and_a_pupil_opens_one(page: Page, sites: Sites) -> None:
    assert_fit_for_all(page)
    become(page, "Marit de Vries")
    assert_fit_for_all(page)
    page.get_by_role("link", name="Class 5A").click()
    page.get_by_role("link", name="Add an activity from Proximal").click()
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="Add").click()
    page.get_by_text("2 activities were added.").wait_for()
    assert_fit_for_all(page)
    page.get_by_text("Rename or delete").first.click()
    page.get_by_text("Add a link by hand").click()
    assert_fit_for_all(page)

    become(page, "Ada Okonkwo")
    page.get_by_role("link", name="Class 5A").click()
    page.get_by_role("link", name="Fractions").click()
    page.frame_locator("iframe").get_by_role("heading", name="Hello Ada Okonkwo").wait_for()
    assert sites.tool.launches[-1]["name"] == "Ada Okonkwo"
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open in a new window").click()
    opened.value.get_by_role("heading", name="Hello Ada Okonkwo").wait_for()
    opened.value.close()
    page.set_viewport_size({"width": 360, "height": 800})
    box = page.locator("iframe").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 360)


def test_a_tool_that_posts_its_authentication_request_gets_through_too(page: Page, sites: Sites) -> None:
    # The LMS's cookie stays away from that POST, because another site began it.
    def login_by_post() -> str:
        location = urlsplit(plain_login().headers["Location"])
        fields = "".join(f"<input name='{name}' value='{value}'>" for name, value in parse_qsl(location.query))
        action = f"{location.scheme}://{location.netloc}{location.path}"
        return f"<form method=post action='{action}'>{fields}</form><script>document.forms[0].submit()</script>"

    plain_login = sites.tool.login
    sites.tool.app.view_functions["login"] = login_by_post
    try:
        [link] = sites.lms.add_activity("class-5a", ITEMS[1])
        become(page, "Wulandari")
        page.goto(f"/courses/class-5a/links/{link}")
        page.frame_locator("iframe").get_by_role("heading", name="Hello Wulandari").wait_for()
    finally:
        sites.tool.app.view_functions["login"] = plain_login


def test_every_other_page_is_fit_for_all(page: Page, sites: Sites) -> None:
    [link] = sites.lms.add_activity("class-5b", ITEMS[0])
    become(page, "Robin Castellanos")
    column = max(one["id"] for one in sites.lms.gradebook("class-5b")["columns"])
    fill(sites, column)
    for path in ("/courses", "/courses/class-5b/grades", "/courses/class-5b/people", "/nowhere"):
        page.goto(path)
        assert_fit_for_all(page)
    for path in (f"/courses/class-5b/grades/{column}", f"/courses/class-5b/grades/{column}/ada"):
        page.goto(path)
        page.locator("summary").first.click()
        assert_fit_for_all(page)
    become(page, "Ada Okonkwo")
    page.goto("/courses/class-5b/grades")
    assert_fit_for_all(page)
    page.goto(f"/courses/class-5b/links/{link}")
    page.frame_locator("iframe").get_by_role("heading", name="Hello").wait_for()


def fill(sites: Sites, column: int) -> None:
    """Some grades, a message without a grade, and a refused one."""
    lms = sites.lms.lms
    item = activities.line_item(lms.database, "class-5b", column)
    for who, grading in (("ada", "FullyGraded"), ("yusuf", "Pending"), ("ada", "Wrong")):
        body = {
            "userId": sites.lms.sub(who),
            "timestamp": lms.now().isoformat(timespec="microseconds"),
            "activityProgress": "InProgress",
            "gradingProgress": grading,
            "scoreGiven": 7.5,
            "scoreMaximum": 10,
            "comment": "7 of 9 skills mastered; next: borrowing across zero",
        }
        with suppress(Refused):
            scores.receive_score(lms.database, item, json.dumps(body), now=lms.now())
