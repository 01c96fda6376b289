"""Sending beside the plain case: lost answers, other clocks, LMSs in trouble, turns, deleted and further columns."""

import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import jwt
import pytest
import requests
from sqlalchemy import select, update

from engine.learner import SkillReport
from item_banks.schema import Skill
from lti_tool.lti.access_tokens import AccessTokens
from lti_tool.lti.errors import ServiceError
from lti_tool.lti.scopes import SCOPE_LINEITEM, SCOPE_RESULT_READ, SCOPE_SCORE
from lti_tool.lti.transport import Transport
from lti_tool.persistence.activities import Activity, LineItem
from lti_tool.persistence.database import Database
from lti_tool.persistence.grades import ScoreOutbox
from lti_tool.persistence.tenancy import Registration
from lti_tool.services.delivery.grade_claims import claim_due
from lti_tool.services.delivery.grade_delivery import GradeDelivery
from lti_tool.services.delivery.grade_repairs import apply_posting_rule, release, release_due, send_again
from lti_tool.services.grading.grades import post_progress
from lti_tool.services.platforms.platform_gates import SHUT_FOR, end_turns, note_failure
from tests.unit.lti_tool.lti.gradebook import COLUMN, VAULT, Crash, Office, open_office
from tests.unit.lti_tool.lti.scripted import Call, Reply
from tests.unit.lti_tool.persistence.rows import LMS, MONDAY, add_place

SKILL = "M.NBT2.ADDREG"


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database, scopes=(SCOPE_SCORE, SCOPE_RESULT_READ, SCOPE_LINEITEM))


def later(**delay: float) -> datetime:
    return MONDAY + timedelta(**delay)


def change(office: Office, **values: object) -> None:
    """Change the activity's settings."""
    with office.database.write() as session:
        session.execute(update(Activity).values(**values))


class TestALostAnswer:
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


class TestClocks:
    """The LMS's clock is not ours. It refuses assertions that are not of its minute, and scores of its future."""

    def worker(self, office: Office, ours: list[datetime], ahead: timedelta) -> GradeDelivery:
        original = office.gradebook.platform.answer

        def on_their_clock(call: Call) -> Reply:
            theirs = ours[0] - ahead
            reply = original(call)
            if "/scores" in call.url and datetime.fromisoformat(call.document["timestamp"]) > theirs:
                office.gradebook.scores.clear()
                reply = Reply(400)
            return Reply(reply.status, reply.body, {**reply.headers, "Date": format_datetime(theirs, usegmt=True)})

        office.gradebook.platform.answer = on_their_clock
        transport = Transport(
            allow_http_on_loopback=False, session=office.gradebook.platform.session(), clock=lambda: ours[0]
        )
        return GradeDelivery(
            office.database,
            AccessTokens(office.database, VAULT, transport),
            transport,
            random.Random(1),
            stopwatch=lambda: 0.0,
        )

    @pytest.mark.parametrize("minutes", [5, -5, 0])
    def test_five_minutes_more_or_less_delay_no_grade(self, office: Office, minutes: int) -> None:
        ours = [later(seconds=0.5)]
        worker = self.worker(office, ours, timedelta(minutes=minutes))
        for points in (4, 5):
            office.earn("ada", points, ours[0])
            for _ in range(4):
                worker.deliver_due(ours[0])
                ours[0] += timedelta(seconds=1)
            assert (office.row("ada").state, office.gradebook.score("ada")) == ("delivered", points)
        stamps = [str(score["timestamp"]) for score in office.gradebook.scores.values()]
        assert all(datetime.fromisoformat(stamp) <= ours[0] - timedelta(minutes=minutes) for stamp in stamps)

    def test_a_token_that_is_refused_for_its_time_is_asked_for_by_the_clock_of_who_gives_it(
        self, office: Office
    ) -> None:
        """Some LMSs have a host of its own for tokens: it has told nothing of its clock when it is asked first."""
        with office.database.write() as session:
            session.execute(update(Registration).values(token_url="https://login.example/token"))
        theirs, asked = later(minutes=-5), []
        scores = office.gradebook.platform.answer

        def choosy(call: Call) -> Reply:
            if not call.url.startswith("https://login.example"):
                return scores(call)
            asked.append(call)
            claims = jwt.decode(call.form["client_assertion"], options={"verify_signature": False})
            headers = {"Date": format_datetime(theirs, usegmt=True)}
            if abs(claims["iat"] - theirs.timestamp()) > 60:
                return Reply(400, b"", headers)
            return Reply.json({"access_token": "from-there", "expires_in": 3600}, **headers)

        office.gradebook.platform.answer = choosy
        transport = Transport(
            allow_http_on_loopback=False, session=office.gradebook.platform.session(), clock=lambda: MONDAY
        )
        tokens = AccessTokens(office.database, VAULT, transport)
        office.earn("ada", 4)
        GradeDelivery(office.database, tokens, transport, random.Random(1), stopwatch=lambda: 0.0).deliver_due(MONDAY)
        assert len(asked) == 2
        assert office.row("ada").state == "delivered"

    @pytest.mark.parametrize("profile", ["moodle", "canvas"])
    def test_an_lms_that_takes_scores_of_its_future_gets_none(self, office: Office, profile: str) -> None:
        """Moodle takes one, and refuses all others until then. So it is asked for the time first, by each process."""
        with office.database.write() as session:
            session.execute(update(Registration).values(profile=profile))
        theirs = later(minutes=-5)
        original = office.gradebook.platform.answer

        def easy_going(call: Call) -> Reply:
            reply = original(call)
            return Reply(reply.status, reply.body, {"Date": format_datetime(theirs, usegmt=True)})

        office.gradebook.platform.answer = easy_going
        office.earn("ada", 4)
        for start in (0, 10):  # two processes, one after the other
            session = office.gradebook.platform.session()
            transport = Transport(allow_http_on_loopback=False, session=session, clock=lambda: MONDAY)
            tokens = AccessTokens(office.database, VAULT, transport)
            worker = GradeDelivery(office.database, tokens, transport, random.Random(1), stopwatch=lambda: 0.0)
            for second in range(3):
                worker.deliver_due(later(seconds=start + second))
            office.earn("ada", 5, later(seconds=start + 3))
        stamps = [datetime.fromisoformat(str(score["timestamp"])) for score in office.gradebook.accepted]
        assert len(stamps) == 2
        assert all(stamp <= theirs + timedelta(seconds=12) for stamp in stamps)


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


class TestColumns:
    def without_the_old_column(self, office: Office) -> None:
        original = office.gradebook.platform.answer
        office.gradebook.columns = [{"id": "a column in whose place nothing came"}]
        office.gradebook.platform.answer = lambda call: (
            Reply(404) if call.url.startswith(f"{COLUMN}/scores") else original(call)
        )

    def test_a_deleted_column_is_made_again_where_the_teacher_wants_it_and_filled(self, office: Office) -> None:
        for pupil in ("ada", "ben"):
            office.earn(pupil, 3)
        worker = office.worker()
        while worker.deliver_due(MONDAY):
            pass
        self.without_the_old_column(office)
        change(office, remake_column=True)
        office.earn("ada", 4, later(minutes=1))
        for second in range(4):
            worker.deliver_due(later(minutes=1, seconds=second))
        [column] = [each for each in office.gradebook.columns if "label" in each]
        address = str(column["id"]).partition("?")[0]
        assert [office.gradebook.score(pupil, address) for pupil in ("ada", "ben")] == [4.0, 3.0]
        assert column["resourceLinkId"] == "link-1"

    def master(self, office: Office, pupil: str, mastered: bool = True) -> None:
        report = SkillReport(0.9, 0.9, 0.9, "strong" if mastered else "growing", 8, ())
        skill = Skill(SKILL, "math", "Adding two-digit numbers", "I add bigger numbers", 2, "2", "NBT")
        with office.database.write() as session:
            activity = session.get_one(Activity, office.place.activity_id)
            post_progress(
                session,
                activity,
                office.pupils[pupil],
                {SKILL: report} if mastered else {},
                {SKILL: skill},
                locale="en",
                now=MONDAY,
            )

    def deliver(self, office: Office) -> None:
        worker = office.worker()
        for second in range(6):
            worker.deliver_due(later(seconds=second))

    def test_one_mastery_column_for_the_activity_is_made_once_and_without_a_link(self, office: Office) -> None:
        change(office, mastery_columns="activity")
        for pupil in ("ada", "ben"):
            self.master(office, pupil)
        self.deliver(office)
        [column] = office.gradebook.columns
        assert (column["label"], column["scoreMaximum"], column["tag"]) == ("Adding: skills mastered", 1, "mastery")
        assert column["resourceId"] == f"mastery:{office.place.activity_id}"
        assert "resourceLinkId" not in column
        assert office.gradebook.score("ben", str(column["id"]).partition("?")[0]) == 1.0

    def test_a_skills_column_is_found_again_after_a_course_copy(self, office: Office) -> None:
        change(office, mastery_columns="skill")
        copied = f"{LMS}/columns/50"
        office.gradebook.columns = [{"id": copied, "resourceId": f"skill:{SKILL}", "tag": "mastery"}]
        self.master(office, "ada")
        self.deliver(office)
        assert len(office.gradebook.columns) == 1
        assert office.gradebook.score("ada", copied) == 1.0
        assert str(office.gradebook.scores[copied, "ada"]["comment"]) == "You can do this: I add bigger numbers"

    def test_a_second_activity_of_the_course_shares_the_skills_column(self, office: Office) -> None:
        with office.database.write() as session:
            registration = session.get_one(Registration, office.place.registration_id)
            other = add_place(session, registration, link="link-2")
            session.get_one(Activity, other.activity_id).context_id = office.place.context_id
        change(office, mastery_columns="skill")
        self.master(office, "ada")
        office.place = other
        self.master(office, "ada")
        with office.database.read() as session:
            columns = session.scalars(select(LineItem).where(LineItem.kind == "skill")).all()
        assert [column.resource_id for column in columns] == [f"skill:{SKILL}"]

    def test_a_copied_activity_finds_the_column_of_the_original_in_the_copied_course(self, office: Office) -> None:
        original = office.place
        office.place = office.new_place(link="copy", scopes=(SCOPE_SCORE, SCOPE_LINEITEM))
        with office.database.write() as session:
            session.get_one(Activity, office.place.activity_id).copied_from_id = original.activity_id
        change(office, mastery_columns="activity")
        office.gradebook.columns = [{"id": f"{LMS}/columns/60", "resourceId": f"mastery:{original.activity_id}"}]
        self.master(office, "ada")
        self.deliver(office)
        assert len(office.gradebook.columns) == 1
        assert office.gradebook.score("ada", f"{LMS}/columns/60") == 1.0


class TestWhenScoresGo:
    @pytest.mark.parametrize(
        ("rule", "points", "state"),
        [
            ({"posting": "completion"}, 9, "held"),
            ({"posting": "completion"}, 10, "waiting"),
            ({"posting": "due", "due_at": later(days=1)}, 10, "held"),
            ({"posting": "due", "due_at": MONDAY}, 3, "waiting"),
            ({"posting": "review"}, 10, "held"),
        ],
    )
    def test_by_the_teachers_rule(self, office: Office, rule: dict[str, object], points: int, state: str) -> None:
        change(office, **rule)
        office.earn("ada", points)
        assert office.row("ada").state == state
        assert office.worker().deliver_due(MONDAY) == (state == "waiting")

    def test_without_a_grade_any_more_what_waits_is_kept_until_there_is_one_again(self, office: Office) -> None:
        office.earn("ada", 3)
        for grading, state in (("none", "held"), ("practice", "waiting")):
            change(office, grading=grading, posting="continuous", due_at=MONDAY)
            with office.database.write() as session:
                apply_posting_rule(session, session.get_one(Activity, office.place.activity_id), MONDAY)
            assert office.row("ada").state == state
            if grading == "none":
                change(office, posting="due")
                assert release_due(office.database, MONDAY) == 0
                with office.database.write() as session:
                    assert release(session, office.place.activity_id, now=MONDAY) == 0
                    assert send_again(session, now=MONDAY) == 0
                assert office.worker().deliver_due(MONDAY) == 0

    def test_at_the_due_date_all_that_was_held_goes(self, office: Office) -> None:
        change(office, posting="due", due_at=later(days=1))
        office.earn("ada", 3)
        assert release_due(office.database, later(hours=23)) == 0
        assert release_due(office.database, later(days=1)) == 1
        office.worker().deliver_due(later(days=1))
        assert office.gradebook.score("ada") == 3.0

    def test_the_teacher_lets_one_go_and_then_the_rest(self, office: Office) -> None:
        change(office, posting="review")
        for pupil in ("ada", "ben"):
            office.earn(pupil, 3)
        with office.database.write() as session:
            assert release(session, office.place.activity_id, now=MONDAY, person_id=office.pupils["ben"]) == 1
        assert [office.row(pupil).state for pupil in ("ada", "ben")] == ["held", "waiting"]
        with office.database.write() as session:
            assert release(session, office.place.activity_id, now=MONDAY) == 1

    @pytest.mark.parametrize(("keep", "expected"), [(True, 6.0), (False, 2.0)])
    def test_a_posted_grade_is_lowered_only_where_the_teacher_wants_the_latest(
        self, office: Office, keep: bool, expected: float
    ) -> None:
        change(office, keep_highest=keep)
        office.earn("ada", 6)
        office.earn("ada", 2)
        assert office.row("ada").points_given == expected

    def test_new_points_for_all_scale_what_was_earned(self, office: Office) -> None:
        office.earn("ada", 6)
        change(office, points=20)
        office.earn("ada", 5)
        assert (office.row("ada").points_given, office.row("ada").points_maximum) == (12.0, 20.0)

    def test_send_again_for_all_parked_or_for_one(self, office: Office) -> None:
        office.gradebook.trouble = [Reply(403), Reply(403)]
        for pupil in ("ada", "ben"):
            office.earn(pupil, 3)
        worker = office.worker()
        worker.deliver_due(MONDAY)
        with office.database.write() as session:
            ben = office.pupils["ben"]
            assert send_again(session, now=MONDAY, activity_id=office.place.activity_id, person_id=ben) == 1
            assert send_again(session, now=MONDAY) == 1
        worker.deliver_due(later(seconds=1))
        with office.database.read() as session:
            assert set(session.scalars(select(ScoreOutbox.state))) == {"delivered"}


class TestReasons:
    """What is said of a refusal must be what was refused. Moodle answers 400 to many things."""

    @pytest.fixture(params=["moodle", "canvas", "brightspace"])
    def family(self, request: pytest.FixtureRequest, office: Office) -> str:
        with office.database.write() as session:
            session.execute(update(Registration).values(profile=request.param))
        return str(request.param)

    def test_a_scope_that_was_withdrawn_is_no_matter_of_the_pupil_and_its_return_delivers(
        self, office: Office, family: str
    ) -> None:
        original = office.gradebook.platform.answer
        office.gradebook.platform.answer = lambda call: (
            Reply.json({"error": "invalid_scope"}, 400) if call.url.endswith("/token") else original(call)
        )
        office.earn("ada", 3)
        office.worker().deliver_due(MONDAY)
        assert (office.row("ada").state, office.row("ada").problem) == ("parked", "not-allowed"), family
        office.gradebook.platform.answer = original
        with office.database.write() as session:
            send_again(session, now=MONDAY.astimezone(UTC))
        office.worker().deliver_due(later(seconds=1))
        assert office.gradebook.score("ada") == 3.0

    @pytest.mark.parametrize(
        ("status", "problem"), [(400, "column-refused"), (404, "column-refused"), (403, "not-allowed")]
    )
    def test_a_column_that_may_not_be_made_is_no_matter_of_the_pupil(
        self, office: Office, family: str, status: int, problem: str
    ) -> None:
        with office.database.write() as session:
            session.execute(update(LineItem).values(url=None))
        original = office.gradebook.platform.answer
        office.gradebook.platform.answer = lambda call: (
            Reply(status) if call.url.startswith(f"{LMS}/columns?") and call.method == "POST" else original(call)
        )
        office.earn("ada", 3)
        office.worker().deliver_due(MONDAY)
        assert (office.row("ada").state, office.row("ada").problem) == ("parked", problem), family

    def test_a_deleted_column_is_the_reason_also_where_the_list_of_columns_is_shut(self, office: Office) -> None:
        original = office.gradebook.platform.answer
        office.gradebook.platform.answer = lambda call: (
            Reply(404) if "/scores" in call.url else Reply(403) if "/columns?" in call.url else original(call)
        )
        office.earn("ada", 3)
        office.worker().deliver_due(MONDAY)
        assert (office.row("ada").state, office.row("ada").problem) == ("parked", "no-column")

    def test_a_maintenance_page_is_no_delivery(self, office: Office) -> None:
        office.gradebook.trouble = [Reply(200, b"<!DOCTYPE html><h1>Back at noon</h1>")]
        office.earn("ada", 3)
        office.worker().deliver_due(MONDAY)
        assert (office.row("ada").state, office.row("ada").problem) == ("waiting", "web-page")
        office.worker().deliver_due(later(seconds=10))
        assert (office.row("ada").state, office.gradebook.score("ada")) == ("delivered", 3.0)
