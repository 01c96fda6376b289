"""What every call to a service of this LMS shares: who calls, what it sends and accepts, pages, and refusals."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Blueprint, Response, g, request

from sandbox_lms.errors import Refused
from sandbox_lms.lms import Lms, current_lms
from sandbox_lms.lti.messages import line_item_url
from sandbox_lms.lti.tokens import bearer
from sandbox_lms.records import activities
from sandbox_lms.records.activities import LineItem
from sandbox_lms.records.tools import Tool
from sandbox_lms.web.throttle import TooManyRequests

LARGEST_BODY = 64 * 1024

Row = TypeVar("Row")


def service(name: str) -> Blueprint:
    """A blueprint whose refusals are JSON, and whose answers say what is left of the tool's bucket."""
    blueprint = Blueprint(name, __name__)
    blueprint.register_error_handler(Refused, _refuse)
    blueprint.register_error_handler(TooManyRequests, _slow_down)
    blueprint.after_request(_note_rate)
    return blueprint


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


def authorised(*scopes: str) -> Caller:
    """Who calls, with a token for one of these scopes. Raises Refused, TooManyRequests."""
    lms = current_lms()
    caller = Caller(lms, bearer(lms, request.headers.get("Authorization", ""), *scopes))
    g.caller = caller
    if lms.throttle:
        lms.throttle.enter(caller.tool.id)
        g.charged = True
    return caller


def require_accept(caller: Caller, media_type: str) -> None:
    """Raises Refused for an Accept header that does not name the service's media type."""
    named = [entry.split(";")[0].strip() for entry in request.headers.get("Accept", "").split(",")]
    if media_type not in named:
        raise Refused(caller.lms.family.accept_refused_status, f"The Accept header must name {media_type}.")


def body_of(caller: Caller, media_type: str) -> str:
    """The text that came, if it is of this media type. Raises Refused."""
    if request.mimetype != media_type:
        status = caller.lms.family.content_type_refused_status
        raise Refused(status, f"The Content-Type must be {media_type}, not {request.mimetype or 'missing'}.")
    if (request.content_length or 0) > LARGEST_BODY:
        raise Refused(413, "The body is larger than 64 KiB.")
    try:
        return request.get_data().decode()
    except UnicodeDecodeError as problem:
        raise Refused(400, "The body is not UTF-8.") from problem


def link_id_of(caller: Caller, course_id: str, text: str | None) -> int | None:
    """The id of a link of the course that this tool may name. Raises Refused."""
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise Refused(404, "resourceLinkId is no link of this course.")
    link = activities.link(caller.lms.database, course_id, int(text))
    if link.tool_id != caller.tool.id:
        raise Refused(403, "resourceLinkId is a link of another tool.", "insufficient_scope")
    return link.id


def page_of(lms: Lms, found: Sequence[Row]) -> tuple[Sequence[Row], dict[str, str]]:
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


def json_answer(
    body: object, media_type: str, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer with exactly this media type."""
    return Response(json.dumps(body, ensure_ascii=False), status=status, content_type=media_type, headers=headers)


def _refuse(refusal: Refused) -> Response:
    """A refusal as JSON that a developer can read."""
    body = {"error": refusal.code, "error_description": refusal.reason}
    response = json_answer(body, "application/json", status=refusal.status)
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = f'Bearer error="{refusal.code}"'
    return response


def _slow_down(refusal: TooManyRequests) -> Response:
    """A refusal for coming too often, in the LMS family's own words."""
    return Response(refusal.reason, refusal.status, content_type="text/plain; charset=utf-8")


def _note_rate(response: Response) -> Response:
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
