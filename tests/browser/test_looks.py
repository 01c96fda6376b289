"""Every page and state of both sites: axe finds no barrier, nothing sticks out, and the question is in sight."""

from collections.abc import Callable, Sequence

import pytest
from playwright.sync_api import Frame, Page, expect

from sandbox_lms.records.people import PUPILS
from tests.browser.garden import NEWCOMERS, settle
from tests.browser.people import Person, barriers
from tests.browser.site import COURSE, Site

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]
WIDTHS = (1280, 360, 320)
EACH_KIND = ("M.NBT2.ADDREG/number", "M.NBT2.ADDREG/steps", "M.NF4.EQ/fraction", "M.NF4.EQ/choice")
EACH_FORMAT = [f"SP.DOUBLE/running/{form}" for form in ("dictation", "missing", "cloze", "build", "proofread")]
SKILLS = ("M.NBT2.ADDREG", "M.NBT2.SUBREG", "M.NBT3.SUB0", "M.NF4.EQ")


def assert_fit_for_all(page: Page, where: Frame | Page, name: str, widths: Sequence[int] = WIDTHS) -> None:
    """No barrier and no sideways scrolling, at a desk and on small phones."""
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800 if width > 400 else 640})
        if not (width == 360 and 320 in widths):  # the style sheets make no difference, and 320 px leave less room
            found = barriers(where)
            assert not found, f"{name} at {width} px: {found}"
        for one in {page, where}:
            wider = one.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wider <= 0, f"{name} at {width} px sticks out by {wider}"


@pytest.fixture(scope="module")
def numbers(site: Site) -> int:
    """An activity with every kind of number, and hints from the first item on."""
    link = site.add_activity(*SKILLS, title="Numbers to look at")
    settle(site, "Numbers to look at", start_check=False)
    return link


@pytest.mark.parametrize("alone", [False, True], ids=["in the LMS", "alone"])
def test_a_pupils_pages(visit: Visit, site: Site, numbers: int, alone: bool) -> None:
    pupil = visit("mali" if alone else "wulandari")

    def look(name: str) -> None:
        assert_fit_for_all(pupil.page, pupil.room, name)

    pupil.open(numbers, alone=alone)
    look("an item")
    pupil.room.get_by_role("button", name="Hint").click()
    pupil.room.locator("#newest-hint").wait_for()
    look("a hint")
    pupil.room.get_by_role("button", name="Check").click()
    pupil.room.locator("#problem").wait_for()
    look("an empty answer")
    pupil.respond(right=False)
    look("feedback on a wrong answer")
    pupil.go_on()
    pupil.room.get_by_role("button", name="I don't know this yet").click()
    pupil.verdict.wait_for()
    look("feedback on an item given up")
    for template in EACH_KIND:
        pupil.go_on()
        pupil.put(template)
        look(f"an item {template}")
        pupil.respond(right=True)
        look(f"feedback on a right {template}")
    pupil.go_on()
    site.practise(pupil.who, numbers, [True] * 15)
    pupil.reload()
    pupil.room.locator(".end").wait_for()
    look("the end of a sitting")


@pytest.mark.parametrize("alone", [False, True], ids=["in the LMS", "alone"])
def test_spelling(visit: Visit, site: Site, alone: bool) -> None:
    link = site.add_activity("SP.DOUBLE", title="Words to look at")
    pupil = visit("selam" if alone else "jean-baptiste")
    pupil.open(link, alone=alone)
    for template in EACH_FORMAT:
        pupil.put(template)
        assert_fit_for_all(pupil.page, pupil.room, template)
        pupil.respond(right=False)
        assert_fit_for_all(pupil.page, pupil.room, f"feedback on {template}")
        pupil.go_on()


@pytest.mark.parametrize("tallest", ["M.NBT2.ADDREG/steps", "SP.DOUBLE/skipping/missing"])
def test_on_a_phone_question_field_and_check_are_in_sight_together(visit: Visit, site: Site, tallest: str) -> None:
    link = site.add_activity(tallest.partition("/")[0], title=f"In sight {tallest}")
    pupil = visit("sakura", width=360, height=640, has_touch=True)
    pupil.open(link)
    site.put(pupil.token, tallest)
    pupil.open(link)
    pupil.page.evaluate("document.querySelector('iframe').scrollIntoView()")
    for part in ("#instruction", "#prompt", ".field", "button[value=answer]"):
        expect(pupil.room.locator(part).first).to_be_in_viewport(ratio=1)


def test_targets_and_text_are_large_enough_for_small_hands(visit: Visit, numbers: int) -> None:
    pupil = visit("seoyeon", width=360, height=640)
    pupil.open(numbers, alone=True)
    pupil.put("M.NBT2.ADDREG/number")
    for target in pupil.room.locator(".button, input:visible, .choice").all():
        box = target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 48 or target.get_attribute("type") in ("radio", "hidden")
    sizes = pupil.room.evaluate(
        "[...document.querySelectorAll('main *')].filter((e) => e.childNodes.length && e.innerText)"
        ".map((e) => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 18


def test_the_right_keyboard_comes_up(visit: Visit, site: Site) -> None:
    wanted = {"M.OA2.ADD20": "numeric", "M.NBT5.DECADD": "decimal", "SP.DOUBLE": "text"}
    pupil = visit("seoyeon")
    for skill, mode in wanted.items():
        pupil.open(site.add_activity(skill, title=f"Keyboard {mode}"), alone=True)
        expect(pupil.field).to_have_attribute("inputmode", mode)
        for name in ("autocorrect", "autocapitalize", "autocomplete"):
            expect(pupil.field).to_have_attribute(name, "off")


def test_htmx_swaps_the_middle_of_the_page_and_nothing_else(visit: Visit, numbers: int) -> None:
    pupil = visit("ada")
    troubles: list[str] = []
    pupil.page.on("console", lambda message: troubles.extend([message.text] if "Policy" in message.text else []))
    pupil.page.on("pageerror", lambda error: troubles.append(str(error)))
    pupil.open(numbers)
    pupil.room.evaluate("window.sameDocument = true")
    for _ in range(2):
        pupil.respond(right=False)
        pupil.go_on()
    assert pupil.room.evaluate("window.sameDocument") is True
    assert pupil.room.locator("#practice").count() == 1
    assert troubles == []


def test_a_teachers_pages(visit: Visit, site: Site, numbers: int) -> None:
    for turn, (pupil, *_) in enumerate(PUPILS):
        site.practise(pupil, numbers, [(turn + k) % 3 > 0 for k in range(0 if pupil in NEWCOMERS else turn % 4)])
    teacher = visit("marit")
    teacher.open(numbers)
    expect(teacher.room.locator(".work tr")).to_have_count(26)
    assert_fit_for_all(teacher.page, teacher.room, "the class page")
    frame = teacher.room.locator(".work .table-frame")
    names = frame.get_by_role("rowheader")
    frame.evaluate("frame => frame.scrollTo(400, 0)")
    left, edge = names.first.bounding_box(), frame.bounding_box()
    assert left is not None
    assert edge is not None
    assert abs(left["x"] - edge["x"]) < 3  # names stay in sight

    teacher.page.goto(f"{site.demo.lms_url}/courses/{COURSE}/add")
    teacher.enter_frame()
    teacher.room.locator("summary").first.click()
    assert_fit_for_all(teacher.page, teacher.room, "the picker")
    teacher.room.get_by_role("textbox", name="Points", exact=True).fill("many")
    teacher.room.get_by_role("button", name="Add to the course").click()
    teacher.room.locator(".problem").wait_for()
    assert_fit_for_all(teacher.page, teacher.room, "the picker with a problem")


def test_error_pages(visit: Visit, site: Site, numbers: int) -> None:
    pupil = visit("sakura")
    pupil.open(numbers)
    site.expire_all_launches()
    pupil.reload()
    assert_fit_for_all(pupil.page, pupil.room, "an expired session")
    pupil.page.goto(f"{site.demo.tool_url}/nowhere")
    assert_fit_for_all(pupil.page, pupil.page, "no such page")


def test_the_practice_lms(visit: Visit, site: Site, numbers: int) -> None:
    for who, paths in {
        "marit": ("/", "/courses", f"/courses/{COURSE}", f"/courses/{COURSE}/grades", f"/courses/{COURSE}/people"),
        "ada": ("/courses", f"/courses/{COURSE}", f"/courses/{COURSE}/grades"),
    }.items():
        person = visit(who)
        for path in paths:
            person.page.goto(site.demo.lms_url + path)
            assert_fit_for_all(person.page, person.page, f"{path} for {who}")
