"""What a teacher puts before a skill, and who finds it there."""

import io
from typing import Any

import pytest

from lti_tool.persistence.tables.activities import Activity
from lti_tool.services.helping.materials import LARGEST, Author, BadMaterial, add_file, add_link, materials_of
from tests.support.pupils import Desk
from tests.support.school import TOOL_URL, Page, School

ADDING, TAKING = "M.NBT2.ADDREG", "M.NBT2.SUBREG"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


class Shelf:
    """Marit's page of links and files for an activity on one skill, which Ada has opened."""

    def __init__(self, school: School) -> None:
        self.school = school
        self.link = school.add_activity(ADDING)
        self.ada = school.open("ada", self.link)
        self.activity_id = Desk.of(self.ada).activity_id
        self.marit = school.open("marit", self.link)

    def add(self, **fields: object) -> Page:
        return self.marit.send(f"activity/{self.activity_id}/materials/add", **({"skill": ADDING} | fields))

    def get(self, who: str, address: str) -> int:
        return self.school.browser(who).get(address, base_url=TOOL_URL).status_code


def test_a_link_stands_beside_the_questions_of_its_skill_until_it_is_taken_away(school: School) -> None:
    shelf = Shelf(school)
    added = shelf.add(title="Our song of <tens>", address="https://example.org/song?a=1")
    assert added.status == 200
    page = shelf.ada.reload().text
    assert 'href="https://example.org/song?a=1" target="_blank" rel="noopener noreferrer"' in page
    assert "Our song of &lt;tens&gt;" in page
    assert "Our song" not in school.open("noa", school.add_activity(TAKING)).text, "another skill"
    [material] = [part.split('"')[0] for part in added.text.split('name="material" value="')[1:]]
    shelf.marit.send(f"activity/{shelf.activity_id}/materials/remove", material=material)
    assert "Our song" not in shelf.ada.reload().text


def test_a_picture_is_seen_by_the_class_and_by_nobody_else(school: School) -> None:
    shelf = Shelf(school)
    assert shelf.add(title="The board", file=(io.BytesIO(PNG), "board.png")).status == 200
    page = shelf.ada.reload().text
    [address] = [part.split('"')[0] for part in page.split('href="') if "/look/" in part.split('"')[0]]
    answer = school.browser("ada").get(address, base_url=TOOL_URL)
    assert (answer.data, answer.mimetype, answer.headers["X-Content-Type-Options"]) == (PNG, "image/png", "nosniff")
    elsewhere = school.open("yusuf", school.add_activity(ADDING, course="class-5b"), course="class-5b")
    assert shelf.get("yusuf", f"{elsewhere.place}/look/{address.rpartition('/')[2]}") == 404
    assert shelf.get("ada", f"{shelf.ada.place}/look/none") == 404


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"title": "x", "address": "javascript:alert(1)"}, "https://"),
        ({"title": "x", "address": "http://example.org"}, "https://"),
        ({"title": "x", "address": "https://bank.example@evil.example/"}, "https://"),
        ({"title": "x", "address": "https://[bad"}, "https://"),
        ({"title": " \u200b ", "address": "https://example.org"}, "pupils read that"),
        ({"title": "x", "file": b"<script>alert(1)</script>"}, "Only pictures"),
    ],
)
def test_what_would_harm_is_not_kept_and_the_teacher_reads_why(
    school: School, fields: dict[str, Any], words: str
) -> None:
    shelf = Shelf(school)
    sent = {name: (io.BytesIO(value), "board.png") if name == "file" else value for name, value in fields.items()}
    answer = shelf.add(**sent)
    assert answer.status == 422
    assert words in answer.text
    assert "first-looks" not in shelf.ada.reload().text


def test_a_skill_has_room_for_three_and_for_nothing_large(school: School) -> None:
    shelf = Shelf(school)
    desk = Desk.of(shelf.ada)
    with school.runtime.database.write() as session:
        context_id = session.get_one(Activity, desk.activity_id).context_id
        assert context_id is not None
        author = Author(context_id, desk.person_id, desk.now)
        for number in range(3):
            add_link(session, author, ADDING, f"Link {number}", "https://example.org/")
        with pytest.raises(BadMaterial, match="too-many"):
            add_link(session, author, ADDING, "One more", "https://example.org/")
        with pytest.raises(BadMaterial, match="too-large"):
            add_file(session, author, ADDING, "The board", PNG + b"\0" * LARGEST)
        assert len(materials_of(session, context_id, [ADDING])) == 3
