"""`proximal export`, `erase` and `retention`."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from lti_tool.persistence import migrate
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.people import Membership, Person
from lti_tool.persistence.tables.tenancy import Deployment, District, School
from tests.unit.lti_tool.cli.conftest import Type
from tests.unit.lti_tool.persistence.rows import LMS, MONDAY, add_lms, add_place

HERE = ("--issuer", LMS, "--client-id", "client-1")


@pytest.fixture(autouse=True)
def ada(written: Database) -> str:
    """One pupil in one class."""
    migrate.upgrade(written)
    with written.write() as session:
        registration = add_lms(session)
        place = add_place(session, registration)
        lately = datetime.now(UTC) - timedelta(days=2)
        person = Person(registration_id=registration.id, sub="ada-1", created_at=MONDAY, last_launch_at=lately)
        session.add(person)
        session.flush()
        session.add(
            Membership(
                context_id=place.context_id, person_id=person.id, role="pupil", launched=True, seen_at=datetime.now(UTC)
            )
        )
        return person.id


def people(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Person.sub)))


def test_a_person_is_given_out_on_the_screen_or_into_a_file_of_the_operators_own(
    run: Type, ada: str, tmp_path: Path
) -> None:
    shown = run("export", "person", *HERE, "--user", "ada-1")
    assert json.loads(shown.output)["person"][0]["id"] == ada
    file = tmp_path / "ada.json"
    result = run("export", "person", *HERE, "--user", "ada-1", "--out", str(file))
    assert "personal data" in result.stderr
    assert json.loads(file.read_text(encoding="utf-8")) == json.loads(shown.output)
    assert file.stat().st_mode & 0o077 == 0


def test_a_course_is_given_out_by_the_lmss_own_id(run: Type, ada: str) -> None:
    given = json.loads(run("export", "course", *HERE, "--course", "class of link-1").output)
    assert [row["person_id"] for row in given["membership"]] == [ada]


def test_erasing_asks_first(run: Type, written: Database) -> None:
    assert run("erase", "person", *HERE, "--user", "ada-1").exit_code == 1
    assert people(written) == ["ada-1"]
    done = run("erase", "person", *HERE, "--user", "ada-1", "--yes")
    assert done.output.endswith("Erased 2 rows.\n")
    assert people(written) == []


def test_erasing_a_course_takes_who_is_in_no_other(run: Type, written: Database) -> None:
    done = run("erase", "course", *HERE, "--course", "class of link-1", "--yes")
    assert done.exit_code == 0
    assert people(written) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("person", "--issuer", LMS, "--client-id", "other", "--user", "ada-1"), "No such registration"),
        (("person", *HERE, "--user", "eve"), "Nothing is held about user 'eve'"),
        (("course", *HERE, "--course", "5Z"), "No course '5Z'"),
    ],
)
def test_who_is_unknown_is_named(run: Type, words: tuple[str, ...], message: str) -> None:
    result = run("export", *words)
    assert result.exit_code == 1
    assert message in result.output


def test_the_periods_can_be_seen_and_applied_at_once(
    run: Type, written: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "records   1095 days" in run("retention", "show").output
    assert run("retention", "run").output == "There was nothing to erase.\n"
    monkeypatch.setenv("PROXIMAL_RECORDS_DAYS", "1")
    assert "person              1 rows" in run("retention", "run").output
    assert people(written) == []


def test_a_school_a_district_and_who_is_long_gone_are_given_out_and_erased(
    run: Type, written: Database, ada: str
) -> None:
    with written.write() as session:
        deployment = session.scalars(select(Deployment)).one()
        district = session.scalars(select(District)).one()
        session.add(row := School(district_id=district.id, name="North"))
        session.flush()
        deployment.school_id = row.id
    for scope in (("school", "--school", "North"), ("district",), ("older-than", "--days", "1")):
        assert ada in run("export", *scope).output
    assert ada not in run("export", "older-than", "--days", "3").output
    assert "nothing to erase" in run("erase", "older-than", "--days", "3", "--yes").output
    assert "No school" in run("erase", "school", "--school", "South", "--yes").stderr
    assert people(written) == ["ada-1"]
    run("erase", "school", "--school", "North", "--yes")
    assert people(written) == []


@pytest.mark.parametrize("scope", [("district",), ("older-than", "--days", "1")])
def test_everybody_of_a_district_or_of_an_age_is_erased(run: Type, written: Database, scope: tuple[str, ...]) -> None:
    run("erase", *scope, "--yes")
    assert people(written) == []
