"""A worked example after a first error."""

from flask import Blueprint, g
from flask.typing import ResponseReturnValue

from item_banks.generators.problem import pictures_of
from lti_tool.services.practising.examples import has_example, worked_example
from lti_tool.services.practising.presented import NotYourItem, feedback_on, find_presented
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped
from lti_tool.web.pupil.pages import activity_of, render, require_activity
from lti_tool.web.sessions import with_launch

blueprint = Blueprint("example", __name__, url_prefix="/a/<launch_id>/example")


@blueprint.route("/<token>", methods=["GET", "POST"])
@with_launch(role="pupil")
def show(token: str) -> ResponseReturnValue:
    """Another question of the kind that was not right yet, with the way to its answer."""
    try:
        with runtime().database.write() as session:
            presented = find_presented(session, require_activity(), g.launch.person_id, token)
            bank = runtime().catalog.bank_of(activity_of(session))
            if not has_example(session, bank, presented, correct=feedback_on(session, presented).correct):
                raise NotYourItem(token)
            example = worked_example(session, bank, presented, now())
    except NotYourItem:
        raise Stopped("item-not-yours", 404) from None
    item = example.item
    return render(
        "pupil/practising/example.html",
        example=example,
        public=item.public(),
        pictures=pictures_of(bank, item),
        language=item.language,
    )
