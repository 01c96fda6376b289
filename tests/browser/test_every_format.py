"""Every kind of math answer is given by keys alone, and its pictures can be read on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from item_banks.loader import load_banks
from item_banks.schema import Item
from tests.browser.people import Person, barriers, fields_for
from tests.browser.site import Site

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]
LAST_OF_EACH = {template.format: template.id for template in load_banks()["math-en"].templates.values()}
BELOW_ZERO = {"pair": "M.NS6.QUAD/read", "point": "M.NS6.QUAD/place"}
WITH_PICTURES = LAST_OF_EACH["number"]
"""Of the formats one whose hints are looked at too."""
TEXTS = """() => [...document.querySelectorAll("svg text")].map((each) => {
    const svg = each.ownerSVGElement, size = parseFloat(getComputedStyle(each).fontSize);
    return [each.textContent, size * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width];
})"""


class Keys:
    """Somebody who has a keyboard and nothing else."""

    def __init__(self, pupil: Person) -> None:
        self.pupil = pupil
        self.press = pupil.page.keyboard.press
        self.type = pupil.page.keyboard.type

    def here(self, what: str) -> str:
        return str(self.pupil.room.evaluate(f"(document.activeElement.{what} ?? '') + ''"))

    def tab_to(self, what: str, wanted: str) -> None:
        """Go on until the focus is on a control with this name, value or text, forwards and around."""
        for _ in range(60):
            if self.here(what).strip() == wanted:
                return
            self.press("Tab")
        raise AssertionError(f"no key leads to {what} {wanted!r}")

    def give(self, item: Item) -> None:
        """Put the right answer in, as its format wants it."""
        kind = item.response.kind
        if kind == "order":
            for card in item.answer.split("; "):
                self.tab_to("dataset.value", card)
                self.press("Enter")
            return
        if kind == "group":
            for group in item.answer.split("; "):
                label = next(each.label for each in item.response.groups if each.value == group)
                self.tab_to("ariaLabel", f"Put it here: {label}")
                self.press("Enter")
            return
        if kind == "choice":
            self.tab_to("name", "response")
            for _ in item.response.choices:
                if self.here("value") == item.answer and self.here("checked") == "true":
                    return
                self.press("ArrowDown")
        for name, text in fields_for(item, item.answer).items():
            if text:  # a fraction has no whole, a column without a ten no note
                self.tab_to("name", name)
                self._fill(text)

    def _fill(self, text: str) -> None:
        if self.here("type") == "range":
            while (at := int(self.here("value"))) != int(text):
                self.press("ArrowRight" if at < int(text) else "ArrowLeft")
        elif self.here("tagName") == "SELECT":
            while self.here("value") != text:
                self.press("ArrowDown")
        else:
            self.type(text)


def test_an_answer_of_every_format_by_keys_alone(visit: Visit, site: Site) -> None:
    link = site.add_activity("M.OA2.ADD20", title="Every format")
    pupil = visit("selam", width=360, height=640)
    pupil.open(link, alone=True)
    keys = Keys(pupil)
    for template in (LAST_OF_EACH | BELOW_ZERO).values():
        item = pupil.put(template)
        assert not pupil.sticks_out(), template
        assert not barriers(pupil.room), template
        if template == WITH_PICTURES:
            for shown in (1, 2, 3):
                pupil.room.get_by_role("button", name="Hint").click()
                expect(pupil.room.locator(".hints p")).to_have_count(shown)
        small = [text for text in pupil.room.evaluate(TEXTS) if text[1] < 16]
        assert not small, f"{template}: {small}"
        keys.give(item)
        keys.tab_to("innerText", "Check")
        keys.press("Enter")
        pupil.verdict.wait_for()
        expect(pupil.room.locator(".feedback.right"), template).to_be_attached()
        pupil.pause()
        keys.tab_to("innerText", "Next")
        keys.press("Enter")
        pupil.form.wait_for()
