"""Dynamic Registration 1.0, the platform's side: what a tool may read of us, and where it registers itself."""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import Blueprint, Response, request

from sandbox_lms.config import ALL_SCOPES, ToolRegistration
from sandbox_lms.errors import Refused
from sandbox_lms.lms import Lms, current_lms
from sandbox_lms.lti.tool_document import DEEP_LINK, RESOURCE_LINK, TOOL_CONFIGURATION, read_document
from sandbox_lms.lti.variables import VARIABLES
from sandbox_lms.records import tools
from sandbox_lms.records.database import instant
from sandbox_lms.records.scores import json_object
from sandbox_lms.records.tools import Tool

CONFIGURATION_PATH = "/.well-known/openid-configuration"
PLATFORM_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOKEN_LIFE = timedelta(hours=1)
LARGEST_BODY = 64 * 1024

registration = Blueprint("registration", __name__)


@registration.errorhandler(Refused)
def refuse(refusal: Refused) -> Response:
    """A refusal as JSON (OpenID Connect Dynamic Client Registration 1.0, section 3.3)."""
    return _json({"error": refusal.code, "error_description": refusal.reason}, refusal.status)


def begin_registration(lms: Lms, tool_address: str, update: Tool | None) -> str:
    """The address that an administrator's browser opens: the tool's own, with where to read and a one-time token.

    Raises Refused 400 for what is no address of a web page.
    """
    parts = urlsplit(tool_address)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise Refused(400, "A registration address begins with https:// (or with http:// on this machine).")
    token = secrets.token_urlsafe(32)
    client_id = update.client_id if update else secrets.token_hex(8)
    with lms.database.transaction() as connection:
        connection.execute(
            "INSERT INTO registration_token (token_hash, client_id, tool_id, expires_at) VALUES (?, ?, ?, ?)",
            (_hash(token), client_id, update.id if update else None, instant(lms.now() + TOKEN_LIFE)),
        )
    told = {"openid_configuration": lms.config.url(CONFIGURATION_PATH)}
    if lms.family.registration.token_given:
        told["registration_token"] = token
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *told.items()])
    return urlunsplit(parts._replace(query=query))


@registration.get(CONFIGURATION_PATH)
def configuration() -> Response:
    """What tools need to know of this platform (section 2.1)."""
    lms = current_lms()
    if lms.family.registration.configuration_needs_token:
        _open_token(lms)
    return _json(_configuration(lms), 200)


@registration.post("/lti/register")
def register() -> Response:
    """Register a tool, or bring one up to date (section 3.5)."""
    lms, rules = current_lms(), current_lms().family.registration
    token = _open_token(lms)
    document = _document()
    known = tools.tool(lms.database, token["tool_id"]) if token["tool_id"] else None
    wanted = read_document(
        document,
        lms.family,
        client_id=token["client_id"],
        deployment_id=known.deployment_id if known else secrets.token_hex(4),
    )
    with lms.database.transaction() as connection:
        _use(connection, token, instant(lms.now()))
        if known:
            tools.change(connection, known.id, wanted)
        else:
            tools.add(connection, wanted)
    return _json(_answer(document, wanted, names_deployment=rules.answer_names_deployment), rules.answer_status)


def _configuration(lms: Lms) -> dict[str, Any]:
    config, family = lms.config, lms.family
    placements = {"placements": list(family.registration.placements)} if family.registration.placements else {}
    return {
        "issuer": config.issuer,
        "authorization_endpoint": config.url("/lti/auth"),
        "token_endpoint": config.token_url,
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "jwks_uri": config.url("/.well-known/jwks.json"),
        "registration_endpoint": config.url("/lti/register"),
        "scopes_supported": ["openid", *ALL_SCOPES],
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["iss", "sub", "name", "given_name", "family_name"],
        PLATFORM_CONFIGURATION: {
            "product_family_code": family.product["product_family_code"],
            "version": family.product["version"],
            "messages_supported": [{"type": RESOURCE_LINK, **placements}, {"type": DEEP_LINK, **placements}],
            "variables": list(VARIABLES),
        },
    }


def _answer(document: Mapping[str, Any], wanted: ToolRegistration, *, names_deployment: bool) -> dict[str, Any]:
    """The document as it was taken, with who the tool is here (section 3.6)."""
    deployment = {"deployment_id": wanted.deployment_id} if names_deployment else {}
    return {
        **document,
        "client_id": wanted.client_id,
        "scope": " ".join(wanted.scopes),
        TOOL_CONFIGURATION: {**document[TOOL_CONFIGURATION], **deployment},
    }


def _open_token(lms: Lms) -> sqlite3.Row:
    """The registration that the request belongs to. Raises Refused 401.

    Where the LMS family hands out no token, it is the one that an administrator began last.
    """
    unused = "SELECT * FROM registration_token WHERE used_at IS NULL AND expires_at > ?"
    now = instant(lms.now())
    if lms.family.registration.token_given:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        given = _hash(token.strip()) if kind.lower() == "bearer" else ""
        row = lms.database.row(f"{unused} AND token_hash = ?", now, given)
    else:
        row = lms.database.row(f"{unused} ORDER BY expires_at DESC", now)
    if row is None:
        raise Refused(401, "A registration token is good once, for an hour. Begin again in the LMS.", "invalid_token")
    return row


def _use(connection: sqlite3.Connection, token: sqlite3.Row, now: str) -> None:
    used = connection.execute(
        "UPDATE registration_token SET used_at = ? WHERE token_hash = ? AND used_at IS NULL", (now, token["token_hash"])
    )
    if used.rowcount == 0:
        raise Refused(401, "This registration token was used already.", "invalid_token")


def _document() -> dict[str, Any]:
    if request.mimetype != "application/json":
        raise Refused(415, "The registration must be application/json.")
    if (request.content_length or 0) > LARGEST_BODY:
        raise Refused(413, "The body is larger than 64 KiB.")
    try:
        return json_object(request.get_data().decode())
    except UnicodeDecodeError as problem:
        raise Refused(400, "The body is not UTF-8.") from problem


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _json(body: object, status: int) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status=status, content_type="application/json")
