"""A typed answer outlives the session in which it was typed."""

from flask import request

from item_banks.responses import joined
from lti_tool.persistence.tables.launches import LaunchSession
from lti_tool.services.practising.presented import keep_draft
from lti_tool.web.context import runtime


def typed_response() -> str:
    """What was typed, chosen or placed, in however many fields, as one line."""
    return joined(request.form.to_dict())


def rescue_answer(launch: LaunchSession | None) -> tuple[str, bool]:
    """What was typed into the form that came too late, and whether it is stored for the next launch.

    Stored only where the session is known and merely expired: its cookie proves whose answer it is.
    """
    typed = typed_response()[:200]
    token = request.form.get("item", "")
    if not typed or not token or launch is None or launch.activity_id is None:
        return typed, False
    with runtime().database.write() as session:
        return typed, keep_draft(session, launch.activity_id, launch.person_id, token, typed)
