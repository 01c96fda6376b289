"""`proximal grades`."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from lti_tool.lti.errors import ServiceError
from lti_tool.persistence import migrate
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.grades import PlatformGate, ScoreOutbox
from lti_tool.services.delivery.reconciliation import Findings, Reconciliation
from lti_tool.services.grading.grades import Progress, enqueue_grade
from tests.unit.lti_tool.cli.conftest import Type
from tests.unit.lti_tool.persistence.rows import add_lms, add_person, add_place


@pytest.fixture(autouse=True)
def activity_id(written: Database) -> str:
    """Ada's grade was refused; the LMS is in trouble."""
    migrate.upgrade(written)
    earlier = datetime.now(UTC) - timedelta(minutes=1)
    with written.write() as session:
        registration = add_lms(session)
        place = add_place(session, registration)
        activity = session.get_one(Activity, place.activity_id)
        ada = add_person(session, registration, "ada")
        enqueue_grade(session, activity, ada, Progress(4, 10, 0, 1), locale="en", now=earlier)
        session.scalars(select(ScoreOutbox)).one().state = "parked"
        shut_until = datetime.now(UTC) + timedelta(hours=1)
        session.add(PlatformGate(registration_id=registration.id, failures=5, shut_until=shut_until))
        return place.activity_id


def state(database: Database) -> str:
    with database.read() as session:
        return session.scalars(select(ScoreOutbox.state)).one()


def test_status_counts_what_is_where_and_how_long_the_oldest_waits(run: Type) -> None:
    lines = run("grades", "status").output.splitlines()
    assert "parked      1" in lines
    assert "waiting     0" in lines
    assert "oldest waiting: 0 s" in lines
    assert lines[-1] == "LMSs in trouble that are left alone for now: 1"


def test_what_was_refused_goes_again_for_all_or_for_an_activity(run: Type, written: Database, activity_id: str) -> None:
    assert run("grades", "send-again", "--activity", "another").output == "0 grades will be sent again.\n"
    assert state(written) == "parked"
    assert run("grades", "send-again", "--all").output == "1 grades will be sent again.\n"
    assert state(written) == "waiting"
    assert run("grades", "send-again").exit_code == 2
    assert run("grades", "send-again", "--all", "--activity", activity_id).exit_code == 2


def test_reconcile_says_what_was_found_in_each_gradebook(run: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [("Adding", Findings(agree=24, theirs=1, sent_again=0))]
    monkeypatch.setattr(Reconciliation, "check_all", lambda *_: found)
    result = run("grades", "reconcile")
    assert result.output == "Adding: 24 agree, 1 changed in the LMS, 0 sent again\n"
    found.append(("Halving", ServiceError("timeout", "lms.example did not answer in time.")))
    result = run("grades", "reconcile")
    assert result.exit_code == 1
    assert "Halving: could not be read (lms.example did not answer in time.)" in result.output
