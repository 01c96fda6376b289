"""Each rule of an LMS family that differs from the letter of the standards: it is kept, and only in that family."""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta
from typing import Any

import pytest

from sandbox_lms.config import LmsConfig
from sandbox_lms.families.canvas import SUBMISSION
from sandbox_lms.lti.messages import DEEP_LINKING, LTI
from tests.unit.sandbox_lms.school import LINE_ITEMS, MEMBERSHIPS, RESULTS, SCORE, School, open_school

ROSTER = "/lti/courses/class-5a/memberships"


@pytest.fixture
def moodle() -> School:
    """A school with Moodle's ways, and an activity."""
    return with_activity("moodle")


@pytest.fixture
def canvas() -> School:
    """A school with Canvas's ways, and an activity."""
    return with_activity("canvas")


@pytest.fixture
def brightspace() -> School:
    """A school with Brightspace's ways, and an activity."""
    return with_activity("brightspace")


def with_activity(like: str) -> School:
    school = open_school(like=like)
    school.activity()
    return school


def claims(token: str) -> dict[str, Any]:
    """The claims of a JWT, unverified."""
    payload: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return payload


def launch(school: School, who: str, **changes: Any) -> dict[str, Any]:
    return claims(school.lms.sign_launch(who, 1, **changes))


def members(school: School) -> dict[str, Any]:
    roster = school.call("GET", ROSTER, accept=MEMBERSHIPS).json
    assert roster is not None
    return {one["user_id"]: one for one in roster["members"]}


def test_a_family_that_nobody_knows_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="like must be one of standard, canvas, brightspace, moodle"):
        LmsConfig("http://lms.test", None, like="blackboard")


# Moodle


def test_moodle_roles_are_short_and_its_roster_calls_an_assistant_a_learner(moodle: School) -> None:
    assistant = moodle.lms.add_assistant("class-5a")
    assert launch(moodle, "ada")[LTI + "roles"] == ["Learner"]
    assert launch(moodle, assistant)[LTI + "roles"] == launch(moodle, "marit")[LTI + "roles"] == ["Instructor"]
    assert launch(moodle, "admin")[LTI + "roles"][0] == "Instructor"
    assert members(moodle)[moodle.lms.sub(assistant)]["roles"] == ["Learner"]
    assert members(moodle)[moodle.lms.sub("marit")]["roles"] == ["Instructor"]
    assert launch(moodle, "ada")[LTI + "context"]["type"] == ["CourseSection"]


def test_by_the_standard_an_assistant_is_an_assistant_everywhere(school: School) -> None:
    school.activity()
    assistant = school.lms.add_assistant("class-5a")
    assert launch(school, assistant)[LTI + "roles"][-1].endswith("Instructor#TeachingAssistant")
    assert members(school)[school.lms.sub(assistant)]["roles"][-1].endswith("Instructor#TeachingAssistant")


def test_moodle_compares_whole_seconds(moodle: School) -> None:
    moment = moodle.clock().replace(microsecond=100_000)
    texts = [(moment + timedelta(milliseconds=step)).isoformat(timespec="milliseconds") for step in (0, 300, 900)]
    first, second, third = (moodle.send(moodle.score("ada", 5, timestamp=text)) for text in texts)
    assert (first.status_code, first.data) == (200, b"")
    assert second.status_code == 409
    assert third.status_code == 200


def test_moodle_empties_a_grade_that_is_pending_and_takes_the_next_one_of_any_time_after_the_last_grade(
    moodle: School,
) -> None:
    moodle.send(moodle.score("ada", 5))
    moodle.clock.ahead = timedelta(seconds=5)
    assert moodle.send(moodle.score("ada", 5, gradingProgress="Pending")).status_code == 200
    cell = moodle.grade("ada")
    assert cell is not None
    assert cell["score"] is None
    assert moodle.send(moodle.score("ada", 6)).status_code == 200


@pytest.mark.parametrize("who", ["marit", "tomas"])
def test_moodle_says_400_for_whoever_is_not_graded(moodle: School, who: str) -> None:
    assert moodle.send(moodle.score(who, 5)).status_code == 400


def test_moodle_takes_a_score_from_the_future_and_then_refuses_the_present(moodle: School) -> None:
    later = (moodle.clock() + timedelta(hours=1)).isoformat(timespec="microseconds")
    assert moodle.send(moodle.score("ada", 5, timestamp=later)).status_code == 200
    assert moodle.send(moodle.score("ada", 6)).status_code == 409


def test_moodle_wants_exact_media_types_and_says_400(moodle: School) -> None:
    assert moodle.call("GET", "/lti/courses/class-5a/lineitems", accept="*/*").status_code == 400
    url = moodle.column().replace("?", "/scores?")
    assert moodle.call("POST", url, data="{}", content_type="application/json").status_code == 400


def test_moodle_addresses_end_in_the_tool_s_number_and_name_no_column_where_there_are_two(moodle: School) -> None:
    assert moodle.column().endswith("?type_id=1")
    endpoint = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
    assert "lineitem" in launch(moodle, "ada")[endpoint]
    body = json.dumps({"label": "Two", "scoreMaximum": 5, "resourceLinkId": "1"})
    moodle.call("POST", "/lti/courses/class-5a/lineitems", data=body, content_type=LINE_ITEMS.replace("container", ""))
    assert "lineitem" not in launch(moodle, "ada")[endpoint]


def test_moodle_gives_results_in_one_piece_and_links_pages_with_curly_quotes(moodle: School) -> None:
    results = moodle.column().replace("?", "/results?")
    assert moodle.call("GET", f"{results}&limit=5", accept=RESULTS).status_code == 404
    page = moodle.call("GET", f"{ROSTER}?limit=5&role=Learner", accept=MEMBERSHIPS)
    link = page.headers["Link"].encode("latin-1").decode()
    assert "rel=“next”" in link
    assert "&amp;" in link


def test_moodle_takes_a_column_that_it_did_not_offer_to_take_and_names_it_after_the_activity() -> None:
    school = open_school(like="moodle")
    token = school.lms.sign_deep_linking()
    settings = claims(token)[DEEP_LINKING + "deep_linking_settings"]
    assert set(settings) == {
        *("deep_link_return_url", "accept_types", "accept_presentation_document_targets"),
        *("accept_multiple", "auto_create"),
    }
    school.tool.content_items = [
        {"type": "ltiResourceLink", "title": "Adding", "lineItem": {"label": "Other", "scoreMaximum": 4}}
    ]
    response = school.tool.deep_link_response(settings)
    assert school.lms.return_deep_link("marit", settings["deep_link_return_url"], response).status == 200
    [column] = school.lms.gradebook("class-5a")["columns"]
    assert column["label"] == "Adding"


@pytest.mark.parametrize(("asked", "privacy"), [(["name"], "names"), (["sub"], "ids"), ([], "ids")])
def test_moodle_tells_names_only_to_a_tool_that_asked_for_them(moodle: School, asked: list[str], privacy: str) -> None:
    assert moodle.lms.lms.family.privacy(asked) == privacy


def test_moodle_keeps_no_data_for_tools(moodle: School) -> None:
    assert "lti_storage_target" not in moodle.lms.start_launch("ada", 1).fields
    assert "storage.js" not in moodle.lms.get("ada", "/courses/class-5a/links/1").text


# Canvas


def test_canvas_counts_an_attempt_unless_the_score_says_that_it_is_none(canvas: School) -> None:
    def send(**changes: Any) -> int:
        canvas.clock.ahead += timedelta(seconds=1)
        return canvas.send(canvas.score("ada", 5, **changes)).status_code

    canvas.lms.post("marit", "/courses/class-5a/links/1/attempts", {"attempts": "2"})
    assert [send(), send(**{SUBMISSION: {}}), send(), send(**{SUBMISSION: {"new_submission": False}})] == [
        *(200, 200, 422, 200)
    ]
    cell = canvas.grade("ada")
    assert cell is not None
    assert cell["attempts"] == 2
    assert "Attempts used: 2" in canvas.lms.get("marit", "/courses/class-5a/grades").text
    canvas.lms.post("marit", "/courses/class-5a/links/1/attempts", {"attempts": ""})
    assert send() == 200


@pytest.mark.parametrize("extension", ["yes", {"new_submission": "no"}])
def test_canvas_wants_its_extension_to_be_what_it_documents(canvas: School, extension: object) -> None:
    assert canvas.send(canvas.score("ada", 5, **{SUBMISSION: extension})).status_code == 400


def test_canvas_answers_with_the_result_and_piles_comments_up(canvas: School) -> None:
    for second, comment in enumerate(("First.", "Second.", None)):
        canvas.clock.ahead = timedelta(seconds=second)
        answer = canvas.send(canvas.score("ada", 5, comment=comment))
    assert answer.json is not None
    assert canvas.lms.sub("ada") in answer.json["resultUrl"]
    cell = canvas.grade("ada")
    assert cell is not None
    assert cell["comment"] == "First.\nSecond."


def test_canvas_takes_the_same_moment_again_and_refuses_an_earlier_one_with_400(canvas: School) -> None:
    body = canvas.score("ada", 5)
    assert [canvas.send(body).status_code for _ in range(2)] == [200, 200]
    earlier = (canvas.clock() - timedelta(minutes=1)).isoformat(timespec="microseconds")
    assert canvas.send(canvas.score("ada", 6, timestamp=earlier)).status_code == 400


@pytest.mark.parametrize("who", ["marit", "tomas"])
def test_canvas_grades_students_only(canvas: School, who: str) -> None:
    assert canvas.send(canvas.score(who, 5)).status_code == 422


def test_canvas_gradebook_shows_the_first_column_of_a_link(canvas: School) -> None:
    body = json.dumps({"label": "Two", "scoreMaximum": 5, "resourceLinkId": "1"})
    alone = json.dumps({"label": "Alone", "scoreMaximum": 5})
    for text in (body, alone):
        canvas.call(
            "POST", "/lti/courses/class-5a/lineitems", data=text, content_type=LINE_ITEMS.replace("container", "")
        )
    assert len(canvas.line_items()) == 3
    labels = [column["label"] for column in canvas.lms.gradebook("class-5a")["columns"]]
    assert labels == ["Fractions", "Alone"]


def test_canvas_throttles_with_403_and_says_what_is_left(canvas: School) -> None:
    before = canvas.call("GET", ROSTER, accept=MEMBERSHIPS)
    assert float(before.headers["X-Rate-Limit-Remaining"]) > 590
    canvas.lms.use_rate_limit(1.0)
    throttled = canvas.call("GET", ROSTER, accept=MEMBERSHIPS)
    assert throttled.status_code == 403
    assert "Rate Limit Exceeded" in throttled.text
    canvas.clock.ahead = timedelta(seconds=6)
    assert canvas.call("GET", ROSTER, accept=MEMBERSHIPS).status_code == 200


def test_canvas_gives_ten_at_a_time(canvas: School) -> None:
    page = canvas.call("GET", ROSTER, accept=MEMBERSHIPS)
    assert page.json is not None
    assert len(page.json["members"]) == 10
    assert 'rel="next"' in page.headers["Link"]


def test_canvas_issuer_is_no_host_and_each_course_a_deployment(canvas: School) -> None:
    here = launch(canvas, "ada")
    assert here["iss"] == "https://canvas.instructure.com"
    elsewhere = canvas.activity(course="class-5b")
    there = claims(canvas.lms.sign_launch("ada", elsewhere, course="class-5b"))
    assert here[LTI + "deployment_id"] != there[LTI + "deployment_id"]
    assert here[LTI + "deployment_id"].startswith("1:")


def test_canvas_keeps_data_in_a_frame_beside_the_tool_s(canvas: School) -> None:
    assert canvas.lms.start_launch("ada", 1).fields["lti_storage_target"] == "post_message_forwarding"
    assert "lti_storage_target" not in canvas.lms.start_launch("ada", 1, target="window").fields
    page = canvas.lms.get("ada", "/courses/class-5a/links/1").text
    assert '<iframe hidden name="post_message_forwarding" src="/storage?tool=1"' in page
    assert 'data-origin="http://tool.test"' in canvas.lms.get("ada", "/storage?tool=1").text


def test_canvas_student_view_is_a_test_user_and_for_teachers(canvas: School) -> None:
    assert "Student view" in canvas.lms.get("marit", "/courses/class-5a/links/1").text
    assert "Nothing is graded" in canvas.lms.get("marit", "/courses/class-5a/links/1?student_view=1").text
    start = canvas.lms.form("marit", "/courses/class-5a/links/1/launch?student_view=1")
    told = claims(canvas.lms.authorize("marit", canvas.login(start)).fields["id_token"])
    assert told["name"] == "Test Student"
    assert told[LTI + "roles"][-1] == "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
    assert "Student view" not in canvas.lms.get("ada", "/courses/class-5a/links/1").text
    assert canvas.lms.get("ada", "/courses/class-5a/links/1/launch?student_view=1").status == 403


def test_other_lmss_have_no_student_view(moodle: School) -> None:
    assert moodle.lms.get("marit", "/courses/class-5a/links/1/launch?student_view=1").status == 403


# Brightspace


def test_brightspace_tokens_have_one_audience(brightspace: School) -> None:
    assert brightspace.token(aud="https://api.brightspace.com/auth/token").status_code == 200
    assert brightspace.token(aud="http://lms.test/lti/token").status_code == 401


def test_brightspace_tells_who_is_not_graded_from_who_is_not_enrolled(brightspace: School) -> None:
    assert brightspace.send(brightspace.score("marit", 5)).status_code == 422
    assert brightspace.send(brightspace.score("tomas", 5)).status_code == 403


def test_brightspace_lets_a_tool_manage_its_own_columns_only(brightspace: School) -> None:
    column = brightspace.column()
    with brightspace.lms.lms.database.transaction() as connection:
        connection.execute("UPDATE line_item SET tool_id = 2")
    assert brightspace.call("DELETE", column).status_code == 403
    assert brightspace.line_items() == []


def test_brightspace_can_hide_who_launches(brightspace: School) -> None:
    brightspace.lms.post("admin", "/tools/1/privacy", {"privacy": "nobody"})
    told = launch(brightspace, "ada")
    assert {"sub", "name", "given_name"} & set(told) == set()
    assert brightspace.lms.sub("ada") in members(brightspace)


def test_brightspace_has_one_switched_on_tool_for_a_domain(brightspace: School) -> None:
    brightspace.lms.post("admin", "/tools/1/deactivate", {})
    with brightspace.lms.lms.database.transaction() as connection:
        connection.execute(
            "INSERT INTO tool (client_id, active, registration) SELECT 'two', 1, registration FROM tool WHERE id = 1"
        )
    refused = brightspace.lms.post("admin", "/tools/1/activate", {})
    assert refused.status == 409
    assert "Switch that one off first" in refused.text


def test_brightspace_limits_with_429(brightspace: School) -> None:
    brightspace.lms.use_rate_limit(1.0)
    limited = brightspace.call("POST", "/lti/courses/class-5a/lineitems/1/scores", data="{}", content_type=SCORE)
    assert limited.status_code == 429
    assert not re.search("X-Rate-Limit", str(limited.headers))


def test_an_lms_without_a_limit_can_t_be_asked_too_much(school: School) -> None:
    with pytest.raises(RuntimeError, match="no rate limit"):
        school.lms.use_rate_limit(1.0)
