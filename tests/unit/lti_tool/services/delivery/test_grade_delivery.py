"""A score's way to the gradebook: sent once, whatever dies on the way."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from lti_tool.lti.services.scopes import SCOPE_RESULT_READ, SCOPE_SCORE
from lti_tool.lti.tool_keys import ensure_signing_key
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.activities import ResourceLink
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.persistence.tables.tenancy import Registration
from lti_tool.services.delivery.grade_claims import BATCH, LEASE, claim_due
from tests.unit.lti_tool.lti.gradebook import COLUMN, VAULT, Crash, Gradebook, Office, open_office
from tests.unit.lti_tool.lti.scripted import Call, Reply
from tests.unit.lti_tool.persistence.rows import MONDAY, add_lms, add_person, add_place, later


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


class TestSending:
    def test_a_score_reaches_the_gradebook_beneath_the_columns_path(self, office: Office) -> None:
        office.earn("ada", 4)
        assert office.worker().deliver_due(MONDAY) == 1
        [post] = office.gradebook.posts()
        assert post.url == f"{COLUMN}/scores?type_id=4"
        assert post.headers["Content-Type"] == "application/vnd.ims.lis.v1.score+json"
        sent = post.document
        assert sent.pop("comment")
        assert sent == {
            "userId": "ada",
            "scoreGiven": 4.0,
            "scoreMaximum": 10.0,
            "activityProgress": "InProgress",
            "gradingProgress": "FullyGraded",
            "timestamp": "2026-09-07T09:00:00.000Z",
        }
        row = office.row("ada")
        assert (row.state, row.delivered_points, row.delivered_at) == ("delivered", 4.0, MONDAY)
        assert [entry.result for entry in office.log()] == ["delivered"]

    def test_what_is_delivered_is_not_sent_again(self, office: Office) -> None:
        office.earn("ada", 4)
        worker = office.worker()
        worker.deliver_due(MONDAY)
        office.earn("ada", 4)
        assert worker.deliver_due(later(hours=1)) == 0
        assert len(office.gradebook.posts()) == 1

    def test_only_the_newest_of_waiting_scores_is_sent(self, office: Office) -> None:
        for attempts in (1, 2, 3):
            office.earn("ada", attempts)
        office.worker().deliver_due(MONDAY)
        assert [score["scoreGiven"] for score in office.gradebook.accepted] == [3.0]

    def test_two_scores_within_a_second_are_a_whole_second_apart_for_the_lms(self, office: Office) -> None:
        worker = office.worker()
        office.earn("ada", 1)
        worker.deliver_due(MONDAY)
        office.earn("ada", 2, later(milliseconds=200))
        assert worker.deliver_due(later(milliseconds=200)) == 0
        assert worker.deliver_due(later(milliseconds=999)) == 0
        assert worker.deliver_due(later(seconds=1)) == 1
        assert [score["timestamp"] for score in office.gradebook.accepted] == [
            "2026-09-07T09:00:00.000Z",
            "2026-09-07T09:00:01.000Z",
        ]

    def test_a_score_earned_while_another_is_under_way_is_sent_next(self, office: Office) -> None:
        office.earn("ada", 1)
        original = office.gradebook.platform.answer

        def earn_meanwhile(call: Call) -> Reply:
            if "/scores" in call.url and not office.gradebook.accepted:
                office.earn("ada", 2, MONDAY)
            return original(call)

        office.gradebook.platform.answer = earn_meanwhile
        worker = office.worker()
        worker.deliver_due(MONDAY)
        row = office.row("ada")
        assert (row.state, row.delivered_points, row.points_given) == ("waiting", 1.0, 2.0)
        worker.deliver_due(later(seconds=2))
        assert office.gradebook.score("ada") == 2.0
        assert office.row("ada").state == "delivered"

    def test_nothing_goes_to_an_lms_that_is_switched_off_until_it_is_on_again(self, office: Office) -> None:
        office.earn("ada", 4)
        for state, tried in (("disabled", 0), ("active", 1)):
            with office.database.write() as session:
                session.execute(update(Registration).values(state=state))
            assert office.worker().deliver_due(MONDAY) == tried

    def test_an_activity_that_its_link_opens_no_more_sends_nothing_into_the_links_column(self, office: Office) -> None:
        office.earn("ada", 4)
        other = office.new_place(link="link-2")
        with office.database.write() as session:
            session.execute(update(ResourceLink).where(ResourceLink.id == other.link_id).values(activity_id=None))
            session.flush()
            link = session.get_one(ResourceLink, office.place.link_id)
            link.activity_id = other.activity_id
        assert office.worker().deliver_due(MONDAY) == 0


class TestALostAnswer:
    @pytest.fixture
    def office(self, database: Database) -> Office:
        return open_office(database, scopes=(SCOPE_SCORE, SCOPE_RESULT_READ))

    def test_a_score_that_the_lms_has_already_is_delivered_and_not_sent_a_third_time(self, office: Office) -> None:
        office.earn("ada", 4)
        office.gradebook.crash_after = [Crash()]
        with pytest.raises(Crash):
            office.worker().deliver_due(MONDAY)
        office.worker().deliver_due(later(hours=1))
        assert office.row("ada").state == "delivered"
        assert len(office.gradebook.posts()) == 2
        assert [(entry.http_status, entry.result) for entry in office.log()] == [(409, "delivered")]

    def test_an_older_score_of_another_value_is_no_proof(self, office: Office) -> None:
        office.gradebook.scores[COLUMN, "ada"] = {
            "scoreGiven": 3.0,
            "scoreMaximum": 10.0,
            "timestamp": "2026-09-07T09:00",
        }
        office.gradebook.trouble = [Reply(409)]
        office.earn("ada", 4)
        worker = office.worker()
        worker.deliver_due(later(seconds=1))
        assert office.row("ada").state == "waiting"
        worker.deliver_due(later(seconds=3))
        assert (office.row("ada").state, office.gradebook.score("ada")) == ("delivered", 4.0)

    def test_results_that_can_not_be_read_cost_one_more_post(self, office: Office) -> None:
        original = office.gradebook.platform.answer
        office.gradebook.platform.answer = lambda call: Reply(500) if "/results" in call.url else original(call)
        office.gradebook.trouble = [Reply(409)]
        office.earn("ada", 4)
        worker = office.worker()
        worker.deliver_due(MONDAY)
        worker.deliver_due(later(seconds=2))
        assert office.row("ada").state == "delivered"


class TestCrashes:
    def test_a_worker_that_dies_after_sending_costs_a_repeat_and_no_score(self, office: Office) -> None:
        office.earn("ada", 4)
        office.gradebook.crash_after = [Crash()]
        with pytest.raises(Crash):
            office.worker().deliver_due(MONDAY)
        assert office.row("ada").state == "waiting"
        worker = office.worker()
        assert worker.deliver_due(MONDAY + LEASE) == 0, "the dead worker's lease still runs"
        moment = MONDAY + LEASE + timedelta(seconds=1)
        assert worker.deliver_due(moment) == 1
        first, second = office.gradebook.posts()
        assert first.document == second.document, "a repeat carries the same timestamp"
        assert office.row("ada").problem == "http-409"
        assert worker.deliver_due(moment) == 1
        assert (office.row("ada").state, office.gradebook.score("ada")) == ("delivered", 4.0)

    def test_a_worker_that_wakes_up_after_its_lease_sends_nothing_and_says_nothing(self, office: Office) -> None:
        office.earn("ada", 1)
        office.earn("ben", 1)
        worker = office.worker()
        original = office.gradebook.platform.answer

        def sleep_through_the_lease(call: Call) -> Reply:
            if "/scores" in call.url and not office.gradebook.accepted:
                office.gradebook.platform.answer = original
                office.earn("ada", 2)
                office.earn("ben", 2)
                other = office.worker()
                while other.deliver_due(MONDAY + 2 * LEASE):
                    pass
            return original(call)

        office.gradebook.platform.answer = sleep_through_the_lease
        worker.deliver_due(MONDAY)
        # One was in the middle of being sent, and the gradebook refused it as old; the other was not sent at all.
        assert len(office.gradebook.posts()) == 3
        for pupil in ("ada", "ben"):
            assert office.gradebook.score(pupil) == 2.0
            assert (office.row(pupil).state, office.row(pupil).delivered_points) == ("delivered", 2.0)

    def test_a_score_that_trips_over_a_mistake_of_ours_does_not_hold_up_the_others(
        self, office: Office, capsys: pytest.CaptureFixture[str]
    ) -> None:
        office.earn("ada", 1)
        office.earn("ben", 1)
        office.gradebook.trouble = [ZeroDivisionError()]
        assert office.worker().deliver_due(MONDAY) == 2
        assert sorted(entry.result for entry in office.log()) == ["delivered", "internal-error"]
        assert "ZeroDivisionError" in "".join(capsys.readouterr())

    def test_a_person_erased_while_the_score_is_under_way_leaves_no_log(self, office: Office) -> None:
        office.earn("ada", 1)
        original = office.gradebook.platform.answer

        def erase_meanwhile(call: Call) -> Reply:
            with office.database.write() as session:
                session.execute(delete(ScoreOutbox))
            return original(call)

        office.gradebook.platform.answer = lambda call: (
            erase_meanwhile(call) if "/scores" in call.url else original(call)
        )
        office.worker().deliver_due(MONDAY)
        assert office.log() == []


class TestManyWorkers:
    def test_two_at_once_deliver_each_score_once(self, office: Office) -> None:
        pupils = [f"pupil-{number}" for number in range(3 * BATCH)]
        office.enrol(*pupils)
        for pupil in pupils:
            office.earn(pupil, 3)
        barrier = threading.Barrier(2)

        def work(_: int) -> int:
            worker = office.worker()
            barrier.wait()
            return sum(worker.deliver_due(MONDAY) for _ in range(len(pupils)))

        with ThreadPoolExecutor(2) as pool:
            tried = list(pool.map(work, range(2)))
        assert sum(tried) == len(pupils)
        assert len(office.gradebook.posts()) == len(pupils)
        assert {pupil: office.gradebook.score(pupil) for pupil in pupils} == dict.fromkeys(pupils, 3.0)

    def test_a_round_claims_a_batch_at_most(self, office: Office) -> None:
        pupils = [f"pupil-{number}" for number in range(BATCH + 1)]
        office.enrol(*pupils)
        for pupil in pupils:
            office.earn(pupil, 1)
        with office.database.write() as session:
            assert len(claim_due(session, MONDAY)) == BATCH
            assert len(claim_due(session, MONDAY)) == 1
            assert claim_due(session, MONDAY) == []


STEPS = st.lists(st.sampled_from(["earn", "send", "refuse", "break", "die before", "die after", "wait"]), max_size=12)


@settings(max_examples=25)
@given(steps=STEPS)
def test_whatever_happens_the_newest_score_arrives_in_the_end_and_time_never_runs_back(
    database: Database, steps: list[str]
) -> None:
    with database.write() as session:
        ensure_signing_key(session, VAULT, MONDAY)
        registration = add_lms(session)
        name = uuid.uuid4().hex  # examples share a database
        place = add_place(session, registration, link=name)
        pupil = add_person(session, registration, name)
    gradebook = Gradebook()
    office = Office(database, gradebook, place, {"ada": pupil})
    moment, earned = MONDAY, 0
    for step in steps:
        moment += timedelta(seconds=1)
        gradebook.trouble = {"refuse": [Reply(400)], "break": [Reply(500)], "die before": [Crash()]}.get(step, [])
        gradebook.crash_after = [Crash()] if step == "die after" else []
        if step == "earn":
            earned = min(earned + 1, 10)
            office.earn("ada", earned, moment)
        elif step == "wait":
            moment += LEASE
        else:
            with suppress(Crash):
                office.worker().deliver_due(moment)
    gradebook.trouble, gradebook.crash_after = [], []
    if not earned:
        assert not gradebook.posts()
        return
    office.earn("ada", 10, moment)
    for _ in range(8):
        moment += timedelta(minutes=20)
        office.worker().deliver_due(moment)
    row = office.row("ada")
    assert (row.state, row.delivered_points, gradebook.score(name)) == ("delivered", 10.0, 10.0)
    stamps = [str(score["timestamp"]) for score in gradebook.accepted]
    assert stamps == sorted(set(stamps))
    posts = len(gradebook.posts())
    office.worker().deliver_due(moment + timedelta(days=1))
    assert len(gradebook.posts()) == posts, "what is delivered is not sent again"
