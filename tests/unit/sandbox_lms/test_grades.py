"""Line items, scores and results: what a tool may write into the gradebook, and what it reads there."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox_lms.config import SCOPE_LINE_ITEM_READ, SCOPE_RESULT_READ, SCOPE_SCORE
from sandbox_lms.errors import Refused
from sandbox_lms.records.scores import parse_score
from tests.unit.sandbox_lms.school import LINE_ITEM, LINE_ITEMS, LMS_URL, RESULTS, SCORE, School, open_school

LIST = "/lti/courses/class-5a/lineitems"


def create(school: School, **body: Any) -> dict[str, Any]:
    """A column made by the tool."""
    whole = {"label": "Mastery", "scoreMaximum": 1} | body
    response = school.call("POST", LIST, data=json.dumps(whole), content_type=LINE_ITEM)
    assert response.status_code == 201, response.text
    created: dict[str, Any] = json.loads(response.text)
    assert response.headers["Location"] == created["id"]
    return created


class TestLineItems:
    def test_a_deep_linked_column_is_listed_with_its_link(self, school: School) -> None:
        link = school.activity(lineItem={"scoreMaximum": 10, "label": "L", "resourceId": "r", "tag": "t"})
        [column] = school.line_items()
        assert column == {
            "id": f"{LMS_URL}{LIST}/1?deployment=1",
            "label": "L",
            "scoreMaximum": 10.0,
            "resourceId": "r",
            "tag": "t",
            "resourceLinkId": str(link),
        }

    def test_filters_find_the_columns_of_a_link_a_resource_or_a_tag(self, school: School) -> None:
        link = school.activity()
        create(school, resourceId="skill:1", tag="mastery")
        create(school, resourceId="skill:2", tag="mastery")
        assert len(school.line_items(query=f"?resource_link_id={link}")) == 1
        assert [one["resourceId"] for one in school.line_items(query="?resource_id=skill:2")] == ["skill:2"]
        assert len(school.line_items(query="?tag=mastery")) == 2
        assert school.line_items(query="?tag=mastery&resource_id=other") == []

    def test_a_long_list_comes_in_pages_that_link_to_the_next(self, school: School) -> None:
        for number in range(5):
            create(school, label=f"Column {number}", tag="many")
        url, labels, pages = f"{LIST}?tag=many&limit=2", [], 0
        while url:
            response = school.call("GET", url, accept=LINE_ITEMS)
            labels += [one["label"] for one in json.loads(response.text)]
            link = response.headers.get("Link", "")
            assert not link or link.endswith('>; rel="next"')
            url, pages = link.partition(">")[0].strip("<"), pages + 1
        assert labels == [f"Column {number}" for number in range(5)]
        assert pages == 3

    @pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=two", "limit=9999999999", "limit=1&page=0"])
    def test_a_page_size_that_is_no_size_is_refused(self, school: School, query: str) -> None:
        assert school.call("GET", f"{LIST}?{query}", accept=LINE_ITEMS).status_code == 400

    def test_the_tool_creates_reads_changes_and_deletes_a_column(self, school: School) -> None:
        link = school.activity()
        times = {"startDateTime": "2026-09-01T08:00:00Z", "endDateTime": "2026-09-05T16:00:00Z"}
        created = create(school, resourceLinkId=str(link), **times)
        assert json.loads(school.call("GET", created["id"], accept=LINE_ITEM).text) == created
        changed = created | {"label": "New", "scoreMaximum": 20}
        response = school.call("PUT", created["id"], data=json.dumps(changed), content_type=LINE_ITEM)
        assert json.loads(response.text) == changed
        assert school.call("DELETE", created["id"]).status_code == 204
        assert school.call("GET", created["id"], accept=LINE_ITEM).status_code == 404

    def test_a_column_stays_with_its_link(self, school: School) -> None:
        first, second = school.activity(), school.activity("Spelling")
        body = create(school, resourceLinkId=str(first)) | {"resourceLinkId": str(second)}
        response = school.call("PUT", body["id"], data=json.dumps(body), content_type=LINE_ITEM)
        assert response.status_code == 400
        assert "can't be changed" in response.text

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"scoreMaximum": 5}, 400),
            ({"label": " ", "scoreMaximum": 5}, 400),
            ({"label": 5, "scoreMaximum": 5}, 400),
            ({"label": "No maximum"}, 400),
            ({"label": "Zero", "scoreMaximum": 0}, 400),
            ({"label": "True", "scoreMaximum": True}, 400),
            ({"label": "Huge", "scoreMaximum": 10**400}, 400),
            ({"label": "Half", "scoreMaximum": 5, "tag": "\ud800"}, 400),
            ({"label": "When", "scoreMaximum": 5, "endDateTime": "tomorrow"}, 400),
            ({"label": "Link", "scoreMaximum": 5, "resourceLinkId": "99"}, 404),
            ({"label": "Link", "scoreMaximum": 5, "resourceLinkId": "²"}, 404),
            ({"label": "Link", "scoreMaximum": 5, "resourceLinkId": "9" * 40}, 404),
            ([], 400),
        ],
    )
    def test_a_faulty_column_is_refused(self, school: School, body: Any, status: int) -> None:
        response = school.call("POST", LIST, data=json.dumps(body), content_type=LINE_ITEM)
        assert response.status_code == status
        assert school.line_items() == []

    def test_a_link_of_another_class_is_no_link_of_this_one(self, school: School) -> None:
        link = school.activity(course="class-5b")
        body = json.dumps({"label": "Other", "scoreMaximum": 5, "resourceLinkId": str(link)})
        assert school.call("POST", LIST, data=body, content_type=LINE_ITEM).status_code == 404
        assert school.call("GET", f"{LIST}/1", accept=LINE_ITEM).status_code == 404

    def test_an_unknown_class_or_a_number_beyond_the_database_is_not_found(self, school: School) -> None:
        assert school.call("GET", "/lti/courses/none/lineitems", accept=LINE_ITEMS).status_code == 404
        assert school.call("GET", f"{LIST}/{2**63}", accept=LINE_ITEM).status_code == 404

    def test_reading_is_not_writing(self, school: School) -> None:
        body = json.dumps({"label": "L", "scoreMaximum": 5})
        only = {"scope": SCOPE_LINE_ITEM_READ}
        assert school.call("POST", LIST, data=body, content_type=LINE_ITEM, **only).status_code == 403
        assert school.call("GET", LIST, accept=LINE_ITEMS, **only).status_code == 200


class TestMediaTypes:
    @pytest.mark.parametrize("accept", [None, "*/*", "application/json", LINE_ITEM, f"{LINE_ITEMS}x"])
    def test_the_list_wants_its_own_media_type(self, school: School, accept: str | None) -> None:
        response = school.call("GET", LIST, accept=accept)
        assert response.status_code == 406
        assert LINE_ITEMS in response.text

    @pytest.mark.parametrize("accept", [LINE_ITEMS, f"application/json, {LINE_ITEMS};q=0.9"])
    def test_the_right_type_among_others_is_enough(self, school: School, accept: str) -> None:
        response = school.call("GET", LIST, accept=accept)
        assert response.status_code == 200
        assert response.mimetype == LINE_ITEMS

    def test_results_and_columns_have_their_own_types_too(self, school: School) -> None:
        school.activity()
        assert school.call("GET", f"{LIST}/1", accept=LINE_ITEMS).status_code == 406
        assert school.call("GET", f"{LIST}/1/results", accept=LINE_ITEMS).status_code == 406

    @pytest.mark.parametrize("content_type", ["application/json", LINE_ITEM, None])
    def test_a_score_of_another_type_is_refused_and_remembered(self, school: School, content_type: str | None) -> None:
        school.activity()
        body = json.dumps(school.score("ada", 5))
        response = school.call("POST", f"{LIST}/1/scores", data=body, content_type=content_type)
        assert response.status_code == 415
        assert SCORE in response.text
        assert school.lms.gradebook("class-5a")["scores_refused"] == 1

    def test_a_charset_does_no_harm(self, school: School) -> None:
        school.activity()
        body = json.dumps(school.score("ada", 5))
        response = school.call("POST", f"{LIST}/1/scores", data=body, content_type=f"{SCORE}; charset=utf-8")
        assert response.status_code == 204

    def test_a_body_that_is_too_large_or_no_text_is_refused(self, school: School) -> None:
        school.activity()
        url = f"{LIST}/1/scores"
        assert school.call("POST", url, data=b" " * 65537, content_type=SCORE).status_code == 413
        assert school.call("POST", url, data=b"\xff", content_type=SCORE).status_code == 400


class TestScores:
    def test_a_score_becomes_a_grade_with_its_comment(self, school: School) -> None:
        school.activity()
        assert school.send(school.score("ada", 7.5, comment="7 of 9 skills")).status_code == 204
        grade = school.grade("ada")
        assert grade is not None
        assert (grade["score"], grade["maximum"], grade["comment"]) == (7.5, 10, "7 of 9 skills")
        assert grade["activity_progress"] == "InProgress"

    def test_a_score_on_another_scale_is_brought_to_the_columns(self, school: School) -> None:
        school.activity()
        school.send(school.score("ada", 0.5, scoreMaximum=1))
        grade = school.grade("ada")
        assert grade is not None
        assert grade["score"] == 5

    def test_a_new_maximum_keeps_every_pupils_share(self, school: School) -> None:
        school.activity()
        school.send(school.score("ada", 5))
        [column] = school.line_items()
        body = json.dumps(column | {"scoreMaximum": 20})
        school.call("PUT", column["id"], data=body, content_type=LINE_ITEM)
        grade = school.grade("ada")
        assert grade is not None
        assert (grade["score"], grade["maximum"]) == (10, 20)

    def test_zero_is_a_real_score(self, school: School) -> None:
        school.activity()
        school.send(school.score("ada", 0))
        grade = school.grade("ada")
        assert grade is not None
        assert grade["score"] == 0

    @pytest.mark.parametrize("changes", [{"gradingProgress": "Pending"}, {"scoreGiven": None}])
    def test_a_message_without_a_final_score_empties_the_cell(self, school: School, changes: dict[str, Any]) -> None:
        school.activity()
        school.send(school.score("ada", 7))
        school.send(school.score("ada", 8, **changes))
        grade = school.grade("ada")
        assert grade is not None
        assert grade["score"] is None

    @pytest.mark.parametrize(
        ("changes", "status", "reason"),
        [
            ({"userId": None}, 400, "userId"),
            ({"userId": 5}, 400, "userId"),
            ({"userId": "nobody"}, 422, "no active pupil"),
            ({"activityProgress": None}, 400, "activityProgress"),
            ({"activityProgress": "Done"}, 400, "activityProgress"),
            ({"gradingProgress": "fullygraded"}, 400, "gradingProgress"),
            ({"gradingProgress": []}, 400, "gradingProgress"),
            ({"scoreMaximum": None}, 400, "scoreGiven needs scoreMaximum"),
            ({"scoreMaximum": 0}, 400, "greater than 0"),
            ({"scoreGiven": "7"}, 400, "scoreGiven"),
            ({"scoreGiven": True}, 400, "scoreGiven"),
            ({"scoreGiven": -1}, 400, "scoreGiven"),
            ({"comment": 5}, 400, "comment"),
            ({"timestamp": None}, 400, "timestamp"),
            ({"timestamp": 1700000000}, 400, "timestamp"),
            ({"timestamp": "2026-09-01T08:00:00.5"}, 400, "time zone"),
            ({"timestamp": "2026-09-01T08:00:00Z"}, 400, "fractions of a second"),
            ({"timestamp": "2026-13-01T08:00:00.5Z"}, 400, "timestamp"),
            ({"timestamp": "0001-01-01T00:00:00.0+14:00"}, 400, "timestamp"),
            ({"timestamp": "2999-01-01T00:00:00.0Z"}, 400, "in the future"),
        ],
    )
    def test_a_faulty_score_is_refused_with_a_reason_that_the_history_keeps(
        self, school: School, changes: dict[str, Any], status: int, reason: str
    ) -> None:
        school.activity()
        response = school.send(school.score("ada", 5, **changes))
        assert response.status_code == status
        assert reason in response.text
        assert school.grade("ada") is None
        assert school.lms.gradebook("class-5a")["scores_refused"] == 1
        assert reason in school.lms.get("marit", "/courses/class-5a/grades/1").text

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"scoreGiven": NaN}', "[" * 60000])
    def test_a_body_that_is_no_json_object_is_refused(self, school: School, text: str) -> None:
        school.activity()
        assert school.send(text).status_code == 400

    @pytest.mark.parametrize("who", ["marit", "admin"])
    def test_only_pupils_get_grades(self, school: School, who: str) -> None:
        school.activity()
        assert school.send(school.score(who, 5)).status_code == 422

    def test_a_pupil_of_the_other_class_gets_no_grade_here(self, school: School) -> None:
        school.activity(course="class-5b")
        assert school.send(school.score("noa", 5), school.column("class-5b")).status_code == 422
        assert school.send(school.score("ada", 5), school.column("class-5b")).status_code == 204

    def test_a_pupil_who_left_gets_no_grade(self, school: School) -> None:
        school.activity()
        [gone] = school.lms.add_pupils("class-5a", 1, status="Inactive")
        assert school.send(school.score(gone, 5)).status_code == 422

    def test_the_same_score_again_or_an_older_one_is_a_conflict(self, school: School) -> None:
        school.activity()
        score = school.score("ada", 5)
        older = school.score("ada", 9, timestamp="2026-09-01T08:00:00.5Z")
        assert school.send(score).status_code == 204
        assert school.send(score).status_code == 409
        assert school.send(older).status_code == 409
        grade = school.grade("ada")
        assert grade is not None
        assert grade["score"] == 5
        counts = school.lms.gradebook("class-5a")
        assert (counts["scores_received"], counts["scores_refused"]) == (3, 2)

    def test_the_same_moment_in_another_zone_is_the_same_moment(self, school: School) -> None:
        school.activity()
        now = school.clock() - timedelta(minutes=1)
        elsewhere = now.isoformat(timespec="microseconds").replace("+00:00", "Z")
        assert school.send(school.score("ada", 5, timestamp=now.isoformat(timespec="microseconds"))).status_code == 204
        assert school.send(school.score("ada", 6, timestamp=elsewhere)).status_code == 409

    def test_scores_put_after_the_query_find_nobody(self, school: School) -> None:
        school.activity()
        body = json.dumps(school.score("ada", 5))
        response = school.call("POST", school.column() + "/scores", data=body, content_type=SCORE)
        assert response.status_code == 405
        assert school.grade("ada") is None

    def test_a_score_for_no_column_or_without_the_scope_is_refused(self, school: School) -> None:
        school.activity()
        body = json.dumps(school.score("ada", 5))
        assert school.call("POST", f"{LIST}/9/scores", data=body, content_type=SCORE).status_code == 404
        only_reading = school.call("POST", f"{LIST}/1/scores", data=body, content_type=SCORE, scope=SCOPE_RESULT_READ)
        assert only_reading.status_code == 403


class TestResults:
    def results(self, school: School, query: str = "") -> list[dict[str, Any]]:
        """What the results service lists for the first column."""
        response = school.call("GET", f"{LIST}/1/results{query}", accept=RESULTS)
        assert response.status_code == 200
        listed: list[dict[str, Any]] = json.loads(response.text)
        return listed

    def test_results_are_what_the_gradebook_shows(self, school: School) -> None:
        school.activity()
        school.send(school.score("ada", 0, comment="Begun"))
        school.send(school.score("yusuf", 0.7, scoreMaximum=1, gradingProgress="Pending"))
        ada, yusuf = self.results(school)
        assert ada["scoreOf"] == school.column()
        assert (ada["resultScore"], ada["resultMaximum"], ada["comment"]) == (0, 10, "Begun")
        assert "resultScore" not in yusuf
        assert ada["id"].startswith(f"{LMS_URL}{LIST}/1/results?deployment=1&user_id=")

    def test_results_of_one_pupil_and_in_pages(self, school: School) -> None:
        school.activity()
        for who in ("ada", "yusuf", "noa"):
            school.send(school.score(who, 5))
        [one] = self.results(school, f"?user_id={school.lms.sub('noa')}")
        assert one["userId"] == school.lms.sub("noa")
        assert len(self.results(school, "?limit=2")) == 2
        assert len(self.results(school, "?limit=2&page=2")) == 1

    def test_results_need_their_scope(self, school: School) -> None:
        school.activity()
        assert school.call("GET", f"{LIST}/1/results", accept=RESULTS, scope=SCOPE_SCORE).status_code == 403


@settings(max_examples=60)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner), max_leaves=5))
def test_no_value_in_any_field_breaks_the_reader(value: Any) -> None:
    good = {
        "userId": "u",
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "scoreGiven": 1,
        "scoreMaximum": 2,
        "comment": "c",
    }
    for name in good:
        with suppress(Refused):
            assert parse_score(json.dumps(good | {name: value})).user_id


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 10)), min_size=1, max_size=8))
def test_the_grade_is_always_that_of_the_newest_timestamp(sent: list[tuple[int, int]]) -> None:
    school = open_school()
    school.activity()
    start = school.clock() - timedelta(hours=1)
    accepted: dict[int, int] = {}
    for minute, given_points in sent:
        moment = (start + timedelta(minutes=minute)).isoformat(timespec="microseconds")
        response = school.send(school.score("ada", given_points, timestamp=moment))
        newer = not accepted or minute > max(accepted)
        assert response.status_code == (204 if newer else 409)
        if newer:
            accepted[minute] = given_points
    grade = school.grade("ada")
    assert grade is not None
    assert grade["score"] == accepted[max(accepted)]
