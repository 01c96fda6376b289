"""What is held about Ada can be given out and erased, and old records go by themselves."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from lti_tool.persistence.tables import Base
from lti_tool.persistence.tables.audit import AuditEvent
from lti_tool.persistence.tables.people import DisplayName, Person
from lti_tool.persistence.tables.tenancy import Context, Registration
from lti_tool.services.upkeep import privacy
from tests.support.school import COURSE, School

NOW = datetime.now(UTC)
NAMES = {"ada": "Ada Okonkwo", "lukasz": "Łukasz Wójcik"}
Contents = dict[str, list[dict[str, Any]]]


@pytest.fixture
def practised(school: School) -> School:
    """Ada and Łukasz have answered twice each, and their grades are in the LMS."""
    link = school.add_activity("M.NBT2.ADDREG")
    for who in ("ada", "lukasz"):
        page = school.open(who, link)
        page.send("hint", item=page.item_token)
        page.respond("12")
        page.reload().respond("13")
    school.deliver_grades()
    with school.runtime.database.read() as session:
        context = session.scalars(select(Context)).one()
    school.runtime.rosters.read(context.id, datetime.now(UTC))
    return school


def person_of(school: School, who: str) -> Person:
    with school.runtime.database.read() as session:
        registration = session.get_one(Registration, school.registration_id)
        return privacy.find_person(session, registration, school.lms.sub(who))


def course_of(school: School) -> Context:
    with school.runtime.database.read() as session:
        return privacy.find_course(session, session.get_one(Registration, school.registration_id), COURSE)


def contents(school: School) -> Contents:
    with school.runtime.database.read() as session:
        return {
            table.name: [dict(row) for row in session.execute(select(table)).mappings()]
            for table in Base.metadata.sorted_tables
        }


def names_of(school: School) -> set[str]:
    with school.runtime.database.read() as session:
        return {school.runtime.vault.decrypt(row.encrypted_name) for row in session.scalars(select(DisplayName))}


def test_everything_about_ada_is_given_out_with_her_name_and_no_secret(practised: School) -> None:
    ada, lukasz = person_of(practised, "ada"), person_of(practised, "lukasz")
    with practised.runtime.database.read() as session:
        text = privacy.export_person(session, ada.id, practised.runtime.vault)
    given = json.loads(text)
    assert given["display_name"][0]["name"] == NAMES["ada"]
    assert [row["response"] for row in given["opportunity"]] == ["12", "13"]
    assert given["person"][0]["sub"] == ada.sub
    assert {"learner_state", "presented_item", "score_outbox", "score_delivery", "membership", "exposure"} <= set(given)
    assert lukasz.id not in text
    assert "secret" not in text


def test_a_course_is_given_out_without_what_its_people_know_elsewhere(practised: School) -> None:
    with practised.runtime.database.read() as session:
        given = json.loads(privacy.export_course(session, course_of(practised).id, practised.runtime.vault))
    assert {row["person_id"] for row in given["opportunity"]} == {
        person_of(practised, "ada").id,
        person_of(practised, "lukasz").id,
    }
    assert "learner_state" not in given
    assert "person" not in given


def test_after_erasing_ada_nothing_in_any_table_names_her_and_lukasz_keeps_all(practised: School) -> None:
    ada, before = person_of(practised, "ada"), contents(practised)
    with practised.runtime.database.write() as session:
        report = privacy.erase(session, ada.id, why="request", now=NOW)
    after = contents(practised)
    assert ada.id not in str(after)
    assert ada.sub not in str(after)
    assert NAMES["ada"] not in names_of(practised)
    assert report["opportunity"] == 2
    for table, rows in after.items():
        if table != "audit":
            assert rows == [row for row in before[table] if ada.id not in row.values()], table
    [event] = [event for event in after["audit"] if event["action"] == "person.erased"]
    assert (event["subject"], event["person_id"], event["detail"]["rows"]["person"]) == ("request", None, 1)


def test_erasing_a_course_takes_its_answers_and_those_who_are_in_no_other(practised: School) -> None:
    with practised.runtime.database.write() as session:
        report = privacy.erase_course(session, course_of(practised).id, now=NOW)
    after = contents(practised)
    assert report["opportunity"] == 4
    for table in (
        "opportunity",
        "presented_item",
        "sitting",
        "score_outbox",
        "learner_state",
        "person",
        "display_name",
    ):
        assert after[table] == [], table
    [activity] = after["activity"]
    assert activity["author_id"] is None
    assert len(after["line_item"]) == 1


def test_whoever_is_in_another_course_too_is_not_erased_with_one(practised: School) -> None:
    elsewhere = practised.add_activity("M.NBT2.SUBREG", course="class-5b")
    practised.open("ada", elsewhere, course="class-5b").respond("7")
    with practised.runtime.database.write() as session:
        privacy.erase_course(session, course_of(practised).id, now=NOW)
    ada = person_of(practised, "ada")
    with practised.runtime.database.read() as session:
        given = json.loads(privacy.export_person(session, ada.id, practised.runtime.vault))
    assert [row["response"] for row in given["opportunity"]] == ["7"]
    assert given["learner_state"]
    with practised.runtime.database.read() as session, pytest.raises(privacy.NothingHeld, match="Nothing is held"):
        privacy.find_person(
            session, session.get_one(Registration, practised.registration_id), practised.lms.sub("lukasz")
        )


def test_names_go_after_400_days_and_people_after_three_years(practised: School) -> None:
    ada = person_of(practised, "ada")
    with practised.runtime.database.write() as session:
        session.get_one(Person, ada.id).last_launch_at = NOW - timedelta(days=401)
    erase_old(practised)
    assert NAMES["ada"] not in names_of(practised)
    assert NAMES["lukasz"] in names_of(practised)
    assert person_of(practised, "ada").id == ada.id
    with practised.runtime.database.write() as session:
        session.get_one(Person, ada.id).last_launch_at = NOW - timedelta(days=1096)
    report = erase_old(practised)
    assert report["opportunity"] == 2
    assert ada.id not in str(contents(practised))
    with practised.runtime.database.read() as session:
        [event] = session.scalars(select(AuditEvent).where(AuditEvent.action == "people.erased"))
        assert event.subject == "retention"
    assert erase_old(practised) == {}


def erase_old(school: School) -> privacy.Report:
    with school.runtime.database.write() as session:
        return privacy.erase_old(session, names_days=400, records_days=1095, now=NOW)


def test_the_worker_erases_what_is_old_a_few_times_a_day(practised: School) -> None:
    ada = person_of(practised, "ada")
    with practised.runtime.database.write() as session:
        session.get_one(Person, ada.id).last_launch_at = NOW - timedelta(days=2000)
    assert practised.runtime.retention.apply_due(NOW)["person"] == 1
    with practised.runtime.database.write() as session:
        session.get_one(Person, person_of(practised, "lukasz").id).last_launch_at = NOW - timedelta(days=2000)
    assert practised.runtime.retention.apply_due(NOW + timedelta(hours=1)) == {}
    assert practised.runtime.retention.apply_due(NOW + timedelta(hours=6))["person"] == 1
