"""From LTI role URIs to what a person may do here (LTI Core 1.3, 5.3.7 and appendix A)."""

from collections.abc import Iterable
from enum import StrEnum

_CONTEXT = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
_CONTEXT_SUB_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership/"
_TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
_TEACHER_NAMES = frozenset({"Instructor", "ContentDeveloper", "Administrator", "TeachingAssistant"})
_PUPIL_NAMES = frozenset({"Learner"})
_MENTOR_NAMES = frozenset({"Mentor"})
_LMS_ADMINISTRATORS = frozenset(
    f"http://purl.imsglobal.org/vocab/lis/v2/{where}/person#{name}"
    for where in ("institution", "system")
    for name in ("Administrator", "SysAdmin", "AccountAdmin")
)


class Role(StrEnum):
    """What somebody is in one context. All but the first two may sign in and see why there is nothing to see."""

    TEACHER = "teacher"
    PUPIL = "pupil"
    MENTOR = "mentor"
    """A parent, or another who looks on."""
    ADMINISTRATOR = "administrator"
    """Somebody who looks after the LMS and has no role in this context."""
    NONE = "none"


def role_in_context(uris: Iterable[str]) -> Role:
    """The strongest role of this context; roles elsewhere in the institution or system give no right in it.

    Short names ("Learner") are taken as context roles, as the standard asks; unknown roles are passed over.
    """
    given = set(uris)
    names = {name for uri in given if (name := _context_role_name(uri))}
    if names & _TEACHER_NAMES:
        return Role.TEACHER
    if names & _PUPIL_NAMES:
        return Role.PUPIL
    if names & _MENTOR_NAMES:
        return Role.MENTOR
    return Role.ADMINISTRATOR if given & _LMS_ADMINISTRATORS else Role.NONE


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
