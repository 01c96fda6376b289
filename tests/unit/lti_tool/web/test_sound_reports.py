"""Ada and Marit find that a sound is wrong, and say so with one tap; who can replace it reads which word it is."""

import os
import re
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import select

from item_banks.words import audio
from lti_tool.persistence.erasure import erase_person
from lti_tool.persistence.tables.sound_reports import SoundReport
from lti_tool.services.practising.sound_reports import ReportedSound, reported_sounds
from tests.support.pupils import Desk, wrong_answer
from tests.support.school import TOOL_URL, Page, School

TEMPLATE = "SP.DOUBLE/dropped/dictation"
THANKS = "Thank you."


def waiting(school: School) -> list[ReportedSound]:
    with school.runtime.database.read() as session:
        return reported_sounds(session, school.runtime.catalog.banks)


def answered(school: School) -> tuple[Page, str]:
    """Ada's page after a dictation, and the item's token."""
    page = school.open("ada", school.add_activity("SP.DOUBLE"))
    item = Desk.of(page).put(TEMPLATE)
    page = page.reload()
    return page.respond(wrong_answer(item)), page.item_token


def test_a_pupil_says_that_the_voice_was_wrong_and_is_thanked_once(school: School) -> None:
    page, token = answered(school)
    assert "The voice said something else" in page.text
    for _ in range(2):
        page = page.send(f"speech/{token}/wrong")
        assert THANKS in page.text
        assert "The voice said something else" not in page.text
    [sound] = waiting(school)
    assert (sound.word, sound.unheard, sound.wrong, sound.teachers) == ("dropped", 0, 1, 0)


def test_a_question_without_sound_asks_nothing_about_a_voice(school: School) -> None:
    page = school.open("ada", school.add_activity("M.NBT2.ADDREG"))
    assert "The voice said something else" not in page.respond(wrong_answer(page.item)).text


def test_a_teacher_hears_a_word_among_the_items_and_reports_it(school: School) -> None:
    page = school.open_deep_linking()
    asked = {"bank": "spelling-en", "skill": "SP.DOUBLE", "template": TEMPLATE, "seed": "1"}
    browser = school.browser("marit")
    place = re.sub(r"^https?://[^/]+", "", page.place).rstrip("/")
    shown = browser.get(f"{place}/bank", query_string=asked, base_url=TOOL_URL)
    [address] = re.findall(r'<audio[^>]* src="([^"]+)"', shown.text)
    with browser.get(unescape(address), base_url=TOOL_URL) as heard:
        assert (heard.status_code, heard.mimetype) == (200, "audio/mpeg")
    told = Page(school, "marit", place, shown).send("bank", **asked, report="1")
    assert THANKS in told.text
    assert [(sound.word, sound.teachers) for sound in waiting(school)] == [("dropped", 1)]


@pytest.mark.parametrize("path", ["spelling-en/no-such", "no-such/x", "math-en/M.NBT2.ADDREG/number", "words-x/y"])
def test_there_is_no_sound_of_what_is_no_word(school: School, path: str) -> None:
    assert school.browser("noa").get(f"/sound/bank/{path}", base_url=TOOL_URL).status_code == 404


def test_a_new_recording_answers_a_report_until_it_is_reported_itself(
    school: School, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, token = answered(school)
    page.send(f"speech/{token}/wrong")
    [sound] = waiting(school)
    monkeypatch.setattr("lti_tool.services.practising.sound_reports.FOLDER", str(tmp_path))
    (tmp_path / audio.RECORDED).mkdir()
    recording = tmp_path / audio.RECORDED / sound.recording
    recording.write_bytes(b"older than the report")
    os.utime(recording, (0, 0))
    assert len(waiting(school)) == 1
    os.utime(recording)
    assert waiting(school) == []


def test_a_report_outlives_who_made_it_without_a_name(school: School) -> None:
    page, token = answered(school)
    page.send(f"speech/{token}/wrong")
    with school.runtime.database.write() as session:
        erase_person(session, str(session.scalars(select(SoundReport.person_id)).one()))
    with school.runtime.database.read() as session:
        assert session.scalars(select(SoundReport.person_id)).all() == [None]
    assert [sound.wrong for sound in waiting(school)] == [1]
