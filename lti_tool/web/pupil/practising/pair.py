"""Two pupils at one question: what to do and to say, for the one who explains and for the one who listens."""

from typing import Any

from flask import Blueprint, Flask, g
from flask.typing import ResponseReturnValue

from lti_tool.persistence.tables.practice import Exposure
from lti_tool.services.assigning.features import Feature
from lti_tool.services.helping.pairs import pairs_of, shared_question
from lti_tool.web.context import now, runtime
from lti_tool.web.pupil.pages import activity_of, render, require_activity
from lti_tool.web.sessions import with_launch

blueprint = Blueprint("pair", __name__, url_prefix="/a/<launch_id>")


def install(app: Flask) -> None:
    """Let pupils' pages say that a partner waits, and leave out what the class does without."""

    @app.context_processor
    def values() -> dict[str, Any]:
        return {"works_together": _works_together, "feature_on": _feature_on}


@blueprint.route("/with-partner", methods=["GET", "POST"])
@with_launch(role="pupil")
def show() -> ResponseReturnValue:
    """Each skill that the teacher gave the two, in turn. That it was looked at is noted."""
    person_id = g.launch.person_id
    with runtime().database.write() as session:
        activity = activity_of(session)
        bank = runtime().catalog.bank_of(activity)
        pairs = [pair for pair in pairs_of(session, activity.id, person_id) if pair.skill_id in bank.skills]
        for pair in pairs:
            exposure = Exposure(person_id=person_id, activity_id=activity.id, kind="pair", detail=pair.skill_id)
            exposure.shown_at = now()
            session.add(exposure)
    turns = [(bank.skills[pair.skill_id], pair.first_id == person_id, shared_question(bank, pair)) for pair in pairs]
    return render("pupil/practising/pair.html", turns=turns, language=bank.language)


def _feature_on(feature: Feature) -> bool:
    return g.launch.context is None or feature not in g.launch.context.switched_off


def _works_together() -> bool:
    if g.launch.activity_id is None:
        return False
    with runtime().database.read() as session:
        return bool(pairs_of(session, require_activity(), g.launch.person_id))
