"""The platform's half of a launch: login initiation and the authentication response (Security Framework 1.1, 5.1.1)."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sandbox_lms.errors import Refused
from sandbox_lms.lms import Lms
from sandbox_lms.lti.messages import Occasion, deep_linking_claims, launch_claims
from sandbox_lms.records import activities, people, school, tools
from sandbox_lms.records.activities import ResourceLink
from sandbox_lms.records.database import instant
from sandbox_lms.records.people import Course, Person
from sandbox_lms.records.tools import Tool

HINT_LIFE = timedelta(minutes=10)


@dataclass(frozen=True)
class Visitor:
    """A signed-in person in one browser session."""

    person: Person
    session_id: str


@dataclass(frozen=True)
class FormPost:
    """A form that the browser is to post by itself: address and fields."""

    url: str
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Errand:
    """What a launch is to open: an activity of a course or, without `link_id`, the choice of activities."""

    course_id: str
    link_id: int | None
    target_link_uri: str
    document_target: str
    student_view: bool = False


def begin_launch(
    lms: Lms, visitor: Visitor, link: ResourceLink, document_target: str, *, student_view: bool = False
) -> FormPost:
    """The login initiation for an activity (section 5.1.1.1). Both hints work once and only for this visitor.

    Raises Refused for an activity of a tool that is not active.
    """
    tool = tools.active_tool(lms.database, link.tool_id)
    return _begin(lms, visitor, tool, Errand(link.course_id, link.id, link.url, document_target, student_view))


def begin_deep_linking(lms: Lms, visitor: Visitor, tool: Tool, course: Course) -> FormPost:
    """The login initiation for choosing activities from a tool (Deep Linking 2.0, section 2.2)."""
    return _begin(lms, visitor, tool, Errand(course.id, None, tool.deep_link_url, "iframe"))


def check_client(lms: Lms, parameters: Mapping[str, str]) -> tuple[Tool, str]:
    """The tool and redirect URI of an authentication request, once it is safe to send anything there.

    Raises Refused 400 for a client or redirect URI that is not registered: then only a page of our own can
    say so (OpenID Connect Core, section 3.1.2.6).
    """
    tool = tools.client(lms.database, parameters.get("client_id"))
    if tool is None:
        raise Refused(400, "No tool with this client_id is registered here.", "unauthorized_client")
    redirect_uri = parameters.get("redirect_uri", "")
    if redirect_uri not in tool.redirect_uris:
        raise Refused(400, f"The redirect_uri {redirect_uri!r} is not registered. It is compared letter by letter.")
    return tool, redirect_uri


def authentication_response(
    lms: Lms, tool: Tool, visitor: Visitor | None, parameters: Mapping[str, str], redirect_uri: str
) -> FormPost:
    """The form post that ends the request: an id_token and the state, or an error and the state."""
    state = {"state": parameters["state"]} if "state" in parameters else {}
    try:
        return FormPost(redirect_uri, {**_answer(lms, tool, visitor, parameters), **state})
    except Refused as refusal:
        return FormPost(redirect_uri, {"error": refusal.code, "error_description": refusal.reason, **state})


def _begin(lms: Lms, visitor: Visitor, tool: Tool, errand: Errand) -> FormPost:
    login_hint, message_hint = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
    with lms.database.transaction() as connection:
        connection.execute("DELETE FROM launch WHERE created_at < ?", (instant(lms.now() - HINT_LIFE),))
        connection.execute(
            "INSERT INTO launch (message_hint, login_hint, session_id, person_id, course_id, resource_link_id,"
            " document_target, created_at, tool_id, student_view) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                message_hint,
                login_hint,
                visitor.session_id,
                visitor.person.id,
                errand.course_id,
                errand.link_id,
                errand.document_target,
                instant(lms.now()),
                tool.id,
                errand.student_view,
            ),
        )
    return FormPost(
        tool.login_url,
        {
            "iss": lms.config.issuer,
            "target_link_uri": errand.target_link_uri,
            "login_hint": login_hint,
            "lti_message_hint": message_hint,
            "client_id": tool.client_id,
            "lti_deployment_id": lms.family.deployment_id(tool.deployment_id, errand.course_id),
            **_storage(lms, errand.document_target),
        },
    )


def _storage(lms: Lms, document_target: str) -> dict[str, str]:
    """Which frame keeps data for the tool (Platform Storage 1.0, section 2). A window of its own has none above it."""
    if not lms.config.keeps_storage or document_target != "iframe":
        return {}
    return {"lti_storage_target": lms.family.storage_target}


def _answer(lms: Lms, tool: Tool, visitor: Visitor | None, parameters: Mapping[str, str]) -> dict[str, str]:
    for name, wanted, code in (
        ("scope", "openid", "invalid_scope"),
        ("response_type", "id_token", "unsupported_response_type"),
        ("response_mode", "form_post", "invalid_request"),
        ("prompt", "none", "invalid_request"),
    ):
        if parameters.get(name) != wanted:
            raise Refused(400, f"{name} must be {wanted}.", code)
    for name in ("nonce", "state"):
        if not parameters.get(name):
            raise Refused(400, f"{name} is missing.")
    if visitor is None:
        raise Refused(400, "Nobody is signed in to the LMS in this browser.", "login_required")
    launch = _take_hint(lms, tool, visitor, parameters)
    token = lms.key.sign(_claims(lms, tool, visitor.person, launch, parameters["nonce"]))
    return {"id_token": token, **_storage(lms, launch["document_target"])}


def _claims(lms: Lms, tool: Tool, person: Person, launch: sqlite3.Row, nonce: str) -> dict[str, object]:
    occasion = Occasion(nonce, launch["document_target"], bool(launch["student_view"]))
    if launch["resource_link_id"] is None:
        course = school.course(lms.database, launch["course_id"])
        deep_link_id, settings = new_settings(lms, course)
        store_deep_link(lms, tool, deep_link_id, course.id, person.id, settings)
        return deep_linking_claims(lms, tool, person, course, settings, occasion)
    link = activities.link(lms.database, launch["course_id"], launch["resource_link_id"])
    who = people.test_student(link.course_id) if occasion.student_view else person
    return launch_claims(lms, tool, who, link, occasion)


def _take_hint(lms: Lms, tool: Tool, visitor: Visitor, parameters: Mapping[str, str]) -> sqlite3.Row:
    with lms.database.transaction() as connection:
        row: sqlite3.Row | None = connection.execute(
            "SELECT * FROM launch WHERE message_hint = ?", (parameters.get("lti_message_hint", ""),)
        ).fetchone()
        if row is None or row["created_at"] < instant(lms.now() - HINT_LIFE):
            raise Refused(400, "lti_message_hint is missing, foreign or too old. Open the activity again.")
        if row["tool_id"] != tool.id:
            raise Refused(400, "lti_message_hint belongs to a launch of another tool.")
        if row["login_hint"] != parameters.get("login_hint"):
            raise Refused(400, "login_hint is not the one of this launch.", "login_required")
        if (row["person_id"], row["session_id"]) != (visitor.person.id, visitor.session_id):
            raise Refused(400, "Somebody else is signed in now than when this was opened.", "login_required")
        if row["used_at"]:
            raise Refused(400, "This launch was used already. Open the activity again.")
        connection.execute(
            "UPDATE launch SET used_at = ? WHERE message_hint = ?", (instant(lms.now()), row["message_hint"])
        )
        return row


def new_settings(lms: Lms, course: Course) -> tuple[str, dict[str, object]]:
    """The one-time id of a new deep-linking request, and its settings (Deep Linking 2.0, section 3.1)."""
    deep_link_id = secrets.token_urlsafe(24)
    settings = {
        "deep_link_return_url": lms.config.url(f"/lti/deep-link-return/{deep_link_id}"),
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe", "window"],
        "accept_multiple": True,
        "accept_lineitem": True,
        "auto_create": True,
        "title": course.title,
        "data": secrets.token_urlsafe(16),
        **lms.family.deep_linking.settings,
    }
    return deep_link_id, {name: value for name, value in settings.items() if value is not None}


def store_deep_link(
    lms: Lms, tool: Tool, deep_link_id: str, course_id: str, person_id: str, settings: Mapping[str, object]
) -> None:
    """Remember what a deep-linking request offered, so that its response can be held against it."""
    with lms.database.transaction() as connection:
        connection.execute(
            "INSERT INTO deep_link (id, course_id, person_id, settings, created_at, tool_id) VALUES (?, ?, ?, ?, ?, ?)",
            (deep_link_id, course_id, person_id, json.dumps(settings), instant(lms.now()), tool.id),
        )
