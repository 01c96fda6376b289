"""Columns, scores and results (AGS 2.0): each sent as the LMS takes it, and in its gradebook in the end."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import jwt
import pytest
import requests
from sqlalchemy import select, update

from lti_tool.lti.services.access_tokens import AccessTokens
from lti_tool.lti.services.ags import GradeService
from lti_tool.lti.services.platform_services import PlatformServices
from lti_tool.lti.services.scopes import SCOPE_SCORE
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.persistence.tables.practice import PresentedItem
from lti_tool.persistence.tables.tenancy import Registration
from tests.lti.conftest import SQLITE_FIRST, Opener, opened
from tests.lti.like import SKILLS, outbox
from tests.lti.platforms import Platform
from tests.lti.platforms.other_platform import OtherPlatform
from tests.lti.platforms.practice_lms import PracticeLms
from tests.support.databases import Servers
from tests.unit.lti_tool.lti.scripted import Call, Reply

AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
SUBMISSION = "https://canvas.instructure.com/lti/submission"


@pytest.fixture(params=SQLITE_FIRST)
def lms(request: pytest.FixtureRequest, database_servers: Servers, tmp_path: Any) -> Iterator[Platform]:
    """An LMS of one's own."""
    with opened(request.param, database_servers, tmp_path) as found:
        yield found


def practise(lms: Platform, who: str, link: str, answers: int = 1, *, right: bool = True, **changes: Any) -> None:
    """Open a link and answer items, with time to read each."""
    page = lms.open(who, link, **changes)
    for _ in range(answers):
        with lms.school.runtime.database.write() as session:
            long_ago = datetime.now(UTC) - timedelta(seconds=20)
            session.execute(update(PresentedItem).where(PresentedItem.shown_at.is_not(None)).values(shown_at=long_ago))
        page = page.respond(page.item.answer if right else page.item.answer + "1").reload()


def deliver(lms: Platform, seconds: int) -> None:
    """Do a worker's round so much later: an LMS that tells scores apart by seconds takes another one."""
    while lms.school.runtime.delivery.deliver_due(datetime.now(UTC) + timedelta(seconds=seconds)):
        pass


def scores(lms: Platform) -> list[Call]:
    return lms.calls("/scores", "POST")


def services(lms: Platform) -> PlatformServices:
    """The tool's client for this LMS."""
    parts = lms.school.runtime
    with parts.database.read() as session:
        this = Registration.issuer == lms.registration.issuer
        registration = session.scalars(select(Registration).where(this)).one()
    tokens = AccessTokens(parts.database, parts.vault, parts.transport)
    return PlatformServices(tokens, parts.transport, registration, datetime.now(UTC))


def endpoint(lms: Platform, link: str) -> dict[str, Any]:
    """What a launch says of the gradebook."""
    return dict(lms.claims(lms.pupil, link)[AGS])


def with_query(url: str, **more: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query), *more.items()])))


def test_the_token_request_is_signed_for_this_client_and_the_token_url(lms: Platform) -> None:
    practise(lms, lms.pupil, lms.add_activity(*SKILLS))
    lms.school.deliver_grades()
    [asked] = [call for call in lms.calls(lms.registration.token_url) if call.form["scope"] == SCOPE_SCORE]
    assert asked.form["grant_type"] == "client_credentials"
    claims = jwt.decode(asked.form["client_assertion"], options={"verify_signature": False})
    client_id = lms.registration.client_id
    assert (claims["iss"], claims["sub"], claims["aud"]) == (client_id, client_id, lms.registration.token_url)
    assert claims["jti"]


def test_a_score_is_unrounded_final_so_far_and_beneath_its_column(lms: Platform) -> None:
    link = lms.add_activity(*SKILLS, points="10")
    practise(lms, lms.pupil, link)
    column = urlsplit(endpoint(lms, link)["lineitem"])
    assert column.query, "the rest of a column's address stays behind /scores"
    lms.school.deliver_grades()
    [sent] = scores(lms)
    assert sent.url == urlunsplit(column._replace(path=f"{column.path}/scores"))
    assert sent.headers["Content-Type"] == "application/vnd.ims.lis.v1.score+json"
    told = sent.document
    assert told["userId"] == lms.sub(lms.pupil)
    assert (told["scoreGiven"], told["scoreMaximum"]) == (pytest.approx(10 / 12, abs=1e-12), 10)
    assert (told["activityProgress"], told["gradingProgress"]) == ("InProgress", "FullyGraded")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told["timestamp"])
    cell = lms.cell(link, lms.pupil)
    assert cell is not None
    assert (cell.score, cell.comment) == (pytest.approx(10 / 12), told["comment"])


def test_zero_is_a_real_score(lms: Platform) -> None:
    link = lms.add_activity(*SKILLS, grading="mastery")
    practise(lms, lms.pupil, link, right=False)
    lms.school.deliver_grades()
    cell = lms.cell(link, lms.pupil)
    assert cell is not None
    assert cell.score == 0.0


def test_the_newest_score_arrives_and_time_never_runs_back(lms: Platform) -> None:
    link = lms.add_activity(*SKILLS, points="12")
    for seconds in (0, 0, 4):
        practise(lms, lms.pupil, link)
        deliver(lms, seconds)
    moments = [call.document["timestamp"] for call in scores(lms)]
    assert moments == sorted(set(moments))
    cell = lms.cell(link, lms.pupil)
    assert cell is not None
    assert cell.score == 3.0


@pytest.mark.parametrize("like", ["moodle", "canvas", "brightspace"])
def test_an_answer_that_got_lost_is_asked_for_again_and_the_score_counts_once(open_platform: Opener, like: str) -> None:
    with open_platform(like=like) as lms:
        link = lms.add_activity(*SKILLS, points="12")
        practise(lms, lms.pupil, link)

        def lost(call: Call) -> Reply:
            reply = lms.forward(call)
            if len(scores(lms)) == 1:
                raise requests.ReadTimeout
            return reply

        lms.answer_instead("/scores", lost)
        lms.school.deliver_grades()
        assert [row.state for row in outbox(lms.school)] == ["waiting"]
        with lms.school.runtime.database.write() as session:
            session.execute(update(ScoreOutbox).values(next_attempt_at=datetime.now(UTC)))
        deliver(lms, 4)
        assert [row.state for row in outbox(lms.school)] == ["delivered"]
        assert len({call.document["timestamp"] for call in scores(lms)}) == 1
        cell = lms.cell(link, lms.pupil)
        assert cell is not None
        assert cell.score == 1.0


@pytest.mark.parametrize("like", ["moodle", "canvas", "brightspace"])
def test_a_pupil_practises_to_a_grade_in_an_lms_with_the_ways_of(open_platform: Opener, like: str) -> None:
    with open_platform(like=like) as lms:
        refused: list[int] = []

        def watched(call: Call) -> Reply:
            reply = lms.forward(call)
            refused.extend([reply.status] * (reply.status >= 400))
            return reply

        link = lms.add_activity(*SKILLS, points="8", tries="2")
        lms.answer_instead("/scores", watched)
        for seconds in (0, 4):
            practise(lms, lms.pupil, link)
            deliver(lms, seconds)
        cell = lms.cell(link, lms.pupil)
        assert cell is not None
        assert (cell.score, refused) == (8.0, [])
        documents = [call.document for call in scores(lms)]
        comments = [document.get("comment") for document in documents]
        extensions = [document.get(SUBMISSION) for document in documents]
        if like == "canvas":
            assert {found["new_submission"] for found in extensions} == {False}
            assert [bool(comment) for comment in comments] == [False, True]
        else:
            assert (set(extensions), all(comments)) == ({None}, True)


def test_canvas_says_slow_down_with_403_and_the_score_comes_later(open_platform: Opener) -> None:
    with open_platform(like="canvas") as lms:
        link = lms.add_activity(*SKILLS, points="12")
        practise(lms, lms.pupil, link)
        lms.answer_instead("/scores", lambda _: Reply(403, b"403 Forbidden (Rate Limit Exceeded)"))
        lms.school.deliver_grades()
        assert [(row.state, row.problem) for row in outbox(lms.school)] == [("waiting", "rate-limited")]
        lms.wire.answer = lms.forward
        lms.school.runtime.delivery.deliver_due(datetime.now(UTC) + timedelta(minutes=1))
        assert [row.state for row in outbox(lms.school)] == ["delivered"]


def test_a_token_that_the_lms_forgot_is_replaced_once(lms: Platform) -> None:
    link = lms.add_activity(*SKILLS, points="12")
    practise(lms, lms.pupil, link)
    lms.school.deliver_grades()
    service = GradeService(services(lms))
    column = endpoint(lms, link)["lineitem"]
    list(service.results(column))
    lms.forget_tokens()
    lms.wire.calls.clear()
    [result] = list(service.results(column))
    assert result.given == 1.0
    assert len(lms.calls("/results")) == 2
    lms.answer_instead("/results", lambda _: Reply(401))
    with pytest.raises(Exception, match="http-401"):
        list(service.results(column))
    assert len(lms.calls("/results")) == 4, "not a third time"


def test_a_link_without_a_column_gets_one_and_only_one(lms: Platform) -> None:
    link = lms.add_activity(*SKILLS)
    lms.remove_columns()
    for who in (lms.pupil, lms.classmate):
        practise(lms, who, link)
        lms.school.deliver_grades()
    assert [str(column["resource_link_id"]) for column in lms.columns()] == [link]
    assert all(lms.cell(link, who) for who in (lms.pupil, lms.classmate))


def test_a_column_on_the_second_page_is_found(lms: Platform) -> None:
    first, second = lms.add_activity(*SKILLS), lms.add_activity(*SKILLS)
    told = endpoint(lms, second)
    hidden = {"scope": told["scope"], "lineitems": with_query(told["lineitems"], limit="1")}

    def without_filters(call: Call) -> Reply:
        parts = urlsplit(call.url)
        left = [(name, value) for name, value in parse_qsl(parts.query) if not name.startswith("resource_")]
        return lms.forward(replace(call, url=urlunsplit(parts._replace(query=urlencode(left)))))

    lms.answer_instead(urlsplit(told["lineitems"]).path + "?", without_filters)
    practise(lms, lms.pupil, second, ags=hidden)
    lms.school.deliver_grades()
    assert lms.cell(second, lms.pupil) is not None
    assert lms.cell(first, lms.pupil) is None
    assert len(lms.columns()) == 2


def test_where_only_scores_are_allowed_and_no_column_is_named_a_score_waits_with_the_reason(lms: Platform) -> None:
    link = lms.add_activity(*SKILLS)
    lms.remove_columns()
    told = endpoint(lms, link)
    practise(lms, lms.pupil, link, ags={"scope": [SCOPE_SCORE], "lineitems": told["lineitems"]})
    lms.school.deliver_grades()
    assert [(row.state, row.problem) for row in outbox(lms.school)] == [("parked", "no-column")]
    assert lms.columns() == []


def test_an_lms_that_hangs_holds_up_no_other(lms: Platform) -> None:
    other = (OtherPlatform if isinstance(lms, PracticeLms) else PracticeLms)(lms.school)
    links = {one.name: one.add_activity(*SKILLS) for one in (lms, other)}
    for one in (lms, other):
        practise(one, one.pupil, links[one.name])

    def hang(_: Call) -> Reply:
        raise requests.ReadTimeout

    lms.wire.answer = hang
    lms.school.deliver_grades()
    assert lms.cell(links[lms.name], lms.pupil) is None
    assert other.cell(links[other.name], other.pupil) is not None


def test_a_new_name_and_maximum_reach_the_column_and_grades_keep_their_share(lms: Platform) -> None:
    link = lms.add_activity(*SKILLS, title="Adding", points="12")
    practise(lms, lms.pupil, link)
    lms.school.deliver_grades()
    with lms.school.runtime.database.read() as session:
        activity_id = session.scalars(select(Activity.id)).one()
    page = lms.open(lms.teacher, link).send("change", activity=activity_id)
    page.send("save", activity=activity_id, skill=list(SKILLS), title="Adding to 100", points="24")
    assert lms.school.runtime.columns.tell_due(datetime.now(UTC)) == 1
    deliver(lms, 4)
    [column] = lms.columns()
    assert (column["label"], column["score_maximum"]) == ("Adding to 100", 24)
    cell = lms.cell(link, lms.pupil)
    assert cell is not None
    assert cell.score == pytest.approx(2.0)


def test_a_column_is_taken_away_and_one_that_is_gone_already_is_no_error(lms: Platform) -> None:
    link = lms.add_activity(*SKILLS)
    column = endpoint(lms, link)["lineitem"]
    for _ in range(2):
        GradeService(services(lms)).delete_line_item(column)
        assert lms.columns() == []
    lms.answer_instead(column, lambda _: Reply(403))
    with pytest.raises(Exception, match="http-403"):
        GradeService(services(lms)).delete_line_item(column)


def test_what_the_gradebook_shows_is_read_over_all_pages(lms: Platform) -> None:
    link = lms.add_activity(*SKILLS, points="12")
    for who, answers in ((lms.pupil, 1), (lms.classmate, 2)):
        practise(lms, who, link, answers)
    lms.school.deliver_grades()
    column = endpoint(lms, link)["lineitem"]
    lms.wire.calls.clear()
    service = GradeService(services(lms))
    found = {one.user_id: (one.given, one.maximum) for one in service.results(with_query(column, limit="1"))}
    assert found == {lms.sub(lms.pupil): (1.0, 12.0), lms.sub(lms.classmate): (2.0, 12.0)}
    assert len(lms.calls("/results")) == 2
    [one] = list(service.results(column, user_id=lms.sub(lms.classmate)))
    assert one.given == 2.0
