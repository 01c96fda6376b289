"""Tools that register themselves, strictly checked, and the administrator's page about them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from sandbox_lms.config import ALL_SCOPES, SCOPE_SCORE
from sandbox_lms.lti.tool_document import TOOL_CONFIGURATION
from tests.unit.sandbox_lms.school import LINE_ITEMS, LMS_URL, School, open_school

ADDRESS = "https://other.test/lti/register?a=1"


def token_for(school: School, **choice: str) -> str:
    """Begin a registration as the administrator; return the token that the tool's page is opened with."""
    page = school.lms.post("admin", "/tools/register", {"address": ADDRESS, "choice": "new", **choice})
    assert page.status == 200
    opened = page.text.split('<iframe class="tool" src="')[1].split('"')[0].replace("&amp;", "&")
    query = parse_qs(urlsplit(opened).query)
    assert query["a"] == ["1"]
    assert query["openid_configuration"] == [f"{LMS_URL}/.well-known/openid-configuration"]
    return query["registration_token"][0]


def document(configuration: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A good registration; `None` as a change leaves a field out."""
    tool = {
        "domain": "other.test",
        "target_link_uri": "https://other.test/lti/launch",
        "claims": ["iss", "sub", "name"],
        "messages": [{"type": "LtiDeepLinkingRequest", "target_link_uri": "https://other.test/lti/choose"}],
        "custom_parameters": {"history": "$Context.id.history"},
    }
    body = {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": "https://other.test/lti/login",
        "redirect_uris": ["https://other.test/lti/launch"],
        "client_name": "Other tool",
        "jwks_uri": "https://other.test/lti/jwks",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(ALL_SCOPES),
        TOOL_CONFIGURATION: {
            name: value for name, value in (tool | (configuration or {})).items() if value is not None
        },
    }
    return {name: value for name, value in (body | changes).items() if value is not None}


def post(school: School, token: str, body: Any, **options: Any) -> TestResponse:
    """Register as a tool does."""
    sent = {"data": body if isinstance(body, str | bytes) else json.dumps(body), "content_type": "application/json"}
    headers = {"Authorization": f"Bearer {token}"}
    return school.app.test_client().post("/lti/register", headers=headers, base_url=LMS_URL, **(sent | options))


def test_the_configuration_says_what_a_tool_needs(school: School) -> None:
    told = school.app.test_client().get("/.well-known/openid-configuration", base_url=LMS_URL).json
    assert told is not None
    assert told["issuer"] == LMS_URL
    assert told["registration_endpoint"] == f"{LMS_URL}/lti/register"
    platform = told["https://purl.imsglobal.org/spec/lti-platform-configuration"]
    assert platform["product_family_code"] == "proximal-sandbox"
    assert {message["type"] for message in platform["messages_supported"]} == {
        "LtiResourceLinkRequest",
        "LtiDeepLinkingRequest",
    }
    assert "ResourceLink.id.history" in platform["variables"]


def test_a_tool_registers_itself_and_waits_to_be_switched_on(school: School) -> None:
    response = post(school, token_for(school), document())
    assert response.status_code == 201
    answer = response.json
    assert answer is not None
    assert answer["client_id"]
    assert answer[TOOL_CONFIGURATION]["deployment_id"]
    page = school.lms.get("admin", "/tools").text
    assert "Other tool" in page
    assert "Nobody can use this tool until you switch it on." in page
    assert "Add an activity from Other tool" not in school.lms.get("marit", "/courses/class-5a").text
    school.lms.post("admin", "/tools/2/activate", {})
    assert "Add an activity from Other tool" in school.lms.get("marit", "/courses/class-5a").text
    start = school.lms.form("marit", "/courses/class-5a/add/launch?tool=2")
    assert (start.url, start.fields["client_id"]) == ("https://other.test/lti/login", answer["client_id"])
    assert start.fields["target_link_uri"] == "https://other.test/lti/choose"
    school.lms.post("admin", "/tools/2/deactivate", {})
    assert school.lms.get("marit", "/courses/class-5a/add?tool=2").status == 403


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"application_type": "native"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "client_secret_post"}, "invalid_client_metadata"),
        ({"response_types": ["code"]}, "invalid_client_metadata"),
        ({"response_types": "id_token"}, "invalid_client_metadata"),
        ({"grant_types": ["implicit"]}, "invalid_client_metadata"),
        ({"initiate_login_uri": "http://other.test/login"}, "invalid_client_metadata"),
        ({"initiate_login_uri": None}, "invalid_client_metadata"),
        ({"jwks_uri": "https://["}, "invalid_client_metadata"),
        ({"jwks_uri": 5}, "invalid_client_metadata"),
        ({"client_name": " "}, "invalid_client_metadata"),
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://other.test/launch#part"]}, "invalid_redirect_uri"),
        ({"scope": "https://example.org/scope"}, "invalid_client_metadata"),
        ({"scope": ["openid"]}, "invalid_client_metadata"),
        ({TOOL_CONFIGURATION: None}, "invalid_client_metadata"),
        ({"configuration": {"domain": None}}, "invalid_client_metadata"),
        ({"configuration": {"domain": "elsewhere.test"}}, "invalid_client_metadata"),
        ({"configuration": {"target_link_uri": "https://evil.test/launch"}}, "invalid_client_metadata"),
        ({"configuration": {"messages": "all"}}, "invalid_client_metadata"),
        ({"configuration": {"messages": [{"type": "LtiSomething"}]}}, "invalid_client_metadata"),
        (
            {
                "configuration": {
                    "messages": [{"type": "LtiDeepLinkingRequest", "target_link_uri": "https://evil.test"}]
                }
            },
            "invalid_client_metadata",
        ),
        ({"configuration": {"custom_parameters": {"a": 1}}}, "invalid_client_metadata"),
        ({"configuration": {"claims": "name"}}, "invalid_client_metadata"),
    ],
    ids=str,
)
def test_a_faulty_document_is_refused_and_the_token_stays_good(
    school: School, changes: dict[str, Any], code: str
) -> None:
    token = token_for(school)
    refused = post(school, token, document(**changes))
    assert (refused.status_code, refused.json and refused.json["error"]) == (400, code)
    assert post(school, token, document()).status_code == 201


def test_a_body_that_is_no_json_document_is_refused(school: School) -> None:
    token = token_for(school)
    assert post(school, token, "{").status_code == 400
    assert post(school, token, b"\xff").status_code == 400
    assert post(school, token, "{}", content_type="text/plain").status_code == 415
    assert post(school, token, " " * 70_000).status_code == 413


def test_a_token_is_good_once_and_for_an_hour(school: School) -> None:
    token = token_for(school)
    assert post(school, token, document()).status_code == 201
    assert post(school, token, document()).status_code == 401
    assert post(school, "guess", document()).status_code == 401
    late = token_for(school)
    school.clock.ahead = timedelta(minutes=61)
    assert post(school, late, document()).status_code == 401


def test_an_update_keeps_the_number_the_ids_and_the_switch(school: School) -> None:
    first = post(school, token_for(school), document()).json
    assert first is not None
    school.lms.post("admin", "/tools/2/activate", {})
    asked = school.lms.post("admin", "/tools/register", {"address": ADDRESS})
    assert f"Update Other tool (client {first['client_id']})" in asked.text
    again = post(school, token_for(school, choice="2"), document(client_name="New name", scope=SCOPE_SCORE)).json
    assert again is not None
    assert again["client_id"] == first["client_id"]
    assert again[TOOL_CONFIGURATION]["deployment_id"] == first[TOOL_CONFIGURATION]["deployment_id"]
    page = school.lms.get("admin", "/tools").text
    assert "New name" in page
    assert "Other tool" not in page
    assert "Add an activity from New name" in school.lms.get("marit", "/courses/class-5a").text


def test_only_the_administrator_sees_and_changes_tools(school: School) -> None:
    assert school.lms.get("marit", "/tools").status == 403
    for path in ("/tools/register", "/tools/1/activate", "/tools/1/deactivate", "/tools/1/privacy"):
        assert school.lms.post("marit", path, {"address": ADDRESS, "privacy": "ids"}).status == 403
    assert school.lms.post("admin", "/tools/9/activate", {}).status == 404
    assert school.lms.post("admin", "/tools/register", {"address": "javascript:alert(1)"}).status == 400
    assert school.lms.post("admin", "/tools/1/privacy", {"privacy": "nobody"}).status == 400


def test_in_a_tab_the_registration_opens_from_a_button(school: School) -> None:
    page = school.lms.post("admin", "/tools/register", {"address": ADDRESS, "where": "tab"}).text
    assert 'target="_blank" rel="opener"' in page
    assert "<iframe" not in page


def test_a_tool_that_is_told_ids_learns_no_name(school: School) -> None:
    link = school.activity()
    school.lms.post("admin", "/tools/1/privacy", {"privacy": "ids"})
    start = school.lms.start_launch("ada", link)
    assert start.fields["client_id"] == "proximal-demo"
    _, _, payload = school.lms.sign_launch("ada", link).partition(".")
    assert "Okonkwo" not in payload
    roster = school.call(
        "GET", "/lti/courses/class-5a/memberships", accept="application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
    )
    assert roster.status_code == 200
    assert "Okonkwo" not in roster.text
    assert school.lms.sub("ada") in roster.text


def test_a_tool_that_is_switched_off_can_do_nothing(school: School) -> None:
    link = school.activity()
    token = school.token().json
    assert token is not None
    school.lms.post("admin", "/tools/1/deactivate", {})
    assert school.lms.get("ada", f"/courses/class-5a/links/{link}/launch").status == 403
    assert school.token().status_code == 401
    headers = {"Authorization": f"Bearer {token['access_token']}", "Accept": LINE_ITEMS}
    refused = school.app.test_client().get("/lti/courses/class-5a/lineitems", headers=headers, base_url=LMS_URL)
    assert refused.status_code == 401
    assert "No tool is registered" in school.lms.get("marit", "/courses/class-5a").text
    assert school.lms.get("marit", "/courses/class-5a/add").status == 404


def test_two_tools_do_not_see_each_other_s_columns_and_launches(school: School) -> None:
    link = school.activity()
    column = school.column()
    post(school, token_for(school), document())
    school.lms.post("admin", "/tools/2/activate", {})
    with school.lms.lms.database.transaction() as connection:
        connection.execute("UPDATE line_item SET tool_id = 2")
    assert school.line_items() == []
    assert school.send(school.score("ada", 5), column).status_code == 404
    with school.lms.lms.database.transaction() as connection:
        connection.execute("UPDATE resource_link SET tool_id = 2")
    body = json.dumps({"label": "Mine", "scoreMaximum": 5, "resourceLinkId": str(link)})
    created = school.call(
        "POST",
        "/lti/courses/class-5a/lineitems",
        data=body,
        content_type="application/vnd.ims.lis.v2.lineitem+json",
    )
    assert created.status_code == 403
    by_hand = school.lms.post("marit", "/courses/class-5a/links", {"title": "Other", "tool": "2"})
    assert by_hand.status == 303
    assert school.lms.form("ada", "/courses/class-5a/links/2/launch").url == "https://other.test/lti/login"


def test_a_hint_of_one_tool_s_launch_is_no_good_for_another(school: School) -> None:
    answer = post(school, token_for(school), document()).json
    assert answer is not None
    school.lms.post("admin", "/tools/2/activate", {})
    location = school.login(school.lms.start_launch("ada", school.activity()))
    changed = location.replace("proximal-demo", answer["client_id"]).replace(
        "http%3A%2F%2Ftool.test%2Flti%2Flaunch", "https%3A%2F%2Fother.test%2Flti%2Flaunch"
    )
    form = school.lms.authorize("ada", changed)
    assert "another tool" in form.fields["error_description"]


def test_an_lms_without_any_tool_says_who_can_help() -> None:
    school = open_school()
    school.lms.post("admin", "/tools/1/deactivate", {})
    assert "register a tool on the page Tools" in school.lms.get("ada", "/").text
    with pytest.raises(LookupError):
        _ = school.lms.lms.tool
