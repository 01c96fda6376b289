"""Takes in what a teacher chose in the tool: the deep-linking response (Deep Linking 2.0, section 3.2)."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sandbox_lms.errors import Refused
from sandbox_lms.lms import Lms
from sandbox_lms.lti.messages import DEEP_LINKING, LTI
from sandbox_lms.lti.tool_messages import expiry, verified_claims
from sandbox_lms.records import activities, scores, tools
from sandbox_lms.records.activities import NewLineItem, NewLink
from sandbox_lms.records.database import instant
from sandbox_lms.records.tools import Tool


@dataclass(frozen=True)
class Outcome:
    """What a response led to: the new activities, and the tool's own words for the teacher."""

    course_id: str
    link_ids: tuple[int, ...]
    message: str | None
    error_message: str | None


def accept_response(lms: Lms, deep_link_id: str, token: str) -> Outcome:
    """Check a response strictly and create its activities.

    Raises Refused with the first thing that is wrong; nothing is created then, and the tool may answer again.
    """
    request = _open_request(lms, deep_link_id)
    settings = json.loads(request["settings"])
    tool = tools.active_tool(lms.database, request["tool_id"])
    keys = lms.tool_keys.of(tool.jwks_url)
    claims = verified_claims(token, keys, client_id=tool.client_id, audiences=(lms.config.issuer,), now=lms.now())
    deployment_id = lms.family.deployment_id(tool.deployment_id, request["course_id"])
    _check_envelope(claims, settings, deployment_id)
    links = _new_links(lms, tool, claims, settings)
    message, error_message = (_text(claims, DEEP_LINKING + name) for name in ("msg", "errormsg"))
    _use_nonce(lms, claims)
    with lms.database.transaction() as connection:
        used = connection.execute(
            "UPDATE deep_link SET used_at = ? WHERE id = ? AND used_at IS NULL", (instant(lms.now()), deep_link_id)
        )
        if used.rowcount == 0:
            raise _used()
        link_ids = activities.add_links(connection, request["course_id"], links, tool.id)
    return Outcome(request["course_id"], tuple(link_ids), message, error_message)


def _open_request(lms: Lms, deep_link_id: str) -> sqlite3.Row:
    request = lms.database.row("SELECT * FROM deep_link WHERE id = ?", deep_link_id)
    if request is None:
        raise Refused(404, "This return address was never handed out.")
    if request["used_at"]:
        raise _used()
    return request


def _used() -> Refused:
    return Refused(409, "This return address was used already; it works once.")


def _check_envelope(claims: Mapping[str, Any], settings: Mapping[str, Any], deployment_id: str) -> None:
    for name, wanted in (
        (LTI + "message_type", "LtiDeepLinkingResponse"),
        (LTI + "version", "1.3.0"),
        (LTI + "deployment_id", deployment_id),
    ):
        if claims.get(name) != wanted:
            raise Refused(400, f"The claim {name} must be {wanted!r}, not {claims.get(name)!r}.")
    if claims.get(DEEP_LINKING + "data") != settings.get("data"):
        raise Refused(400, "The claim data does not echo the data of the request.")


def _use_nonce(lms: Lms, claims: dict[str, Any]) -> None:
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not nonce:
        raise Refused(400, "nonce is missing.")
    if not lms.database.first_time("nonce", nonce, expires=expiry(claims), now=lms.now()):
        raise Refused(400, "This nonce was used already.")


def _new_links(lms: Lms, tool: Tool, claims: Mapping[str, Any], settings: Mapping[str, Any]) -> list[NewLink]:
    items = claims.get(DEEP_LINKING + "content_items", [])
    if not isinstance(items, list):
        raise Refused(400, "content_items must be a list.")
    if len(items) > 1 and not settings.get("accept_multiple"):
        raise Refused(400, "The request accepts one item only.")
    named = lms.family.deep_linking.column_named_after_activity
    return [new_link(item, settings, tool.launch_url, column_named_after_activity=named) for item in items]


def new_link(
    item: object, settings: Mapping[str, Any], launch_url: str, *, column_named_after_activity: bool = False
) -> NewLink:
    """An activity from one content item (section 3.3, LTI Resource Link). Raises Refused 400."""
    if not isinstance(item, dict) or item.get("type") not in settings["accept_types"]:
        raise Refused(400, f"Each content item must be one of these types: {', '.join(settings['accept_types'])}.")
    title = _text(item, "title") or "Activity"
    column = _line_item(item, title, settings)
    if column and column_named_after_activity:
        column = dataclasses.replace(column, label=title)
    window, submission = (_window(item, name) for name in ("available", "submission"))
    return NewLink(
        title=title,
        text=_text(item, "text") or "",
        url=_url(item, launch_url),
        custom=_custom(item),
        available_from=window[0],
        due=submission[1],
        line_item=column and dataclasses.replace(column, start_time=submission[0], end_time=submission[1]),
    )


def _url(item: Mapping[str, Any], launch_url: str) -> str:
    url = _text(item, "url") or launch_url
    if urlsplit(url)[:2] != urlsplit(launch_url)[:2]:
        raise Refused(400, f"The item's url {url!r} is not on the tool's own site.")
    return url


def _custom(item: Mapping[str, Any]) -> dict[str, str]:
    custom = item.get("custom", {})
    if not isinstance(custom, dict) or not all(isinstance(value, str) for value in custom.values()):
        raise Refused(400, "custom must be an object whose values are text.")
    return custom


def _line_item(item: Mapping[str, Any], title: str, settings: Mapping[str, Any]) -> NewLineItem | None:
    # A platform that accepts no line items ignores them (section 3.1); one that does not say may take them.
    if "lineItem" not in item or not settings.get("accept_lineitem", True):
        return None
    line_item = item["lineItem"]
    if not isinstance(line_item, dict):
        raise Refused(400, "lineItem must be an object.")
    return NewLineItem(
        label=_text(line_item, "label") or title,
        score_maximum=score_maximum(line_item),
        resource_id=_text(line_item, "resourceId"),
        tag=_text(line_item, "tag"),
    )


def score_maximum(body: Mapping[str, Any]) -> float:
    """The required, positive `scoreMaximum` of a line item. Raises Refused 400."""
    maximum = scores.points(body, "scoreMaximum")
    if not maximum:
        raise Refused(400, "scoreMaximum is missing or 0.")
    return maximum


def _window(item: Mapping[str, Any], name: str) -> tuple[str | None, str | None]:
    window = item.get(name, {})
    if not isinstance(window, dict):
        raise Refused(400, f"{name} must be an object.")
    return moment(window, "startDateTime"), moment(window, "endDateTime")


def moment(body: Mapping[str, Any], name: str) -> str | None:
    """ISO 8601 text with a zone, or None if it is not there. Raises Refused 400."""
    text = _text(body, name)
    if text is None:
        return None
    try:
        if datetime.fromisoformat(text).tzinfo:
            return text
    except ValueError:
        pass
    raise Refused(400, f"{name} must be ISO 8601 with a time zone.")


def _text(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise Refused(400, f"{name} must be text.")
    return value
