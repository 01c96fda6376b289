"""The main job without a person: a teacher adds an activity, a pupil answers, the grade arrives.

Speaks to the two sites over HTTP as a browser would: it follows forms and links that the pages show, and knows
nothing of either side's inside.
"""

import json
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

ANSWERS = 12
GRADE_SECONDS = 180
TEACHER, PUPIL, COURSE, SKILL = "marit", "ada", "class-5a", "M.NBT2.ADDREG"


class RoundTripFailed(Exception):  # noqa: N818 - reads as what happened
    """A step did not work; the message says which, and what was seen."""


@dataclass(frozen=True)
class Grade:
    """What arrived in the gradebook."""

    shown: str
    answers: int


@dataclass
class Form:
    """A form of a page: where it goes and what it would send."""

    action: str
    id: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(values.get("action", ""), values.get("id", "")))
        elif tag == "input" and self.forms and values.get("type") in ("hidden", "text") and "name" in values:
            self.forms[-1].fields[values["name"]] = values.get("value", "")


class Browser:
    """One person's browser: cookies, and the page it is on."""

    def __init__(self) -> None:
        # A browser sends Secure cookies to loopback addresses over http as well.
        jar = CookieJar(DefaultCookiePolicy(secure_protocols=("http", "https")))
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(jar))
        self.url = self.text = ""

    def open(self, url: str) -> None:
        """Go to an address."""
        self._go(url)

    def submit(self, form: Form, **fields: str) -> None:
        """Send a form of the page, with some fields filled in."""
        self._go(urljoin(self.url, form.action), {**form.fields, **fields})

    def form(self, *, action: str = "", id: str = "") -> Form:  # noqa: A002 - it is the form's id
        """A form of the page by part of its action or by id. Raises `RoundTripFailed`."""
        parser = _Forms()
        parser.feed(self.text)
        for form in parser.forms:
            if action in form.action and (not id or form.id == id):
                return form
        raise RoundTripFailed(f"{self.url} shows no form {id or action}: {self.text[:500]}")

    def has_form(self, id: str) -> bool:  # noqa: A002 - it is the form's id
        """Whether the page has a form with this id."""
        return f'id="{id}"' in self.text

    def _go(self, url: str, fields: dict[str, str] | None = None) -> None:
        data = None if fields is None else urlencode(fields).encode()
        try:
            with self._opener.open(url, data, timeout=20) as page:
                self.url, self.text = page.url, page.read().decode()
        except HTTPError as error:
            text = error.read().decode(errors="replace")
            raise RoundTripFailed(f"{url} answered {error.code}: {text[:500]}") from None
        except OSError as error:
            raise RoundTripFailed(f"{url} could not be reached: {error}") from None


def round_trip(lms_url: str) -> Grade:
    """Add an activity as a teacher, answer as a pupil, wait for the grade. Raises `RoundTripFailed`."""
    title = f"Round trip {int(time.time())}"
    link = _add_activity(lms_url, title)
    answers = _practise(lms_url, link)
    return Grade(_wait_for_grade(lms_url, title), answers)


def _add_activity(lms_url: str, title: str) -> str:
    """Deep-link one skill; return the path of the new activity."""
    browser = _signed_in(lms_url, TEACHER)
    browser.open(f"{lms_url}/courses/{COURSE}/add/launch")
    _follow_launch(browser)
    browser.submit(browser.form(action="/choose"), skill=SKILL, title=title, points="10")
    browser.submit(browser.form(id="send-back"))
    browser.open(f"{lms_url}/courses/{COURSE}")
    paths = [part.split('"')[0] for part in browser.text.split(f'href="/courses/{COURSE}/links/')[1:]]
    if title not in browser.text or not paths:
        raise RoundTripFailed("The activity did not appear in the course.")
    return f"{lms_url}/courses/{COURSE}/links/{max(int(path.split('/')[0]) for path in paths)}"


def _practise(lms_url: str, link: str) -> int:
    browser = _signed_in(lms_url, PUPIL)
    browser.open(f"{link}/launch")
    _follow_launch(browser)
    place = browser.url
    for answered in range(ANSWERS):
        if not browser.has_form("answer-form"):
            return answered
        browser.submit(browser.form(id="answer-form"), response="1")
        browser.open(place)
    return ANSWERS


def _wait_for_grade(lms_url: str, title: str) -> str:
    browser = _signed_in(lms_url, "admin")
    deadline = time.monotonic() + GRADE_SECONDS
    while time.monotonic() < deadline:
        browser.open(f"{lms_url}/api/gradebook/{COURSE}")
        book = json.loads(browser.text)
        column = next((str(c["id"]) for c in book["columns"] if c["label"] == title), None)
        for pupil in book["pupils"]:
            grade = pupil["grades"].get(column)
            if grade is not None and grade["score"] == grade["maximum"]:
                return f"{grade['score']:g} / {grade['maximum']:g}"
        time.sleep(0.3)
    raise RoundTripFailed(f"No full grade arrived within {GRADE_SECONDS} seconds.")


def _signed_in(lms_url: str, person: str) -> Browser:
    browser = Browser()
    browser.open(lms_url)
    browser.submit(Form("/sign-in", ""), person=person)
    return browser


def _follow_launch(browser: Browser) -> None:
    """Send the forms that a browser sends by itself: to the tool's login, then from the LMS to the launch."""
    browser.submit(browser.form(action="/lti/login"))
    browser.submit(browser.form(action="/lti/launch"))
