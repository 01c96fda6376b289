"""Whether this process lives (/healthz) and can serve (/readyz)."""

from flask import Blueprint, Response, jsonify

from lti_tool.web.context import runtime

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """The database answers too."""
    if runtime().database.is_reachable():
        return jsonify(status="ok"), 200
    return jsonify(status="unavailable", reason="the database does not answer"), 503
