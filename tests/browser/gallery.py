"""Pictures of every state of a pupil's pages, to look at one by one: `make gallery` writes build/gallery/index.html.

Each state is photographed at the four sizes. Arguments choose the states whose name has one of these words.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import select

from lti_tool.persistence.tables.activities import Activity
from lti_tool.services.helping.accommodations import Accommodations, set_accommodations
from lti_tool.services.pupil.preferences import prefer
from tests.browser.garden import GARDEN, SIZES, latest, settle
from tests.browser.people import Person
from tests.browser.site import Site, running_site

FOLDER = Path("build/gallery")


@dataclass
class Gallery:
    """The pictures so far, in the order in which a pupil meets the states."""

    site: Site
    browser: Browser
    wanted: list[str]
    pictures: list[tuple[str, str]] = field(default_factory=list)

    def visit(self, who: str) -> Person:
        """Somebody at a window of their own."""
        page = self.browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        person = Person(who, page, self.site)
        person.sign_in()
        return person

    def take(self, person: Person, name: str) -> None:
        """Photograph the tool's page at each size."""
        if self.wanted and not any(word in name for word in self.wanted):
            return
        for width, height in SIZES:
            person.page.set_viewport_size({"width": width, "height": height})
            file = f"{len(self.pictures):03d}-{name.replace(' ', '-')}-{width}.png"
            person.page.screenshot(path=FOLDER / file, full_page=True)
            self.pictures.append((name, file))
        person.page.set_viewport_size({"width": 1280, "height": 800})

    def write(self) -> None:
        """The page with all pictures."""
        figures = "".join(
            f'<figure><img src="{escape(file)}" loading="lazy"><figcaption>{escape(file)}</figcaption></figure>'
            for _, file in self.pictures
        )
        style = (
            "body{font:16px sans-serif;display:flex;flex-wrap:wrap;gap:1rem}img{border:1px solid #999;max-width:46vw}"
        )
        (FOLDER / "index.html").write_text(f"<!doctype html><title>Gallery</title><style>{style}</style>{figures}")


def own_frontier(gallery: Gallery) -> None:
    """Today, from the first visit to a session's end."""
    site = gallery.site
    link = site.add_activity(*GARDEN, title="My garden")
    settle(site, "My garden", own_frontier=True)
    pupil = gallery.visit("ada")
    pupil.open(link, alone=True)
    gallery.take(pupil, "warm-up typing")
    pupil.field.fill("5")
    pupil.room.get_by_role("button", name="Check").click()
    pupil.room.locator(".taps").wait_for()
    gallery.take(pupil, "warm-up tapping")
    pupil.room.get_by_text("Sun", exact=True).click()
    pupil.room.get_by_role("button", name="Check").click()
    pupil.room.locator(".listen").wait_for()
    gallery.take(pupil, "warm-up listening")
    pupil.room.get_by_role("button", name="Go on").click()
    pupil.room.locator(".hero").wait_for()
    gallery.take(pupil, "today first visit")
    if pupil.room.get_by_role("button", name="Let's go").count():
        pupil.room.get_by_role("button", name="Let's go").click()
    pupil.form.wait_for()
    gallery.take(pupil, "start check")
    for n in range(16):
        if not pupil.form.count():
            break
        pupil.respond(right=n % 4 != 2)
        if n in (1, 2):
            gallery.take(pupil, f"feedback {'right' if n == 1 else 'not yet'}")
        pupil.pause()
        pupil.room.get_by_role("link", name="Next").click()
        pupil.room.locator("#answer-form, .end").first.wait_for()
    gallery.take(pupil, "end of a session")
    pupil.open(link, alone=True)
    gallery.take(pupil, "today later")
    pupil.room.get_by_text("Choose a goal").click()
    gallery.take(pupil, "today choosing a goal")
    pupil.room.get_by_role("button", name="Practise on 3 days").click()
    pupil.room.locator(".pips").wait_for()
    gallery.take(pupil, "today with a goal")
    with site.database.write() as session:
        prefer(session, latest(site), locale=None, look="old")
    pupil.open(link, alone=True)
    gallery.take(pupil, "today trail")
    for way in ("My skills", "Settings"):
        pupil.room.get_by_role("link", name=way).click()
        gallery.take(pupil, way.lower())


def practice(gallery: Gallery) -> None:
    """Items, hints and feedback in both subjects."""
    site = gallery.site
    numbers = site.add_activity("M.NBT2.ADDREG", "M.NF4.EQ", "M.NBT3.SUB0", title="Numbers")
    words = site.add_activity("SP.DOUBLE", title="Words")
    pupil = gallery.visit("nino")
    for name, link in (("math", numbers), ("spelling", words)):
        pupil.open(link, alone=True)
        gallery.take(pupil, f"{name} item")
        pupil.room.get_by_role("button", name="Hint").click()
        pupil.room.locator("#newest-hint").wait_for()
        gallery.take(pupil, f"{name} hint")
        if name == "spelling":
            pupil.room.locator(".plan button").first.click()
            pupil.room.locator(".plan ol").wait_for(state="attached")
            gallery.take(pupil, "spelling with a plan")
        pupil.respond(right=False)
        gallery.take(pupil, f"{name} feedback not yet")
        if name == "math":
            pupil.room.get_by_role("link", name="See one that is done").click()
            pupil.room.locator(".example").wait_for()
            gallery.take(pupil, "math worked example")
            pupil.pause()
            pupil.room.get_by_role("link", name="Now I try").click()
            pupil.form.wait_for()
        else:
            pupil.go_on()
        seen: set[str] = set()
        for _ in range(20):
            if not pupil.form.count():
                break
            if pupil.room.locator(".faces").count() and "faces" not in seen:
                gallery.take(pupil, f"{name} how sure")
                pupil.room.locator(".face").last.click()
                seen.add("faces")
            kind = pupil.item.format
            if kind not in seen:
                gallery.take(pupil, f"{name} {kind}")
            seen.add(kind)
            pupil.respond(right=True)
            if "faces" in seen and name == "spelling" and "judged" not in seen:
                gallery.take(pupil, "spelling feedback on how sure")
                seen.add("judged")
            pupil.go_on()
        gallery.take(pupil, f"{name} end")
    pupil.page.goto(pupil.page.url.split("/practice")[0] + "/strategies")
    gallery.take(pupil, "strategies")
    pupil.room.get_by_role("link", name="Hear every sound").first.click()
    pupil.room.locator(".strategy-lesson").wait_for()
    gallery.take(pupil, "a strategy")


def needs(gallery: Gallery) -> None:
    """The same page with each accommodation."""
    site = gallery.site
    link = site.add_activity("M.NF4.EQ", title="For each child")
    for who, wanted in (
        ("mali", Accommodations(larger_text=True)),
        ("selam", Accommodations(dyslexia_font=True)),
        ("sakura", Accommodations(high_contrast=True)),
    ):
        pupil = gallery.visit(who)
        pupil.open(link, alone=True)
        with site.database.write() as session:
            ids = latest(site), session.scalars(select(Activity.context_id)).first()
            set_accommodations(session, ids[0], wanted, context_id=ids[1] or 0, author_id=ids[0], now=datetime.now(UTC))
        pupil.open(link, alone=True)
        [name] = [name for name, value in vars(wanted).items() if value]
        gallery.take(pupil, name.replace("_", " "))


ROOMS: tuple[Callable[[Gallery], None], ...] = (own_frontier, practice, needs)


@contextmanager
def opened(wanted: list[str]) -> Iterator[Gallery]:
    """A site and a browser."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder)) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield Gallery(site, browser, wanted)
        browser.close()


if __name__ == "__main__":
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    rooms = [room for room in ROOMS if not sys.argv[1:] or room.__name__ in sys.argv[1:]] or list(ROOMS)
    with opened([word for word in sys.argv[1:] if word not in {room.__name__ for room in ROOMS}]) as gallery:
        for room in rooms:
            room(gallery)
        gallery.write()
    sys.stdout.write(f"{len(gallery.pictures)} pictures: {FOLDER / 'index.html'}\n")
