"""A grade that a teacher gives in the LMS's own gradebook stands, and what is not hers is not taken for it."""

from datetime import datetime, timedelta

import pytest
import requests
from sqlalchemy import update

from lti_tool.lti.services.scopes import SCOPE_LINEITEM, SCOPE_RESULT_READ, SCOPE_SCORE
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.activities import Activity, LineItem
from lti_tool.services.delivery.grade_claims import LEASE
from lti_tool.services.delivery.grade_delivery import LOOK_AFTER
from lti_tool.services.delivery.grade_repairs import send_again
from lti_tool.services.delivery.reconciliation import CHECK_AFTER, Findings
from lti_tool.services.grading.grades import Progress, enqueue_grade
from lti_tool.services.grading.outbox import rescale
from tests.unit.lti_tool.lti.gradebook import COLUMN, Crash, Office, open_office
from tests.unit.lti_tool.lti.scripted import Call, Reply
from tests.unit.lti_tool.persistence.rows import MONDAY

LATER = MONDAY + LOOK_AFTER
NIGHT = MONDAY + timedelta(hours=17)


@pytest.fixture
def office(database: Database) -> Office:
    """Ada's 4 points are in the gradebook."""
    office = open_office(database, scopes=(SCOPE_SCORE, SCOPE_RESULT_READ, SCOPE_LINEITEM))
    office.earn("ada", 4)
    office.worker().deliver_due(MONDAY)
    return office


def send(office: Office, now: datetime) -> None:
    worker = office.worker()
    for second in range(4):
        worker.deliver_due(now + timedelta(seconds=second))


def looks(office: Office) -> int:
    return sum("/results" in call.url for call in office.gradebook.platform.calls)


class TestBeforeSending:
    def test_after_a_pause_the_gradebook_is_looked_at_and_the_teachers_number_stands(self, office: Office) -> None:
        office.gradebook.overruled[COLUMN, "ada"] = 9.5
        office.earn("ada", 5, LATER)
        send(office, LATER)
        row = office.row("ada")
        assert (row.state, row.found_points, row.points_given) == ("theirs", 9.5, 5.0)
        assert len(office.gradebook.posts()) == 1, "nothing was sent over it"

    def test_send_again_means_it(self, office: Office) -> None:
        office.gradebook.overruled[COLUMN, "ada"] = 9.5
        office.earn("ada", 5, LATER)
        send(office, LATER)
        with office.database.write() as session:
            send_again(session, now=LATER, activity_id=office.place.activity_id, person_id=office.pupils["ada"])
        send(office, LATER + timedelta(minutes=1))
        assert (office.row("ada").state, office.gradebook.score("ada")) == ("delivered", 5.0)

    def test_while_a_pupil_practises_it_is_not_looked_at_for_each_answer(self, office: Office) -> None:
        for minute in (1, 2, 3):
            office.earn("ada", 4 + minute, MONDAY + timedelta(minutes=minute))
            send(office, MONDAY + timedelta(minutes=minute))
        assert looks(office) == 0
        office.earn("ada", 8, LATER + timedelta(minutes=3))
        send(office, LATER + timedelta(minutes=3))
        assert (looks(office), office.gradebook.score("ada")) == (1, 8.0)

    def test_a_score_of_a_worker_that_died_is_not_taken_for_the_teachers(self, office: Office) -> None:
        office.earn("ada", 5, LATER)
        office.gradebook.crash_after = [Crash()]
        with pytest.raises(Crash):
            office.worker().deliver_due(LATER)
        assert office.gradebook.score("ada") == 5.0, "it is there, and nobody lived to write that down"
        office.earn("ada", 6, LATER + timedelta(minutes=1))
        send(office, LATER + LEASE + timedelta(minutes=1))
        assert (office.row("ada").state, office.gradebook.score("ada")) == ("delivered", 6.0)

    def test_an_lms_that_is_in_trouble_when_it_is_looked_at_is_looked_at_again(self, office: Office) -> None:
        office.gradebook.overruled[COLUMN, "ada"] = 9.5
        well = office.gradebook.platform.answer
        office.gradebook.platform.answer = lambda call: Reply(503) if "/results" in call.url else well(call)
        office.earn("ada", 5, LATER)
        office.worker().deliver_due(LATER)
        assert (office.row("ada").state, office.row("ada").problem) == ("waiting", "http-503")
        office.gradebook.platform.answer = well
        send(office, LATER + timedelta(minutes=20))
        assert office.row("ada").state == "theirs"

    @pytest.mark.parametrize("answer", [Reply(403), Reply(200, b"{}")], ids=["not allowed", "no list"])
    def test_where_it_can_not_be_read_the_score_goes_all_the_same(self, office: Office, answer: Reply) -> None:
        well = office.gradebook.platform.answer
        office.gradebook.platform.answer = lambda call: answer if "/results" in call.url else well(call)
        office.earn("ada", 5, LATER)
        send(office, LATER)
        assert (office.row("ada").state, office.gradebook.score("ada")) == ("delivered", 5.0)


class TestNotNewer:
    """Moodle dates a grade by its last change, a teacher's too: a score from before is then "not newer"."""

    def test_a_number_that_nobody_sent_is_the_teachers(self, office: Office) -> None:
        office.gradebook.overruled[COLUMN, "ada"] = 9.5
        office.gradebook.trouble = [Reply(409)]
        office.earn("ada", 5, MONDAY + timedelta(minutes=1))
        send(office, MONDAY + timedelta(minutes=1))
        assert (office.row("ada").state, office.row("ada").found_points) == ("theirs", 9.5)
        assert [entry.result for entry in office.log()] == ["delivered", "http-409"]

    def test_our_own_from_before_is_not(self, office: Office) -> None:
        office.gradebook.trouble = [Reply(409)]
        office.earn("ada", 5, MONDAY + timedelta(minutes=1))
        send(office, MONDAY + timedelta(minutes=1))
        assert (office.row("ada").state, office.gradebook.score("ada")) == ("delivered", 5.0)


class TestAtNight:
    def check(self, office: Office, now: datetime = NIGHT) -> Findings:
        [(_, found)] = office.reconciliation().check_all(now)
        assert isinstance(found, Findings)
        return found

    def test_a_teacher_who_takes_the_own_number_back_gets_ours_again(self, office: Office) -> None:
        office.gradebook.overruled[COLUMN, "ada"] = 9.5
        assert self.check(office).theirs == 1
        office.earn("ada", 7, NIGHT)
        office.gradebook.overruled[COLUMN, "ada"] = 8.0
        assert self.check(office, NIGHT + CHECK_AFTER).theirs == 1
        assert office.row("ada").found_points == 8.0
        del office.gradebook.overruled[COLUMN, "ada"]
        assert self.check(office, NIGHT + 2 * CHECK_AFTER).agree == 1
        send(office, NIGHT + 2 * CHECK_AFTER)
        assert (office.row("ada").state, office.gradebook.score("ada")) == ("delivered", 7.0)

    def test_a_grade_that_is_gone_again_is_left_so_and_newer_ones_are_sent(self, office: Office) -> None:
        office.gradebook.overruled[COLUMN, "ada"] = None
        assert self.check(office).sent_again == 1
        send(office, NIGHT)
        assert self.check(office, NIGHT + CHECK_AFTER) == Findings(agree=0, theirs=0, sent_again=0, left=1)
        posts = len(office.gradebook.posts())
        send(office, NIGHT + CHECK_AFTER)
        assert len(office.gradebook.posts()) == posts
        office.earn("ada", 5, NIGHT + CHECK_AFTER)
        send(office, NIGHT + CHECK_AFTER)
        assert office.gradebook.score("ada") == 5.0

    def test_an_lms_that_writes_numbers_as_text_agrees(self, office: Office) -> None:
        answer = [{"userId": "ada", "resultScore": "4.00", "resultMaximum": "10"}]
        self.results(office, answer)
        assert self.check(office) == Findings(agree=1, theirs=0, sent_again=0)

    def test_a_column_of_which_the_teacher_made_one_point_rounds_more(self, office: Office) -> None:
        office.earn("ada", 7)
        send(office, MONDAY + timedelta(minutes=1))
        self.results(office, [{"userId": "ada", "resultScore": 0.67, "resultMaximum": 1}])
        with office.database.write() as session:
            activity = session.get_one(Activity, office.place.activity_id)
            two_thirds = Progress(attempts=2, attempts_needed=3, mastered=0, skills=1)
            activity.keep_highest = False
            enqueue_grade(session, activity, office.pupils["ada"], two_thirds, locale="en", now=MONDAY)
        send(office, MONDAY + timedelta(minutes=2))
        assert self.check(office).agree == 1

    def test_a_column_that_is_worth_nothing_there_says_nothing(self, office: Office) -> None:
        self.results(office, [{"userId": "ada", "resultScore": 0, "resultMaximum": 0}])
        assert self.check(office) == Findings(agree=1, theirs=0, sent_again=0)

    def test_points_that_the_lms_did_not_take_over_make_no_teacher_of_it(self, office: Office) -> None:
        """The activity is worth 20 now, the LMS lets us change no column: its 4 of 10 are our 8 of 20."""
        with office.database.write() as session:
            row = session.merge(office.row("ada"))
            rescale(row, 20)
        assert self.check(office) == Findings(agree=1, theirs=0, sent_again=0)
        assert (office.row("ada").points_given, office.row("ada").delivered_points) == (8.0, 8.0)

    def test_an_lms_that_is_silent_is_asked_for_one_column_a_night(self, office: Office) -> None:
        with office.database.write() as session:
            session.execute(update(LineItem).values(url=f"{COLUMN}?type_id=4"))
        other = office.new_place(link="link-2", column_url=f"{COLUMN}0", scopes=(SCOPE_SCORE, SCOPE_RESULT_READ))
        office.earn("ben", 3, place=other)
        send(office, MONDAY)

        def silent(call: Call) -> Reply:
            if "/results" in call.url:
                raise requests.ReadTimeout
            return office.gradebook.answer(call)

        office.gradebook.platform.answer = silent
        night = office.reconciliation()
        assert night.check_due(NIGHT) == 2
        assert looks(office) == 1
        assert night.check_due(NIGHT) == 0

    def results(self, office: Office, answer: object) -> None:
        office.gradebook.platform.answer = lambda call: (
            Reply.json(answer) if "/results" in call.url else office.gradebook.answer(call)
        )
