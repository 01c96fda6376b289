"""Both sites as real processes, and a Chromium that blocks third-party cookies."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.people import Person
from tests.browser.site import Site, running_site
from tests.support.requirements import skip_or_fail

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=document-user-activation-required",
)
BLOCK_THIRD_PARTY_COOKIES = "--test-third-party-cookie-phaseout"

expect.set_options(timeout=30_000)  # as long as every click waits: a page that is slow is not a page that is wrong


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Chromium on this machine; its absence is said loudly."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        skip_or_fail("there is no Chromium on this machine (install chromium, or set CHROMIUM to its path)")
    return str(found)


@pytest.fixture(scope="session")
def site(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The practice LMS and the tool, as `proximal demo` starts them."""
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="module")
def chromium(chromium_path: str) -> Iterator[Browser]:
    """One browser per module: other folders start their own, and two at once can't live in one thread."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path, args=[*ARGUMENTS, BLOCK_THIRD_PARTY_COOKIES]
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, site: Site) -> Iterator[Callable[..., Person]]:
    """Gives people a browser window each; afterwards, nothing may have been asked of any other host."""
    contexts: list[BrowserContext] = []
    asked: set[str] = set()

    def opened(who: str, *, width: int = 1280, height: int = 800, **options: Any) -> Person:
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        context.on("request", lambda request: asked.add(request.url))
        page: Page = context.new_page()
        person = Person(who, page, site)
        person.sign_in()
        return person

    yield opened
    for context in contexts:
        context.close()
    foreign = [url for url in asked if not url.startswith((*site.hosts, "data:", "about:", "blob:"))]
    assert not foreign
