"""The HTTP side of the services: keys, tokens, line items, scores, results and roster, with exact media types."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Blueprint, Response, g, request

from sandbox_lms.config import (
    SCOPE_LINE_ITEM,
    SCOPE_LINE_ITEM_READ,
    SCOPE_MEMBERSHIP_READ,
    SCOPE_RESULT_READ,
    SCOPE_SCORE,
)
from sandbox_lms.errors import Refused
from sandbox_lms.lms import Lms, current_lms
from sandbox_lms.lti.deep_linking import moment, score_maximum
from sandbox_lms.lti.messages import LTI, line_item_url, link_custom, memberships_url, told_of
from sandbox_lms.lti.tokens import bearer, grant_token
from sandbox_lms.records import activities, school, scores
from sandbox_lms.records.activities import LineItem, NewLineItem
from sandbox_lms.records.people import Course
from sandbox_lms.records.school import Member
from sandbox_lms.records.tools import Tool
from sandbox_lms.web.throttle import TooManyRequests

LINE_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
MEMBERSHIPS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
LARGEST_BODY = 64 * 1024

services = Blueprint("services", __name__)
Row = TypeVar("Row")


@dataclass(frozen=True)
class Caller:
    """A tool that calls a service of this LMS, with a token that allows it to."""

    lms: Lms
    tool: Tool

    def line_item(self, course_id: str, line_item_id: int) -> LineItem:
        """A column that this tool may see. Raises Refused."""
        item = activities.line_item(self.lms.database, course_id, line_item_id)
        if item.tool_id != self.tool.id:
            status = self.lms.family.foreign_line_item_status
            raise Refused(status, "This line item belongs to another tool.", "insufficient_scope")
        return item

    def described(self, item: LineItem) -> dict[str, Any]:
        """A column as JSON (AGS 2.0, section 3.2.5)."""
        described = {
            "id": line_item_url(self.lms, self.tool, item),
            "label": item.label,
            "scoreMaximum": item.score_maximum,
            "resourceLinkId": str(item.resource_link_id) if item.resource_link_id else None,
            "resourceId": item.resource_id,
            "tag": item.tag,
            "startDateTime": item.start_time,
            "endDateTime": item.end_time,
        }
        return {name: value for name, value in described.items() if value is not None}


@services.errorhandler(Refused)
def refuse(refusal: Refused) -> Response:
    """A refusal as JSON that a developer can read."""
    body = {"error": refusal.code, "error_description": refusal.reason}
    response = _json(body, "application/json", status=refusal.status)
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = f'Bearer error="{refusal.code}"'
    return response


@services.errorhandler(TooManyRequests)
def slow_down(refusal: TooManyRequests) -> Response:
    """A refusal for coming too often, in the LMS family's own words."""
    return Response(refusal.reason, refusal.status, content_type="text/plain; charset=utf-8")


@services.after_request
def note_rate(response: Response) -> Response:
    """Let the tool's bucket leak again, and say what is left where the LMS family does."""
    caller: Caller | None = g.get("caller")
    if caller is None or caller.lms.throttle is None:
        return response
    if g.get("charged"):
        caller.lms.throttle.leave(caller.tool.id)
    limit = caller.lms.family.rate_limit
    if limit and limit.cost_header:
        response.headers[limit.cost_header] = f"{limit.kept:.1f}"
    if limit and limit.remaining_header:
        response.headers[limit.remaining_header] = f"{caller.lms.throttle.remaining(caller.tool.id):.1f}"
    return response


@services.get("/.well-known/jwks.json")
def jwks() -> Response:
    """Our public keys."""
    return _json(current_lms().key.jwks(), "application/json")


@services.post("/lti/token")
def token() -> Response:
    """Token endpoint."""
    if request.mimetype != "application/x-www-form-urlencoded":
        raise Refused(400, "The token request must be application/x-www-form-urlencoded.")
    response = _json(grant_token(current_lms(), request.form), "application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


@services.get("/lti/courses/<course_id>/lineitems")
def list_line_items(course_id: str) -> Response:
    """All columns, or those of one link, resource or tag (AGS 2.0, section 3.2.4)."""
    caller = _authorised(SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ)
    _require_accept(caller, LINE_ITEMS)
    school.course(caller.lms.database, course_id)
    filters = {name: request.args.get(name) for name in ("resource_link_id", "resource_id", "tag")}
    own = [item for item in activities.line_items(caller.lms.database, course_id) if item.tool_id == caller.tool.id]
    page, headers = _page(caller.lms, [item for item in own if _matches(item, filters)])
    return _json([caller.described(item) for item in page], LINE_ITEMS, headers=headers)


@services.post("/lti/courses/<course_id>/lineitems")
def create_line_item(course_id: str) -> Response:
    """A new column."""
    caller = _authorised(SCOPE_LINE_ITEM)
    school.course(caller.lms.database, course_id)
    new = _new_line_item(caller, course_id)
    _refuse_without_activity(caller, course_id, new)
    with caller.lms.database.transaction() as connection:
        created = activities.add_line_item(
            connection, course_id, new, caller.tool.id, resource_link_id=new.resource_link_id
        )
    described = caller.described(caller.line_item(course_id, created))
    return _json(described, LINE_ITEM, status=201, headers={"Location": described["id"]})


@services.get("/lti/courses/<course_id>/lineitems/<row:line_item_id>")
def read_line_item(course_id: str, line_item_id: int) -> Response:
    """One column."""
    caller = _authorised(SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ)
    _require_accept(caller, LINE_ITEM)
    return _json(caller.described(caller.line_item(course_id, line_item_id)), LINE_ITEM)


@services.put("/lti/courses/<course_id>/lineitems/<row:line_item_id>")
def update_line_item(course_id: str, line_item_id: int) -> Response:
    """Replace a column's description; the link that it belongs to stays (section 3.2.8)."""
    caller = _authorised(SCOPE_LINE_ITEM)
    item = caller.line_item(course_id, line_item_id)
    new = _new_line_item(caller, course_id)
    if new.resource_link_id != item.resource_link_id:
        raise Refused(400, "resourceLinkId of a line item can't be changed.")
    activities.update_line_item(caller.lms.database, item.id, new)
    if caller.lms.family.new_maximum_fills_empty_cells and new.score_maximum != item.score_maximum:
        scores.fill_empty_cells(caller.lms.database, caller.line_item(course_id, item.id), now=caller.lms.now())
    return _json(caller.described(caller.line_item(course_id, item.id)), LINE_ITEM)


@services.delete("/lti/courses/<course_id>/lineitems/<row:line_item_id>")
def delete_line_item(course_id: str, line_item_id: int) -> Response:
    """Delete a column and its scores."""
    caller = _authorised(SCOPE_LINE_ITEM)
    item, refused = caller.line_item(course_id, line_item_id), caller.lms.family.own_column_deletion_status
    if refused and _coupled(caller, course_id, item.resource_link_id)[:1] == [item]:
        raise Refused(refused, "The column of an activity goes with its activity only.", "insufficient_scope")
    activities.delete_line_item(caller.lms.database, item.id)
    return Response(status=204)


@services.post("/lti/courses/<course_id>/lineitems/<row:line_item_id>/scores")
def receive_score(course_id: str, line_item_id: int) -> Response:
    """A score for one pupil (section 3.4)."""
    caller = _authorised(SCOPE_SCORE)
    lms, rules = caller.lms, caller.lms.family.scores
    item = caller.line_item(course_id, line_item_id)
    try:
        text = _body(caller, SCORE)
    except Refused as refusal:
        scores.record_refusal(lms.database, item.id, None, "", refusal.reason, now=lms.now())
        raise
    message = scores.receive_score(lms.database, item, text, rules, now=lms.now())
    if not rules.accepted_with_result_url:
        return Response(status=rules.accepted_status)
    return _json({"resultUrl": _result_url(caller, item, message.user_id)}, SCORE, status=rules.accepted_status)


@services.get("/lti/courses/<course_id>/lineitems/<row:line_item_id>/results")
def results(course_id: str, line_item_id: int) -> Response:
    """The grades as the gradebook has them, of all pupils or of one (section 3.3)."""
    caller = _authorised(SCOPE_RESULT_READ)
    lms = caller.lms
    _require_accept(caller, RESULTS)
    if "limit" in request.args and not lms.family.results_take_limit:
        raise Refused(404, "Results are not given in pages here.")
    item = caller.line_item(course_id, line_item_id)
    grades = scores.grades(lms.database, item, lms.family.scores)
    found = []
    for pupil in school.pupils(lms.database, course_id):
        grade = grades.get(pupil.id)
        if grade is None or request.args.get("user_id", pupil.sub) != pupil.sub:
            continue
        result: dict[str, Any] = {
            "id": _result_url(caller, item, pupil.sub),
            "scoreOf": line_item_url(lms, caller.tool, item),
            "userId": pupil.sub,
        }
        if grade.score is not None:
            result |= {"resultScore": grade.score, "resultMaximum": grade.maximum}
        if grade.comment is not None:
            result["comment"] = grade.comment
        found.append(result)
    page, headers = _page(lms, found)
    return _json(page, RESULTS, headers=headers)


@services.get("/lti/courses/<course_id>/memberships")
def memberships(course_id: str) -> Response:
    """The roster, whole or by role, or of those who can open one link (NRPS 2.0, section 2)."""
    caller = _authorised(SCOPE_MEMBERSHIP_READ)
    lms = caller.lms
    _require_accept(caller, MEMBERSHIPS)
    course = school.course(lms.database, course_id)
    wanted = request.args.get("role")
    found = [member for member in school.members(lms.database, course_id) if _has_role(lms, member, wanted)]
    page, headers = _page(lms, found)
    body = {
        "id": memberships_url(lms, course_id),
        "context": {"id": course.id, "label": course.label, "title": course.title},
        "members": [_member_json(caller, member) | _link_message(caller, course, member) for member in page],
    }
    return _json(body, MEMBERSHIPS, headers=headers)


def _coupled(caller: Caller, course_id: str, link_id: int | None) -> list[LineItem]:
    """The columns of a link, oldest first: the first one is its own."""
    if link_id is None:
        return []
    found = activities.line_items(caller.lms.database, course_id)
    return [item for item in found if item.resource_link_id == link_id]


def _refuse_without_activity(caller: Caller, course_id: str, new: NewLineItem) -> None:
    status = caller.lms.family.column_without_activity_status
    if status and new.resource_link_id and not _coupled(caller, course_id, new.resource_link_id):
        raise Refused(status, "This link is no graded activity, and a tool can't make it one.")


def _authorised(*scopes: str) -> Caller:
    lms = current_lms()
    caller = Caller(lms, bearer(lms, request.headers.get("Authorization", ""), *scopes))
    g.caller = caller
    if lms.throttle:
        lms.throttle.enter(caller.tool.id)
        g.charged = True
    return caller


def _result_url(caller: Caller, item: LineItem, user_id: str) -> str:
    plain, _, query = line_item_url(caller.lms, caller.tool, item).partition("?")
    return f"{plain}/results?{query}&{urlencode({'user_id': user_id})}"


def _require_accept(caller: Caller, media_type: str) -> None:
    named = [entry.split(";")[0].strip() for entry in request.headers.get("Accept", "").split(",")]
    if media_type not in named:
        raise Refused(caller.lms.family.accept_refused_status, f"The Accept header must name {media_type}.")


def _body(caller: Caller, media_type: str) -> str:
    if request.mimetype != media_type:
        status = caller.lms.family.content_type_refused_status
        raise Refused(status, f"The Content-Type must be {media_type}, not {request.mimetype or 'missing'}.")
    if (request.content_length or 0) > LARGEST_BODY:
        raise Refused(413, "The body is larger than 64 KiB.")
    try:
        return request.get_data().decode()
    except UnicodeDecodeError as problem:
        raise Refused(400, "The body is not UTF-8.") from problem


def _new_line_item(caller: Caller, course_id: str) -> NewLineItem:
    body = scores.json_object(_body(caller, LINE_ITEM))
    texts = {name: body.get(name) for name in ("label", "resourceId", "tag", "resourceLinkId")}
    for name, value in texts.items():
        if value is not None and not isinstance(value, str):
            raise Refused(400, f"{name} must be text.")
    label = (texts["label"] or "").strip()
    if not label:
        raise Refused(400, "label is missing or blank.")
    return NewLineItem(
        label=label,
        score_maximum=score_maximum(body),
        resource_link_id=_link_id(caller, course_id, texts["resourceLinkId"]),
        resource_id=texts["resourceId"],
        tag=texts["tag"],
        start_time=moment(body, "startDateTime"),
        end_time=moment(body, "endDateTime"),
    )


def _link_id(caller: Caller, course_id: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise Refused(404, "resourceLinkId is no link of this course.")
    link = activities.link(caller.lms.database, course_id, int(text))
    if link.tool_id != caller.tool.id:
        raise Refused(403, "resourceLinkId is a link of another tool.", "insufficient_scope")
    return link.id


def _matches(item: LineItem, filters: Mapping[str, str | None]) -> bool:
    actual = {
        "resource_link_id": str(item.resource_link_id) if item.resource_link_id else None,
        "resource_id": item.resource_id,
        "tag": item.tag,
    }
    return all(wanted is None or actual[name] == wanted for name, wanted in filters.items())


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
        link = activities.link(caller.lms.database, course.id, _link_id(caller, course.id, wanted) or 0)
    message: dict[str, Any] = {LTI + "message_type": "LtiResourceLinkRequest"}
    if custom := link_custom(caller.lms, caller.tool, member.person, course, link):
        message[LTI + "custom"] = custom
    return {"message": [message]}


def _page(lms: Lms, found: Sequence[Row]) -> tuple[Sequence[Row], dict[str, str]]:
    """The part that `limit` and `page` ask for, and the Link header to the next one (RFC 8288)."""
    limit, number = _positive("limit") or lms.family.page_size, _positive("page") or 1
    if limit is None:
        return found, {}
    part = found[(number - 1) * limit : number * limit]
    if number * limit >= len(found):
        return part, {}
    query = {**request.args.to_dict(), "page": str(number + 1)}
    following = lms.config.url(f"{request.path}?{urlencode(query)}")
    return part, {"Link": lms.family.link_header(following)}


def _positive(name: str) -> int | None:
    text = request.args.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or int(text) == 0:
        raise Refused(400, f"{name} must be a whole number from 1 up.")
    return int(text)


def _json(body: object, media_type: str, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status=status, content_type=media_type, headers=headers)
