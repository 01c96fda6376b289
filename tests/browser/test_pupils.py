"""Children at a tablet: first launch to the end of a session, in both looks, by finger, by key, without scripts."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import select

from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.launches import LaunchSession
from lti_tool.persistence.tables.people import Person as PersonRow
from lti_tool.services.helping.accommodations import Accommodations, set_accommodations
from lti_tool.services.helping.notes import write_note
from lti_tool.services.helping.pairs import start_pair
from lti_tool.services.helping.steering import EVERYTHING, steer
from lti_tool.services.pupil.preferences import Look, prefer
from tests.browser.garden import NEWCOMERS, SIZES, fits, frontier, latest
from tests.browser.people import Person, barriers
from tests.browser.site import Site

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]


@pytest.mark.parametrize(("who", "look"), list(zip(NEWCOMERS, ("young", "old"), strict=True)))
def test_from_the_first_launch_to_the_end_of_a_session(visit: Visit, site: Site, who: str, look: Look) -> None:
    link = frontier(site, title=f"Frontier {look}")
    pupil = visit(who)
    pupil.open(link)
    with site.database.write() as session:
        prefer(session, latest(site), locale=None, look=look)
    pupil.open(link)
    fits(pupil, "warm-up: type")
    pupil.field.fill("5")
    pupil.press("Check")
    pupil.room.locator(".taps").wait_for()
    fits(pupil, "warm-up: tap")
    pupil.room.get_by_text("Sun", exact=True).click()
    pupil.press("Check")
    pupil.room.locator(".listen").wait_for()
    fits(pupil, "warm-up: listen")
    pupil.press("Go on")
    pupil.room.locator(".hero").wait_for()
    expect(pupil.room.get_by_role("heading", name="Find out where to start")).to_be_visible()
    fits(pupil, "Today, new")
    pupil.press("Let's go")
    pupil.form.wait_for()
    fits(pupil, "start check")
    practised = 0
    for n in range(30):
        if not pupil.form.count():
            break
        checking = pupil.room.locator(".checking").count() > 0
        practised += not checking
        pupil.respond(right=n % 3 != 1 if checking else practised != 1)
        if n == 1:
            fits(pupil, "not yet")
        if checking:  # it decides by itself
            expect(pupil.room.get_by_text(re.compile("See one that is done|Harder, please"))).to_have_count(0)
        elif practised == 1:
            pupil.press("See one that is done")
            pupil.room.locator(".example").wait_for()
            fits(pupil, "worked example")
            pupil.pause()
            pupil.press("Now I try")
            pupil.form.wait_for()
            continue
        elif practised == 2:
            pupil.press("Harder, please")
            pupil.form.wait_for()
            continue
        pupil.go_on()
    assert practised > 1
    fits(pupil, "end of a session")
    pupil.press("Back to Today")
    pupil.room.locator(".topics").first.wait_for()
    pupil.room.get_by_text("Choose a goal").click()
    fits(pupil, "Today with topics")
    pupil.press("Practise on 3 days")
    expect(pupil.room.locator(".pip.full")).to_have_count(1)
    pupil.room.locator(".topic").nth(2).click()
    pupil.form.wait_for()
    pupil.press(re.compile("My skills"))
    pupil.room.locator(".beds").wait_for()
    fits(pupil, "My skills")
    pupil.press(re.compile("Settings"))
    pupil.room.locator("input[name=look]").first.wait_for()
    fits(pupil, "settings")
    pupil.press(re.compile("Today"))
    expect(pupil.room.get_by_role("heading", name="Go on where you were")).to_be_visible()


def test_spelling_with_a_plan_in_dutch(visit: Visit, site: Site) -> None:
    link = site.add_activity("SP.DOUBLE", title="Words with a plan")
    pupil = visit("leilani")
    pupil.open(link)
    with site.database.write() as session:
        prefer(session, latest(site), locale="nl", look="young")
    pupil.open(link)
    expect(pupil.room.get_by_role("button", name="Kijk na")).to_be_visible()
    fits(pupil, "a plan to choose")
    pupil.room.locator(".plan button").first.click()
    pupil.room.locator(".plan ol").wait_for(state="attached")
    seen = False
    for _ in range(15):
        if not pupil.form.count():
            break
        if pupil.room.locator(".faces").count() and not seen:
            fits(pupil, "how sure")
            pupil.room.locator(".face").last.click()
            seen = True
        pupil.fill_in(pupil.item.answer)
        pupil.press("Kijk na")
        pupil.verdict.wait_for()
        pupil.pause()
        pupil.room.get_by_role("link", name="Verder").click()
        pupil.room.locator("#answer-form, .end").first.wait_for()
    expect(pupil.room.get_by_role("heading", name="Terugkijken")).to_be_visible()
    fits(pupil, "looking back")
    pupil.press("Het hielp")
    expect(pupil.room.get_by_text("Dank je.")).to_be_visible()


@pytest.mark.parametrize(
    "needs",
    [Accommodations(larger_text=True), Accommodations(dyslexia_font=True), Accommodations(high_contrast=True)],
    ids=["larger", "dyslexia", "contrast"],
)
def test_accommodations_fit_every_size(visit: Visit, site: Site, needs: Accommodations) -> None:
    title = f"Needs {json.dumps([name for name, value in vars(needs).items() if value])}"
    link = frontier(site, title=title, start_check=False)
    pupil = visit("thordis")
    pupil.open(link)
    with site.database.write() as session:
        context = session.scalars(select(Activity.context_id).where(Activity.title == title)).one()
        assert context is not None
        person = latest(site)
        set_accommodations(session, person, needs, context_id=context, author_id=person, now=datetime.now(UTC))
    pupil.open(link)
    if pupil.room.get_by_role("button", name="Skip the warm-up").count():
        pupil.press("Skip the warm-up")
        pupil.room.locator(".hero").wait_for()
    fits(pupil, f"Today {title}")
    pupil.room.locator(".topic").first.click()
    pupil.form.wait_for()
    fits(pupil, f"an item {title}")


def test_pages_that_a_pupil_seldom_sees_fit_too(visit: Visit, site: Site) -> None:
    link = site.add_activity("SP.DOUBLE", title="Seldom seen")
    pupil = visit("dmytro")
    pupil.open(link, alone=True)
    pupil.put("SP.DOUBLE/running/dictation")
    place = pupil.page.url

    def looks(name: str) -> None:
        fits(pupil, name, (SIZES[0], SIZES[-1]))

    pupil.respond(right=False)
    pupil.press("Cover it and write it")
    pupil.room.locator(".retype").wait_for()
    looks("a word from memory")
    pupil.field.fill("zz")
    pupil.press("Check")
    pupil.room.locator(".feedback.not-yet").wait_for()
    looks("look once more")
    for way in ("strategies", "strategies/hear_every_sound"):
        pupil.page.goto(f"{place}/{way}")
        looks(way)
    with site.database.write() as session:
        activity = session.scalars(select(Activity.id).where(Activity.title == "Seldom seen")).one()
        me, now = latest(site), datetime.now(UTC)
        teacher = session.scalars(select(PersonRow.id).where(PersonRow.id != me)).first() or ""
        write_note(session, activity, me, "Well done yesterday.", author_id=teacher, now=now)
        skills = ["SP.DOUBLE"]
        start_pair(session, activity, first_id=me, second_id=teacher, skill_ids=skills, author_id=teacher, now=now)
    pupil.page.goto(f"{place}/with-partner")
    looks("a pair, and a note")
    with site.database.write() as session:
        steer(session, activity, me, EVERYTHING, "pause", author_id=teacher, now=now)
    pupil.page.goto(place)
    expect(pupil.room.get_by_role("heading", name="This activity rests for now.")).to_be_visible()
    looks("a rest")
    with site.database.write() as session:
        for launch in session.scalars(select(LaunchSession).where(LaunchSession.person_id == me)):
            launch.activity_id = None
    pupil.page.reload()
    expect(pupil.room.get_by_role("heading", name="Your teacher is still preparing this")).to_be_visible()
    looks("not ready yet")


def test_fingers_have_keys_that_never_hide_the_question(visit: Visit, site: Site) -> None:
    link = site.add_activity("M.OA2.ADD20", title="Keys")
    pupil = visit("seoyeon", width=360, height=640, has_touch=True, is_mobile=True)
    pupil.open(link, alone=True)
    expect(pupil.field).to_have_attribute("inputmode", "none")
    expect(pupil.room.locator(".keypad button")).to_have_text([*"1234567890", "⌫"])
    answer = pupil.item.answer
    for digit in f"9{answer}":
        pupil.room.locator(".keypad").get_by_role("button", name=digit, exact=True).tap()
    expect(pupil.field).to_have_value(f"9{answer}")
    for _ in f"9{answer}":
        pupil.room.get_by_role("button", name="Rub out").tap()
    for digit in answer:
        pupil.room.locator(".keypad").get_by_role("button", name=digit, exact=True).tap()
    for part in ("#instruction", "#prompt", "#response"):
        question, keys = pupil.room.locator(part).bounding_box(), pupil.room.locator(".keypad").bounding_box()
        assert question is not None
        assert keys is not None
        assert question["y"] + question["height"] <= keys["y"]
    for key in pupil.room.locator(".keypad button").all():
        box = key.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 48
    assert not barriers(pupil.room)
    pupil.check()
    expect(pupil.room.locator(".feedback.right")).to_be_visible()


def test_a_whole_session_by_keys_alone(visit: Visit, site: Site) -> None:
    link = frontier(site, "M.OA2.ADD20", "M.OA3.X34", title="By keys", start_check=False)
    pupil = visit("selam")
    pupil.open(link, alone=True)
    keys = pupil.page.keyboard

    def tab_to(name: str) -> None:
        for _ in range(40):
            keys.press("Tab")
            focused = pupil.room.evaluate("document.activeElement.innerText || document.activeElement.id || ''")
            outline = pupil.room.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"no focus to be seen on {focused}"
            if focused.strip().startswith(name):
                return
        raise AssertionError(f"{name} is out of the keys' reach")

    tab_to("Skip the warm-up")
    keys.press("Enter")
    pupil.room.locator(".hero").wait_for()
    tab_to("Pick one for me")
    keys.press("Enter")
    pupil.form.wait_for()
    for n in range(3):
        if n == 0:
            keys.press("Tab")
            expect(pupil.room.get_by_role("link", name="Skip the menu")).to_be_in_viewport(ratio=1)
            keys.press("Enter")
            expect(pupil.field).to_be_focused()
        keys.type(pupil.item.answer)
        keys.press("Enter")
        pupil.verdict.wait_for()
        pupil.pause()
        keys.press("Enter")
        pupil.form.wait_for()
        expect(pupil.field).to_be_focused()


def test_words_are_sorted_by_tap_by_drag_and_by_keys(visit: Visit, site: Site) -> None:
    link = site.add_activity("SP.ER", title="Words to sort")
    pupil = visit("sakura")
    pupil.open(link, alone=True)
    item = site.put(pupil.token, "SP.ER/bird/sort")
    pupil.open(link, alone=True)
    cards = [card.label for card in item.response.choices]
    belongs = dict(zip(cards, item.answer.split("; "), strict=True))

    def group(letters: str) -> Locator:
        return pupil.room.get_by_role("button", name=f"Put it here: {letters}", exact=True)

    def cards_of(letters: str) -> Locator:
        return pupil.room.locator(".box", has=group(letters)).locator(".card")

    fits(pupil, "words to sort")
    expect(pupil.room.get_by_role("button", name=cards[0], exact=True)).to_have_attribute("aria-pressed", "true")
    group(belongs[cards[0]]).click()
    expect(pupil.room.get_by_text(f"{cards[0]} is with {belongs[cards[0]]}. Next: {cards[1]}")).to_be_attached()
    wrong = next(letters for letters in ("er", "ir", "ur") if letters != belongs[cards[1]])
    pupil.room.get_by_role("button", name=cards[1], exact=True).drag_to(group(wrong))
    expect(cards_of(wrong).filter(has_text=cards[1])).to_be_visible()
    for card in cards[2:]:
        group(belongs[card]).focus()
        pupil.page.keyboard.press("Enter")
        expect(cards_of(belongs[card]).filter(has_text=card)).to_be_visible()
    fits(pupil, "sorted words")
    pupil.check()
    expect(pupil.verdict).to_have_text(re.compile("Not yet"))
    expect(pupil.room.locator(".sorted-out mark")).to_have_text([cards[1]])
    fits(pupil, "feedback on sorted words")


def test_a_session_without_scripts(visit: Visit, site: Site) -> None:
    link = frontier(site, "M.OA2.ADD20", "M.OA3.X34", title="No scripts", start_check=False)
    pupil = visit("mali", java_script_enabled=False)
    pupil.open_without_script(link)
    pupil.press("Skip the warm-up")
    pupil.room.locator(".topic").first.click()
    for _ in range(2):
        pupil.fill_in(pupil.item.answer)
        pupil.press("Check")
        pupil.verdict.wait_for()
        pupil.press("Next")
    pupil.fill_in(pupil.item.answer)
    pupil.press("Check")
    pupil.press("Stop here")
    pupil.room.locator(".end").wait_for()
    pupil.press("Back to Today")
    expect(pupil.room.locator(".hero")).to_be_visible()


def test_from_right_to_left_nothing_sticks_out(visit: Visit, site: Site) -> None:
    link = frontier(site, title="Right to left", start_check=False)
    pupil = visit("lukasz")
    pupil.open(link, alone=True)
    pupil.press("Skip the warm-up")
    pupil.room.locator(".hero").wait_for()
    for width, height in SIZES:
        pupil.page.set_viewport_size({"width": width, "height": height})
        pupil.room.evaluate("document.documentElement.dir = 'rtl'")
        assert pupil.room.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        names = pupil.room.locator(".topic strong").first.bounding_box()
        signs = pupil.room.locator(".topic svg").first.bounding_box()
        assert names is not None
        assert signs is not None
        assert signs["x"] > names["x"]
    pupil.room.locator(".topic").first.click()
    pupil.form.wait_for()
    pupil.room.wait_for_load_state("load")  # the form stands there before the styles do
    pupil.room.evaluate("document.documentElement.dir = 'rtl'")
    question = pupil.room.locator(".question")  # a sum in English runs from left to right, on any page
    assert question.evaluate("(question) => getComputedStyle(question).direction") == "ltr"


def test_twice_as_large_and_without_motion_feedback_is_seen_and_said(visit: Visit, site: Site) -> None:
    link = site.add_activity("SP.DOUBLE", title="Zoomed")
    pupil = visit("sean", width=640, height=400, device_scale_factor=2, reduced_motion="reduce")
    pupil.open(link)
    pupil.put("SP.DOUBLE/running/dictation")
    pupil.respond(right=False)
    assert pupil.sticks_out() == 0
    assert not barriers(pupil.room)
    expect(pupil.verdict).to_be_focused()
    said = pupil.room.get_by_role("status")
    expect(said).not_to_be_empty()
    assert (
        said.inner_text().split()
        == pupil.room.locator(".solution").inner_text().split()[: len(said.inner_text().split())]
    )
    assert pupil.room.evaluate("document.getAnimations().length") == 0
    pupil.page.emulate_media(forced_colors="active")  # colours of the device's own: a line says where one is
    here = pupil.room.locator(".ways [aria-current]")
    assert here.evaluate("(way) => getComputedStyle(way).borderTopStyle") == "solid"


A_VOICE = """
  window.spoken = [];
  const voice = { lang: "en-US", localService: true };
  const cloud = { lang: "en-US", localService: false };
  speechSynthesis.getVoices = () => (window.name === "cloud only" ? [cloud] : [cloud, voice]);
  speechSynthesis.speak = (utterance) => spoken.push(utterance.text);
  Object.defineProperty(SpeechSynthesisUtterance.prototype, "voice", {
    set(chosen) { if (!chosen.localService) throw new Error("a cloud voice was taken"); },
  });
"""
CANT = "This device can't read aloud. Ask somebody to read to you."


def test_who_counts_on_being_read_to_is_told_where_the_device_has_no_voice(visit: Visit, site: Site) -> None:
    link = site.add_activity("M.OA2.ADD20", title="Read to me")
    pupil = visit("priya")
    pupil.open(link, alone=True)
    with site.database.write() as session:
        context = session.scalars(select(Activity.context_id).where(Activity.title == "Read to me")).one()
        person, needs = latest(site), Accommodations(audio_always=True)
        set_accommodations(session, person, needs, context_id=context or 0, author_id=person, now=datetime.now(UTC))
    pupil.open(link, alone=True)
    expect(pupil.room.get_by_text(CANT)).to_be_visible()
    expect(pupil.room.get_by_role("button", name="Read aloud")).to_have_count(0)
    assert not barriers(pupil.room)
    pupil.page.add_init_script(A_VOICE)
    pupil.room.evaluate("window.name = 'cloud only'")
    pupil.reload()
    expect(pupil.room.get_by_text(CANT)).to_be_visible()
    expect(pupil.room.get_by_role("button", name="Read aloud")).to_have_count(0)
    pupil.room.evaluate("window.name = ''")
    pupil.reload()
    expect(pupil.room.locator(".item > .read-aloud")).to_be_visible()
    expect(pupil.room.get_by_text(CANT)).to_be_hidden()
    said = pupil.room.evaluate("spoken")
    assert pupil.room.locator("#instruction").inner_text() in said
    assert pupil.item.answer not in said
