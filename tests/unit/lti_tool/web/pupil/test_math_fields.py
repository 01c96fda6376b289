"""Every kind of answer can be given with a page's own controls: by keyboard, by screen reader, without a script."""

from __future__ import annotations

from collections import defaultdict
from html.parser import HTMLParser

import pytest

from item_banks.loader import load_banks
from item_banks.marking import as_typed, mark
from item_banks.responses import joined, parts
from item_banks.schema import Item
from lti_tool.cli.content.bank_sheet import sheet
from tests.support.pupils import Desk
from tests.support.school import School

BANK = load_banks()["math-en"]
ONE_OF_EACH = {template.format: template for template in BANK.templates.values()}


class Controls(HTMLParser):
    """What a browser sends of a page: field -> what it can hold; None for anything that can be typed or moved to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, set[str] | None] = {}
        self.unnamed: list[str] = []
        self._choices: dict[str, set[str]] = defaultdict(set)
        self._select = ""
        self.feed(html)
        self.found |= self._choices

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        if tag == "select":
            self._select = held["name"]
        elif tag == "option":
            self._choices[self._select].add(held["value"])
        elif tag == "input" and held.get("type") == "radio":
            self._choices[held["name"]].add(held["value"])
        elif tag == "input":
            self.found[held["name"]] = None
        if "tabindex" in held or held.get("role") == "button":
            self.unnamed.append(tag)  # something that only a script could make work


def question_of(item: Item) -> str:
    """The item's part of a sheet, which is made of the same templates as the pupil's page."""
    position = [template.id for template in BANK.templates.values() if template.skill == item.skill]
    page = sheet(BANK, [item.skill], len(position), item.seed - position.index(item.template))
    section = page.split(f"<small>{item.template} · {item.seed}</small>")[1]
    return section.split("<details open>")[0]


def fields_of(item: Item) -> dict[str, str]:
    """The right answer as the fields of the page hold it."""
    if item.response.kind == "line" and item.response.scale is not None:
        scale = item.response.scale
        low, high = float(scale.low), float(scale.high)
        return {"response_mark": str(round((float(item.answer) - low) / (high - low) * scale.steps))}
    return {name: text for name, text in parts(item.response.kind, as_typed(item, item.answer)).items() if text}


@pytest.mark.parametrize("form", sorted(ONE_OF_EACH))
def test_an_answer_of_every_format_goes_through_plain_controls(form: str) -> None:
    item = BANK.draw(ONE_OF_EACH[form].id, 40)
    controls, fields = Controls(question_of(item)), fields_of(item)
    assert not controls.unnamed
    for name, text in fields.items():
        can_hold = controls.found[name]
        assert can_hold is None or text in can_hold
    sent = {name: "" for name, can_hold in controls.found.items() if can_hold is None} | fields
    assert mark(item, joined(sent)).verdict == "correct"


def test_ada_sends_an_answer_of_every_format_without_a_script(school: School) -> None:
    page = school.open("ada", school.add_activity("M.OA2.ADD20"))
    desk = Desk.of(page)
    for template in ONE_OF_EACH.values():
        if desk.open().open_item is None:
            desk.again()
        item = desk.put(template.id, 40)
        page = page.reload()
        controls = Controls(page.text[page.text.index('<form id="answer-form"') :].split("</form>")[0])
        sent = {name: "" for name, can_hold in controls.found.items() if can_hold is None and "response" in name}
        after = page.send("answer", item=page.item_token, **(sent | fields_of(item)))
        assert 'class="feedback right' in after.text, template.id
