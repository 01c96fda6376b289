"""A launch's claims, frozen: what counts, what is passed over, and what a claim that is not there means."""

from typing import Any

import pytest

from lti_tool.lti.errors import LaunchRefused
from lti_tool.lti.messages.claims import AGS_ENDPOINT, DEEP_LINKING, LTI, NRPS, LaunchClaims, read_claims, read_sections
from lti_tool.lti.messages.roles import Role

TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
SETTINGS = {"deep_link_return_url": "https://lms.example/return", "accept_types": ["ltiResourceLink"]}


def launch(**claims: Any) -> LaunchClaims:
    """A pupil's launch with some claims changed; `None` as everywhere means that it is there and null."""
    least = {
        LTI + "version": "1.3.0",
        LTI + "message_type": "LtiResourceLinkRequest",
        LTI + "deployment_id": "1",
        LTI + "target_link_uri": "https://tool.example/lti/launch",
        LTI + "roles": ["Learner"],
        LTI + "resource_link": {"id": "link-1"},
        "sub": "ada",
    }
    return read_claims(least | claims, allow_http=False)


def deep_link(settings: dict[str, Any] | None = None, **claims: Any) -> LaunchClaims:
    """A teacher's request for content."""
    common = {LTI + "message_type": "LtiDeepLinkingRequest", LTI + "roles": ["Instructor"]}
    return launch(**(common | {DEEP_LINKING + "deep_linking_settings": SETTINGS | (settings or {})} | claims))


def test_the_least_that_a_platform_may_say() -> None:
    found = launch()
    assert (found.kind, found.sub, found.role, found.deployment_id) == ("resource", "ada", Role.PUPIL, "1")
    assert (found.name, found.context, found.endpoint, found.memberships_url) == (None, None, None, None)
    assert (found.deep_linking, found.return_url, found.custom, found.locale) == (None, None, {}, "en")
    assert not found.preview


def test_everything_that_a_platform_may_say() -> None:
    found = launch(
        **{
            "name": "Ada Okonkwo",
            LTI + "context": {"id": "5a", "label": "5A", "title": "Class 5A"},
            LTI + "resource_link": {"id": "link-1", "title": "Adding"},
            LTI + "custom": {"activity_id": "abc", "count": 5},
            LTI + "launch_presentation": {"locale": "nl-BE", "return_url": "https://lms.example/back"},
            AGS_ENDPOINT: {"scope": ["a"], "lineitems": "https://lms.example/c", "lineitem": "https://lms.example/c/1"},
            NRPS: {"context_memberships_url": "https://lms.example/m"},
        }
    )
    assert found.name == "Ada Okonkwo"
    assert found.context is not None
    assert (found.context.id, found.context.label, found.context.title) == ("5a", "5A", "Class 5A")
    assert found.resource_link is not None
    assert found.resource_link.title == "Adding"
    assert found.custom == {"activity_id": "abc"}, "what is no text is no parameter"
    assert (found.locale, found.return_url) == ("nl-BE", "https://lms.example/back")
    assert found.endpoint is not None
    assert (found.endpoint.scopes, found.endpoint.lineitem) == (("a",), "https://lms.example/c/1")
    assert found.memberships_url == "https://lms.example/m"


def test_the_lms_own_test_pupil_is_a_preview() -> None:
    assert launch(**{LTI + "roles": ["Learner", TEST_USER]}).preview


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": "Ada", "given_name": "X"}, "Ada"),
        ({"given_name": "Ada", "family_name": "Okonkwo"}, "Ada Okonkwo"),
        ({"name": " ", "given_name": "Ada", "family_name": " "}, "Ada"),
        ({"name": None, "family_name": "Okonkwo"}, "Okonkwo"),
        ({"name": ""}, None),
    ],
    ids=str,
)
def test_a_name_in_full_or_in_parts(claims: dict[str, Any], name: str | None) -> None:
    assert launch(**claims).name == name


@pytest.mark.parametrize(
    ("claims", "locale"),
    [
        ({"locale": "de"}, "de"),
        ({"locale": "pt_BR"}, "pt_BR"),
        ({"locale": "../x"}, "en"),
        ({"locale": ""}, "en"),
        ({LTI + "launch_presentation": {"locale": None}, "locale": "fr"}, "fr"),
        ({LTI + "launch_presentation": {"locale": "nl"}, "locale": "fr"}, "nl"),
    ],
    ids=str,
)
def test_the_language_of_the_launch_goes_before_that_of_the_person(claims: dict[str, Any], locale: str) -> None:
    assert launch(**claims).locale == locale


@pytest.mark.parametrize("endpoint", [{}, {"scope": None}, {"scope": [], "lineitem": None}], ids=str)
def test_grade_services_that_offer_nothing_are_no_fault(endpoint: dict[str, Any]) -> None:
    found = launch(**{AGS_ENDPOINT: endpoint}).endpoint
    assert found is not None
    assert (found.scopes, found.lineitems, found.lineitem) == ((), None, None)


@pytest.mark.parametrize("roster", [None, {}, {"context_memberships_url": None}], ids=str)
def test_a_roster_service_without_an_address_is_no_fault(roster: dict[str, Any] | None) -> None:
    assert launch(**{NRPS: roster}).memberships_url is None


class TestDeepLinking:
    def test_what_the_platform_does_not_say(self) -> None:
        found = deep_link().deep_linking
        assert found is not None
        assert (found.accepts_several, found.accepts_line_item, found.data) == (False, True, None)
        assert found.accepts_resource_links

    @pytest.mark.parametrize(("value", "meant"), [(True, True), (False, False), ("true", True), ("False", False)])
    def test_a_flag_may_be_text(self, value: Any, meant: bool) -> None:
        found = deep_link({"accept_multiple": value, "accept_lineitem": value}).deep_linking
        assert found is not None
        assert (found.accepts_several, found.accepts_line_item) == (meant, meant)

    def test_a_platform_may_take_no_links(self) -> None:
        found = deep_link({"accept_types": ["file"]}).deep_linking
        assert found is not None
        assert not found.accepts_resource_links

    def test_a_request_may_leave_its_target_out_and_a_launch_may_not(self) -> None:
        claims = {
            LTI + "version": "1.3.0",
            LTI + "message_type": "LtiDeepLinkingRequest",
            LTI + "deployment_id": "1",
            LTI + "roles": ["Instructor"],
            LTI + "resource_link": {"id": "1"},
            DEEP_LINKING + "deep_linking_settings": SETTINGS,
            "sub": "marit",
        }
        assert read_claims(claims, allow_http=False).target_link_uri is None
        with pytest.raises(LaunchRefused, match="missing-target-link-uri"):
            read_claims(claims | {LTI + "message_type": "LtiResourceLinkRequest"}, allow_http=False)

    def test_a_pupil_may_not_choose(self) -> None:
        with pytest.raises(LaunchRefused, match="not-a-teacher"):
            deep_link(**{LTI + "roles": ["Learner"]})


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/back", "http://localhost/back"])
def test_plain_http_is_for_the_practice_lms_on_this_machine_only(url: str) -> None:
    claims = {LTI + "launch_presentation": {"return_url": url}}
    with pytest.raises(LaunchRefused, match="malformed-return-url"):
        launch(**claims)
    least = {
        LTI + "version": "1.3.0",
        LTI + "message_type": "LtiResourceLinkRequest",
        LTI + "deployment_id": "1",
        LTI + "target_link_uri": "x",
        LTI + "roles": [],
        LTI + "resource_link": {"id": "1"},
        "sub": "ada",
    }
    assert read_claims(least | claims, allow_http=True).return_url == url


@pytest.mark.parametrize(
    ("text", "sections"),
    [
        ('["Section 1, M-T", "Section 2"]', ("Section 1, M-T", "Section 2")),
        ('[\\"Section 1\\", \\"Section 2\\"]', ("Section 1", "Section 2")),
        ('["The \\"early\\" birds", "  ", 5, "Birds", "Birds"]', ('The "early" birds', "Birds")),
        ("[]", ()),
        ("$com.instructure.User.sectionNames", None),
        ("Section 1", None),
        ('{"a": 1}', None),
        ("[" * 50_000, None),
        ('["' + "x" * 500 + '"]', ("x" * 100,)),
    ],
    ids=lambda value: f"{value!s:.20}",
)
def test_sections_are_what_the_platform_names(text: str, sections: tuple[str, ...] | None) -> None:
    assert read_sections({"sections": text}) == sections


def test_without_the_parameter_nothing_is_said_of_sections() -> None:
    assert read_sections({}) is None
