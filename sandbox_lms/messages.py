"""The claims of the messages that the platform sends (LTI Core 1.3, section 5; Deep Linking 2.0, section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox_lms import activities, school
from sandbox_lms.activities import ResourceLink
from sandbox_lms.config import AGS_SCOPES, SCOPE_MEMBERSHIP_READ
from sandbox_lms.errors import Refused
from sandbox_lms.lms import Lms
from sandbox_lms.people import Course, Person

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/"
AGS_CLAIM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS_CLAIM = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
PRODUCT = {"guid": "practice-lms", "name": "Practice LMS", "product_family_code": "proximal-sandbox", "version": "1"}
TOKEN_LIFE_SECONDS = 60

_MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
_INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
_SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"
_ROLES = {
    "Instructor": [_MEMBERSHIP + "Instructor", _INSTITUTION + "Instructor"],
    "Learner": [_MEMBERSHIP + "Learner", _INSTITUTION + "Student"],
    "Administrator": [_MEMBERSHIP + "Administrator", _INSTITUTION + "Administrator", _SYSTEM + "Administrator"],
}


@dataclass(frozen=True)
class Occasion:
    """What the tool's authentication request and the way of opening add to a message."""

    nonce: str
    document_target: str = "iframe"


def membership_roles(role: str) -> list[str]:
    """The context roles of a member as full URIs (LTI Core 1.3, appendix A.2)."""
    return [_MEMBERSHIP + role]


def launch_claims(lms: Lms, person: Person, link: ResourceLink, occasion: Occasion) -> dict[str, Any]:
    """An LtiResourceLinkRequest. Raises Refused 403 for somebody who is not in the course."""
    course = school.course(lms.database, link.course_id)
    claims = _common_claims(lms, person, course, occasion)
    claims[LTI + "message_type"] = "LtiResourceLinkRequest"
    claims[LTI + "target_link_uri"] = link.url
    claims[LTI + "resource_link"] = {"id": str(link.id), "title": link.title}
    if link.text:
        claims[LTI + "resource_link"]["description"] = link.text
    if link.custom:
        claims[LTI + "custom"] = dict(link.custom)
    coupled = [item for item in activities.line_items(lms.database, course.id) if item.resource_link_id == link.id]
    # AGS 2.0, section 3.2.1: `lineitem` is there only if the link has exactly one.
    if len(coupled) == 1 and AGS_CLAIM in claims:
        claims[AGS_CLAIM]["lineitem"] = line_item_url(lms, course.id, coupled[0].id)
    return claims


def deep_linking_claims(
    lms: Lms, person: Person, course: Course, settings: dict[str, Any], occasion: Occasion
) -> dict[str, Any]:
    """An LtiDeepLinkingRequest. Raises Refused 403 for somebody who is not in the course."""
    claims = _common_claims(lms, person, course, occasion)
    claims[LTI + "message_type"] = "LtiDeepLinkingRequest"
    claims[LTI + "target_link_uri"] = lms.tool.deep_link_url
    claims[DEEP_LINKING + "deep_linking_settings"] = settings
    return claims


def line_items_url(lms: Lms, course_id: str) -> str:
    """A course's line items. The query makes tools take care where they put `/scores`: some real LMSs have one."""
    return lms.config.url(f"/lti/courses/{course_id}/lineitems?deployment={lms.tool.deployment_id}")


def line_item_url(lms: Lms, course_id: str, line_item_id: int) -> str:
    """One line item, which is also its id in every service answer."""
    return lms.config.url(f"/lti/courses/{course_id}/lineitems/{line_item_id}?deployment={lms.tool.deployment_id}")


def memberships_url(lms: Lms, course_id: str) -> str:
    """A course's roster."""
    return lms.config.url(f"/lti/courses/{course_id}/memberships")


def _common_claims(lms: Lms, person: Person, course: Course, occasion: Occasion) -> dict[str, Any]:
    role = school.role_in(lms.database, course.id, person)
    if role is None:
        raise Refused(403, f"{person.name} is not in {course.title}.", "access_denied")
    issued = int(lms.now().timestamp())
    claims: dict[str, Any] = {
        "iss": lms.config.base_url,
        "aud": lms.tool.client_id,
        "sub": person.sub,
        "iat": issued,
        "exp": issued + TOKEN_LIFE_SECONDS,
        "nonce": occasion.nonce,
        "name": person.name,
        "given_name": person.given_name,
        LTI + "version": "1.3.0",
        LTI + "deployment_id": lms.tool.deployment_id,
        LTI + "roles": _ROLES[role],
        LTI + "context": {
            "id": course.id,
            "label": course.label,
            "title": course.title,
            "type": ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseSection"],
        },
        LTI + "tool_platform": {**PRODUCT, "url": lms.config.base_url},
        LTI + "launch_presentation": {
            "locale": "en",
            "document_target": occasion.document_target,
            "return_url": lms.config.url(f"/courses/{course.id}"),
        },
    }
    if person.family_name:
        claims["family_name"] = person.family_name
    return claims | _service_claims(lms, course)


def _service_claims(lms: Lms, course: Course) -> dict[str, Any]:
    claims: dict[str, Any] = {}
    scopes = [scope for scope in lms.tool.scopes if scope in AGS_SCOPES]
    if scopes:
        claims[AGS_CLAIM] = {"scope": scopes, "lineitems": line_items_url(lms, course.id)}
    if SCOPE_MEMBERSHIP_READ in lms.tool.scopes:
        claims[NRPS_CLAIM] = {
            "context_memberships_url": memberships_url(lms, course.id),
            "service_versions": ["2.0"],
        }
    return claims
