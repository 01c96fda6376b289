"""Names and Role Provisioning Services 2.0: who is in a course."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.messages.claims import LTI, MAX_ID, read_sections, storable
from lti_tool.lti.messages.roles import Role, role_in_context
from lti_tool.lti.services.platform_services import PlatformServices, with_query
from lti_tool.lti.services.scopes import SCOPE_MEMBERSHIP_READ

_MEMBERSHIPS_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
MAX_MEMBERS = 20_000


@dataclass(frozen=True)
class Member:
    """One member of a course. `name` is None where the platform gives none."""

    sub: str
    name: str | None
    role: Role
    active: bool
    sections: tuple[str, ...] | None = None
    """Names of the sections of the course in which they are; None where the platform does not say."""


def read_roster(services: PlatformServices, memberships_url: str, course_id: str | None = None) -> list[Member]:
    """All members, over all pages (2.4). Pages are as large as platforms make them, unless the profile asks.

    `course_id`: the platform's own id of the course; some tell more of its members then.
    Raises `ServiceError`. Members without a usable id are passed over.
    """
    if course_id is not None and services.profile.course_is_a_link:
        try:
            return _read(services, with_query(memberships_url, {"rlid": course_id}))
        except ServiceError as refusal:
            if not refusal.permanent:
                raise
    return _read(services, memberships_url)


def _read(services: PlatformServices, memberships_url: str) -> list[Member]:
    memberships_url = with_query(memberships_url, services.profile.roster_query)
    members: dict[str, Member] = {}
    headers = {"Accept": _MEMBERSHIPS_TYPE}
    for page in services.pages(memberships_url, scopes=(SCOPE_MEMBERSHIP_READ,), headers=headers):
        for member in _members(page):
            members[member.sub] = member
        if len(members) > MAX_MEMBERS:
            raise ServiceError("roster-too-large", f"The course has more than {MAX_MEMBERS} members.", permanent=True)
    return list(members.values())


def _members(page: Any) -> Iterator[Member]:
    entries = page.get("members") if isinstance(page, Mapping) else None
    if not isinstance(entries, list):
        raise ServiceError("bad-roster", "The platform's roster has no list of members.")
    for entry in entries:
        if not isinstance(entry, Mapping):
            continue
        sub, roles = entry.get("user_id"), entry.get("roles")
        if not isinstance(sub, str) or not 0 < len(sub) <= MAX_ID or sub != storable(sub):
            continue
        if not isinstance(roles, list):
            continue
        yield Member(
            sub=sub,
            name=_name(entry),
            role=role_in_context(role for role in roles if isinstance(role, str)),
            # Absent means active (2.3), and null is absent; "Deleted" and "Inactive" do not.
            active=entry.get("status") in (None, "Active"),
            sections=_sections(entry),
        )


def _sections(entry: Mapping[str, Any]) -> tuple[str, ...] | None:
    """What a launch of this member's would tell (3.2, `message`)."""
    messages = entry.get("message")
    first = messages[0] if isinstance(messages, list) and messages else None
    custom = first.get(LTI + "custom") if isinstance(first, Mapping) else None
    return read_sections(custom) if isinstance(custom, Mapping) else None


def _name(entry: Mapping[str, Any]) -> str | None:
    parts = (entry.get("name"), " ".join(str(entry.get(key) or "") for key in ("given_name", "family_name")))
    found = next((part.strip() for part in parts if isinstance(part, str) and part.strip()), None)
    return found and storable(found)[:1000]
