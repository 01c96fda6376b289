"""The HTTP side of columns, scores and results (AGS 2.0), with exact media types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from sandbox_lms.config import SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ, SCOPE_RESULT_READ, SCOPE_SCORE
from sandbox_lms.errors import Refused
from sandbox_lms.lti.deep_linking import moment, score_maximum
from sandbox_lms.lti.messages import line_item_url
from sandbox_lms.records import activities, school, scores
from sandbox_lms.records.activities import LineItem, NewLineItem
from sandbox_lms.web.service_calls import (
    Caller,
    authorised,
    body_of,
    json_answer,
    link_id_of,
    page_of,
    require_accept,
    service,
)

LINE_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"

line_items = service("line_items")


@line_items.get("/lti/courses/<course_id>/lineitems")
def list_line_items(course_id: str) -> Response:
    """All columns, or those of one link, resource or tag (AGS 2.0, section 3.2.4)."""
    caller = authorised(SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ)
    require_accept(caller, LINE_ITEMS)
    school.course(caller.lms.database, course_id)
    filters = {name: request.args.get(name) for name in ("resource_link_id", "resource_id", "tag")}
    own = [item for item in activities.line_items(caller.lms.database, course_id) if item.tool_id == caller.tool.id]
    page, headers = page_of(caller.lms, [item for item in own if _matches(item, filters)])
    return json_answer([caller.described(item) for item in page], LINE_ITEMS, headers=headers)


@line_items.post("/lti/courses/<course_id>/lineitems")
def create_line_item(course_id: str) -> Response:
    """A new column."""
    caller = authorised(SCOPE_LINE_ITEM)
    school.course(caller.lms.database, course_id)
    new = _new_line_item(caller, course_id)
    _refuse_without_activity(caller, course_id, new)
    with caller.lms.database.transaction() as connection:
        created = activities.add_line_item(
            connection, course_id, new, caller.tool.id, resource_link_id=new.resource_link_id
        )
    described = caller.described(caller.line_item(course_id, created))
    return json_answer(described, LINE_ITEM, status=201, headers={"Location": described["id"]})


@line_items.get("/lti/courses/<course_id>/lineitems/<row:line_item_id>")
def read_line_item(course_id: str, line_item_id: int) -> Response:
    """One column."""
    caller = authorised(SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ)
    require_accept(caller, LINE_ITEM)
    return json_answer(caller.described(caller.line_item(course_id, line_item_id)), LINE_ITEM)


@line_items.put("/lti/courses/<course_id>/lineitems/<row:line_item_id>")
def update_line_item(course_id: str, line_item_id: int) -> Response:
    """Replace a column's description; the link that it belongs to stays (section 3.2.8)."""
    caller = authorised(SCOPE_LINE_ITEM)
    item = caller.line_item(course_id, line_item_id)
    new = _new_line_item(caller, course_id)
    if new.resource_link_id != item.resource_link_id:
        raise Refused(400, "resourceLinkId of a line item can't be changed.")
    activities.update_line_item(caller.lms.database, item.id, new)
    if caller.lms.family.new_maximum_fills_empty_cells and new.score_maximum != item.score_maximum:
        scores.fill_empty_cells(caller.lms.database, caller.line_item(course_id, item.id), now=caller.lms.now())
    return json_answer(caller.described(caller.line_item(course_id, item.id)), LINE_ITEM)


@line_items.delete("/lti/courses/<course_id>/lineitems/<row:line_item_id>")
def delete_line_item(course_id: str, line_item_id: int) -> Response:
    """Delete a column and its scores."""
    caller = authorised(SCOPE_LINE_ITEM)
    item, refused = caller.line_item(course_id, line_item_id), caller.lms.family.own_column_deletion_status
    if refused and _coupled(caller, course_id, item.resource_link_id)[:1] == [item]:
        raise Refused(refused, "The column of an activity goes with its activity only.", "insufficient_scope")
    activities.delete_line_item(caller.lms.database, item.id)
    return Response(status=204)


@line_items.post("/lti/courses/<course_id>/lineitems/<row:line_item_id>/scores")
def receive_score(course_id: str, line_item_id: int) -> Response:
    """A score for one pupil (section 3.4)."""
    caller = authorised(SCOPE_SCORE)
    lms, rules = caller.lms, caller.lms.family.scores
    item = caller.line_item(course_id, line_item_id)
    try:
        text = body_of(caller, SCORE)
    except Refused as refusal:
        scores.record_refusal(lms.database, item.id, None, "", refusal.reason, now=lms.now())
        raise
    message = scores.receive_score(lms.database, item, text, rules, now=lms.now())
    if not rules.accepted_with_result_url:
        return Response(status=rules.accepted_status)
    return json_answer({"resultUrl": _result_url(caller, item, message.user_id)}, SCORE, status=rules.accepted_status)


@line_items.get("/lti/courses/<course_id>/lineitems/<row:line_item_id>/results")
def results(course_id: str, line_item_id: int) -> Response:
    """The grades as the gradebook has them, of all pupils or of one (section 3.3)."""
    caller = authorised(SCOPE_RESULT_READ)
    lms = caller.lms
    require_accept(caller, RESULTS)
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
    page, headers = page_of(lms, found)
    return json_answer(page, RESULTS, headers=headers)


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


def _result_url(caller: Caller, item: LineItem, user_id: str) -> str:
    plain, _, query = line_item_url(caller.lms, caller.tool, item).partition("?")
    return f"{plain}/results?{query}&{urlencode({'user_id': user_id})}"


def _new_line_item(caller: Caller, course_id: str) -> NewLineItem:
    body = scores.json_object(body_of(caller, LINE_ITEM))
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
        resource_link_id=link_id_of(caller, course_id, texts["resourceLinkId"]),
        resource_id=texts["resourceId"],
        tag=texts["tag"],
        start_time=moment(body, "startDateTime"),
        end_time=moment(body, "endDateTime"),
    )


def _matches(item: LineItem, filters: Mapping[str, str | None]) -> bool:
    actual = {
        "resource_link_id": str(item.resource_link_id) if item.resource_link_id else None,
        "resource_id": item.resource_id,
        "tag": item.tag,
    }
    return all(wanted is None or actual[name] == wanted for name, wanted in filters.items())
