"""Dates that go along with a deep link, and a deep link of very many activities."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import update

from lti_tool.persistence.tables.tenancy import Registration
from tests.lti.conftest import SQLITE_FIRST, opened
from tests.lti.platforms import Platform
from tests.support.databases import Servers

SKILL = "M.NBT2.ADDREG"


@pytest.fixture(scope="module", params=SQLITE_FIRST)
def place(
    request: pytest.FixtureRequest, database_servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    """One LMS for all of these activities."""
    with opened(request.param, database_servers, tmp_path_factory.mktemp("dates")) as found:
        yield found


@contextmanager
def known_as(place: Platform, profile: str) -> Iterator[None]:
    """As if the LMS were of this family."""
    for name in (profile, None):
        this = Registration.issuer == place.registration.issuer
        with place.school.runtime.database.write() as session:
            session.execute(update(Registration).where(this).values(profile=name or "generic"))
        if name:
            yield


def test_when_it_opens_closes_and_is_due_reaches_the_lms(place: Platform) -> None:
    page = place.open_picker().send(
        "choose", skill=SKILL, opens="2026-11-23T08:00", closes="2026-12-04T16:00", due="2026-11-30T16:00"
    )
    [item] = place.items(page)
    assert item["available"] == {
        "startDateTime": "2026-11-23T08:00:00+00:00",
        "endDateTime": "2026-12-04T16:00:00+00:00",
    }
    assert item["submission"] == {"endDateTime": "2026-11-30T16:00:00+00:00"}
    [link] = place.take_back(page)
    assert [date[:16] for date in place.dates(link)] == ["2026-11-23T08:00", "2026-11-30T16:00"]


def test_without_dates_none_are_sent(place: Platform) -> None:
    [item] = place.items(place.open_picker().send("choose", skill=SKILL))
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
def test_dates_that_can_not_be_are_asked_for_again(place: Platform, dates: dict[str, str], words: str) -> None:
    page = place.open_picker().send("choose", skill=SKILL, **dates)
    assert page.status == 422
    assert words in page.text
    assert all(f'value="{value}"' in page.text for value in dates.values()), "with what was typed"


def test_an_lms_that_passes_dates_over_is_offered_none(place: Platform) -> None:
    with known_as(place, "moodle"):
        picker = place.open_picker()
        assert 'name="opens"' not in picker.text
        [item] = place.items(picker.send("choose", skill=SKILL, opens="2026-11-23T08:00", due="2026-11-30T16:00"))
        assert not {"available", "submission"} & set(item)


def test_an_activity_for_each_skill_of_a_whole_bank_goes_back_in_one_message(place: Platform) -> None:
    banks = place.school.runtime.catalog.banks.values()
    skills = [skill for bank in banks for skill in bank.skills]
    page = place.open_picker().send("choose", skill=skills, each="yes", title="Week 1")
    found = place.items(page)
    assert len(found) == len(skills) > 100
    assert len({item["title"] for item in found}) > 0.9 * len(found)
    assert all(str(item["title"]).startswith("Week 1: ") for item in found)
    links = place.take_back(page)
    assert len(links) == len(skills)
    assert 'id="answer-form"' in place.open(place.pupil, links[-1]).text
