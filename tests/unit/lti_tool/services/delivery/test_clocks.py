"""The LMS's clock is not ours, and no grade hangs on it."""

import random
from datetime import datetime, timedelta
from email.utils import format_datetime

import jwt
import pytest
from sqlalchemy import update

from lti_tool.lti.network.transport import Transport
from lti_tool.lti.services.access_tokens import AccessTokens
from lti_tool.lti.services.scopes import SCOPE_LINEITEM, SCOPE_RESULT_READ, SCOPE_SCORE
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.tenancy import Registration
from lti_tool.services.delivery.grade_delivery import GradeDelivery
from tests.unit.lti_tool.lti.gradebook import VAULT, Office, open_office
from tests.unit.lti_tool.lti.scripted import Call, Reply
from tests.unit.lti_tool.persistence.rows import MONDAY, later


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database, scopes=(SCOPE_SCORE, SCOPE_RESULT_READ, SCOPE_LINEITEM))


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
