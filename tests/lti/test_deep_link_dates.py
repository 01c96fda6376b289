"""Dates that go along with a deep link, and a deep link of very many activities."""

from collections.abc import Iterator

import jwt
import pytest

from lti_tool.lti.messages.claims import DEEP_LINKING
from lti_tool.persistence.tables.tenancy import Registration
from sandbox_lms.records import activities
from tests.support.databases import Servers
from tests.support.school import COURSE, Page, School, open_school

SKILL = "M.NBT2.ADDREG"


@pytest.fixture(scope="module")
def place(database_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    with (
        database_servers.fresh("sqlite") as url,
        open_school(url, tmp_path_factory.mktemp("school")) as opened,
    ):
        yield opened


def items(page: Page) -> list[dict[str, object]]:
    """The content items that go back to the LMS."""
    assert page.status == 200, page.text
    claims = jwt.decode(page.fields("send-back")["JWT"], options={"verify_signature": False})
    found: list[dict[str, object]] = claims[DEEP_LINKING + "content_items"]
    return found


def give_back(place: School, page: Page) -> None:
    """Post the response to the LMS, as the browser does."""
    assert place.lms.return_deep_link("marit", page.action("send-back"), page.fields("send-back")["JWT"]).status < 400


def test_when_it_opens_closes_and_is_due_reaches_the_lms(place: School) -> None:
    page = place.open_deep_linking().send(
        "choose", skill=SKILL, opens="2026-11-23T08:00", closes="2026-12-04T16:00", due="2026-11-30T16:00"
    )
    [item] = items(page)
    assert item["available"] == {
        "startDateTime": "2026-11-23T08:00:00+00:00",
        "endDateTime": "2026-12-04T16:00:00+00:00",
    }
    assert item["submission"] == {"endDateTime": "2026-11-30T16:00:00+00:00"}
    give_back(place, page)
    link = activities.links(place.lms.lms.database, COURSE)[-1]
    assert (str(link.available_from)[:16], str(link.due)[:16]) == ("2026-11-23T08:00", "2026-11-30T16:00")


def test_without_dates_none_are_sent(place: School) -> None:
    [item] = items(place.open_deep_linking().send("choose", skill=SKILL))
    assert not {"available", "submission"} & set(item)


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        ({"opens": "2026-11-23T08:00", "closes": "2026-11-23T08:00"}, "closes before it opens"),
        ({"opens": "tomorrow"}, "Write dates like this"),
        ({"closes": "9999-99-99T00:00"}, "Write dates like this"),
    ],
    ids=str,
)
def test_dates_that_can_not_be_are_asked_for_again(place: School, dates: dict[str, str], words: str) -> None:
    page = place.open_deep_linking().send("choose", skill=SKILL, **dates)
    assert page.status == 422
    assert words in page.text
    assert all(f'value="{value}"' in page.text for value in dates.values()), "with what was typed"


def test_an_lms_that_passes_dates_over_is_offered_none(place: School) -> None:
    with place.runtime.database.write() as session:
        session.get_one(Registration, place.registration_id).profile = "moodle"
    try:
        picker = place.open_deep_linking()
        assert 'name="opens"' not in picker.text
        [item] = items(picker.send("choose", skill=SKILL, opens="2026-11-23T08:00", due="2026-11-30T16:00"))
        assert not {"available", "submission"} & set(item)
    finally:
        with place.runtime.database.write() as session:
            session.get_one(Registration, place.registration_id).profile = "generic"


def test_an_activity_for_each_skill_of_a_whole_bank_goes_back_in_one_message(place: School) -> None:
    banks = place.runtime.catalog.banks.values()
    skills = [skill for bank in banks for skill in bank.skills]
    page = place.open_deep_linking().send("choose", skill=skills, each="yes", title="Week 1")
    found = items(page)
    assert len(found) == len(skills) > 100
    assert len({item["title"] for item in found}) > 0.9 * len(found)
    assert all(str(item["title"]).startswith("Week 1: ") for item in found)
    before = len(activities.links(place.lms.lms.database, COURSE))
    give_back(place, page)
    links = activities.links(place.lms.lms.database, COURSE)
    assert len(links) == before + len(skills)
    assert 'id="answer-form"' in place.open("ada", links[-1].id).text
