"""Every visible string can be translated.

A pseudo-language wraps what goes through gettext in ⟦…⟧. On each page, text that stands outside must be content of a
bank (it carries the bank's `lang`), or data (a name, a number, a code).
"""

import re
from collections.abc import Iterator
from gettext import NullTranslations
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from babel import Locale
from flask import render_template

from tests.support.databases import Servers
from tests.support.pupils import wrong_answer
from tests.support.school import COURSE, TOOL_URL, School, open_school

PSEUDO, CONTENT = "fr", "en"  # pages call themselves French, so that English content stands out
CONTENT_LANGUAGES = {CONTENT, "nl"}
SPOKEN_ATTRIBUTES = ("aria-label", "title", "placeholder", "alt")
SILENT = ("script", "style", "math", "time")  # times are put into words by Babel
VOID = ("meta", "link", "input", "br", "img", "hr")
# Names, numbers, codes of standards, signs: the same in every language.
DATA = re.compile(r"(Proximal|[\d\s.,:/=+−×÷?–✓→✗-]|[A-Z]+\.?[A-Z0-9]*(\.[A-Za-z0-9]+)+)*")
# Babel says the places, in the language of the reader.
PLACES = tuple(str(Locale.parse(each, sep="-").get_display_name("en")) for each in ("en-US", "en-GB", "nl-NL"))
NAMES = ("Ada Okonkwo", "My numbers", "My words", "abc", *PLACES)


class Pseudo(NullTranslations):
    """Marks everything that was looked up."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return f"⟦{singular if n == 1 else plural}⟧"

    ugettext, ungettext = gettext, ngettext


class Visible(HTMLParser):
    """Collects what a person reads or hears on a page, with the language it stands in."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._open: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        language = values.get("lang", self._open[-1][1] if self._open else "")
        if tag not in VOID:
            self._open.append((tag, language))
        self.found += [(language, values[name]) for name in SPOKEN_ATTRIBUTES if name in values]

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(tag in SILENT for tag, _ in self._open):
            self.found.append((self._open[-1][1] if self._open else "", data.strip()))


def unmarked(text: str) -> str:
    """The text without what was looked up; a sentence may hold another."""
    inner = re.sub(r"⟦[^⟦⟧]*⟧", "", text)
    return inner.strip() if inner == text else unmarked(inner)


def untranslated(html: str) -> list[str]:
    """Text that is neither marked, nor content of a bank, nor data."""
    page = Visible()
    page.feed(html)
    rest = []
    for language, text in page.found:
        for name in NAMES:
            text = text.replace(name, "")
        if language not in CONTENT_LANGUAGES and not DATA.fullmatch(unmarked(text)):
            rest.append(text)
    return rest


@pytest.fixture
def pseudo(database_servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[School]:
    """A school whose pages speak the pseudo-language."""
    with database_servers.fresh("sqlite") as url, open_school(url, tmp_path) as school:
        # Only now: an application that was built with another choice of language would keep it for the next school.
        monkeypatch.setattr("flask_babel.Domain.get_translations", lambda self: Pseudo())
        monkeypatch.setattr("lti_tool.web.locale.choose_locale", lambda: PSEUDO)
        yield school


def practice(school: School, link: int) -> Iterator[tuple[str, str]]:
    """A pupil's pages, through all that a sitting shows."""
    page = school.open("ada", link)
    yield "item", page.text
    yield "hint", page.send("hint", item=page.item_token).text
    yield "problem", page.respond("").text
    yield "wrong", page.respond(wrong(page)).text
    page = page.reload()
    yield "given up", page.respond("", action="dont_know").text
    for _ in range(60):
        page = page.reload()
        if "data-item" not in page.text:
            break
        answered = page.respond(page.item.answer)
        yield "right", answered.text
    yield "end", page.reload().text


def wrong(page: Any) -> str:
    """A response that can be read and is not right."""
    return wrong_answer(page.item) if page.item.response.kind != "text" else "zzz"


def pages(school: School) -> Iterator[tuple[str, str]]:
    """Every page of the tool that a school can come to see."""
    picker = school.open_deep_linking()
    yield "picker", picker.text
    yield "nothing chosen", picker.send("choose", title="abc", points="10").text
    yield "bad points", picker.send("choose", skill=["M.NBT2.ADDREG"], points="abc").text
    yield "back to the LMS", picker.send("cancel").text
    numbers = school.add_activity("M.NBT2.ADDREG", "M.NF4.EQ", title="My numbers")
    words = school.add_activity("SP.DOUBLE", title="My words")
    yield "an empty class page", school.open("marit", numbers).text
    yield from practice(school, numbers)
    yield from practice(school, words)
    school.deliver_grades()
    yield "class page", school.open("marit", numbers).text
    ada = school.open("ada", numbers)
    for name in ("warm-up", "today", "learned", "settings", "strategies", "with-partner"):
        yield name, school.browser("ada").get(f"{ada.place}/{name}", base_url=TOOL_URL).text
    by_hand = school.lms.add_link_by_hand(COURSE, "My words")
    yield "not ready", school.open("sean", by_hand).text
    yield "a link without settings", school.open("marit", by_hand).text
    page = school.open("ada", words)
    yield "another's item", page.send("answer", item="nobody", response="abc").text
    yield "a forged form", page.send("answer", form_token="no", item="nobody").text
    yield "no such page", school.browser("ada").get("/nowhere").text


def test_every_page_speaks_the_readers_language(pseudo: School) -> None:
    seen = {}
    for name, html in pages(pseudo):
        assert not untranslated(html), (name, untranslated(html))
        seen[name] = html
    assert len(seen) > 15


def test_every_error_page_speaks_the_readers_language(pseudo: School) -> None:
    from lti_tool.web.errors import _PAGES

    for code, page in _PAGES.items():
        with pseudo.app.test_request_context("/"):
            html = render_template("message.html", layout="base.html", page=page, code=code, typed="abc", kept=True)
        assert untranslated(html) == [code] or not untranslated(html), code


def test_a_forgotten_string_would_be_found() -> None:
    html = f'<p lang="{PSEUDO}">Hello</p><p>⟦Good⟧ day</p><p lang="{CONTENT}">frog</p><img alt="A frog"><b>12</b>'
    assert untranslated(html) == ["Hello", "⟦Good⟧ day", "A frog"]
