"""Items speak the language of the activity, whatever the pages around them speak."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.launches import LaunchSession
from tests.support.databases import BACKENDS, Servers
from tests.support.pupils import wrong_answer
from tests.support.school import TOOL_URL, School, open_school

DECIMALS = "M.NBT5.DECADD"


@pytest.fixture(scope="module", params=BACKENDS)
def school(
    request: pytest.FixtureRequest, database_servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[School]:
    with (
        database_servers.fresh(request.param) as url,
        open_school(url, tmp_path_factory.mktemp("school")) as opened,
    ):
        yield opened


def set_locale(school: School, locale: str) -> None:
    with school.runtime.database.write() as session:
        newest = session.scalars(select(Activity.id).order_by(Activity.created_at.desc()).limit(1)).one()
        session.execute(update(Activity).where(Activity.id == newest).values(content_locale=locale))


def test_daan_adds_in_dutch_with_a_decimal_comma_in_an_english_lms(school: School) -> None:
    link = school.add_activity(DECIMALS)
    set_locale(school, "nl-NL")
    page = school.open("lina", link)
    waiting = page.item
    assert waiting.language == "nl"
    assert waiting.rules.decimal == ","
    assert 'data-marks=","' in page.text  # the keys on the screen have a comma
    assert waiting.instruction in page.text
    assert "Kommagetallen optellen en aftrekken" in page.text
    feedback = page.respond(waiting.answer.replace(".", ","))
    assert waiting.strings["correct"] in re.sub("<[^>]+>", "", feedback.text)
    page = page.reload()
    token = page.item_token
    page.respond(wrong_answer(page.item))
    example = page.school.browser("lina").get(f"{page.place}/example/{token}", base_url=TOOL_URL)
    assert '<p lang="nl">' in example.text  # the example that is done is from his own pack


def test_an_activity_that_a_dutch_teacher_adds_is_in_dutch(school: School) -> None:
    picker = school.open_deep_linking()
    with school.runtime.database.write() as session:
        session.execute(update(LaunchSession).values(locale="nl"))
    assert picker.send("choose", skill=[DECIMALS], title="", points="10").status == 200
    with school.runtime.database.read() as session:
        newest = session.scalars(select(Activity).order_by(Activity.created_at.desc()).limit(1)).one()
        assert newest.content_locale == "nl"
        assert school.runtime.catalog.bank_of(newest).locale == "nl-NL"


def test_a_teacher_chooses_the_language_and_notation_of_an_activity(school: School) -> None:
    picker = school.open_deep_linking()
    assert 'value="nl-NL"' in picker.text
    picker.send("choose", skill=[DECIMALS], title="", points="10", way="set", control="shared", metacognition="subject",
                content_locale="nl-NL")  # fmt: skip
    with school.runtime.database.read() as session:
        newest = session.scalars(select(Activity).order_by(Activity.created_at.desc()).limit(1)).one()
        assert school.runtime.catalog.bank_of(newest).locale == "nl-NL"
