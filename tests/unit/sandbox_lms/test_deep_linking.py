"""A teacher chooses activities in the tool and brings them home."""

from __future__ import annotations

import re
from typing import Any

import jwt
import pytest

from sandbox_lms.lti.messages import AGS_CLAIM, DEEP_LINKING, LTI, NRPS_CLAIM
from sandbox_lms.testing import Page
from tests.unit.sandbox_lms.school import LMS_URL, TOOL_URL, School

LINK = {"type": "ltiResourceLink", "title": "Fractions"}


def answer(school: School, items: list[Any] | None = None, **changes: Any) -> Page:
    """Begin to choose, and come back with `items` in a response that has `changes`."""
    settings = school.begin_choosing()
    school.tool.content_items = [LINK] if items is None else items
    token = school.tool.deep_link_response(settings, **changes)
    return school.lms.return_deep_link("marit", settings["deep_link_return_url"], token)


def titles(school: School) -> list[str]:
    """The titles on Marit's course page."""
    text = school.lms.get("marit", "/courses/class-5a").text
    return re.findall(r'class="activity-title" [^>]*><bdi>(.*?)</bdi>', text)


def test_the_request_tells_the_tool_what_may_come_back(school: School) -> None:
    settings = school.begin_choosing()
    claims = school.tool.launches[-1]
    assert claims[LTI + "message_type"] == "LtiDeepLinkingRequest"
    assert claims[LTI + "target_link_uri"] == f"{TOOL_URL}/lti/launch"
    assert LTI + "resource_link" not in claims
    assert AGS_CLAIM in claims
    assert NRPS_CLAIM in claims
    assert settings["accept_types"] == ["ltiResourceLink"]
    assert settings["accept_multiple"] is True
    assert settings["accept_lineitem"] is True
    assert settings["deep_link_return_url"].startswith(f"{LMS_URL}/lti/deep-link-return/")


def test_one_item_becomes_an_activity_with_column_settings_and_due_day(school: School) -> None:
    page = answer(
        school,
        [
            {
                **LINK,
                "url": f"{TOOL_URL}/lti/launch",
                "text": "Twelve questions.",
                "custom": {"activity_id": "7"},
                "lineItem": {"label": "Fractions I", "scoreMaximum": 12, "resourceId": "r7", "tag": "practice"},
                "available": {"startDateTime": "2026-09-01T08:00:00+02:00"},
                "submission": {"endDateTime": "2026-09-05T16:00:00+02:00"},
            }
        ],
    )
    assert page.status == 200
    assert "/courses/class-5a?added=1" in page.text
    claims = school.launch("ada", 1)
    assert claims[LTI + "custom"] == {"activity_id": "7"}
    [column] = school.line_items()
    assert (column["label"], column["scoreMaximum"], column["resourceId"], column["tag"]) == (
        "Fractions I",
        12,
        "r7",
        "practice",
    )
    assert column["resourceLinkId"] == "1"
    course = school.lms.get("ada", "/courses/class-5a").text
    assert "12 points" in course
    assert "From Tuesday 1 September 2026" in course
    assert "Due Saturday 5 September 2026" in course


def test_several_items_become_several_activities(school: School) -> None:
    answer(school, [LINK, {**LINK, "title": "Spelling"}])
    assert titles(school) == ["Fractions", "Spelling"]
    assert "2 activities were added." in school.lms.get("marit", "/courses/class-5a?added=2").text


def test_an_item_without_title_or_address_gets_sensible_ones(school: School) -> None:
    answer(school, [{"type": "ltiResourceLink", "lineItem": {"scoreMaximum": 5}}])
    claims = school.launch("ada", 1)
    assert claims[LTI + "resource_link"]["title"] == "Activity"
    assert claims[LTI + "target_link_uri"] == f"{TOOL_URL}/lti/launch"
    assert school.line_items()[0]["label"] == "Activity"


@pytest.mark.parametrize("changes", [{}, {DEEP_LINKING + "content_items": None}])
def test_a_teacher_who_cancels_comes_home_with_nothing(school: School, changes: dict[str, Any]) -> None:
    page = answer(school, [], **changes)
    assert "/courses/class-5a?added=0" in page.text
    assert "Nothing was added." in school.lms.get("marit", "/courses/class-5a?added=0").text
    assert titles(school) == []


def test_the_tools_own_words_reach_the_teacher(school: School) -> None:
    page = answer(school, [], **{DEEP_LINKING + "msg": "See you", DEEP_LINKING + "errormsg": "No skills <b>left</b>"})
    assert "lti_msg=See+you" in page.text
    course = school.lms.get("marit", "/courses/class-5a?lti_msg=See+you&lti_errormsg=No+skills+%3Cb%3E").text
    assert "Proximal says: See you" in course
    assert "No skills &lt;b&gt;" in course


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "somebody-else"}, "iss must be"),
        ({"aud": "http://other.test"}, "aud must be"),
        ({"aud": None}, "aud must be"),
        ({"exp": 1}, "exp has passed"),
        ({"exp": None}, "exp is missing"),
        ({"exp": "soon"}, "exp is missing"),
        ({"exp": 1e300}, "exp is no moment"),
        ({"exp": 4102444800}, "an hour at most"),
        ({"iat": None}, "iat is missing"),
        ({"iat": 4102444800, "exp": 4102444900}, "in the future"),
        ({"nonce": None}, "nonce is missing"),
        ({"nonce": 5}, "nonce is missing"),
        ({LTI + "message_type": "LtiResourceLinkRequest"}, "message_type"),
        ({LTI + "version": "1.1"}, "version"),
        ({LTI + "version": None}, "version"),
        ({LTI + "deployment_id": "2"}, "deployment_id"),
        ({DEEP_LINKING + "data": "other"}, "does not echo"),
        ({DEEP_LINKING + "data": None}, "does not echo"),
        ({DEEP_LINKING + "content_items": "none"}, "must be a list"),
        ({DEEP_LINKING + "msg": 5}, "must be text"),
    ],
)
def test_a_faulty_response_adds_nothing_and_says_why(school: School, changes: dict[str, Any], reason: str) -> None:
    page = answer(school, **changes)
    assert page.status in {400, 401}
    assert reason in page.text
    assert titles(school) == []


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("text", "one of these types"),
        ({"type": None}, "one of these types"),
        ({"type": "link", "url": "http://tool.test"}, "one of these types"),
        ({"url": "http://evil.test/lti/launch"}, "own site"),
        ({"url": "https://tool.test/lti/launch"}, "own site"),
        ({"title": 5}, "title must be text"),
        ({"custom": {"activity_id": 7}}, "values are text"),
        ({"custom": []}, "values are text"),
        ({"lineItem": 10}, "lineItem must be an object"),
        ({"lineItem": {"label": "No maximum"}}, "scoreMaximum is missing"),
        ({"lineItem": {"scoreMaximum": 0}}, "scoreMaximum is missing"),
        ({"lineItem": {"scoreMaximum": -1}}, "scoreMaximum must be"),
        ({"lineItem": {"scoreMaximum": "10"}}, "scoreMaximum must be"),
        ({"submission": "Friday"}, "submission must be an object"),
        ({"submission": {"endDateTime": "Friday"}}, "ISO 8601"),
        ({"submission": {"endDateTime": "2026-09-05T16:00:00"}}, "time zone"),
    ],
)
def test_a_faulty_item_adds_nothing_and_says_why(school: School, item: Any, reason: str) -> None:
    page = answer(school, [LINK, {**LINK, **item} if isinstance(item, dict) else item])
    assert page.status == 400
    assert reason in page.text
    assert titles(school) == []


def test_the_return_address_works_once(school: School) -> None:
    settings = school.begin_choosing()
    school.tool.content_items = [LINK]
    for status in (200, 409):
        token = school.tool.deep_link_response(settings)
        page = school.lms.return_deep_link("marit", settings["deep_link_return_url"], token)
        assert page.status == status
    assert len(titles(school)) == 1


def test_two_answers_at_the_same_moment_add_one_activity(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = school.begin_choosing()
    school.tool.content_items = [LINK]
    url = settings["deep_link_return_url"]
    first_time = school.lms.lms.database.first_time

    def overtaken(kind: str, value: str, **times: Any) -> bool:
        monkeypatch.undo()
        school.lms.return_deep_link("marit", url, school.tool.deep_link_response(settings))
        return first_time(kind, value, **times)

    monkeypatch.setattr(school.lms.lms.database, "first_time", overtaken)
    page = school.lms.return_deep_link("marit", url, school.tool.deep_link_response(settings))
    assert page.status == 409
    assert len(titles(school)) == 1


def test_a_refused_answer_leaves_the_way_open_for_a_better_one(school: School) -> None:
    settings = school.begin_choosing()
    school.tool.content_items = [LINK]
    bad = school.tool.deep_link_response(settings, exp=1)
    assert school.lms.return_deep_link("marit", settings["deep_link_return_url"], bad).status == 401
    good = school.tool.deep_link_response(settings)
    assert school.lms.return_deep_link("marit", settings["deep_link_return_url"], good).status == 200


def test_a_nonce_is_good_for_one_answer(school: School) -> None:
    assert answer(school, nonce="same").status == 200
    page = answer(school, nonce="same")
    assert "nonce was used already" in page.text


def test_an_invented_return_address_or_an_empty_form_is_refused(school: School) -> None:
    settings = school.begin_choosing()
    token = school.tool.deep_link_response(settings)
    assert school.lms.return_deep_link("marit", "/lti/deep-link-return/invented", token).status == 404
    assert school.lms.post("marit", settings["deep_link_return_url"], {}).status == 400


def test_a_platform_that_accepts_one_item_without_column_holds_the_tool_to_it(school: School) -> None:
    offered = {"accept_multiple": False, "accept_lineitem": False}

    def settings() -> dict[str, Any]:
        claims = jwt.decode(school.lms.sign_deep_linking(settings=offered), options={"verify_signature": False})
        sent: dict[str, Any] = claims[DEEP_LINKING + "deep_linking_settings"]
        return sent

    two, one = settings(), settings()
    school.tool.content_items = [LINK, LINK]
    page = school.lms.return_deep_link("marit", two["deep_link_return_url"], school.tool.deep_link_response(two))
    assert "one item only" in page.text
    school.tool.content_items = [{**LINK, "lineItem": {"scoreMaximum": 5}}]
    page = school.lms.return_deep_link("marit", one["deep_link_return_url"], school.tool.deep_link_response(one))
    assert page.status == 200
    assert school.line_items() == []


def test_a_pupil_cannot_begin_to_choose(school: School) -> None:
    assert school.lms.get("ada", "/courses/class-5a/add").status == 403
    assert school.lms.get("ada", "/courses/class-5a/add/launch").status == 403


def test_signed_by_a_key_that_the_tool_does_not_publish_nothing_is_believed(school: School) -> None:
    settings = school.begin_choosing()
    published = school.tool.jwks()
    school.tool.jwks = lambda: published  # type: ignore[method-assign]
    school.tool.rotate_key()
    token = school.tool.deep_link_response(settings)
    page = school.lms.return_deep_link("marit", settings["deep_link_return_url"], token)
    assert page.status == 401
    assert "no RSA key with kid" in page.text


def test_a_key_rotated_since_the_last_message_is_fetched(school: School) -> None:
    assert answer(school).status == 200
    school.tool.rotate_key()
    assert answer(school).status == 200
