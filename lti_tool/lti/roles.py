"""From LTI role URIs to what a person may do here (LTI Core 1.3, 5.3.7 and appendix A)."""

from collections.abc import Iterable
from enum import StrEnum

_CONTEXT = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
_CONTEXT_SUB_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership/"
_TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
_TEACHER_NAMES = frozenset({"Instructor", "ContentDeveloper", "Administrator", "TeachingAssistant"})
_PUPIL_NAMES = frozenset({"Learner"})


class Role(StrEnum):
    """What somebody is in one context. NONE may sign in and see why there is nothing to see."""

    TEACHER = "teacher"
    PUPIL = "pupil"
    NONE = "none"


def role_in_context(uris: Iterable[str]) -> Role:
    """The strongest role of this context; roles elsewhere in the institution or system count for nothing.

    Short names ("Learner") are taken as context roles, as the standard asks; unknown roles are passed over.
    """
    names = {name for uri in uris if (name := _context_role_name(uri))}
    if names & _TEACHER_NAMES:
        return Role.TEACHER
    if names & _PUPIL_NAMES:
        return Role.PUPIL
    return Role.NONE


def is_test_user(uris: Iterable[str]) -> bool:
    """Whether a platform calls somebody its test user ("student view", "preview as learner"; LTI Core 1.3, A.2.4)."""
    return _TEST_USER in uris


def _context_role_name(uri: str) -> str | None:
    if uri.startswith(_CONTEXT):
        return uri.removeprefix(_CONTEXT)
    if uri.startswith(_CONTEXT_SUB_ROLE):
        # A sub-role such as .../membership/Instructor#TeachingAssistant; its principal role is in the path.
        principal, _, name = uri.removeprefix(_CONTEXT_SUB_ROLE).partition("#")
        return "TeachingAssistant" if name.startswith("TeachingAssistant") else principal
    return None if ":" in uri or "/" in uri else uri
