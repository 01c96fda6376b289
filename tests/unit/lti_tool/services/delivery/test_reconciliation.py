"""What the night finds in the gradebook: agreement, a teacher's own grade, or a grade that got lost."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.services.scopes import SCOPE_RESULT_READ, SCOPE_SCORE
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.people import Membership
from lti_tool.persistence.tables.tenancy import District
from lti_tool.services.delivery.grade_repairs import send_again
from lti_tool.services.delivery.outbox_status import outbox_status
from lti_tool.services.delivery.reconciliation import CHECK_AFTER, Findings, Reconciliation
from tests.unit.lti_tool.lti.gradebook import COLUMN, Office, open_office
from tests.unit.lti_tool.lti.scripted import Call, Reply
from tests.unit.lti_tool.persistence.rows import MONDAY

NIGHT = MONDAY + timedelta(hours=17)  # Tuesday, 2:00 UTC


@pytest.fixture
def office(database: Database) -> Office:
    office = open_office(database, scopes=(SCOPE_SCORE, SCOPE_RESULT_READ))
    for pupil, points in (("ada", 4), ("ben", 6)):
        office.earn(pupil, points)
    worker = office.worker()
    while worker.deliver_due(MONDAY):
        pass
    return office


@pytest.fixture
def night(office: Office) -> Reconciliation:
    return office.reconciliation()


def check(night: Reconciliation) -> Findings | ServiceError:
    [(label, found)] = night.check_all(NIGHT)
    assert label == "Adding"
    return found


def test_a_gradebook_that_shows_what_was_sent_is_left_alone(office: Office, night: Reconciliation) -> None:
    posts = len(office.gradebook.posts())
    assert check(night) == Findings(agree=2, theirs=0, sent_again=0)
    office.worker().deliver_due(NIGHT)
    assert len(office.gradebook.posts()) == posts


def test_a_teachers_own_grade_stands_until_the_teacher_says_otherwise(office: Office, night: Reconciliation) -> None:
    office.gradebook.overruled[COLUMN, "ada"] = 9.5
    assert check(night) == Findings(agree=1, theirs=1, sent_again=0)
    assert (office.row("ada").state, office.row("ada").found_points) == ("theirs", 9.5)
    office.earn("ada", 7, NIGHT)
    assert office.worker().deliver_due(NIGHT) == 0, "a newer score does not overwrite the teacher's"
    assert office.row("ada").points_given == 7.0
    with office.database.write() as session:
        assert send_again(session, now=NIGHT) == 0, "all that is parked is not all that gave way"
        assert send_again(session, now=NIGHT, activity_id=office.place.activity_id) == 0, "nor all of an activity"
        ada = office.pupils["ada"]
        assert send_again(session, now=NIGHT, activity_id=office.place.activity_id, person_id=ada) == 1
    office.worker().deliver_due(NIGHT)
    assert (office.gradebook.score("ada"), office.row("ada").state) == (7.0, "delivered")


def test_a_grade_that_is_gone_is_sent_again(office: Office, night: Reconciliation) -> None:
    office.gradebook.overruled[COLUMN, "ada"] = None
    assert check(night) == Findings(agree=1, theirs=0, sent_again=1)
    assert office.worker().deliver_due(NIGHT) == 1
    first, *_, last = (post.document for post in office.gradebook.posts() if post.document["userId"] == "ada")
    assert last["timestamp"] > first["timestamp"], "else an LMS that remembers the old one would refuse it"


def test_an_lms_that_was_restored_from_a_backup_gets_the_newest_score_again(
    office: Office, night: Reconciliation
) -> None:
    office.earn("ada", 8, MONDAY + timedelta(minutes=1))
    office.worker().deliver_due(MONDAY + timedelta(minutes=1))
    office.gradebook.overruled[COLUMN, "ada"] = 4.0
    assert check(night) == Findings(agree=1, theirs=0, sent_again=1)


def test_rounding_in_the_gradebook_is_no_difference(office: Office, night: Reconciliation) -> None:
    office.gradebook.overruled[COLUMN, "ada"] = 4.004
    assert check(night) == Findings(agree=2, theirs=0, sent_again=0)


def test_a_zero_that_the_lms_leaves_out_is_no_difference(office: Office, night: Reconciliation) -> None:
    office.enrol("cy")
    office.earn("cy", 0, MONDAY)
    assert check(night) == Findings(agree=2, theirs=0, sent_again=0)


def test_who_has_left_the_class_is_not_looked_for(office: Office, night: Reconciliation) -> None:
    office.gradebook.overruled[COLUMN, "ada"] = None
    with office.database.write() as session:
        values = {"context_id": office.place.context_id, "person_id": office.pupils["ada"], "role": "pupil"}
        session.add(Membership(**values, active=False, seen_at=MONDAY))
    assert check(night) == Findings(agree=1, theirs=0, sent_again=0)


def test_an_lms_that_cannot_be_read_is_read_another_night(office: Office, night: Reconciliation) -> None:
    original = office.gradebook.platform.answer

    def busy(call: Call) -> Reply:
        return Reply(503) if "/results" in call.url else original(call)

    office.gradebook.platform.answer = busy
    found = check(night)
    assert isinstance(found, ServiceError)
    assert found.code == "http-503"
    assert {office.row(pupil).state for pupil in office.pupils} == {"delivered"}


def test_each_column_is_read_once_a_night_by_the_districts_own_clock(office: Office, night: Reconciliation) -> None:
    assert night.check_due(MONDAY + timedelta(hours=3)) == 0, "noon"
    assert night.check_due(NIGHT) == 1
    assert night.check_due(NIGHT + timedelta(hours=1)) == 0
    with office.database.write() as session:
        session.execute(update(District).values(time_zone="Asia/Tokyo"))
    assert night.check_due(NIGHT + CHECK_AFTER + timedelta(hours=4)) == 0, "noon in Tokyo, 2:00 in Greenwich"
    assert night.check_due(NIGHT + CHECK_AFTER + timedelta(hours=20)) == 1
    with office.database.write() as session:
        session.execute(update(District).values(time_zone="Atlantis/Main Street"))
    assert night.check_due(NIGHT + timedelta(days=7)) == 1, "a zone that nobody knows is UTC"


def test_the_figures_say_what_waits_and_for_how_long(office: Office) -> None:
    office.earn("ada", 5, MONDAY + timedelta(minutes=5))
    office.earn("ada", 6, MONDAY + timedelta(minutes=7))
    with office.database.read() as session:
        status = outbox_status(session, MONDAY + timedelta(minutes=9))
    assert dict(status.counts) == {"held": 0, "waiting": 1, "delivered": 1, "parked": 0, "theirs": 0}
    assert status.oldest_waiting == timedelta(minutes=4)
