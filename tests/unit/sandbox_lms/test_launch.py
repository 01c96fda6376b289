"""From the click on an activity to the id_token: what the platform promises and what it refuses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from sandbox_lms.config import SCOPE_LINE_ITEM, SCOPE_MEMBERSHIP_READ, SCOPE_SCORE
from sandbox_lms.lti.messages import AGS_CLAIM, LTI, NRPS_CLAIM
from sandbox_lms.testing import FormPost, read_form
from tests.unit.sandbox_lms.school import LMS_URL, TOOL_URL, School, open_school

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


def asked(location: str, **changes: Any) -> str:
    """The authentication request with some parameters changed, or left out with None."""
    fields = dict(parse_qsl(urlsplit(location).query)) | changes
    return "/lti/auth?" + urlencode({name: value for name, value in fields.items() if value is not None})


def started(school: School, who: str = "ada") -> str:
    """Where the tool sends the browser of somebody who opened an activity."""
    return school.login(school.lms.start_launch(who, school.activity()))


def test_the_login_initiation_says_all_that_the_standard_asks_for(school: School) -> None:
    start = school.lms.start_launch("ada", school.activity())
    assert start.url == f"{TOOL_URL}/lti/login"
    assert start.fields["iss"] == LMS_URL
    assert start.fields["target_link_uri"] == f"{TOOL_URL}/lti/launch"
    assert start.fields["client_id"] == "proximal-demo"
    assert start.fields["lti_deployment_id"] == "1"
    assert "ada" not in start.fields["login_hint"]
    assert start.fields["lti_message_hint"]


def test_ada_arrives_with_a_complete_id_token(school: School) -> None:
    link = school.activity(custom={"activity_id": "7"}, text="Twelve questions.")
    claims = school.launch("ada", link)
    assert claims["iss"] == LMS_URL
    assert claims["aud"] == "proximal-demo"
    assert claims["sub"] == school.lms.sub("ada")
    assert claims["exp"] == claims["iat"] + 60
    assert (claims["name"], claims["given_name"], claims["family_name"]) == ("Ada Okonkwo", "Ada", "Okonkwo")
    assert claims[LTI + "message_type"] == "LtiResourceLinkRequest"
    assert claims[LTI + "version"] == "1.3.0"
    assert claims[LTI + "deployment_id"] == "1"
    assert claims[LTI + "target_link_uri"] == f"{TOOL_URL}/lti/launch"
    assert MEMBERSHIP + "Learner" in claims[LTI + "roles"]
    assert claims[LTI + "resource_link"] == {"id": str(link), "title": "Fractions", "description": "Twelve questions."}
    assert claims[LTI + "context"]["title"] == "Class 5A"
    assert claims[LTI + "custom"] == {"activity_id": "7"}
    assert claims[LTI + "tool_platform"]["product_family_code"] == "proximal-sandbox"
    assert claims[LTI + "launch_presentation"]["document_target"] == "iframe"
    assert claims[LTI + "launch_presentation"]["return_url"] == f"{LMS_URL}/courses/class-5a"
    assert claims[NRPS_CLAIM]["context_memberships_url"] == f"{LMS_URL}/lti/courses/class-5a/memberships"
    assert claims[AGS_CLAIM]["lineitem"] == school.column()


def test_a_person_with_a_single_name_has_no_family_name(school: School) -> None:
    claims = school.launch("wulandari", school.activity())
    assert claims["name"] == "Wulandari"
    assert "family_name" not in claims


@pytest.mark.parametrize(("who", "role"), [("marit", "Instructor"), ("ada", "Learner"), ("admin", "Administrator")])
def test_everybody_arrives_in_their_own_role(school: School, who: str, role: str) -> None:
    assert MEMBERSHIP + role in school.launch(who, school.activity())[LTI + "roles"]


def test_a_new_window_is_told_to_the_tool(school: School) -> None:
    claims = school.launch("ada", school.activity(), target="window")
    assert claims[LTI + "launch_presentation"]["document_target"] == "window"


def test_a_link_with_two_columns_names_neither_of_them(school: School) -> None:
    link = school.activity()
    with school.lms.lms.database.transaction() as connection:
        connection.execute(
            "INSERT INTO line_item (course_id, resource_link_id, label, score_maximum)"
            " VALUES ('class-5a', ?, 'Two', 5)",
            (link,),
        )
    endpoint = school.launch("ada", link)[AGS_CLAIM]
    assert "lineitem" not in endpoint
    assert "lineitems" in endpoint


def test_a_link_made_by_hand_has_neither_settings_nor_column(school: School) -> None:
    claims = school.launch("ada", school.lms.add_link_by_hand("class-5a", "By hand"))
    assert LTI + "custom" not in claims
    assert "lineitem" not in claims[AGS_CLAIM]


def test_the_launch_names_only_the_services_that_were_granted() -> None:
    scores_only = open_school(scopes=(SCOPE_SCORE,))
    claims = scores_only.launch("ada", scores_only.activity())
    assert claims[AGS_CLAIM]["scope"] == [SCOPE_SCORE]
    assert NRPS_CLAIM not in claims
    roster_only = open_school(scopes=(SCOPE_MEMBERSHIP_READ,))
    claims = roster_only.launch("ada", roster_only.activity())
    assert AGS_CLAIM not in claims
    assert NRPS_CLAIM in claims
    assert SCOPE_LINE_ITEM not in str(claims)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"scope": "openid profile"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"response_type": "code"}, "unsupported_response_type"),
        ({"response_mode": "query"}, "invalid_request"),
        ({"response_mode": None}, "invalid_request"),
        ({"prompt": "login"}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"nonce": ""}, "invalid_request"),
        ({"login_hint": "guess"}, "login_required"),
        ({"lti_message_hint": "guess"}, "invalid_request"),
        ({"lti_message_hint": None}, "invalid_request"),
    ],
)
def test_a_faulty_request_goes_back_to_the_tool_as_an_error_with_its_state(
    school: School, change: dict[str, Any], error: str
) -> None:
    location = started(school)
    form = school.lms.authorize("ada", asked(location, **change))
    assert form.url == f"{TOOL_URL}/lti/launch"
    assert form.fields["error"] == error
    assert form.fields["error_description"]
    assert form.fields["state"] == dict(parse_qsl(urlsplit(location).query))["state"]
    assert "id_token" not in form.fields


def test_without_a_state_the_error_has_none(school: School) -> None:
    form = school.lms.authorize("ada", asked(started(school), state=None))
    assert form.fields["error_description"] == "state is missing."
    assert "state" not in form.fields


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "somebody-else"},
        {"redirect_uri": f"{TOOL_URL}/lti/launch/"},
        {"redirect_uri": f"{TOOL_URL}/lti/launch?w=1"},
        {"redirect_uri": "http://evil.test/lti/launch"},
        {"redirect_uri": None},
    ],
)
def test_nothing_is_sent_to_an_address_that_is_not_registered(school: School, change: dict[str, Any]) -> None:
    page = school.lms.get("ada", asked(started(school), **change))
    assert page.status == 400
    assert "registered" in page.text
    assert "data-post" not in page.text


def test_a_parameter_that_is_there_twice_is_refused(school: School) -> None:
    page = school.lms.get("ada", started(school) + "&nonce=second")
    assert page.status == 400
    assert "more than once" in page.text


def test_a_launch_works_once(school: School) -> None:
    location = started(school)
    assert "id_token" in school.lms.authorize("ada", location).fields
    assert "used already" in school.lms.authorize("ada", location).fields["error_description"]


def test_a_launch_left_lying_for_ten_minutes_is_too_old(school: School) -> None:
    location = started(school)
    school.clock.ahead = timedelta(minutes=11)
    assert "too old" in school.lms.authorize("ada", location).fields["error_description"]


def test_yusuf_cannot_finish_the_launch_that_ada_began(school: School) -> None:
    form = school.lms.authorize("yusuf", started(school))
    assert form.fields["error"] == "login_required"


def test_switching_the_person_ends_the_launches_that_were_under_way(school: School) -> None:
    location = started(school)
    school.lms.post("ada", "/sign-in", {"person": "ada"})
    assert school.lms.authorize("ada", location).fields["error"] == "login_required"


def test_without_anybody_signed_in_the_tool_hears_login_required(school: School) -> None:
    location = started(school)
    school.lms.post("ada", "/sign-out", {})
    from_our_own_page = school.lms.authorize("ada", location)
    assert from_our_own_page.url == f"{LMS_URL}/lti/auth"
    answer = read_form(school.lms.post("ada", from_our_own_page.url, from_our_own_page.fields))
    assert answer.fields["error"] == "login_required"


def test_a_posted_request_that_comes_without_our_cookie_is_posted_again_from_our_own_site(school: School) -> None:
    fields = dict(parse_qsl(urlsplit(started(school)).query))
    page = school.app.test_client().post("/lti/auth", data=fields, base_url=LMS_URL)
    assert f'action="{LMS_URL}/lti/auth"' in page.text
    again = school.lms.post("ada", "/lti/auth", {**fields, "resent": "1"})
    assert "id_token" in again.text
    still_nobody = school.app.test_client().post("/lti/auth", data={**fields, "resent": "1"}, base_url=LMS_URL)
    assert "login_required" in still_nobody.text


def test_an_activity_deleted_in_between_is_refused(school: School) -> None:
    location = started(school)
    school.lms.post("marit", "/courses/class-5a/links/1/delete", {})
    assert "error" in school.lms.authorize("ada", location).fields


def test_somebody_who_left_the_class_in_between_is_refused(school: School) -> None:
    location = started(school)
    with school.lms.lms.database.transaction() as connection:
        connection.execute("UPDATE membership SET status = 'Inactive' WHERE person_id = 'ada'")
    assert school.lms.authorize("ada", location).fields["error"] == "access_denied"


def test_the_public_key_fits_the_id_token(school: School) -> None:
    jwks = school.app.test_client().get("/.well-known/jwks.json").json
    assert jwks is not None
    [key] = jwks["keys"]
    assert key["kty"] == "RSA"
    assert key["alg"] == "RS256"
    assert "d" not in key


def test_a_form_post_is_plain_data(school: School) -> None:
    form = school.lms.authorize("ada", asked(started(school), state='"><script>alert(1)</script>'))
    assert isinstance(form, FormPost)
    assert form.fields["state"] == '"><script>alert(1)</script>'
