"""The claims of the messages that the platform sends (LTI Core 1.3, section 5; Deep Linking 2.0, section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from sandbox_lms.config import AGS_SCOPES, SCOPE_MEMBERSHIP_READ
from sandbox_lms.errors import Refused
from sandbox_lms.families.base import TEST_USER
from sandbox_lms.lms import Lms
from sandbox_lms.lti.variables import substituted
from sandbox_lms.records import activities, school
from sandbox_lms.records.activities import LineItem, ResourceLink
from sandbox_lms.records.people import Course, Person
from sandbox_lms.records.tools import Tool

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/"
AGS_CLAIM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS_CLAIM = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
TOKEN_LIFE_SECONDS = 60


@dataclass(frozen=True)
class Occasion:
    """What the tool's authentication request and the way of opening add to a message.

    With `student_view` a teacher looks at the activity as the course's test student.
    """

    nonce: str
    document_target: str = "iframe"
    student_view: bool = False


def launch_claims(lms: Lms, tool: Tool, person: Person, link: ResourceLink, occasion: Occasion) -> dict[str, Any]:
    """An LtiResourceLinkRequest. Raises Refused 403 for somebody who is not in the course."""
    course = school.course(lms.database, link.course_id)
    claims = _common_claims(lms, tool, person, course, occasion)
    claims[LTI + "message_type"] = "LtiResourceLinkRequest"
    claims[LTI + "target_link_uri"] = link.url
    claims[LTI + "resource_link"] = {"id": str(link.id), "title": link.title}
    if link.text:
        claims[LTI + "resource_link"]["description"] = link.text
    if custom := link_custom(lms, tool, person, course, link):
        claims[LTI + "custom"] = custom
    coupled = [
        item
        for item in activities.line_items(lms.database, course.id)
        if item.resource_link_id == link.id and item.tool_id == tool.id
    ]
    # AGS 2.0, section 3.2.1: `lineitem` is there only if the link has exactly one.
    if len(coupled) == 1 and AGS_CLAIM in claims:
        claims[AGS_CLAIM]["lineitem"] = line_item_url(lms, tool, coupled[0])
    return claims


def deep_linking_claims(
    lms: Lms, tool: Tool, person: Person, course: Course, settings: dict[str, Any], occasion: Occasion
) -> dict[str, Any]:
    """An LtiDeepLinkingRequest. Raises Refused 403 for somebody who is not in the course."""
    claims = _common_claims(lms, tool, person, course, occasion)
    claims[LTI + "message_type"] = "LtiDeepLinkingRequest"
    claims[LTI + "target_link_uri"] = tool.deep_link_url
    if tool.custom:
        claims[LTI + "custom"] = substituted(
            tool.custom, person, course, more=lms.family.variables(person.id, course.label)
        )
    claims[DEEP_LINKING + "deep_linking_settings"] = settings
    return claims


def link_custom(lms: Lms, tool: Tool, person: Person, course: Course, link: ResourceLink | None) -> dict[str, str]:
    """The custom parameters of a link's launch: the tool's own, then the link's, with variables filled in."""
    own = lms.family.variables(person.id, course.label)
    return substituted({**tool.custom, **(link.custom if link else {})}, person, course, link, more=own)


def line_items_url(lms: Lms, tool: Tool, course_id: str) -> str:
    """A course's line items. The query makes tools take care where they put `/scores`: some real LMSs have one."""
    return lms.config.url(f"/lti/courses/{quote(course_id)}/lineitems?{_service_query(lms, tool, course_id)}")


def line_item_url(lms: Lms, tool: Tool, item: LineItem) -> str:
    """One line item, which is also its id in every service answer."""
    query = _service_query(lms, tool, item.course_id)
    return lms.config.url(f"/lti/courses/{quote(item.course_id)}/lineitems/{item.id}?{query}")


def memberships_url(lms: Lms, course_id: str) -> str:
    """A course's roster."""
    return lms.config.url(f"/lti/courses/{course_id}/memberships")


def _service_query(lms: Lms, tool: Tool, course_id: str) -> str:
    name = lms.family.service_query
    value = tool.id if name == "type_id" else lms.family.deployment_id(tool.deployment_id, course_id)
    return urlencode({name: value})


def _roles(lms: Lms, person: Person, course: Course, occasion: Occasion) -> list[str]:
    if occasion.student_view:
        return [*lms.family.roles("Learner", None), TEST_USER]
    role = school.role_in(lms.database, course.id, person)
    if role is None:
        raise Refused(403, f"{person.name} is not in {course.title}.", "access_denied")
    return lms.family.roles(role, school.sub_role_in(lms.database, course.id, person))


def _common_claims(lms: Lms, tool: Tool, person: Person, course: Course, occasion: Occasion) -> dict[str, Any]:
    roles = _roles(lms, person, course, occasion)
    issued = int(lms.now().timestamp())
    claims: dict[str, Any] = {
        "iss": lms.config.issuer,
        "aud": tool.client_id,
        "iat": issued,
        "exp": issued + TOKEN_LIFE_SECONDS,
        "nonce": occasion.nonce,
        **told_of(person, tool.privacy),
        LTI + "version": "1.3.0",
        LTI + "deployment_id": lms.family.deployment_id(tool.deployment_id, course.id),
        LTI + "roles": roles,
        LTI + "context": {
            "id": course.id,
            "label": course.label,
            "title": course.title,
            "type": [lms.family.context_type],
        },
        LTI + "tool_platform": {**lms.family.product, "url": lms.config.base_url},
        LTI + "launch_presentation": {
            "locale": "en",
            "document_target": occasion.document_target,
            "return_url": lms.config.url(f"/courses/{course.id}"),
        },
    }
    return claims | _service_claims(lms, tool, course) | lms.family.more_claims()


def told_of(person: Person, privacy: str) -> dict[str, str]:
    """What a tool is told of a person: id and names, the id alone, or nothing (LTI Core 1.3, section 5.3.6)."""
    if privacy == "nobody":
        return {}
    if privacy == "ids":
        return {"sub": person.sub}
    family_name = {"family_name": person.family_name} if person.family_name else {}
    return {"sub": person.sub, "name": person.name, "given_name": person.given_name, **family_name}


def _service_claims(lms: Lms, tool: Tool, course: Course) -> dict[str, Any]:
    claims: dict[str, Any] = {}
    scopes = [scope for scope in tool.scopes if scope in AGS_SCOPES]
    if scopes:
        claims[AGS_CLAIM] = {"scope": scopes, "lineitems": line_items_url(lms, tool, course.id)}
    if SCOPE_MEMBERSHIP_READ in tool.scopes:
        claims[NRPS_CLAIM] = {
            "context_memberships_url": memberships_url(lms, course.id),
            "service_versions": ["2.0"],
        }
    return claims
