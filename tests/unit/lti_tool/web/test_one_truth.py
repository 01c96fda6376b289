"""Pupil's and teacher's pages never disagree: both are read after each of two hundred answers."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.practice import PresentedItem
from lti_tool.services.classroom.class_page import class_page
from lti_tool.services.pupil.today import today
from tests.support.databases import Servers
from tests.support.pupils import Desk, wrong_answer
from tests.support.school import Page, School, open_school
from tests.unit.lti_tool.web.pupil.test_pupils_pages import get, settle

UTC_ZONE = ZoneInfo("UTC")
GARDEN = ("M.OA2.ADD20", "M.NBT2.ADDREG", "M.NBT2.SUBREG", "M.OA3.X34")
SEEN_AS = {"stuck": "growing"}
"""A state that a teacher is told by another name, and pupils are not."""
IN_WORDS = {
    "new": "not started yet",
    "growing": "growing",
    "strong": "strong",
    "kept": "strong, and it stayed",
}


@pytest.fixture
def school(database_servers: Servers, tmp_path: Path) -> Iterator[School]:
    """What pages say does not depend on the database, so one is enough."""
    with database_servers.fresh("sqlite") as url, open_school(url, tmp_path) as opened:
        yield opened


def test_after_each_of_two_hundred_answers_both_say_the_same(school: School) -> None:
    link = school.add_activity(*GARDEN)
    page, rng = school.open("ada", link), Random(5)
    settle(school, start_check=False)
    desk, met = Desk.of(page), set[str]()
    for n in range(200):
        page = page.reload()
        if "data-item" not in page.text:
            page = page.send("again")
        if "data-item" in page.text:
            right = rng.random() < 0.8
            took_a_while(desk, page)
            page.respond(page.item.answer if right else wrong_answer(page.item))
        told = teachers_states(desk)
        assert pupils_states(desk) == told
        if n % 10 == 0:
            assert read_on_the_page(page) == {title(school, s): IN_WORDS[state] for s, state in told.items()}
        met |= set(told.values())
    assert {"growing", "strong"} <= met


def took_a_while(desk: Desk, page: Page) -> None:
    """The question has been looked at for longer than this machine happens to take: haste would count."""
    with desk.school.runtime.database.write() as session:
        [item] = session.scalars(select(PresentedItem).where(PresentedItem.token == page.item_token))
        assert item.shown_at is not None
        item.shown_at -= timedelta(seconds=20)


def pupils_states(desk: Desk) -> dict[str, str]:
    runtime = desk.school.runtime
    with runtime.database.write() as session:
        activity = session.get_one(Activity, desk.activity_id)
        view = today(session, runtime.catalog, activity, desk.person_id, zone=UTC_ZONE, now=datetime.now(UTC))
    return {plant.skill_id: plant.state for plant in view.plants if plant.skill_id in GARDEN}


def teachers_states(desk: Desk) -> dict[str, str]:
    runtime = desk.school.runtime
    with runtime.database.write() as session:
        activity = session.get_one(Activity, desk.activity_id)
        tutor = runtime.catalog.tutor(activity.bank_id, activity.standard)
        found = class_page(session, activity, tutor, runtime.vault, datetime.now(UTC))
    [row] = [row for row in found.pupils if row.person_id == desk.person_id]
    return {skill: SEEN_AS.get(report.state, report.state) for skill, report in row.skills.items()}


def read_on_the_page(page: Page) -> dict[str, str]:
    """Title and words of each skill on "My skills"."""
    rows = re.findall(
        r'<li><svg.*?<span><span lang="en">(.*?)</span><span class="spoken">: </span><em>(.*?)</em>',
        get(page, "learned").text,
        re.DOTALL,
    )
    return {unescape(name): unescape(words) for name, words in rows}


def title(school: School, skill_id: str) -> str:
    return school.runtime.catalog.banks["math-en"].skills[skill_id].child_title
