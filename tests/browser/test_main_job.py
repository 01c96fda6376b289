"""The main job in a browser that blocks third-party cookies: choose skills, practise, see the grade."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.people import Person
from tests.browser.site import COURSE, Site

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]


def choose_skills(teacher: Person, skills: tuple[str, ...], title: str, points: str = "10") -> None:
    """Add an activity in the LMS: open the grades, tick the skills, name it, add it."""
    teacher.page.goto(f"{teacher.site.demo.lms_url}/courses/{COURSE}")
    teacher.page.get_by_role("link", name="Add an activity").click()
    teacher.enter_frame()
    for skill in skills:
        box = teacher.room.locator(f'input[value="{skill}"]')
        if not box.is_visible():
            teacher.room.locator("details", has=box).locator("summary").click()
        box.check()
    teacher.room.get_by_role("textbox", name="Name of the activity").fill(title)
    teacher.room.get_by_role("textbox", name="Points", exact=True).fill(points)
    teacher.room.get_by_role("button", name="Add to the course").click()
    teacher.page.get_by_role("link", name=title).wait_for()


def open_by_name(person: Person, title: str) -> None:
    """Click an activity in the course, as a person who has never seen it."""
    person.page.goto(f"{person.site.demo.lms_url}/courses/{COURSE}")
    person.page.get_by_role("link", name=title).click()
    person.enter_frame()


def test_from_a_deep_link_to_a_grade_that_both_sides_agree_on(visit: Visit, site: Site) -> None:
    teacher, ada = visit("marit"), visit("ada")
    choose_skills(teacher, ("M.NBT2.ADDREG", "M.NBT2.SUBREG", "M.NBT3.SUB0", "M.NF4.EQ"), "Numbers of week 3")
    choose_skills(teacher, ("SP.DOUBLE",), "Words of week 3")

    open_by_name(ada, "Numbers of week 3")
    for turn in range(15):
        if turn == 5:
            ada.room.get_by_role("button", name="I don't know this yet").click()
            ada.verdict.wait_for()
        else:
            ada.respond(right=turn % 4 != 1)
        ada.go_on()
    expect(ada.room.locator(".end")).to_contain_text("You answered 15 questions")

    teacher.page.goto(f"{site.demo.lms_url}/courses/{COURSE}/grades")
    grade = teacher.wait_for_grade("ada", "Numbers of week 3")
    assert grade["score"] == 10
    teacher.page.reload()
    cell = teacher.page.locator('td[data-pupil="ada"]', has_text="10")
    expect(cell.first).to_contain_text("10 / 10")

    open_by_name(teacher, "Numbers of week 3")
    expect(teacher.room.locator(".sentences")).to_contain_text(re.compile(r"1 of \d+ pupils? ha(s|ve) started"))
    expect(teacher.room.locator(".sentences")).to_contain_text("1 has full points.")
    row = teacher.room.get_by_role("region", name="Work and grades").get_by_role("row", name=re.compile("Ada Okonkwo"))
    expect(row).to_contain_text("10 of 10, in the gradebook")
    expect(row.locator(".number").last).to_have_text("15")

    open_by_name(ada, "Words of week 3")
    ada.room.get_by_role("button", name="Hint").click()
    expect(ada.room.locator("#newest-hint")).to_be_focused()
    ada.respond(right=True)
    assert ada.verdict.is_visible()


def test_a_pupil_without_javascript_practises_to_the_end(visit: Visit, site: Site) -> None:
    link = site.add_activity("M.OA2.ADD20", title="No script")
    sean = visit("sean", java_script_enabled=False)
    sean.open_without_script(link)
    sean.room.get_by_role("button", name="Hint").click()
    sean.room.locator("#newest-hint").wait_for()
    sean.fill_in("not a number")
    sean.room.get_by_role("button", name="Check").click()
    expect(sean.room.locator("#problem")).to_be_visible()
    expect(sean.field).to_have_value("not a number")
    sean.fill_in("7")
    sean.room.get_by_role("button", name="Next hint").click()
    expect(sean.field).to_have_value("7")
    for turn in range(20):
        sean.respond(right=turn > 0)
        sean.go_on()
        if sean.room.locator(".end").count():
            break
    expect(sean.room.locator(".end")).to_be_visible()
    expect(sean.room.get_by_text("Everything is saved.")).to_be_visible()


def test_dictation_without_javascript_has_the_plain_player(visit: Visit, site: Site) -> None:
    link = site.add_activity("SP.DOUBLE", title="Words without script")
    lina = visit("lina", java_script_enabled=False)
    lina.open_without_script(link)
    site.put(lina.token, "SP.DOUBLE/running/dictation")
    lina.page.reload()
    expect(lina.room.locator("audio[controls]")).to_be_visible()


def test_a_pupil_needs_no_mouse(visit: Visit, site: Site) -> None:
    link = site.add_activity("M.OA2.ADD20", title="Keys only")
    zoe = visit("zoe")
    zoe.open(link, alone=True)
    keys = zoe.page.keyboard
    for _ in range(8):
        if not zoe.field.evaluate("field => field === document.activeElement"):
            keys.press("Tab")
    expect(zoe.field).to_be_focused()
    for _ in range(2):
        token, answer = zoe.token, zoe.item.answer
        keys.type(answer)
        keys.press("Enter")
        expect(zoe.verdict).to_be_focused()
        assert site.answers_to(token) == 1
        zoe.pause()
        keys.press("Enter")
        expect(zoe.field).to_be_focused()
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")
    expect(zoe.room.locator("#newest-hint")).to_be_focused()
