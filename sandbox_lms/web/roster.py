"""The HTTP side of class lists (NRPS 2.0), with exact media types."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from sandbox_lms.config import SCOPE_MEMBERSHIP_READ
from sandbox_lms.lms import Lms
from sandbox_lms.lti.messages import LTI, link_custom, memberships_url, told_of
from sandbox_lms.records import activities, school
from sandbox_lms.records.people import Course
from sandbox_lms.records.school import Member
from sandbox_lms.web.service_calls import Caller, authorised, json_answer, link_id_of, page_of, require_accept, service

MEMBERSHIPS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"

roster = service("roster")


@roster.get("/lti/courses/<course_id>/memberships")
def memberships(course_id: str) -> Response:
    """The roster, whole or by role, or of those who can open one link (NRPS 2.0, section 2)."""
    caller = authorised(SCOPE_MEMBERSHIP_READ)
    lms = caller.lms
    require_accept(caller, MEMBERSHIPS)
    course = school.course(lms.database, course_id)
    wanted = request.args.get("role")
    found = [member for member in school.members(lms.database, course_id) if _has_role(lms, member, wanted)]
    page, headers = page_of(lms, found)
    body = {
        "id": memberships_url(lms, course_id),
        "context": {"id": course.id, "label": course.label, "title": course.title},
        "members": [_member_json(caller, member) | _link_message(caller, course, member) for member in page],
    }
    return json_answer(body, MEMBERSHIPS, headers=headers)


def _has_role(lms: Lms, member: Member, wanted: str | None) -> bool:
    named = lms.family.roster_roles(member.role, member.sub_role)
    return wanted is None or wanted in named or wanted.rpartition("#")[2] in (role.rpartition("#")[2] for role in named)


def _member_json(caller: Caller, member: Member) -> dict[str, Any]:
    told = told_of(member.person, caller.tool.privacy)
    roles = caller.lms.family.roster_roles(member.role, member.sub_role)
    # The roster has no anonymous members (NRPS 2.0, section 2.2: user_id is required).
    named = {name: value for name, value in told.items() if name != "sub" and value}
    return {"status": member.status, "user_id": member.person.sub, "roles": roles, **named}


def _link_message(caller: Caller, course: Course, member: Member) -> dict[str, Any]:
    """With `rlid`, every member carries what that link's launch would say of it (NRPS 2.0, section 3.2)."""
    wanted = request.args.get("rlid")
    if wanted is None:
        return {}
    link = None
    if not (caller.lms.family.course_is_a_link and wanted == course.id):
        link = activities.link(caller.lms.database, course.id, link_id_of(caller, course.id, wanted) or 0)
    message: dict[str, Any] = {LTI + "message_type": "LtiResourceLinkRequest"}
    if custom := link_custom(caller.lms, caller.tool, member.person, course, link):
        message[LTI + "custom"] = custom
    return {"message": [message]}
