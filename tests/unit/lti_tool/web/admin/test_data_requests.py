"""Requests about people's data, answered in the console: looked at, given out, erased, and written down."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from lti_tool.persistence.tables.audit import AuditEvent
from lti_tool.persistence.tables.people import Membership, Person
from lti_tool.persistence.tables.practice import Opportunity
from lti_tool.persistence.tables.tenancy import Context, Deployment
from lti_tool.services.admin.district import data_requests
from tests.support.console import PROXY, Console, add_school, console, give_role
from tests.support.pupils import MATH, wrong_answer
from tests.support.school import School, open_school


@pytest.fixture
def school(database_url: str, tmp_path: Path) -> Iterator[School]:
    with open_school(database_url, tmp_path, **PROXY) as opened:
        give_role(opened, "it", "district")
        for pupil, course in (("ada", "class-5a"), ("noa", "class-5a"), ("ada", "class-5b")):
            page = opened.open(pupil, opened.add_activity(*MATH, course=course), course=course)
            page.respond(wrong_answer(page.item))
        yield opened


@pytest.fixture
def imani(school: School) -> Console:
    """Who runs the district."""
    return console(school, "Imani", "it")


def pupils(school: School) -> dict[str, str]:
    """Random ids of those who practised, by the LMS's own id."""
    with school.runtime.database.read() as session:
        query = select(Person.sub, Person.id).join(Membership).where(Membership.role == "pupil", Membership.launched)
        return {row[0]: row[1] for row in session.execute(query)}


def answers(school: School) -> list[str]:
    with school.runtime.database.read() as session:
        return sorted(session.scalars(select(Opportunity.person_id)))


def told(school: School) -> list[tuple[str, str]]:
    """What the audit log says of data that was given out or erased by an administrator."""
    with school.runtime.database.read() as session:
        query = select(AuditEvent).where(AuditEvent.administrator_id.is_not(None)).order_by(AuditEvent.id)
        return [(event.action, event.subject) for event in session.scalars(query) if "admin." not in event.action]


def test_a_pupil_is_looked_up_given_out_and_erased_after_a_tick(school: School, imani: Console) -> None:
    ids = pupils(school)
    lms, (sub, person) = school.registration_id, next(iter(ids.items()))
    assert "Nothing is held" in imani.post("/admin/data/look", kind="person", lms=lms, user="nobody").text
    page = imani.post("/admin/data/look", kind="person", lms=lms, user=f" {sub} ").text
    assert f'name="id" value="{person}"' in page
    file = imani.post("/admin/data/export", kind="person", id=person)
    assert file.headers["Content-Disposition"] == 'attachment; filename="proximal-person.json"'
    assert json.loads(file.text)["person"][0]["sub"] == sub
    before = answers(school)
    assert "tick the box first" in imani.post("/admin/data/erase", kind="person", id=person).text
    assert answers(school) == before
    done = imani.post("/admin/data/erase", kind="person", id=person, sure="yes")
    assert "The audit log keeps that it was done" in done.text
    assert answers(school) == [each for each in before if each != person]
    assert told(school) == [("data.exported", "person"), ("person.erased", "request")]
    with school.runtime.database.read() as session:
        log = [str((event.subject, event.detail)) for event in session.scalars(select(AuditEvent))]
    assert [line for line in log if person in line] == []
    log_page = imani.get("/admin/audit").text
    assert "person.erased" in log_page
    assert "data.exported" in log_page
    assert imani.post("/admin/data/erase", kind="person", id=person, sure="yes").status_code == 404


def test_a_school_is_erased_course_by_course_once_its_name_is_typed(
    school: School, imani: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    north = add_school(school, "North")
    with school.runtime.database.write() as session:
        session.execute(update(Deployment).values(school_id=north))
    found = imani.post("/admin/data/look", kind="school", id=north).text
    assert "Type “North”" in found
    lines = imani.post("/admin/data/export", kind="school", id=north).text.splitlines()
    assert len(lines) == 2
    assert all("membership" in json.loads(line) for line in lines)
    wrong = imani.post("/admin/data/erase", kind="school", id=north, sure="yes", name="South")
    assert (wrong.status_code, len(answers(school))) == (422, 3)
    monkeypatch.setattr("lti_tool.web.admin.district.data_requests.SECONDS_AT_ONCE", -1)  # one course a click
    page = imani.post("/admin/data/erase", kind="school", id=north, sure="yes", name="North")
    assert "A part is erased" in page.text
    assert len(answers(school)) == 1
    with school.runtime.database.read() as session:
        first = session.scalars(select(Context.id).order_by(Context.id)).first()
    page = imani.post("/admin/data/erase", kind="school", id=north, sure="yes", name="North", after=first)
    assert "The audit log keeps" in page.text
    assert answers(school) == []
    assert [action for action, _ in told(school)] == ["data.exported", "course.erased", "course.erased"]


def test_another_districts_administrator_finds_and_erases_nothing_of_this_one(school: School) -> None:
    give_role(school, "others", "district", district="<b>Eastbank</b>")
    north, before = add_school(school, "North", district="My district"), answers(school)
    with school.runtime.database.read() as session:
        course = session.scalars(select(Context.id)).first()
    ola = console(school, "Ola", "others")
    person = next(iter(pupils(school).values()))
    for kind, named in (("course", course), ("school", north), ("person", person), ("course", "1 OR 1=1")):
        for step in ("look", "export", "erase"):
            answer = ola.post(f"/admin/data/{step}", kind=kind, id=named, sure="yes", name="North")
            assert answer.status_code == 404, (kind, step)
    page = ola.post("/admin/data/look", kind="district").text
    assert "<dd>0</dd>" in page
    assert "<b>Eastbank" not in page
    assert ola.post("/admin/data/export", kind="age", id="1").text == ""
    ola.post("/admin/data/erase", kind="district", sure="yes", name="<b>Eastbank</b>")
    assert answers(school) == before


def test_who_has_not_come_for_long_goes_some_at_a_time_and_the_others_stay(
    school: School, imani: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_requests, "AT_ONCE", 1)
    ids = list(pupils(school).values())
    with school.runtime.database.write() as session:
        name = imani.get("/admin/") and "My district"
        for person in session.scalars(select(Person).where(Person.id == ids[0])):
            person.last_launch_at = person.last_launch_at and person.last_launch_at.replace(year=2020)
    assert "1</dd>" in imani.post("/admin/data/look", kind="age", id="400").text
    assert imani.post("/admin/data/look", kind="age", id="0").status_code == 404
    assert imani.post("/admin/data/look", kind="age", id="99999").status_code == 404
    assert imani.post("/admin/data/look", kind="anything", id="1").status_code == 400
    exported = imani.post("/admin/data/export", kind="age", id="400").text.splitlines()
    assert [json.loads(line)["person"][0]["id"] for line in exported] == [ids[0]]
    imani.post("/admin/data/erase", kind="age", id="400", sure="yes", name=name)
    assert ids[0] not in answers(school)
    assert ids[1] in answers(school)
    imani.post("/admin/data/erase", kind="district", sure="yes", name=name)
    assert answers(school) == []
    assert told(school)[-1] == ("people.erased", "district")
