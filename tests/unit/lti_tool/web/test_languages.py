"""The interface in Dutch, as in English: whole for pupils, calm, short, and compiled as it stands in the catalogue."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from sqlalchemy import select

from item_banks.loader import load_banks
from item_banks.strategies import load_strategies
from lti_tool.cli.content.catalogues import TRANSLATIONS, compiled, updated
from lti_tool.persistence.tables.activities import Activity
from lti_tool.web.strands import STRANDS
from tests.support.school import TOOL_URL, School

ROOT = TRANSLATIONS.parent
PUPILS_FILES = [
    *ROOT.glob("templates/pupil/**/*.html"),
    *ROOT.glob("templates/items/*.html"),
    *ROOT.glob("web/pupil/**/*.py"),
    ROOT / "templates" / "message.html",
]
HARD_WORDS = re.compile(
    r"\b(wrong|fail\w*|fault|mistakes?|bad|error|los[te]|lose|rank\w*|score|worst|best|points?|streak|lives|hurry|"
    r"fout\w*|mislukt|slecht\w*|verlor\w*|verlies|ranglijst|punten|snel)\b|%(?!\()",
    re.IGNORECASE,
)
HARD_IN_BANKS = re.compile(
    r"\b(wrong|fail\w*|fault|mistakes?|bad|error|lose|rank\w*|worst|streak|hurry|fout\w*|mislukt|slecht\w*|verlor\w*)\b",
    re.IGNORECASE,
)
MATHEMATICS = ("skills.M.OA5.ORDER.",)
"""Where plus and minus have the same rank."""
TO_GROWN_UPS = ("It is our fault, not yours.", "Er ging iets mis")


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="nl")


DUTCH = TRANSLATIONS / "nl" / "LC_MESSAGES" / "messages.po"


def first(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def for_pupils() -> list[Message]:
    """Sentences that stand in a pupil's pages."""
    source = "\n".join(path.read_text() for path in PUPILS_FILES)
    return [
        message
        for message in catalogue(DUTCH)
        if (message.id and f'_("{first(message)}"' in source) or _in(message, source)
    ]


def _in(message: Message, source: str) -> bool:
    return bool(message.id) and any(f'{mark}("{first(message)}"' in source for mark in ("_l", "ngettext"))


def texts(message: Message) -> list[str]:
    both = [message.id, message.string]
    return [text for each in both for text in ([each] if isinstance(each, str) else each)]


def test_pupils_read_everything_in_dutch() -> None:
    found = for_pupils()
    assert len(found) > 120
    assert [first(message) for message in found if not all(texts(message))] == []


def test_a_translation_fills_in_what_the_sentence_fills_in() -> None:
    for message in catalogue(DUTCH):
        if not message.id or not all(texts(message)):
            continue
        names = [set(re.findall(r"%\((\w+)\)", text)) for text in texts(message)]
        half = len(names) // 2
        assert set().union(*names[:half]) == set().union(*names[half:]), first(message)


def test_no_sentence_to_a_pupil_speaks_of_failure_rank_or_loss_or_in_percent() -> None:
    hard = [text for message in for_pupils() for text in texts(message) if HARD_WORDS.search(text)]
    assert [text for text in hard if not text.startswith(TO_GROWN_UPS)] == []


def test_no_strategy_speaks_of_failure_either() -> None:
    for strategies in load_strategies().values():
        for each in strategies:
            for text in (each.title, each.when, *each.steps, *each.example):
                assert not HARD_WORDS.search(text), text


def test_no_sentence_of_a_bank_speaks_of_failure_either() -> None:
    for bank in load_banks().values():
        sentences = [(key, text) for key in bank.strings for text in bank.texts(key)]
        sentences += [(s.id, text) for s in bank.skills.values() for text in (s.child_title, s.rule, s.lesson)]
        hard = [(key, text) for key, text in sentences if HARD_IN_BANKS.search(text)]
        assert [key for key, _ in hard if not key.startswith(MATHEMATICS)] == []


def test_the_compiled_catalogue_is_the_one_that_is_written() -> None:
    wanted = BytesIO()
    write_mo(wanted, compiled(catalogue(DUTCH)))
    assert DUTCH.with_suffix(".mo").read_bytes() == wanted.getvalue(), "run make translations"


def test_an_update_keeps_translations_and_forgets_what_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "nl" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    path.write_text('msgid "Today"\nmsgstr "Vandaag"\n\nmsgid "Gone"\nmsgstr "Weg"\n')
    template = Catalog()
    template.add("Today")
    template.add("New")
    assert [(m.id, m.string) for m in updated(path, template) if m.id] == [("Today", "Vandaag"), ("New", "")]


@pytest.mark.parametrize(("chosen", "title"), [("nl", "Vandaag"), ("en", "Today"), ("", "Today")])
def test_a_pupil_chooses_the_language_of_the_pages(school: School, chosen: str, title: str) -> None:
    page = school.open("ada", school.add_activity("M.NBT2.ADDREG"))
    saved = page.send("settings/save", locale=chosen, look="young")
    assert f"<span>{title}</span>" in saved.text
    assert f'<html lang="{chosen or "en"}"' in saved.text


def test_the_content_keeps_its_own_language(school: School) -> None:
    page = school.open("ada", school.add_activity("M.NBT2.ADDREG"))
    page.send("settings/save", locale="nl", look="young")
    page = page.reload()
    assert re.search(r'<h1 id="instruction"[^>]* lang="en">', page.text)
    assert "Kijk na" in page.text


def test_a_launch_in_dutch_speaks_dutch(school: School) -> None:
    link = school.add_activity("M.NBT2.ADDREG")
    school.open("ada", link)
    presentation = "https://purl.imsglobal.org/spec/lti/claim/launch_presentation"
    answer = school.launch_signed("ada", link, **{presentation: {"locale": "nl-NL"}})
    page = school.page("ada", answer)
    assert '<html lang="nl"' in page.text
    with school.runtime.database.read() as session:
        assert session.scalars(select(Activity)).one()
    assert school.browser("ada").get(f"{page.place}/today", base_url=TOOL_URL).status_code == 200


def test_every_strand_of_a_shipped_bank_can_be_said_in_the_language_of_the_page() -> None:
    shipped = {skill.strand for bank in load_banks().values() for skill in bank.skills.values()}
    assert shipped == set(STRANDS)
