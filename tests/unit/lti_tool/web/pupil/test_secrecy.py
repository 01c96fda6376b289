"""The answer reaches no browser before the pupil has answered.

Two proofs. The first needs no luck and knows every code: whatever the tool sends for an item stays the same, byte
for byte, when everything secret in the item is replaced, so nothing sent can depend on it. The second reads whole
practices for the answer in the forms a curious pupil could look for, and looks into what the first one takes for
public: prompt, choices and hints.

The one exception is /speech, the text for the device's own voice. It is asked for by a tap on "Listen" only, masked,
and noted as an exposure (lti_tool.web.pupil.practising.sound.spoken_by_device).
"""

import base64
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from urllib.parse import quote, quote_plus

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from item_banks.loader import load_banks
from item_banks.schema import Item, ItemTemplate, MarkingRules, Speech
from lti_tool.persistence.tables.practice import PresentedItem
from tests.support.databases import Servers
from tests.support.pupils import Desk
from tests.support.school import TOOL_URL, Page, School, open_school

BANKS = load_banks()
MATH_SEEDS = range(12)
WORDS_LOOKED_FOR = 40


@pytest.fixture(scope="module")
def school(database_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """What is sent does not depend on the database, so one is enough."""
    with (
        database_servers.fresh("sqlite") as url,
        open_school(url, tmp_path_factory.mktemp("school"), sitting_items=200, sitting_minutes=240) as opened,
    ):
        yield opened


@pytest.fixture(scope="module")
def pages(school: School) -> dict[str, Page]:
    """A pupil's page in each bank; what is put there may be an item of any skill."""
    return {bank.id: school.open("ada", school.add_activity(next(iter(bank.skills)))) for bank in BANKS.values()}


def templates_of(skill_id: str) -> list[ItemTemplate]:
    [bank] = [bank for bank in BANKS.values() if skill_id in bank.skills]
    return [template for template in bank.templates.values() if template.skill == skill_id]


def disguised(item: Item) -> Item:
    """The same question with another answer: only what a page may show is left as it was, and from what the picture of
    the last hint, which is of another example, is drawn."""
    asked_again = {name: item.strings[name] for name in ("unreadable", "same") if name in item.strings}
    return replace(
        item,
        answer="987654" if item.response.kind != "choice" else item.response.choices[-1].value,
        strings={name: f"{name}!" for name in item.strings} | asked_again,
        rules=MarkingRules(decimal=item.rules.decimal, group=item.rules.group, given=item.rules.given),
        misconceptions={},
        features={},
        key="another key",
        speech=None if item.speech is None else Speech("zyx", "A zyx.", item.speech.language, item.speech.audio),
    )


def store(page: Page, token: str, item: Item) -> None:
    with page.school.runtime.database.write() as session:
        row = session.scalars(select(PresentedItem).where(PresentedItem.token == token)).one()
        row.item, row.skill_id, row.hints_shown, row.draft = item.to_json(), item.skill, 0, None
        row.seed, row.item_key = item.seed, item.key


def everything_sent(page: Page, token: str) -> list[bytes]:
    """All that a browser can get out of the server while the item is open, but for the sound."""
    browser, place = page.school.browser(page.who), page.place
    form = {"form_token": re.findall(r'name="form_token" value="([^"]+)"', page.text)[0], "item": token}
    htmx = {"HX-Request": "true"}
    answers = [browser.get(place, base_url=TOOL_URL), browser.get(place, base_url=TOOL_URL, headers=htmx)]
    answers.append(browser.post(f"{place}/answer", data={**form, "response": ""}, base_url=TOOL_URL))
    answers.append(browser.post(f"{place}/answer", data={**form, "response": "\x07"}, base_url=TOOL_URL, headers=htmx))
    answers += [browser.post(f"{place}/hint", data=form, base_url=TOOL_URL, headers=htmx) for _ in range(3)]
    answers.append(browser.get(f"{place}/answered/{token}", base_url=TOOL_URL))
    answers.append(browser.get(place, base_url=TOOL_URL))
    return [as_bytes(answer) for answer in answers]


def as_bytes(answer: TestResponse) -> bytes:
    """Headers (cookies among them) and body. The times of day and the random name of a request differ by themselves."""
    differing = ("Date", "Expires", "Last-Modified", "X-Request-ID")
    kept = [f"{name}: {value}" for name, value in answer.headers if name not in differing]
    return "\n".join(kept).encode() + b"\n\n" + answer.data


def one_of_each_format(skill_id: str) -> list[ItemTemplate]:
    """Items of one skill and format differ in their words only."""
    return list({template.format: template for template in templates_of(skill_id)}.values())


def few_of_each_format() -> dict[str, list[ItemTemplate]]:
    """Of each skill the formats that hardly any other has, and the one that has come least often so far."""
    everywhere = Counter(template.format for skill_id in SKILLS for template in one_of_each_format(skill_id))
    times, chosen = Counter[str](), {}
    for skill_id in SKILLS:
        found = one_of_each_format(skill_id)
        rare = [template for template in found if everywhere[template.format] <= 2]
        chosen[skill_id] = rare or [min(found, key=lambda template: times[template.format])]
        times.update(template.format for template in chosen[skill_id])
    return chosen


SKILLS = [skill_id for bank in BANKS.values() for skill_id in bank.skills]
FEW = few_of_each_format()


@pytest.mark.parametrize("skill_id", SKILLS)
def test_nothing_that_is_sent_depends_on_the_answer(school: School, pages: dict[str, Page], skill_id: str) -> None:
    """One or two formats of each skill; the long run has all of them."""
    for template in FEW[skill_id]:
        prove_that_nothing_depends(pages, template)


@pytest.mark.long
@pytest.mark.parametrize("skill_id", SKILLS)
def test_nothing_that_is_sent_in_any_format_depends_on_the_answer(
    school: School, pages: dict[str, Page], skill_id: str
) -> None:
    for template in one_of_each_format(skill_id):
        prove_that_nothing_depends(pages, template)


def prove_that_nothing_depends(pages: dict[str, Page], template: ItemTemplate) -> None:
    [bank] = [bank for bank in BANKS.values() if template.skill in bank.skills]
    page = pages[bank.id].reload()
    token = page.item_token
    item = bank.draw(template.id, 1)
    store(page, token, item)
    sent = everything_sent(page, token)
    store(page, token, disguised(item))
    assert everything_sent(page, token) == sent, template.id


def test_each_format_is_proven_in_the_short_run_too() -> None:
    assert {template.format for found in FEW.values() for template in found} == {
        template.format for bank in BANKS.values() for template in bank.templates.values()
    }


@pytest.mark.parametrize("skill_id", SKILLS)
def test_what_may_be_shown_of_an_item_does_not_name_its_answer(skill_id: str) -> None:
    [bank] = [bank for bank in BANKS.values() if skill_id in bank.skills]
    for template in templates_of(skill_id):
        seeds = range(1) if bank.words else MATH_SEEDS  # a word is the same each time
        for item in (bank.draw(template.id, seed) for seed in seeds):
            # A sum may have its answer among its own numbers (18 - 9 = 9), and a choice has it among the choices.
            question = texts(item.public()) if item.response.kind == "text" else ()
            for text in (*question, *item.hints):
                for secret in secrets(item):
                    assert not names(text, secret), (template.id, secret, text)


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            if name != "kind":  # the name of a kind of block is on no page
                yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)


def secrets(item: Item) -> set[str]:
    """The answer, and of a spelling the word; letters for a gap are in every other word by chance."""
    if item.response.kind == "text":
        return {"".join(item.rules.graphemes)}
    return {item.answer}


def names(text: str, secret: str) -> bool:
    """Whether a text has the answer as a word or number of its own."""
    alone = rf"(?<![\w/])(?<!\d[.,]){re.escape(secret)}(?![\w/]|[.,]\d)"
    return re.search(alone, text, re.IGNORECASE) is not None


@pytest.mark.parametrize(
    "template_id", [name for bank in BANKS.values() for name, one in bank.templates.items() if one.format == "choice"]
)
def test_the_right_choice_stands_anywhere(template_id: str) -> None:
    [bank] = [bank for bank in BANKS.values() if template_id in bank.templates]
    items = [bank.draw(template_id, seed) for seed in range(300)]
    places = Counter([choice.value for choice in item.response.choices].index(item.answer) for item in items)
    assert len(places) > 1
    assert max(places.values()) < 200, places  # of 300: who always taps the same place is mostly wrong or mostly lucky


def test_no_form_of_a_word_is_sent_in_a_whole_practice(school: School, pages: dict[str, Page]) -> None:
    bank = BANKS["spelling-en"]
    desk = Desk.of(pages[bank.id])
    templates = list(bank.templates.values())
    for template in templates[:: len(templates) // WORDS_LOOKED_FOR]:
        desk.put(template.id)
        page = pages[bank.id].reload()
        item = page.item
        sent = everything_sent(page, page.item_token) + sound(page)
        store(page, page.item_token, disguised(item))
        by_chance = b"".join(everything_sent(page, page.item_token)).lower()
        store(page, page.item_token, item)
        word = "".join(item.rules.graphemes)
        found = [form for form in forms(word) if form in b"".join(sent).lower() and form not in by_chance]
        assert not found, (template.id, found)
        page.respond(word)
        if "data-end" in page.reload().text:
            page.send("again")


def sound(page: Page) -> list[bytes]:
    """The recorded word, or 404 where the bank ships no sound for it."""
    answer = page.school.browser(page.who).get(f"{page.place}/sound/{page.item_token}", base_url=TOOL_URL)
    assert answer.status_code in (200, 404)
    return [as_bytes(answer)]


def forms(word: str) -> set[bytes]:
    """A word as it could stand in a page: plain, escaped, encoded, backwards."""
    plain = word.casefold()
    raw = plain.encode()
    entities = "".join(f"&#{ord(letter)};" for letter in plain)
    hex_entities = "".join(f"&#x{ord(letter):x};" for letter in plain)
    percent = "".join(f"%{byte:02x}" for byte in raw)
    unicode = "".join(f"\\u{ord(letter):04x}" for letter in plain)
    found = {
        plain,
        plain[::-1],
        escape(plain),
        entities,
        hex_entities,
        percent,
        unicode,
        quote(plain),
        quote_plus(plain),
    }
    found |= {raw.hex(), raw.hex(" "), ",".join(map(str, raw)), "-".join(plain), " ".join(plain)}
    # Within base64 a word looks different by its place; each time the first and last sign depend on the neighbours.
    for lead in range(3):
        for spelled in (plain, plain.capitalize(), plain.upper()):
            inner = base64.b64encode(b"\0" * lead + spelled.encode()).decode().rstrip("=")
            found.add(inner[2 * bool(lead) + (lead == 2) : -1])
    return {form.lower().encode() for form in found if len(form) >= 3}


def test_the_search_finds_what_is_hidden() -> None:
    """So that the tests above can fail."""
    for hidden in (
        b"RUNNING",
        b"gninnur",
        b"x72756e6e696e67y",
        base64.b64encode(b"it is running now"),
        base64.b64encode(b"so running"),
        b"%72%75%6e%6e%69%6e%67",
        b"&#114;&#117;&#110;&#110;&#105;&#110;&#103;",
    ):
        assert any(form in hidden.lower() for form in forms("running")), hidden
    assert names("The answer is 42.", "42")
    assert not names("The answer is 142 or 42,000.", "42")


def test_the_text_for_the_devices_voice_comes_by_a_tap_only_and_masked(pages: dict[str, Page]) -> None:
    page = pages["spelling-en"].reload()
    Desk.of(page).put("SP.DOUBLE/running/dictation")
    page = page.reload()
    assert "running" not in page.text
    browser = page.school.browser(page.who)
    assert browser.get(f"{page.place}/speech/{page.item_token}", base_url=TOOL_URL).status_code in (404, 405)
    spoken = page.send(f"speech/{page.item_token}")
    assert spoken.status == 200
    assert not any(form in spoken.answer.data.lower() for form in forms("running"))
    parts = spoken.answer.json
    text = bytes(
        a ^ b for a, b in zip(base64.b64decode(parts["text"]), base64.b64decode(parts["key"]), strict=True)
    ).decode()
    assert text.startswith("running. ")
