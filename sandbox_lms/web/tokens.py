"""The HTTP side of keys and tokens."""

from flask import Response, request

from sandbox_lms.errors import Refused
from sandbox_lms.lms import current_lms
from sandbox_lms.lti.tokens import grant_token
from sandbox_lms.web.service_calls import json_answer, service

tokens = service("tokens")


@tokens.get("/.well-known/jwks.json")
def jwks() -> Response:
    """Our public keys."""
    return json_answer(current_lms().key.jwks(), "application/json")


@tokens.post("/lti/token")
def token() -> Response:
    """Token endpoint."""
    if request.mimetype != "application/x-www-form-urlencoded":
        raise Refused(400, "The token request must be application/x-www-form-urlencoded.")
    response = json_answer(grant_token(current_lms(), request.form), "application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
