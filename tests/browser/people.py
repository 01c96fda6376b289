"""People in front of a browser: what they click, type and see."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, Locator, Page

from item_banks.responses import parts
from item_banks.schema import Item
from tests.browser.site import COURSE, Site
from tests.support.pupils import wrong_answer

WCAG_22_AA = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")


@dataclass
class Person:
    """One person, one window. `room` is where the tool shows itself: the LMS's frame, or the whole window."""

    who: str
    page: Page
    site: Site

    def __post_init__(self) -> None:
        self._room: Frame | None = None

    @property
    def room(self) -> Frame:
        """The frame with the tool's page."""
        assert self._room is not None, "nothing has been opened yet"
        return self._room

    def sign_in(self) -> None:
        """Be this person in the practice LMS."""
        self.page.goto(self.site.demo.lms_url)
        self.page.locator(f'button[name="person"][value="{self.who}"]').click()
        self.page.wait_for_url("**/courses**")

    def open(self, link: int, *, alone: bool = False, course: str = COURSE) -> None:
        """Open an activity: inside the LMS, or in a window of its own."""
        place = f"{self.site.demo.lms_url}/courses/{course}/links/{link}"
        if alone:
            self.page.goto(f"{place}/launch?target=window")
            self.page.wait_for_url(f"{self.site.demo.tool_url}/a/*")
            self._room = self.page.main_frame
        else:
            self.page.goto(place)
            self.enter_frame()

    def enter_frame(self) -> None:
        """Look into the LMS page's frame, once the launch in it is through."""
        element = self.page.locator("iframe").element_handle()
        frame = element.content_frame() if element else None
        assert frame is not None
        frame.wait_for_url(lambda url: url.startswith(f"{self.site.demo.tool_url}/a/"))
        self._room = frame

    def open_without_script(self, link: int) -> None:
        """Open an activity alone, and press the buttons that scripts would press."""
        self.page.goto(f"{self.site.demo.lms_url}/courses/{COURSE}/links/{link}/launch?target=window")
        for _ in range(5):
            if self.page.url.startswith(f"{self.site.demo.tool_url}/a/"):
                break
            self.page.get_by_text("Continue").click()
        self._room = self.page.main_frame

    # Practice

    @property
    def form(self) -> Locator:
        """The answer form."""
        return self.room.locator("#answer-form")

    @property
    def field(self) -> Locator:
        """The field for a typed answer."""
        return self.room.locator("#response")

    @property
    def verdict(self) -> Locator:
        """The heading of the feedback."""
        return self.room.locator("#verdict")

    @property
    def token(self) -> str:
        """Which item is on the page."""
        token = self.room.locator("[data-item]").get_attribute("data-item")
        assert token is not None
        return token

    @property
    def item(self) -> Item:
        """The item on the page, with the answer that only a test may know."""
        return self.site.item(self.token)

    def put(self, template_id: str) -> Item:
        """Have an item of a shipped bank on the page, in place of the one that was drawn by lot."""
        item = self.site.put(self.token, template_id)
        self.reload()
        self.form.wait_for()
        return item

    def fill_in(self, response: str) -> None:
        """Type an answer, choose it, or put it together in the fields that the item has."""
        item = self.item
        if self.room.locator(".choices").count():
            self.room.locator(f'input[name="response"][value="{response}"]').check()
            return
        for name, value in fields_for(item, response).items():
            if not value:
                continue  # a part that this response does not have, such as the whole of 3/4
            control = self.room.locator(f'[name="{name}"]')
            if control.first.get_attribute("type") == "radio":
                choice = self.room.locator(f'[name="{name}"][value="{value}"]')
                if choice.is_visible():
                    choice.check()
                else:  # behind cards
                    choice.evaluate("(control) => { control.checked = true; }")
            elif control.get_attribute("type") == "text":
                control.fill(value)
            else:  # a slider, or a list behind cards
                control.evaluate(_SET, value)

    def check(self) -> None:
        """Press "Check" and wait for the verdict."""
        self.room.get_by_role("button", name="Check").click()
        self.verdict.wait_for()

    def pause(self) -> None:
        """As long as a pupil takes to see the feedback; "Next" rests meanwhile, for the second tap of a double one."""
        self.room.locator("#next:not([aria-disabled])").wait_for()

    def go_on(self) -> None:
        """Press "Next" and wait for what comes."""
        self.pause()
        self.room.get_by_role("link", name="Next").click()
        self.room.locator("#answer-form, .end").first.wait_for()

    def press(self, name: str | re.Pattern[str]) -> None:
        """Press a button or follow a link by its name."""
        found = self.room.get_by_role("button", name=name, exact=isinstance(name, str)).or_(
            self.room.get_by_role("link", name=name, exact=isinstance(name, str))
        )
        found.first.click()

    def respond(self, *, right: bool) -> None:
        """Answer the item on the page, right or wrong."""
        self.fill_in(self.item.answer if right else wrong_answer(self.item))
        self.check()

    # Looking

    def wait_for_grade(self, who: str, title: str, seconds: float = 60) -> dict[str, Any]:
        """A pupil's full grade in the gradebook, once it has arrived."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            grade = self.site.grade(who, title)
            if grade is not None and grade["score"] == grade["maximum"]:
                return grade
            time.sleep(0.2)
        raise AssertionError(f"no full grade for {who} within {seconds} seconds")

    def reload(self) -> None:
        """Reload the tool's page, as the frame's own menu would."""
        with self.room.expect_navigation():
            self.room.evaluate("location.reload()")

    def sticks_out(self) -> int:
        """By how many pixels the tool's page is wider than the window that holds it."""
        found: int = self.room.evaluate("document.documentElement.scrollWidth - innerWidth")
        return max(0, found)


_SET = "(control, value) => { control.value = value; control.dispatchEvent(new Event('input', {bubbles: true})); }"


def fields_for(item: Item, response: str) -> dict[str, str]:
    """What a pupil enters where, to give a response."""
    scale = item.response.scale
    if item.response.kind == "line" and scale is not None and not response.startswith("mark"):
        step = (Fraction(scale.high) - Fraction(scale.low)) / scale.steps
        at = (Fraction(response) - Fraction(scale.low)) / step
        return {"response_mark": str(int(at) if 0 < at <= scale.steps else scale.steps)}
    return parts(item.response.kind, response)


def barriers(where: Page | Frame, tags: Sequence[str] = WCAG_22_AA) -> list[Any]:
    """What axe finds on a page: rule, and where. Once it has loaded: words stand there before the styles do."""
    where.wait_for_load_state("load")
    if where.evaluate("typeof axe") == "undefined":
        where.evaluate(Axe().axe_script)
    options = {"runOnly": {"type": "tag", "values": list(tags)}, "resultTypes": ["violations"]}
    found = where.evaluate("(options) => axe.run(options).then((found) => found.violations)", options)
    return [(problem["id"], [node["target"] for node in problem["nodes"]]) for problem in found]
