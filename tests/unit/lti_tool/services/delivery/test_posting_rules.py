"""When a score goes, by the teacher's rule, and what a posted one may become."""

import pytest
from sqlalchemy import select

from lti_tool.lti.services.scopes import SCOPE_LINEITEM, SCOPE_RESULT_READ, SCOPE_SCORE
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.services.delivery.grade_repairs import apply_posting_rule, release, release_due, send_again
from tests.unit.lti_tool.lti.gradebook import Office, open_office
from tests.unit.lti_tool.lti.scripted import Reply
from tests.unit.lti_tool.persistence.rows import MONDAY, later


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database, scopes=(SCOPE_SCORE, SCOPE_RESULT_READ, SCOPE_LINEITEM))


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
        office.change(**rule)
        office.earn("ada", points)
        assert office.row("ada").state == state
        assert office.worker().deliver_due(MONDAY) == (state == "waiting")

    def test_without_a_grade_any_more_what_waits_is_kept_until_there_is_one_again(self, office: Office) -> None:
        office.earn("ada", 3)
        for grading, state in (("none", "held"), ("practice", "waiting")):
            office.change(grading=grading, posting="continuous", due_at=MONDAY)
            with office.database.write() as session:
                apply_posting_rule(session, session.get_one(Activity, office.place.activity_id), MONDAY)
            assert office.row("ada").state == state
            if grading == "none":
                office.change(posting="due")
                assert release_due(office.database, MONDAY) == 0
                with office.database.write() as session:
                    assert release(session, office.place.activity_id, now=MONDAY) == 0
                    assert send_again(session, now=MONDAY) == 0
                assert office.worker().deliver_due(MONDAY) == 0

    def test_at_the_due_date_all_that_was_held_goes(self, office: Office) -> None:
        office.change(posting="due", due_at=later(days=1))
        office.earn("ada", 3)
        assert release_due(office.database, later(hours=23)) == 0
        assert release_due(office.database, later(days=1)) == 1
        office.worker().deliver_due(later(days=1))
        assert office.gradebook.score("ada") == 3.0

    def test_the_teacher_lets_one_go_and_then_the_rest(self, office: Office) -> None:
        office.change(posting="review")
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
        office.change(keep_highest=keep)
        office.earn("ada", 6)
        office.earn("ada", 2)
        assert office.row("ada").points_given == expected

    def test_new_points_for_all_scale_what_was_earned(self, office: Office) -> None:
        office.earn("ada", 6)
        office.change(points=20)
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
