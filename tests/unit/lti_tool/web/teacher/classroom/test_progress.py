"""Two pages that look back on a class."""

import re
from datetime import UTC, datetime, timedelta

from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.summaries import PracticeDay, PracticeTotal
from tests.support.classes import enrol
from tests.support.pupils import Desk
from tests.support.school import TOOL_URL, School


def rows_of(text: str) -> list[str]:
    return [" ".join(row.split("</tr>")[0].split()) for row in text.split("<tr>")[1:]]


def test_thirds_by_start_and_weeks_beside_the_plan(school: School) -> None:
    link = school.add_activity("M.NBT2.ADDREG")
    desk, marit = Desk.of(school.open("ada", link)), school.open("marit", link)
    address = f"{marit.place}/activity/{desk.activity_id}"
    assert "At least six pupils" in school.browser("marit").get(f"{address}/gap", base_url=TOOL_URL).text
    with school.runtime.database.read() as session:
        context_id = session.get_one(Activity, desk.activity_id).context_id
        assert context_id is not None
    now = datetime.now(UTC)
    names = [f"Pupil {number}" for number in range(6)]
    people = enrol(school.runtime, context_id, school.registration_id, names, now)
    with school.runtime.database.write() as session:
        for number, person_id in enumerate(people):
            about = {"activity_id": desk.activity_id, "person_id": person_id}
            start = {"tries": 12, "honest": 12, "right": 6, "latest": "h" * 10, "start_level": 0.05 + number / 10}
            session.add(PracticeTotal(**about, **start))
            for days in (0, 7) if number else (7,):
                session.add(PracticeDay(**about, day=(now - timedelta(days=days)).date(), sittings=2, seconds=1260.0))

    gap = school.browser("marit").get(f"{address}/gap", base_url=TOOL_URL).text
    table = [row for row in rows_of(gap) if "third" in row]
    assert [row.count('<td class="number">2</td>') for row in table] == [1, 1, 1]
    assert ["10%" in table[0], "30%" in table[1], "50%" in table[2]] == [True] * 3
    assert "third has become smaller" in gap, "nobody practised: all are expected to know the same"

    for row in table:
        start, then, gained = [int(each) for each in re.findall(r">(-?\d+)%<", row)]
        assert then - start == gained, "the figures on the page agree"

    use = school.browser("marit").get(f"{address}/use", base_url=TOOL_URL).text
    assert '<td class="number">5</td><td class="number">21</td><td class="number">2.0</td>' in use
    assert '<td class="number">6</td><td class="number">21</td><td class="number">2.0</td>' in use
    by_pupil = {row.split("<bdi>")[1].split("<")[0]: row for row in rows_of(use) if "<bdi>" in row}
    assert by_pupil["Pupil 0"].endswith('<td class="number">1</td>')
    assert by_pupil["Pupil 5"].endswith('<td class="number">2</td>')
