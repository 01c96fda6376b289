"""A teacher's five minutes inside the LMS: add an activity, see whom to help, act, print."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import select

from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.people import Membership
from lti_tool.services.catalog import Catalog
from lti_tool.services.practising.practice import Practice
from lti_tool.services.practising.sittings import SittingRules
from tests.browser.people import Person
from tests.browser.site import COURSE, Site
from tests.browser.test_looks import assert_fit_for_all
from tests.support.classes import Child, seat

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]

SKILLS = ("M.OA2.ADD20", "M.OA2.SUB20", "M.NBT2.ADDREG", "M.NBT2.SUBREG", "M.NBT3.SUB0", "M.NF4.EQ")


def practised(site: Site, title: str) -> list[Child]:
    """The class practises through the services for a week; two of them guess."""
    catalog = Catalog.load()
    runtime = SimpleNamespace(
        database=site.database, catalog=catalog, practice=Practice(catalog, SittingRules(15, 15), Random(2))
    )
    with site.database.read() as session:
        activity = session.scalars(select(Activity).where(Activity.title == title)).one()
        pupils = select(Membership.person_id).where(
            Membership.context_id == activity.context_id, Membership.role == "pupil"
        )
        people = list(session.scalars(pupils.order_by(Membership.id)))
    children = seat(SimpleNamespace(runtime=runtime), activity.id, dict.fromkeys(people[:12], ""), 5, slow=True)
    for child in children[:2]:
        child.guesses = 1.0
    for days in (6, 4, 1):
        for child in children:
            child.practise(12, datetime.now(UTC) - timedelta(days=days))
    return children


class Clicks:
    """Counts what a teacher presses."""

    def __init__(self) -> None:
        self.count = 0

    def on(self, what: Locator) -> None:
        what.click()
        self.count += 1


def test_a_new_teacher_adds_sees_acts_and_prints(visit: Visit, site: Site) -> None:
    marit, clicks = visit("marit"), Clicks()
    marit.page.goto(f"{site.demo.lms_url}/courses/{COURSE}")
    clicks.on(marit.page.get_by_role("link", name="Add an activity"))
    marit.enter_frame()
    for word, skill in (("add within 20", SKILLS[0]), ("across zeros", SKILLS[4])):
        marit.room.locator("#q").fill(word)
        clicks.on(marit.room.locator(f'input[value="{skill}"]'))
    marit.room.locator("#q").fill("")
    for skill in (SKILLS[1], SKILLS[2]):
        clicks.on(marit.room.locator(f'input[value="{skill}"]'))
    clicks.on(marit.room.get_by_role("button", name="Add to the course"))
    marit.page.get_by_role("link", name="Add within 20").first.wait_for()
    assert clicks.count < 10


def test_whom_to_help_a_word_taken_back_and_a_sheet_by_keyboard(visit: Visit, site: Site) -> None:
    link = site.add_activity(*SKILLS, title="Numbers of May")
    for who in ("ada", "noa"):
        site.practise(who, link, [True])
    marit = visit("marit")
    marit.open(link)
    expect(marit.room.get_by_text(re.compile("Class list from the LMS"))).to_be_visible(timeout=30_000)
    practised(site, "Numbers of May")
    marit.open(link)
    needs = marit.room.locator(".needs").first
    expect(needs).to_contain_text("Answers faster than one can read")
    expect(marit.room.locator(".headline")).to_be_visible()
    assert needs.locator("> ul > li").count() <= 5
    assert_fit_for_all(marit.page, marit.room, "the class page with needs, groups and a map")
    marit.page.set_viewport_size({"width": 1280, "height": 900})

    marit.room.locator(".work tbody .person").first.focus()
    marit.page.keyboard.press("Enter")
    marit.room.locator("h1 + p").wait_for()
    assert_fit_for_all(marit.page, marit.room, "the pupil's page")
    marit.page.set_viewport_size({"width": 1280, "height": 900})
    marit.room.locator('input[name="act"][value="strong"]').focus()
    marit.page.keyboard.press("Space")
    marit.page.keyboard.press("Tab")
    marit.page.keyboard.type("Explained it at the board.")
    marit.page.keyboard.press("Enter")
    said = marit.room.locator("td", has_text="Explained it at the board.")
    expect(said).to_contain_text("strong")
    said.get_by_role("button", name="Take it back").press("Enter")
    expect(said).to_have_count(0)
    marit.room.get_by_role("link", name="In plain words, for parents").press("Enter")
    marit.room.get_by_text("What helps at home").or_(marit.room.get_by_text("has learned")).first.wait_for()
    assert_fit_for_all(marit.page, marit.room, "the page for parents")

    marit.open(link)
    marit.room.get_by_role("link", name="Five-minute activity", exact=True).first.press("Enter")
    marit.room.get_by_role("heading", name="Talk it through").wait_for()
    assert_fit_for_all(marit.page, marit.room, "five minutes with a group")
    marit.open(link)
    marit.room.get_by_role("link", name="A practice on paper").press("Enter")
    expect(marit.room.locator(".question-on-paper")).to_have_count(10)
    assert_fit_for_all(marit.page, marit.room, "a practice on paper")
    marit.open(link)
    marit.room.get_by_role("link", name="What it does, and why").press("Enter")
    marit.room.get_by_role("heading", name="Find out where to start").wait_for()
    assert_fit_for_all(marit.page, marit.room, "what it does, and why")
