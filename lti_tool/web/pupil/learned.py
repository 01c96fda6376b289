"""My skills: what was learned, in plain words, for the pupil and on paper for those at home."""

from datetime import timedelta

from flask import Blueprint, g
from flask.typing import ResponseReturnValue

from lti_tool.services.pupil.goals import Week
from lti_tool.services.pupil.learned import learned
from lti_tool.web.context import now, runtime
from lti_tool.web.pupil.pages import activity_of, render, zone
from lti_tool.web.sessions import with_launch

blueprint = Blueprint("learned", __name__, url_prefix="/a/<launch_id>")
LATELY = timedelta(weeks=4)


@blueprint.route("/learned", methods=["GET", "POST"])
@with_launch(role="pupil")
def show() -> ResponseReturnValue:
    """All skills by strand, what became strong lately, and this week's practice."""
    present = now()
    with runtime().database.write() as session:
        week = Week.of(present, zone(session))
        view = learned(
            session,
            runtime().catalog,
            activity_of(session),
            g.launch.person_id,
            week=week,
            since=present - LATELY,
            now=present,
        )
    return render("pupil/learned.html", view=view, language=runtime().catalog.bank_of(view.activity).language)
