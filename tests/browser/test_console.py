"""The console in a real browser: every page fits a desk and a phone, and axe finds no barrier."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect

from lti_tool.services.admin.access.sessions import break_glass
from lti_tool.services.platforms.districts import first_district
from tests.browser.people import barriers
from tests.browser.site import Site

pytestmark = pytest.mark.browser
PAGES = (
    "data/",
    "sessions/",
    "districts/",
    "",
    "grades/",
    "schools",
    "courses",
    "lms/",
    "lms/1",
    "roles",
    "audit",
    "health",
    "jobs",
    "keys",
    "content",
    "retention",
)


def test_an_administrator_sets_up_a_school_and_finds_no_barrier_on_any_page(chromium: Browser, site: Site) -> None:
    site.practise("ada", site.add_activity("M.NBT2.ADDREG", title="For the console"), [True, False])
    with site.database.write() as session:
        secret = break_glass(session, first_district(session), datetime.now(UTC))
    base = f"{site.demo.tool_url}/admin/"
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    troubles: list[str] = []
    page.on("console", lambda message: troubles.extend([message.text] if "Policy" in message.text else []))
    page.goto(f"{base}emergency?invitation={secret}")
    assert not barriers(page)
    page.get_by_role("button", name="Open the console").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    page.goto(f"{base}schools")
    page.get_by_label("Name").first.fill("Northfield Elementary")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    for path in PAGES:
        page.goto(base + path)
        found = barriers(page)
        assert not found, f"/admin/{path}: {found}"
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wider <= 0, f"/admin/{path} at {width} px sticks out by {wider}"
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    assert troubles == []
    context.close()
