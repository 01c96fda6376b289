"""Look, cover, write: a word that went wrong is written once more from memory."""

from flask import Blueprint, g
from flask.typing import ResponseReturnValue

from lti_tool.services.practising.presented import NotYourItem
from lti_tool.services.practising.retype import item_to_retype, retype
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped
from lti_tool.web.pupil.pages import render
from lti_tool.web.pupil.practising.drafts import typed_response
from lti_tool.web.sessions import with_launch

blueprint = Blueprint("retype", __name__, url_prefix="/a/<launch_id>/retype")


@blueprint.route("/<token>", methods=["GET", "POST"])
@with_launch(role="pupil")
def write(token: str) -> ResponseReturnValue:
    """The field for the word, which this page does not show. A POST where no cookie carries the session."""
    with runtime().database.read() as session:
        try:
            _, item = item_to_retype(session, str(g.launch.activity_id), g.launch.person_id, token)
        except NotYourItem:
            raise Stopped("item-not-yours", 404) from None
    return render(
        "pupil/practising/retype.html",
        state="write",
        token=token,
        public=item.public(),
        language=item.language,
    )


@blueprint.post("/<token>/compare")
@with_launch(role="pupil")
def compare(token: str) -> ResponseReturnValue:
    """The word with what is still missing marked, or the word as it now stands in memory."""
    with runtime().database.write() as session:
        try:
            found = retype(session, str(g.launch.activity_id), g.launch.person_id, token, typed_response(), now())
        except NotYourItem:
            raise Stopped("item-not-yours", 404) from None
    return render(
        "pupil/practising/retype.html",
        state="done" if found.right else "again",
        token=token,
        pieces=found.pieces,
        language=found.item.language,
    )
