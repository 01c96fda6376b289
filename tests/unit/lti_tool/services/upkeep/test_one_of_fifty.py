"""After Ada, one of fifty pupils, was erased, nothing anywhere finds her, and nobody else's record has changed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from lti_tool.lti.messages.roles import Role
from lti_tool.lti.services.nrps import Member
from lti_tool.persistence.holdings import courses_of_school, people_last_seen_before, people_of_registrations
from lti_tool.persistence.tables import Base, audit
from lti_tool.persistence.tables.people import DisplayName, Person
from lti_tool.persistence.tables.tenancy import Context, Deployment, Registration
from lti_tool.persistence.tables.tenancy import School as SchoolRow
from lti_tool.services.platforms.roster import merge_roster
from lti_tool.services.upkeep import privacy
from tests.support.pupils import MATH, wrong_answer
from tests.support.school import School

ANSWER = "90817263"
"""What nobody but Ada has ever answered."""


@pytest.fixture
def fifty(school: School) -> dict[str, Any]:
    """Fifty pupils in one class, three of whom practise; what could give Ada away, by what it is."""
    link = school.add_activity(*MATH, title="Sums")
    for who in ("noa", "sean", "ada"):
        page = school.open(who, link)
        page = page.respond(ANSWER if who == "ada" else wrong_answer(page.item)).reload()
        page.respond(page.item.answer)
    school.deliver_grades()
    now = datetime.now(UTC)
    with school.runtime.database.read() as session:
        course = session.scalars(select(Context)).one()
        names = {
            school.runtime.vault.decrypt(row.encrypted_name): row.person_id
            for row in session.scalars(select(DisplayName))
        }
        ada = session.get_one(Person, names["Ada Okonkwo"])
        known = session.scalars(select(Person.sub).where(Person.id.in_(names.values()), Person.id != ada.id)).all()
    more = [Member(sub=f"pupil-{n}", name=f"Pupil {n}", role=Role.PUPIL, active=True) for n in range(46)]
    listed = [Member(sub=sub, name=f"Listed {sub}", role=Role.PUPIL, active=True) for sub in known]
    here = Member(sub=ada.sub, name="Ada Okonkwo", role=Role.PUPIL, active=True)
    merge_roster(
        school.runtime.database, school.runtime.vault, school.registration_id, course.id, [here, *listed, *more], now
    )
    with school.runtime.database.write() as session:
        audit.record(session, "accommodation.set", ada.id, at=now, person_id=names["Marit de Vries"], larger_text=True)
        audit.record(session, "pair.made", "pair", at=now, with_pupils=[ada.id, names["Seán O’Brien"]])
        encrypted = session.get_one(DisplayName, ada.id).encrypted_name
        everybody = session.scalars(select(Person.id)).all()
    assert len(everybody) == 50
    return {"id": ada.id, "sub": ada.sub, "name": "Okonkwo", "encrypted name": encrypted, "answer": ANSWER}


def contents(school: School) -> dict[str, list[dict[str, Any]]]:
    with school.runtime.database.read() as session:
        return {
            table.name: [dict(row) for row in session.execute(select(table)).mappings()]
            for table in Base.metadata.sorted_tables
        }


def files(school: School) -> dict[str, bytes]:
    """The database's own files, where it is one of ours, and what lies in the data folder."""
    runtime = school.runtime
    folders = [runtime.settings.data_dir]
    if runtime.database.is_sqlite:
        folders.append(Path(str(runtime.database.engine.url.database)).parent)
    return {str(file): file.read_bytes() for folder in folders for file in folder.rglob("*") if file.is_file()}


def exported(school: School) -> str:
    """Everything that `proximal export district` gives out."""
    with school.runtime.database.read() as session:
        people = people_of_registrations(session, select(Registration.id))
        return "\n".join(privacy.export_people(session, people, school.runtime.vault))


def found(marks: dict[str, Any], where: Any) -> list[str]:
    """Which of the marks are in a text, or in bytes."""
    if isinstance(where, bytes):
        return [what for what, mark in marks.items() if (mark if isinstance(mark, bytes) else mark.encode()) in where]
    return [what for what, mark in marks.items() if (repr(mark) if isinstance(mark, bytes) else mark) in where]


def about(row: dict[str, Any], marks: dict[str, Any]) -> bool:
    return marks["id"] in str(row) or marks["sub"] in str(row)


def test_nothing_finds_her_and_nobody_else_has_changed(school: School, fifty: dict[str, Any]) -> None:
    before, given_out = contents(school), exported(school)
    assert found(fifty, str(before)) == ["id", "sub", "encrypted name", "answer"]
    assert found(fifty, given_out) == ["id", "sub", "name", "answer"]
    with school.runtime.database.write() as session:
        report = privacy.erase(session, fifty["id"], why="request", now=datetime.now(UTC))
    school.runtime.database.shred()
    assert report["opportunity"] == 2
    assert report["score_outbox"] == 1
    after = contents(school)
    assert found(fifty, str(after)) == []
    assert found(fifty, exported(school)) == []
    for file, held in files(school).items():
        assert found(fifty, held) == [], file
    others = {name: [row for row in rows if not about(row, fifty)] for name, rows in before.items() if name != "audit"}
    assert {name: rows for name, rows in after.items() if name != "audit"} == others
    assert len(after["person"]) == 49
    assert len(after["learner_state"]) == 2
    assert len(after["score_outbox"]) == 2
    assert after["parameter_version"] == before["parameter_version"]
    assert len(after["audit"]) == len(before["audit"]) + 1  # what was done stays, without her


def test_a_course_file_search_would_have_found_her_before(school: School, fifty: dict[str, Any]) -> None:
    """The search itself works: before the erasure SQLite's files give her away."""
    if school.runtime.database.is_sqlite:
        held = b"".join(files(school).values())
        assert found(fifty, held) == ["id", "sub", "encrypted name", "answer"]


def test_a_school_is_erased_with_who_is_nowhere_else(school: School, fifty: dict[str, Any]) -> None:
    with school.runtime.database.write() as session:
        deployment = session.scalars(select(Deployment)).one()
        district = session.get_one(Registration, school.registration_id).district_id
        session.add(row := SchoolRow(district_id=district, name="North"))
        session.flush()
        deployment.school_id = row.id
        courses = courses_of_school(session, row.id)
        [line] = privacy.export_courses(session, courses, school.runtime.vault)
        assert fifty["id"] in line
        privacy.erase_courses(session, courses, now=datetime.now(UTC))
    school.runtime.database.shred()
    after = contents(school)
    assert (after["person"], after["opportunity"], after["score_outbox"]) == ([], [], [])
    assert found(fifty, str(after)) == []


def test_who_has_not_come_for_long_is_found_by_age(school: School, fifty: dict[str, Any]) -> None:
    now = datetime.now(UTC)
    with school.runtime.database.write() as session:
        session.get_one(Person, fifty["id"]).last_launch_at = now - timedelta(days=100)
    with school.runtime.database.write() as session:
        lms = select(Registration.id)
        assert people_last_seen_before(session, now - timedelta(days=101), lms) == []
        old = people_last_seen_before(session, now - timedelta(days=99), lms)
        assert old == [fifty["id"]]
        privacy.erase_people(session, old, why="age", district_id=None, now=now)
    assert found(fifty, str(contents(school))) == []


def test_many_are_erased_at_once_and_the_audit_log_names_none_of_them(school: School, fifty: dict[str, Any]) -> None:
    with school.runtime.database.write() as session:
        people = people_of_registrations(session, select(Registration.id))
        subs = session.scalars(select(Person.sub)).all()
        privacy.erase_people(session, people, why="district", district_id=None, now=datetime.now(UTC))
    after = contents(school)
    assert after["person"] == []
    assert [one for one in [*people, *(sub for sub in subs if len(sub) >= 8)] if one in str(after)] == []
