"""A teacher without pupils looks around in a class of made-up ones, who never mix with real pupils."""

import re
from datetime import timedelta

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.persistence.tables.people import Person
from lti_tool.persistence.tables.practice import MasteryOverride, Opportunity
from lti_tool.persistence.tables.tenancy import Context
from lti_tool.services.sample.imagined import PUPILS
from lti_tool.services.sample.sample_class import KEPT
from tests.support.pupils import Desk
from tests.support.school import TOOL_URL, School


def seen(school: School, who: str, address: str) -> TestResponse:
    return school.browser(who).get(address, base_url=TOOL_URL)


def counted(school: School, *where: object) -> int:
    with school.runtime.database.read() as session:
        return session.scalar(select(func.count()).where(*where)) or 0  # type: ignore[arg-type]


def test_marit_has_no_pupils_yet_and_looks_around_in_a_sample_class(school: School) -> None:
    link = school.add_activity("M.NBT2.ADDREG")
    marit = school.open("marit", link)
    assert "Look around in a sample class" in marit.text
    assert "made up" not in marit.text

    page = marit.send("sample/open", tour="1")
    names = [pupil.name for pupil in PUPILS]
    assert "These pupils are made up." in page.text
    assert all(f"<bdi>{name}</bdi>" in page.text for name in names)
    for said in ("Needs you now", "A group on", "The same mistake more than once", "Was strong, and is sliding back"):
        assert said in page.text
    assert [f'id="tour-{number}"' in page.text for number in range(1, 8)] == [True] * 6 + [False]
    assert "chance below 40" in page.text.split('class="more glossary"')[1].split("</details>")[0]
    assert "Change this activity" not in page.text
    earlier = school.open_deep_linking().text.split('class="as-last-time"')[1].split("</p>")[0]
    assert "Sample class" not in earlier, "nobody sets another activity like a sample"
    assert "Grades of this activity" not in page.text

    pupil = re.search(r'/activity/([\w-]+)/pupil/([\w-]+)"><bdi>Ben', page.text)
    assert pupil is not None
    address = f"{marit.place}/activity/{pupil[1]}/pupil/{pupil[2]}"
    shown = seen(school, "marit", address)
    assert "These pupils are made up." in shown.text
    assert "not right" in shown.text

    desk = Desk.of(school.open("ada", link))
    assert not {*names} & {*re.findall(r"<bdi>(\w+)</bdi>", marit.reload().text)}
    other = "class-5b"
    tomas = school.open("tomas", school.add_activity("M.NBT2.SUBREG", course=other), course=other)
    assert seen(school, "tomas", f"{tomas.place}/activity/{pupil[1]}/pupil/{pupil[2]}").status_code == 403
    assert desk.activity_id != pupil[1]


def test_a_sample_class_is_never_graded_and_leaves_nothing_behind(school: School) -> None:
    marit = school.open("marit", school.add_activity("M.NBT2.ADDREG"))
    page = marit.send("sample/open")
    again = marit.send("sample/open")
    assert page.text.count('class="person"') == again.text.count('class="person"')
    assert counted(school, Context.sample) == 1, "a second tap makes no second class"
    pupil = re.search(r'/activity/([\w-]+)/pupil/([\w-]+)"><bdi>Ben', page.text)
    assert pupil is not None
    word = {"skill": "M.NBT3.SUB0", "act": "strong", "reason": "seen on paper"}
    assert marit.send(f"activity/{pupil[1]}/pupil/{pupil[2]}/skill", **word).status == 200
    assert counted(school, MasteryOverride.id.is_not(None)) == 1
    assert counted(school, Opportunity.id.is_not(None)) == sum(len(b.answers) for p in PUPILS for b in p.bouts)
    assert counted(school, ScoreOutbox.id.is_not(None)) == 0

    with school.runtime.database.read() as session:
        made_at = session.get_one(Activity, pupil[1]).created_at
    assert school.runtime.samples.remove_old(made_at + KEPT - timedelta(days=1)) == 0
    assert school.runtime.samples.remove_old(made_at + KEPT + timedelta(days=1)) == 1
    assert counted(school, Context.sample) == counted(school, Person.preview) == 0
    assert counted(school, Opportunity.id.is_not(None)) == counted(school, MasteryOverride.id.is_not(None)) == 0
