"""What LTI's role URIs allow, in this context and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti.messages.roles import Role, is_test_user, role_in_context

VOCABULARY = "http://purl.imsglobal.org/vocab/lis/v2"
CONTEXT = f"{VOCABULARY}/membership"


@pytest.mark.parametrize(
    ("uri", "role"),
    [
        (f"{CONTEXT}#Instructor", Role.TEACHER),
        (f"{CONTEXT}#ContentDeveloper", Role.TEACHER),
        (f"{CONTEXT}#Administrator", Role.TEACHER),
        (f"{CONTEXT}/Instructor#PrimaryInstructor", Role.TEACHER),
        (f"{CONTEXT}/Instructor#TeachingAssistant", Role.TEACHER),
        (f"{CONTEXT}/Learner#TeachingAssistantSection", Role.TEACHER),
        (f"{CONTEXT}#Learner", Role.PUPIL),
        (f"{CONTEXT}/Learner#GuestLearner", Role.PUPIL),
        ("Instructor", Role.TEACHER),
        ("TeachingAssistant", Role.TEACHER),
        ("Learner", Role.PUPIL),
        (f"{CONTEXT}#Mentor", Role.MENTOR),
        ("Mentor", Role.MENTOR),
        (f"{CONTEXT}#learner", Role.NONE),
        (f"{VOCABULARY}/institution/person#Instructor", Role.NONE),
        (f"{VOCABULARY}/institution/person#Learner", Role.NONE),
        (f"{VOCABULARY}/system/person#Administrator", Role.ADMINISTRATOR),
        (f"{VOCABULARY}/institution/person#Administrator", Role.ADMINISTRATOR),
        ("Administrator", Role.TEACHER),
        ("urn:lti:instrole:ims/lis/Instructor", Role.NONE),
        ("https://evil.example/membership#Instructor", Role.NONE),
        ("", Role.NONE),
    ],
)
def test_one_role_alone(uri: str, role: Role) -> None:
    assert role_in_context([uri]) is role


@given(st.lists(st.sampled_from([f"{CONTEXT}#Learner", "Mentor", "urn:x:wizard", f"{CONTEXT}#Instructor"]) | st.text()))
def test_more_roles_never_take_a_right_away(uris: list[str]) -> None:
    strength = [Role.NONE, Role.ADMINISTRATOR, Role.MENTOR, Role.PUPIL, Role.TEACHER]
    assert strength.index(role_in_context([*uris, f"{CONTEXT}#Learner"])) >= strength.index(role_in_context(uris))


def test_only_the_platforms_own_test_user_is_one() -> None:
    assert is_test_user([f"{CONTEXT}#Learner", "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"])
    assert not is_test_user([f"{CONTEXT}#Learner", "TestUser", f"{CONTEXT}#TestUser"])
