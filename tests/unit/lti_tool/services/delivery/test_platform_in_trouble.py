"""An LMS that fails, hangs, or wants one request at a time: it is spared, and holds up no other."""

import random
from datetime import timedelta

import pytest
import requests
from sqlalchemy import update

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.services.scopes import SCOPE_LINEITEM, SCOPE_RESULT_READ, SCOPE_SCORE
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.persistence.tables.tenancy import Registration
from lti_tool.services.delivery.grade_claims import claim_due
from lti_tool.services.platforms.platform_gates import SHUT_FOR, SILENCES_IN_A_ROW, end_turns, note_failure
from tests.unit.lti_tool.lti.gradebook import Office, open_office
from tests.unit.lti_tool.lti.scripted import Call, Reply
from tests.unit.lti_tool.persistence.rows import LMS, MONDAY, add_lms, add_person, add_place, later


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database, scopes=(SCOPE_SCORE, SCOPE_RESULT_READ, SCOPE_LINEITEM))


class TestTrouble:
    @pytest.mark.parametrize("trouble", [requests.ConnectionError(), requests.ReadTimeout()], ids=["broken", "slow"])
    def test_a_connection_that_breaks_now_and_then_stops_nobody_elses_grades(
        self, office: Office, trouble: Exception
    ) -> None:
        office.gradebook.trouble = [trouble]
        office.earn("ada", 3)
        office.worker().deliver_due(MONDAY)
        office.earn("ben", 3)
        office.worker().deliver_due(MONDAY)
        assert [office.row(pupil).state for pupil in ("ada", "ben")] == ["waiting", "delivered"]

    def test_an_lms_that_fails_again_and_again_is_left_alone_and_then_tried_with_one_score(
        self, office: Office
    ) -> None:
        pupils = [f"pupil-{number}" for number in range(8)]
        office.enrol(*pupils)
        for pupil in pupils:
            office.earn(pupil, 3)
        office.gradebook.trouble = [Reply(500)] * 8
        office.worker().deliver_due(MONDAY)
        assert len(office.gradebook.posts()) == 8
        assert office.worker().deliver_due(later(seconds=29)) == 0, "another worker knows it too"
        assert office.worker().deliver_due(later(minutes=16)) == 1, "one score, to see whether it is well"
        while office.worker().deliver_due(later(minutes=16)):
            pass
        assert {office.row(pupil).state for pupil in pupils} == {"delivered"}

    @pytest.mark.parametrize(("code", "minutes"), [("unreachable", 1), ("timeout", 5)])
    def test_an_lms_that_is_well_again_after_a_night_is_tried_within_minutes(
        self, office: Office, code: str, minutes: int
    ) -> None:
        """Sooner where a try costs nobody anything than where all others wait for a time-out."""
        rng, moment, spells = random.Random(1), MONDAY, []
        with office.database.write() as session:
            for _ in range(200):
                trouble = ServiceError(code, "the LMS is away")
                until = note_failure(session, office.place.registration_id, trouble, moment, rng)
                if until is not None:
                    spells.append(until - moment)
                    moment = until
        assert SHUT_FOR < max(spells) <= timedelta(minutes=minutes)

    def test_a_time_that_the_lms_names_holds_for_all_its_scores(self, office: Office) -> None:
        office.earn("ada", 3)
        office.gradebook.trouble = [Reply(429, headers={"Retry-After": "60"})]
        office.worker().deliver_due(MONDAY)
        office.earn("ben", 3, later(seconds=1))
        assert office.worker().deliver_due(later(seconds=59)) == 0
        assert office.worker().deliver_due(later(seconds=61)) == 1

    def test_an_lms_that_wants_one_request_at_a_time_has_one_worker_at_a_time(self, office: Office) -> None:
        with office.database.write() as session:
            session.execute(update(Registration).values(profile="canvas"))
        office.earn("ada", 3)
        with office.database.write() as session:
            assert len(claim_due(session, MONDAY, worker="first")) == 1
        office.earn("ben", 3)
        with office.database.write() as session:
            assert claim_due(session, MONDAY, worker="second") == []
            end_turns(session, "first")
            assert len(claim_due(session, MONDAY, worker="second")) == 1

    def test_a_score_that_waits_for_the_next_second_takes_no_turn_from_the_others(self, office: Office) -> None:
        with office.database.write() as session:
            session.execute(update(Registration).values(profile="brightspace"))
        office.earn("ada", 3)
        assert office.worker().deliver_due(MONDAY) == 1
        office.earn("ada", 4, later(seconds=0.5))
        assert office.worker().deliver_due(later(seconds=0.5)) == 0
        office.earn("ben", 5, later(seconds=0.6))
        assert office.worker().deliver_due(later(seconds=0.6)) == 1
        assert office.worker().deliver_due(later(seconds=1)) == 1
        assert [office.gradebook.score(pupil) for pupil in ("ada", "ben")] == [4.0, 5.0]


class TestSilence:
    @pytest.fixture
    def slow(self, office: Office) -> Office:
        """A second LMS, with a class of twelve whose scores have waited longer; it never answers."""
        with office.database.write() as session:
            registration = add_lms(session, client_id="slow")
            place = add_place(session, registration, link="slow", column_url=f"{LMS}/slow/1")
            pupils = {f"slow-{number}": add_person(session, registration, f"slow-{number}") for number in range(12)}
        slow = Office(office.database, office.gradebook, place, pupils)
        for pupil in pupils:
            slow.earn(pupil, 3, MONDAY - timedelta(minutes=1))
        original = office.gradebook.platform.answer

        def answer(call: Call) -> Reply:
            if "/slow/" in call.url:
                raise requests.ReadTimeout
            return original(call)

        office.gradebook.platform.answer = answer
        return slow

    def test_an_lms_that_hangs_is_asked_twice_and_holds_up_no_other(self, office: Office, slow: Office) -> None:
        for pupil in ("ada", "ben"):
            office.earn(pupil, 3)
        worker = office.worker()
        while worker.deliver_due(MONDAY):
            pass
        assert sum("/slow/" in call.url for call in office.gradebook.platform.calls) == SILENCES_IN_A_ROW
        assert {office.row(pupil).state for pupil in ("ada", "ben")} == {"delivered"}
        waiting = [slow.row(pupil) for pupil in slow.pupils]
        assert {row.state for row in waiting} == {"waiting"}
        assert sum(row.attempts for row in waiting) == SILENCES_IN_A_ROW, "one of its scores in each round"
        assert not any(row.lease for row in waiting)

    def test_an_lms_that_answers_again_gets_everything(self, office: Office, slow: Office) -> None:
        worker = office.worker()
        for _ in range(SILENCES_IN_A_ROW):
            worker.deliver_due(MONDAY)
        office.gradebook.platform.answer = office.gradebook.answer
        assert worker.deliver_due(MONDAY + SHUT_FOR - timedelta(seconds=1)) == 0
        while worker.deliver_due(MONDAY + SHUT_FOR):
            pass
        assert {slow.row(pupil).state for pupil in slow.pupils} == {"delivered"}

    def test_a_score_that_another_worker_took_meanwhile_is_left_to_it(self, office: Office, slow: Office) -> None:
        refused = office.gradebook.platform.answer

        def take_over(call: Call) -> Reply:
            with office.database.write() as session:
                session.execute(update(ScoreOutbox).values(lease="another worker's"))
            return refused(call)

        office.gradebook.platform.answer = take_over
        office.worker().deliver_due(MONDAY)
        assert [slow.row(pupil).lease for pupil in slow.pupils].count("another worker's") == len(slow.pupils)
