"""What an LMS says no to, whether it may pass, and the reason that is told."""

from datetime import UTC

import pytest
import requests
from sqlalchemy import update

from lti_tool.lti.services.scopes import SCOPE_LINEITEM, SCOPE_RESULT_READ, SCOPE_SCORE
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.activities import LineItem
from lti_tool.persistence.tables.tenancy import Registration
from lti_tool.services.delivery.grade_repairs import send_again
from lti_tool.services.delivery.grade_settlement import MAX_STALE_RETRIES
from tests.unit.lti_tool.lti.gradebook import Office, open_office
from tests.unit.lti_tool.lti.scripted import Call, Reply
from tests.unit.lti_tool.persistence.rows import LMS, MONDAY, later


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


class TestRefusals:
    def test_a_token_that_the_lms_forgot_is_replaced_once(self, office: Office) -> None:
        worker = office.worker()
        office.earn("ada", 1)
        worker.deliver_due(MONDAY)
        office.gradebook.revoked = {"token-1"}
        office.earn("ada", 2)
        worker.deliver_due(later(minutes=1))
        assert (office.gradebook.tokens, office.gradebook.score("ada")) == (2, 2.0)

    def test_an_lms_that_refuses_each_token_is_asked_for_one_more_and_not_for_ever(self, office: Office) -> None:
        office.gradebook.revoked = {f"token-{number}" for number in range(10)}
        office.earn("ada", 1)
        office.worker().deliver_due(MONDAY)
        assert office.gradebook.tokens == 2
        assert (office.row("ada").state, office.row("ada").problem) == ("parked", "http-401")

    @pytest.mark.parametrize(
        ("trouble", "code"),
        [
            (Reply(500), "http-500"),
            (Reply(503), "http-503"),
            (Reply(302, headers={"Location": "https://evil.example"}), "http-302"),
            (Reply(429), "rate-limited"),
            (requests.ReadTimeout(), "timeout"),
            (requests.ConnectionError(), "unreachable"),
        ],
        ids=str,
    )
    def test_what_may_pass_is_tried_again_later(self, office: Office, trouble: Reply, code: str) -> None:
        office.gradebook.trouble = [trouble]
        office.earn("ada", 3)
        worker = office.worker()
        worker.deliver_due(MONDAY)
        row = office.row("ada")
        assert (row.state, row.problem, row.attempts) == ("waiting", code, 1)
        assert MONDAY <= row.next_attempt_at <= later(seconds=4)
        worker.deliver_due(later(seconds=30))
        assert office.gradebook.score("ada") == 3.0
        assert office.row("ada").problem is None

    def test_waits_grow_and_never_beyond_a_quarter_of_an_hour(self, office: Office) -> None:
        office.earn("ada", 3)
        worker, moment, waits = office.worker(), MONDAY, []
        for _ in range(30):
            office.gradebook.trouble = [Reply(500)]
            assert worker.deliver_due(moment) == 1
            waits.append((office.row("ada").next_attempt_at - moment).total_seconds())
            moment = max(office.row("ada").next_attempt_at, moment)
        assert max(waits[:3]) <= 16
        assert 300 < max(waits) <= 900

    def test_retry_after_is_kept_to(self, office: Office) -> None:
        office.gradebook.trouble = [Reply(503, headers={"Retry-After": "120"})]
        office.earn("ada", 3)
        worker = office.worker()
        worker.deliver_due(MONDAY)
        assert worker.deliver_due(later(seconds=119)) == 0
        assert worker.deliver_due(later(seconds=120)) == 1

    @pytest.mark.parametrize("status", [400, 403, 404, 422])
    def test_what_cannot_pass_is_parked_until_a_newer_score(self, office: Office, status: int) -> None:
        office.gradebook.trouble = [Reply(status)]
        office.earn("ada", 3)
        worker = office.worker()
        worker.deliver_due(MONDAY)
        row = office.row("ada")
        assert row.state == "parked"
        assert row.problem
        assert worker.deliver_due(later(days=3)) == 0
        office.earn("ada", 4, later(days=3))
        worker.deliver_due(later(days=3))
        assert (office.row("ada").state, office.gradebook.score("ada")) == ("delivered", 4.0)

    def test_an_lms_that_always_calls_a_score_old_is_not_asked_for_ever(self, office: Office) -> None:
        office.gradebook.trouble = [Reply(409)] * 20
        office.earn("ada", 3)
        worker = office.worker()
        for second in range(30):
            worker.deliver_due(later(seconds=second))
        assert len(office.gradebook.posts()) == MAX_STALE_RETRIES + 1
        assert office.row("ada").state == "parked"
        stamps = [post.document["timestamp"] for post in office.gradebook.posts()]
        assert stamps == sorted(set(stamps))

    def test_a_failure_of_an_old_score_leaves_the_newer_one_its_own_tries(self, office: Office) -> None:
        office.earn("ada", 1)
        original = office.gradebook.platform.answer

        def fail_and_earn(call: Call) -> Reply:
            if "/scores" not in call.url:
                return original(call)
            office.gradebook.platform.answer = original
            office.earn("ada", 2)
            return Reply(400)

        office.gradebook.platform.answer = fail_and_earn
        worker = office.worker()
        worker.deliver_due(MONDAY)
        assert (office.row("ada").state, office.row("ada").attempts) == ("waiting", 0)
        worker.deliver_due(later(seconds=2))
        assert office.gradebook.score("ada") == 2.0


class TestReasons:
    """What is said of a refusal must be what was refused. Moodle answers 400 to many things."""

    @pytest.fixture
    def office(self, database: Database) -> Office:
        return open_office(database, scopes=(SCOPE_SCORE, SCOPE_RESULT_READ, SCOPE_LINEITEM))

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
