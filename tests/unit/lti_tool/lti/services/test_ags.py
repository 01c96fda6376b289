"""Scores and columns, as the standard has them and as Canvas wants them."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.platform_profile import platform_profile, profile_names
from lti_tool.lti.services.ags import GradeService, Result, Score
from lti_tool.lti.services.scopes import SCOPE_LINEITEM, SCOPE_LINEITEM_READ, SCOPE_RESULT_READ, SCOPE_SCORE
from tests.unit.lti_tool.lti.scripted import Call, Reply
from tests.unit.lti_tool.lti.services_of import Peer
from tests.unit.lti_tool.persistence.rows import LMS

COLUMN, COLUMNS = f"{LMS}/columns/1?type_id=4", f"{LMS}/columns?type_id=4"
CANVAS_EXTENSION = "https://canvas.instructure.com/lti/submission"
BOTH = (SCOPE_LINEITEM, SCOPE_LINEITEM_READ)


def score(**changes: Any) -> Score:
    values = {
        "user_id": "ada",
        "given": 10 / 3,
        "maximum": 10.0,
        "comment": "4 of 12 tries done.",
        "completed": False,
        "timestamp": datetime(2026, 9, 7, 11, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2))),
    }
    return Score(**(values | changes))


def sent(profile: str, **changes: Any) -> dict[str, Any]:
    """The document that a platform of this family gets."""
    peer = Peer(lambda _: Reply(200), profile)
    assert GradeService(peer.services).send_score(COLUMN, score(**changes)) == 200
    [call] = peer.platform.calls
    assert call.headers["Content-Type"] == "application/vnd.ims.lis.v1.score+json"
    assert call.url == f"{LMS}/columns/1/scores?type_id=4"
    assert peer.tokens.asked == [(SCOPE_SCORE,)]
    document: dict[str, Any] = call.document
    return document


class TestScores:
    def test_a_score_is_unrounded_final_so_far_and_stamped_in_utc(self) -> None:
        assert sent("generic") == {
            "userId": "ada",
            "scoreGiven": 10 / 3,
            "scoreMaximum": 10.0,
            "comment": "4 of 12 tries done.",
            "activityProgress": "InProgress",
            "gradingProgress": "FullyGraded",
            "timestamp": "2026-09-07T09:00:00.123Z",
        }

    def test_zero_is_a_real_score(self) -> None:
        assert sent("generic", given=0.0)["scoreGiven"] == 0.0

    def test_the_last_score_is_completed(self) -> None:
        assert sent("generic", completed=True)["activityProgress"] == "Completed"

    @pytest.mark.parametrize("name", [name for name in profile_names() if name != "canvas"])
    def test_only_canvas_gets_canvas_words(self, name: str) -> None:
        document = sent(name)
        assert not [key for key in document if "://" in key]
        assert document["comment"]

    def test_canvas_makes_no_submission_of_it_and_keeps_a_teachers_own_grade(self) -> None:
        extension = {"new_submission": False, "preserve_score": True, "prioritize_non_tool_grade": True}
        assert sent("canvas")[CANVAS_EXTENSION] == extension

    def test_canvas_gets_one_comment_with_the_last_score(self) -> None:
        assert "comment" not in sent("canvas")
        assert sent("canvas", completed=True)["comment"] == "4 of 12 tries done."

    def test_canvas_calls_a_stale_score_a_bad_request(self) -> None:
        assert platform_profile("canvas").stale_score_status == 400

    @pytest.mark.parametrize(
        ("profile", "reply", "code", "permanent"),
        [
            ("canvas", Reply(403, b"403 Forbidden (Rate Limit Exceeded)"), "rate-limited", False),
            ("canvas", Reply(403, b"unauthorized"), "http-403", True),
            ("moodle", Reply(403, b"403 Forbidden (Rate Limit Exceeded)"), "http-403", True),
            ("canvas", Reply(429), "rate-limited", False),
            ("canvas", Reply(422), "http-422", True),
            ("generic", Reply(409), "http-409", True),
            ("generic", Reply(500), "http-500", False),
        ],
        ids=str,
    )
    def test_a_refusal_says_whether_it_may_pass(self, profile: str, reply: Reply, code: str, permanent: bool) -> None:
        with pytest.raises(ServiceError, match=code) as refusal:
            GradeService(Peer(lambda _: reply, profile).services).send_score(COLUMN, score())
        assert refusal.value.permanent is permanent

    @pytest.mark.parametrize(
        ("column", "address"),
        [
            (f"{LMS}/columns/1", f"{LMS}/columns/1/scores"),
            (f"{LMS}/columns/1/", f"{LMS}/columns/1/scores"),
            (f"{LMS}/columns/1?a=1&b=%2F", f"{LMS}/columns/1/scores?a=1&b=%2F"),
        ],
    )
    def test_scores_go_beneath_the_columns_path(self, column: str, address: str) -> None:
        peer = Peer(lambda _: Reply(204))
        assert GradeService(peer.services).send_score(column, score(timestamp=datetime(2026, 9, 7, tzinfo=UTC))) == 204
        assert peer.urls == [address]


class TestColumns:
    def test_a_column_is_looked_for_by_link_with_the_scopes_that_were_granted(self) -> None:
        peer = Peer(lambda _: Reply.json([{"id": COLUMN, "resourceLinkId": "link-1"}]))
        service = GradeService(peer.services)
        assert service.find_line_item(COLUMNS, (SCOPE_SCORE, SCOPE_LINEITEM_READ), resource_link_id="link-1") == COLUMN
        assert peer.urls == [f"{COLUMNS}&resource_link_id=link-1"]
        assert peer.tokens.asked == [(SCOPE_LINEITEM_READ,)]
        [call] = peer.platform.calls
        assert call.headers["Accept"] == "application/vnd.ims.lis.v2.lineitemcontainer+json"

    def test_a_column_on_the_second_page_is_found(self) -> None:
        pages = [
            Reply.json([{"id": f"{LMS}/columns/9", "resourceId": "x"}], Link=f'<{COLUMNS}&page=2>; rel="next"'),
            Reply.json([{"id": COLUMN, "resourceId": "abc"}]),
        ]
        service = GradeService(Peer(lambda _: pages.pop(0)).services)
        assert service.find_line_item(COLUMNS, BOTH, resource_id="abc") == COLUMN

    @pytest.mark.parametrize(
        "items", [[], [None, 5], [{"id": COLUMN, "resourceId": "abcd"}], [{"id": COLUMN}]], ids=str
    )
    def test_no_column_fits(self, items: list[Any]) -> None:
        service = GradeService(Peer(lambda _: Reply.json(items)).services)
        assert service.find_line_item(COLUMNS, BOTH, resource_id="abc") is None

    @pytest.mark.parametrize(
        "address", [None, 5, "", "/columns/9", "https://[x", f"{LMS}/\ud800", f"{LMS}/\x00"], ids=repr
    )
    def test_a_column_whose_address_is_none_does_not_pass_for_no_column(self, address: Any) -> None:
        service = GradeService(Peer(lambda _: Reply.json([{"id": address, "resourceId": "abc"}])).services)
        with pytest.raises(ServiceError, match="bad-line-item:"):
            service.find_line_item(COLUMNS, BOTH, resource_id="abc")

    def test_columns_that_are_no_list_are_an_error(self) -> None:
        with pytest.raises(ServiceError, match="bad-line-items"):
            GradeService(Peer(lambda _: Reply.json({})).services).find_line_item(COLUMNS, BOTH, resource_id="abc")

    def test_a_column_is_made_for_its_link(self) -> None:
        peer = Peer(lambda _: Reply.json({"id": COLUMN}, 201))
        made = GradeService(peer.services).create_line_item(
            COLUMNS, label="Adding", maximum=10.0, resource_id="abc", link_id="link-1"
        )
        assert made == COLUMN
        [call] = peer.platform.calls
        assert (call.method, call.url) == ("POST", COLUMNS)
        assert call.headers["Content-Type"] == "application/vnd.ims.lis.v2.lineitem+json"
        assert call.document == {
            "label": "Adding",
            "scoreMaximum": 10.0,
            "resourceId": "abc",
            "resourceLinkId": "link-1",
        }
        assert peer.tokens.asked == [(SCOPE_LINEITEM,)]

    @pytest.mark.parametrize("made", [None, [], {}, {"id": 5}, {"id": f"{LMS}/\x00"}], ids=str)
    def test_a_column_made_without_an_address_is_an_error(self, made: Any) -> None:
        with pytest.raises(ServiceError, match="bad-line-item:"):
            GradeService(Peer(lambda _: Reply.json(made)).services).create_line_item(
                COLUMNS, label="Adding", maximum=10.0, resource_id="abc", link_id="link-1"
            )

    @pytest.mark.parametrize(
        ("document", "name"),
        [
            ({"resourceId": "abc"}, "abc"),
            ({}, None),
            ({"resourceId": 5}, None),
            ({"resourceId": "\ud800"}, None),
            ([], None),
        ],
        ids=str,
    )
    def test_a_column_tells_our_own_name_of_it(self, document: Any, name: str | None) -> None:
        peer = Peer(lambda _: Reply.json(document))
        assert GradeService(peer.services).resource_id_of(COLUMN, BOTH) == name
        assert peer.urls == [COLUMN]


class TestChangingAColumn:
    def column(self, **changes: Any) -> Peer:
        """A platform with one column, about which it knows more than we do."""
        document = {"id": COLUMN, "label": "Adding", "scoreMaximum": 10, "resourceLinkId": "5", "ltiLinkId": "5"}
        return Peer(lambda call: Reply.json(document | changes) if call.method == "GET" else Reply(200))

    def test_a_new_name_and_maximum_replace_the_old_and_all_else_goes_back_as_it_came(self) -> None:
        peer = self.column(tag="grade")
        GradeService(peer.services).update_line_item(COLUMN, label="Adding to 100", maximum=20)
        got, put = peer.platform.calls
        assert (got.method, put.method, put.url) == ("GET", "PUT", COLUMN)
        assert put.headers["Content-Type"] == "application/vnd.ims.lis.v2.lineitem+json"
        assert put.document == {
            "id": COLUMN,
            "label": "Adding to 100",
            "scoreMaximum": 20,
            "resourceLinkId": "5",
            "ltiLinkId": "5",
            "tag": "grade",
        }
        assert peer.tokens.asked == [(SCOPE_LINEITEM,)] * 2

    def test_a_column_that_is_as_it_should_be_is_left_alone(self) -> None:
        peer = self.column()
        GradeService(peer.services).update_line_item(COLUMN, label="Adding", maximum=10.0)
        assert [call.method for call in peer.platform.calls] == ["GET"]

    def test_a_column_that_is_no_object_is_not_written_over(self) -> None:
        with pytest.raises(ServiceError, match="bad-line-item"):
            GradeService(Peer(lambda _: Reply.json([])).services).update_line_item(COLUMN, label="x", maximum=1)

    @pytest.mark.parametrize("status", [204, 200, 404])
    def test_a_column_is_taken_away_and_one_that_is_gone_already_is_no_error(self, status: int) -> None:
        peer = Peer(lambda _: Reply(status))
        GradeService(peer.services).delete_line_item(COLUMN)
        assert [(call.method, call.url) for call in peer.platform.calls] == [("DELETE", COLUMN)]

    def test_a_platform_that_keeps_its_column_says_so(self) -> None:
        with pytest.raises(ServiceError, match="http-403"):
            GradeService(Peer(lambda _: Reply(403)).services).delete_line_item(COLUMN)


class TestResults:
    def read(self, *pages: Any, user_id: str | None = None) -> tuple[list[Result], Peer]:
        def answer(call: Call) -> Reply:
            number = len(peer.platform.calls)
            headers = {"Link": f'<{LMS}/columns/1/results?page={number}>; rel="next"'} if number < len(pages) else {}
            return Reply.json(pages[number - 1], **headers)

        peer = Peer(answer)
        return list(GradeService(peer.services).results(COLUMN, user_id=user_id)), peer

    def test_what_the_gradebook_shows_is_read_over_all_pages(self) -> None:
        first = [{"userId": "ada", "resultScore": 8, "resultMaximum": 10, "comment": "well done"}]
        found, peer = self.read(first, [{"userId": "ben", "resultScore": 0, "resultMaximum": 10}])
        assert found == [Result("ada", 8.0, 10.0), Result("ben", 0.0, 10.0)]
        assert [result.share for result in found] == [0.8, 0.0]
        assert peer.urls[0] == f"{LMS}/columns/1/results?type_id=4"
        assert peer.platform.calls[0].headers["Accept"] == "application/vnd.ims.lis.v2.resultcontainer+json"
        assert peer.tokens.asked[0] == (SCOPE_RESULT_READ,)

    def test_one_pupils_result_is_found_also_where_the_lms_sends_all(self) -> None:
        everybody = [{"userId": name, "resultScore": 1, "resultMaximum": 1} for name in ("ada", "ben & co")]
        found, peer = self.read(everybody, user_id="ben & co")
        assert [result.user_id for result in found] == ["ben & co"]
        assert peer.urls[0].endswith("?type_id=4&user_id=ben+%26+co")

    @pytest.mark.parametrize(
        ("entry", "share"),
        [
            ({}, None),
            ({"resultScore": None, "resultMaximum": 10}, None),
            ({"resultScore": 0.5}, 0.5),
            ({"resultScore": "", "resultMaximum": "10"}, None),
            ({"resultScore": "7", "resultMaximum": "10.00"}, 0.7),
            ({"resultScore": 7, "resultMaximum": 0}, None),
            ({"resultScore": 12, "resultMaximum": 10}, 1.2),
        ],
        ids=str,
    )
    def test_a_grade_is_read_or_there_is_none(self, entry: dict[str, Any], share: float | None) -> None:
        [found], _ = self.read([{"userId": "ada", **entry}])
        assert found.share == share

    @pytest.mark.parametrize("score", [True, "seven", [7], float("nan"), float("inf"), 10**400], ids=repr)
    def test_a_score_that_is_no_number_does_not_pass_for_a_missing_one(self, score: object) -> None:
        with pytest.raises(ServiceError, match="bad-results"):
            self.read([{"userId": "ada", "resultScore": score, "resultMaximum": 10}])

    def test_entries_of_nobody_are_passed_over(self) -> None:
        assert self.read([{"resultScore": 1}, "x", {"userId": None}])[0] == []

    def test_a_person_may_be_named_by_a_number(self) -> None:
        found, _ = self.read([{"userId": 5, "resultScore": 1}], user_id="5")
        assert found == [Result("5", 1.0, 1.0)]

    def test_a_list_that_is_none_is_an_error(self) -> None:
        with pytest.raises(ServiceError, match="bad-results"):
            self.read({"results": []})


def test_canvas_is_asked_for_long_pages_of_columns() -> None:
    peer = Peer(lambda _: Reply.json([]), "canvas")
    GradeService(peer.services).find_line_item(COLUMNS, BOTH, resource_id="a")
    assert peer.urls == [f"{COLUMNS}&resource_id=a&limit=100"]
