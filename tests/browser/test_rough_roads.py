"""Reloads, Back, impatient fingers, sleeping sessions, lost networks: nothing typed is lost, nothing counts twice."""

import json
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from flask import Flask, Response, redirect, request
from playwright.sync_api import Browser, BrowserContext, Route, expect
from playwright.sync_api import Response as BrowserResponse

from lti_tool.cli.running.processes import free_port
from tests.browser.conftest import ARGUMENTS
from tests.browser.people import Person
from tests.browser.site import Site
from tests.lti.sandbox_sites import listening

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]

UNTIL_IT_MOVES = "audio => new Promise(done => { audio.ontimeupdate = () => audio.currentTime > 0.3 && done() })"
TAP_NEXT_AT_ONCE = """() => new MutationObserver((_, watching) => {
    const next = document.querySelector("#next[aria-disabled]");
    if (!next) return;
    watching.disconnect();
    window.tapped = true;
    next.click();
}).observe(document.body, { attributes: true, childList: true, subtree: true })"""
UNTIL_IT_ENDS = "audio => audio.ended || new Promise(done => { audio.onended = () => done(true) })"


@pytest.fixture(scope="module")
def adding(site: Site) -> int:
    """An activity with numbers to type."""
    return site.add_activity("M.OA2.ADD20", "M.NBT3.ROUND", title="Rough roads")


@pytest.fixture(scope="module")
def fractions(site: Site) -> int:
    """An activity with fractions."""
    return site.add_activity("M.NF4.EQ", title="Fractions on rough roads")


def saved(text: str) -> Callable[[BrowserResponse], bool]:
    """Whether a response says that the server has this draft: who types slowly sends some before it."""

    def is_draft(response: BrowserResponse) -> bool:
        sent = parse_qs(response.request.post_data or "")
        return response.url.endswith("/draft") and response.status == 204 and sent["response"] == [text]

    return is_draft


def test_a_reload_in_mid_answer_keeps_what_was_typed_in_the_frame(visit: Visit, adding: int) -> None:
    # This browser denies a framed page all storage of its own, so that the server keeps the draft.
    priya = visit("priya")
    priya.open(adding)
    with priya.page.expect_response(saved("12")):
        priya.field.press_sequentially("12")
    priya.reload()
    expect(priya.field).to_have_value("12")
    with priya.page.expect_response(saved("123")):
        priya.field.press("End")
        priya.field.press_sequentially("3")
    priya.page.reload()  # the whole LMS page: a new launch of the same activity
    priya.enter_frame()
    expect(priya.field).to_have_value("123")


def test_a_draft_is_sent_on_the_way_out_too(visit: Visit, adding: int) -> None:
    jean = visit("jean-baptiste")
    jean.open(adding)
    jean.field.press_sequentially("45")
    jean.page.reload()
    jean.enter_frame()
    expect(jean.field).to_have_value("45")


def test_a_window_of_its_own_keeps_the_draft_in_the_tab(visit: Visit, adding: int) -> None:
    ayse = visit("ayse")
    ayse.open(adding, alone=True)
    drafts: list[str] = []
    ayse.page.on("request", lambda request: drafts.extend([request.url] if request.url.endswith("/draft") else []))
    ayse.field.press_sequentially("67")
    ayse.reload()
    expect(ayse.field).to_have_value("67")
    assert drafts == []


def test_what_was_typed_stays_with_its_own_question(visit: Visit, adding: int) -> None:
    kavin = visit("kavin")
    kavin.open(adding)
    kavin.respond(right=False)
    kavin.go_on()
    expect(kavin.field).to_have_value("")


def test_a_hint_keeps_what_was_typed(visit: Visit, adding: int) -> None:
    yusuf = visit("yusuf")
    yusuf.open(adding)
    yusuf.fill_in("34")
    yusuf.room.get_by_role("button", name="Hint").click()
    expect(yusuf.room.locator("#newest-hint")).to_be_focused()
    expect(yusuf.field).to_have_value("34")


def test_back_after_an_answer_asks_nothing_twice(visit: Visit, site: Site, adding: int) -> None:
    noa = visit("noa", java_script_enabled=False)
    noa.open_without_script(adding)
    first = noa.token
    noa.respond(right=True)
    noa.page.go_back()
    assert noa.token != first  # the page shows what waits now, not what was answered
    noa.page.go_forward()
    expect(noa.verdict).to_be_visible()
    noa.page.reload()
    assert site.answers_to(first) == 1


def test_a_double_click_on_check_counts_once_and_shows_the_feedback(visit: Visit, site: Site, adding: int) -> None:
    lina = visit("lina")
    lina.open(adding)
    token = lina.token
    lina.fill_in(lina.item.answer)
    lina.room.get_by_role("button", name="Check").dblclick()
    lina.verdict.wait_for()
    lina.pause()
    assert lina.verdict.is_visible()
    assert site.answers_to(token) == 1


def test_the_second_tap_of_a_double_one_does_not_skip_the_feedback(visit: Visit, adding: int) -> None:
    sean = visit("sean")
    sean.open(adding)
    sean.room.evaluate(TAP_NEXT_AT_ONCE)
    sean.respond(right=True)
    sean.pause()
    assert sean.room.evaluate("window.tapped") is True
    expect(sean.verdict).to_be_visible()
    sean.go_on()
    expect(sean.form).to_be_visible()


def test_two_tabs_show_the_same_question_and_the_first_answer_counts(visit: Visit, site: Site, adding: int) -> None:
    chiara = visit("chiara")
    chiara.open(adding, alone=True)
    other = Person("chiara", chiara.page.context.new_page(), site)
    other.open(adding, alone=True)
    assert other.token == chiara.token
    token = chiara.token
    chiara.respond(right=True)
    other.respond(right=False)
    expect(other.room.locator(".feedback.right")).to_be_visible()
    assert site.answers_to(token) == 1


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_an_expired_session_gives_the_typed_answer_back_at_the_next_launch(
    visit: Visit, site: Site, adding: int, script: bool
) -> None:
    maria = visit("maria", java_script_enabled=script)
    enter = maria.open if script else maria.open_without_script
    enter(adding)
    maria.fill_in("987")
    site.expire_all_launches()
    maria.room.get_by_role("button", name="Check").click()
    maria.room.get_by_role("heading", name="Time to open it again").wait_for()
    expect(maria.room.locator(".kept")).to_contain_text("Your answer is kept and waits for you: 987")
    if script:
        expect(maria.room.get_by_role("heading", name="Time to open it again")).to_be_focused()
    enter(adding)
    expect(maria.field).to_have_value("987")


def test_a_cut_network_keeps_the_answer_and_sends_it_once_it_is_back(visit: Visit, site: Site, adding: int) -> None:
    zoe = visit("zoe")
    zoe.open(adding)
    token = zoe.token
    zoe.fill_in(zoe.item.answer)
    zoe.page.context.set_offline(True)
    zoe.room.get_by_role("button", name="Check").click()
    trouble = zoe.room.locator(".trouble")
    expect(trouble).to_contain_text("What you typed is still here.")
    expect(trouble.locator("p").first).to_be_focused()
    expect(zoe.field).not_to_have_value("")
    zoe.page.context.set_offline(False)
    zoe.verdict.wait_for()
    assert site.answers_to(token) == 1


def test_a_device_that_sleeps_on_an_answer_keeps_it_and_sends_it_once(visit: Visit, site: Site, adding: int) -> None:
    mali = visit("mali")
    mali.open(adding)
    token, answer = mali.token, mali.item.answer
    mali.fill_in(answer)
    mali.page.context.set_offline(True)
    mali.room.get_by_role("button", name="Check").click()
    mali.room.locator(".trouble").wait_for()
    lid = mali.page.context.new_cdp_session(mali.page)
    for state in ("frozen", "active"):
        lid.send("Page.setWebLifecycleState", {"state": state})
    expect(mali.field).to_have_value(answer)
    assert site.answers_to(token) == 0
    mali.page.context.set_offline(False)
    mali.verdict.wait_for()
    assert site.answers_to(token) == 1


def test_two_children_at_one_device_find_each_their_own(visit: Visit, site: Site, adding: int) -> None:
    ada = visit("ada")
    ada.open(adding, alone=True)
    ada.field.press_sequentially("12")
    hers = ada.token
    wulandari = Person("wulandari", ada.page, site)
    wulandari.sign_in()
    wulandari.open(adding, alone=True)
    expect(wulandari.field).to_have_value("")
    his = wulandari.token
    wulandari.respond(right=True)
    assert his != hers
    assert (site.answers_to(hers), site.answers_to(his)) == (0, 1)
    ada.sign_in()
    ada.open(adding, alone=True)
    assert ada.token == hers


def test_an_answer_that_arrived_though_its_reply_was_lost_counts_once(visit: Visit, site: Site, adding: int) -> None:
    lukasz = visit("lukasz")
    lukasz.open(adding)
    token = lukasz.token

    def lose_the_reply(route: Route) -> None:
        route.fetch()
        route.abort()

    lukasz.page.route("**/answer", lose_the_reply, times=1)
    lukasz.fill_in(lukasz.item.answer)
    lukasz.room.get_by_role("button", name="Check").click()
    lukasz.room.get_by_role("button", name="Send again").click()
    expect(lukasz.room.locator(".feedback.right")).to_be_visible()
    assert site.answers_to(token) == 1


@pytest.mark.parametrize("step", ["answer", "hint", "next"])
def test_a_server_error_leaves_the_page_as_it_is_and_offers_to_send_again(visit: Visit, adding: int, step: str) -> None:
    thordis = visit("thordis")
    thordis.open(adding)
    if step == "next":
        thordis.respond(right=False)
        thordis.pause()
    else:
        thordis.fill_in("55")
    address = "**/a/*" if step == "next" else f"**/{step}"
    thordis.page.route(address, lambda route: route.fulfill(status=500, body="<h1>Internal</h1>"), times=1)
    name = {"answer": "Check", "hint": "Hint", "next": "Next"}[step]
    thordis.room.get_by_role("link" if step == "next" else "button", name=name).click()
    again = thordis.room.get_by_role("button", name="Send again")
    again.wait_for()
    assert thordis.room.get_by_text("Internal").count() == 0
    if step != "next":
        expect(thordis.field).to_have_value("55")
    again.click()
    expect(thordis.room.locator(".trouble")).to_have_count(0)
    expected = {"answer": "#verdict", "hint": "#newest-hint", "next": "#answer-form"}[step]
    expect(thordis.room.locator(expected)).to_be_visible()


def test_a_busy_server_offers_to_send_again_without_javascript_too(visit: Visit, site: Site, adding: int) -> None:
    anh = visit("anh", java_script_enabled=False)
    anh.open_without_script(adding)
    token, answer = anh.token, anh.item.answer
    anh.fill_in(answer)
    with site.trouble_with_answers():
        anh.room.get_by_role("button", name="Check").click()
        expect(anh.room.locator(".kept")).to_contain_text(answer)
    anh.room.get_by_role("button", name="Send again").click()
    expect(anh.room.locator(".feedback.right")).to_be_visible()
    assert site.answers_to(token) == 1


def test_a_fraction_is_typed_from_top_to_bottom(visit: Visit, fractions: int) -> None:
    dmytro = visit("dmytro")
    dmytro.open(fractions, alone=True)
    below = dmytro.room.locator("#response-below")
    top, bottom = dmytro.put("M.NF4.EQ/fraction").answer.split("/")
    dmytro.field.focus()
    dmytro.page.keyboard.type(top)
    dmytro.page.keyboard.press("Enter")  # leads down, and sends no half fraction
    expect(below).to_be_focused()
    dmytro.page.keyboard.type(bottom)
    dmytro.field.fill("")
    dmytro.field.focus()
    dmytro.page.keyboard.type(f"{top}/")
    expect(below).to_be_focused()
    expect(dmytro.field).to_have_value(top)
    dmytro.reload()
    expect(below).to_have_value(bottom)
    below.press("Enter")
    expect(dmytro.room.locator(".feedback.right")).to_be_visible()


def test_a_dictation_is_heard_and_written_where_the_device_has_no_voice(visit: Visit, site: Site) -> None:
    link = site.add_activity("SP.DOUBLE", title="Words to hear")
    eleni = visit("eleni")
    eleni.open(link)
    eleni.put("SP.DOUBLE/running/dictation")
    assert eleni.room.evaluate("speechSynthesis.getVoices().length") == 0
    audio = eleni.room.locator("audio")
    expect(audio).to_be_hidden()
    for name, rate in (("Listen", 1), ("Slower", 0.7)):
        eleni.room.get_by_role("button", name=name).click()
        audio.evaluate(UNTIL_IT_MOVES)
        assert audio.evaluate("audio => audio.playbackRate") == rate
    audio.evaluate(UNTIL_IT_ENDS)
    eleni.respond(right=True)
    expect(eleni.room.locator(".feedback.right")).to_be_visible()


# The ground that all of this stands on


def cookie_app() -> Flask:
    """A page on localhost frames a page on 127.0.0.1, which sets a plain cookie and a partitioned one."""
    app = Flask("cookies")

    @app.get("/top")
    def top() -> str:
        port = request.host.rsplit(":", 1)[1]
        return f"<iframe src='http://127.0.0.1:{port}/set'></iframe>"

    @app.get("/set")
    def set_cookies() -> Any:
        response = redirect("/show")
        response.headers.add("Set-Cookie", "plain=1; Path=/; Secure; SameSite=None")
        response.headers.add("Set-Cookie", "__Host-own=1; Path=/; Secure; SameSite=None; Partitioned")
        return response

    @app.get("/show")
    def show() -> Response:
        return Response(" ".join(sorted(SimpleCookie(request.headers.get("Cookie", "")))), mimetype="text/plain")

    return app


@pytest.fixture(scope="module")
def cookie_page() -> Iterator[str]:
    """The address of the framing page."""
    port = free_port()
    with listening(cookie_app(), port):
        yield f"http://localhost:{port}/top"


def cookies_kept(context: BrowserContext, address: str) -> str:
    """Which cookies a framed page gets back."""
    page = context.new_page()
    page.goto(address)
    kept = page.frame_locator("iframe").locator("body").inner_text()
    context.close()
    return kept


def profile(chromium: Browser, path: str, folder: Path, *, block: bool) -> BrowserContext:
    """An ordinary window of somebody who blocks third-party cookies in the settings, or allows them."""
    preferences = {"profile": {"cookie_controls_mode": int(block), "block_third_party_cookies": block}}
    (folder / "Default").mkdir()
    (folder / "Default" / "Preferences").write_text(json.dumps(preferences))
    return chromium.browser_type.launch_persistent_context(folder, executable_path=path, args=[*ARGUMENTS])


def test_the_windows_of_these_tests_lose_third_party_cookies(chromium: Browser, cookie_page: str) -> None:
    assert cookies_kept(chromium.new_context(), cookie_page) == "__Host-own"


@pytest.mark.parametrize(("block", "kept"), [(True, "__Host-own"), (False, "__Host-own plain")])
def test_and_so_does_a_person_who_blocks_them_and_nobody_else(
    chromium: Browser, chromium_path: str, cookie_page: str, tmp_path: Path, block: bool, kept: str
) -> None:
    assert cookies_kept(profile(chromium, chromium_path, tmp_path, block=block), cookie_page) == kept
