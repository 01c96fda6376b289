"""The HTTP side of the services: keys, tokens, line items, scores, results and roster, with exact media types."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from sandbox_lms import activities, school, scores
from sandbox_lms.activities import LineItem, NewLineItem
from sandbox_lms.config import (
    SCOPE_LINE_ITEM,
    SCOPE_LINE_ITEM_READ,
    SCOPE_MEMBERSHIP_READ,
    SCOPE_RESULT_READ,
    SCOPE_SCORE,
)
from sandbox_lms.deep_linking import moment, score_maximum
from sandbox_lms.errors import Refused
from sandbox_lms.lms import Lms, current_lms
from sandbox_lms.messages import LTI, line_item_url, membership_roles, memberships_url
from sandbox_lms.school import Member
from sandbox_lms.tokens import grant_token, require_scope

LINE_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
MEMBERSHIPS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
LARGEST_BODY = 64 * 1024

services = Blueprint("services", __name__)
Row = TypeVar("Row")


@services.errorhandler(Refused)
def refuse(refusal: Refused) -> Response:
    """A refusal as JSON that a developer can read."""
    body = {"error": refusal.code, "error_description": refusal.reason}
    response = _json(body, "application/json", status=refusal.status)
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = f'Bearer error="{refusal.code}"'
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
    lms = _authorised(SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ)
    _require_accept(LINE_ITEMS)
    school.course(lms.database, course_id)
    filters = {name: request.args.get(name) for name in ("resource_link_id", "resource_id", "tag")}
    found = [item for item in activities.line_items(lms.database, course_id) if _matches(item, filters)]
    page, headers = _page(lms, found)
    return _json([_line_item_json(lms, item) for item in page], LINE_ITEMS, headers=headers)


@services.post("/lti/courses/<course_id>/lineitems")
def create_line_item(course_id: str) -> Response:
    """A new column."""
    lms = _authorised(SCOPE_LINE_ITEM)
    school.course(lms.database, course_id)
    new = _new_line_item(lms, course_id)
    with lms.database.transaction() as connection:
        created = activities.add_line_item(connection, course_id, new, resource_link_id=new.resource_link_id)
    item = activities.line_item(lms.database, course_id, created)
    headers = {"Location": line_item_url(lms, course_id, created)}
    return _json(_line_item_json(lms, item), LINE_ITEM, status=201, headers=headers)


@services.get("/lti/courses/<course_id>/lineitems/<row:line_item_id>")
def read_line_item(course_id: str, line_item_id: int) -> Response:
    """One column."""
    lms = _authorised(SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ)
    _require_accept(LINE_ITEM)
    return _json(_line_item_json(lms, activities.line_item(lms.database, course_id, line_item_id)), LINE_ITEM)


@services.put("/lti/courses/<course_id>/lineitems/<row:line_item_id>")
def update_line_item(course_id: str, line_item_id: int) -> Response:
    """Replace a column's description; the link that it belongs to stays (section 3.2.8)."""
    lms = _authorised(SCOPE_LINE_ITEM)
    item = activities.line_item(lms.database, course_id, line_item_id)
    new = _new_line_item(lms, course_id)
    if new.resource_link_id != item.resource_link_id:
        raise Refused(400, "resourceLinkId of a line item can't be changed.")
    activities.update_line_item(lms.database, item.id, new)
    return _json(_line_item_json(lms, activities.line_item(lms.database, course_id, item.id)), LINE_ITEM)


@services.delete("/lti/courses/<course_id>/lineitems/<row:line_item_id>")
def delete_line_item(course_id: str, line_item_id: int) -> Response:
    """Delete a column and its scores."""
    lms = _authorised(SCOPE_LINE_ITEM)
    activities.delete_line_item(lms.database, activities.line_item(lms.database, course_id, line_item_id).id)
    return Response(status=204)


@services.post("/lti/courses/<course_id>/lineitems/<row:line_item_id>/scores")
def receive_score(course_id: str, line_item_id: int) -> Response:
    """A score for one pupil (section 3.4)."""
    lms = _authorised(SCOPE_SCORE)
    item = activities.line_item(lms.database, course_id, line_item_id)
    try:
        text = _body(SCORE)
    except Refused as refusal:
        scores.record_refusal(lms.database, item.id, None, "", refusal.reason, now=lms.now())
        raise
    scores.receive_score(lms.database, item, text, now=lms.now())
    return Response(status=204)


@services.get("/lti/courses/<course_id>/lineitems/<row:line_item_id>/results")
def results(course_id: str, line_item_id: int) -> Response:
    """The grades as the gradebook has them, of all pupils or of one (section 3.3)."""
    lms = _authorised(SCOPE_RESULT_READ)
    _require_accept(RESULTS)
    item = activities.line_item(lms.database, course_id, line_item_id)
    grades = scores.grades(lms.database, item)
    address = line_item_url(lms, course_id, item.id)
    found = []
    for pupil in school.pupils(lms.database, course_id):
        grade = grades.get(pupil.id)
        if grade is None or request.args.get("user_id", pupil.sub) != pupil.sub:
            continue
        plain, _, query = address.partition("?")
        result: dict[str, Any] = {
            "id": f"{plain}/results?{query}&{urlencode({'user_id': pupil.sub})}",
            "scoreOf": address,
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
    lms = _authorised(SCOPE_MEMBERSHIP_READ)
    _require_accept(MEMBERSHIPS)
    course = school.course(lms.database, course_id)
    found = [
        member for member in school.members(lms.database, course_id) if _has_role(member, request.args.get("role"))
    ]
    message = _link_message(lms, course_id)
    page, headers = _page(lms, found)
    body = {
        "id": memberships_url(lms, course_id),
        "context": {"id": course.id, "label": course.label, "title": course.title},
        "members": [_member_json(member) | message for member in page],
    }
    return _json(body, MEMBERSHIPS, headers=headers)


def _authorised(*scopes: str) -> Lms:
    lms = current_lms()
    require_scope(lms, request.headers.get("Authorization", ""), *scopes)
    return lms


def _require_accept(media_type: str) -> None:
    named = [entry.split(";")[0].strip() for entry in request.headers.get("Accept", "").split(",")]
    if media_type not in named:
        raise Refused(406, f"The Accept header must name {media_type}.")


def _body(media_type: str) -> str:
    if request.mimetype != media_type:
        raise Refused(415, f"The Content-Type must be {media_type}, not {request.mimetype or 'missing'}.")
    if (request.content_length or 0) > LARGEST_BODY:
        raise Refused(413, "The body is larger than 64 KiB.")
    try:
        return request.get_data().decode()
    except UnicodeDecodeError as problem:
        raise Refused(400, "The body is not UTF-8.") from problem


def _new_line_item(lms: Lms, course_id: str) -> NewLineItem:
    body = scores.json_object(_body(LINE_ITEM))
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
        resource_link_id=_link_id(lms, course_id, texts["resourceLinkId"]),
        resource_id=texts["resourceId"],
        tag=texts["tag"],
        start_time=moment(body, "startDateTime"),
        end_time=moment(body, "endDateTime"),
    )


def _link_id(lms: Lms, course_id: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise Refused(404, "resourceLinkId is no link of this course.")
    return activities.link(lms.database, course_id, int(text)).id


def _line_item_json(lms: Lms, item: LineItem) -> dict[str, Any]:
    described = {
        "id": line_item_url(lms, item.course_id, item.id),
        "label": item.label,
        "scoreMaximum": item.score_maximum,
        "resourceLinkId": str(item.resource_link_id) if item.resource_link_id else None,
        "resourceId": item.resource_id,
        "tag": item.tag,
        "startDateTime": item.start_time,
        "endDateTime": item.end_time,
    }
    return {name: value for name, value in described.items() if value is not None}


def _matches(item: LineItem, filters: Mapping[str, str | None]) -> bool:
    actual = {
        "resource_link_id": str(item.resource_link_id) if item.resource_link_id else None,
        "resource_id": item.resource_id,
        "tag": item.tag,
    }
    return all(wanted is None or actual[name] == wanted for name, wanted in filters.items())


def _has_role(member: Member, wanted: str | None) -> bool:
    return wanted is None or wanted in (member.role, *membership_roles(member.role))


def _member_json(member: Member) -> dict[str, Any]:
    person = member.person
    described = {
        "status": member.status,
        "user_id": person.sub,
        "roles": membership_roles(member.role),
        "name": person.name,
        "given_name": person.given_name,
        "family_name": person.family_name,
    }
    return {name: value for name, value in described.items() if value}


def _link_message(lms: Lms, course_id: str) -> dict[str, Any]:
    """With `rlid`, every member carries what that link's launch would say of it (NRPS 2.0, section 3.2)."""
    wanted = request.args.get("rlid")
    if wanted is None:
        return {}
    link_id = _link_id(lms, course_id, wanted)
    link = activities.link(lms.database, course_id, link_id or 0)
    message: dict[str, Any] = {LTI + "message_type": "LtiResourceLinkRequest"}
    if link.custom:
        message[LTI + "custom"] = dict(link.custom)
    return {"message": [message]}


def _page(lms: Lms, found: Sequence[Row]) -> tuple[Sequence[Row], dict[str, str]]:
    """The part that `limit` and `page` ask for, and the Link header to the next one (RFC 8288)."""
    limit, number = _positive("limit"), _positive("page") or 1
    if limit is None:
        return found, {}
    part = found[(number - 1) * limit : number * limit]
    if number * limit >= len(found):
        return part, {}
    query = {**request.args.to_dict(), "page": str(number + 1)}
    following = lms.config.url(f"{request.path}?{urlencode(query)}")
    return part, {"Link": f'<{following}>; rel="next"'}


def _positive(name: str) -> int | None:
    text = request.args.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or int(text) == 0:
        raise Refused(400, f"{name} must be a whole number from 1 up.")
    return int(text)


def _json(body: object, media_type: str, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status=status, content_type=media_type, headers=headers)
