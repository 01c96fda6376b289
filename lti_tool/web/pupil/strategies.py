"""Strategy lessons, the plan for a sitting, and looking back on it."""

from flask import Blueprint, abort, g, request
from flask.typing import ResponseReturnValue

from lti_tool.persistence.tables.practice import Sitting
from lti_tool.services.practising.sittings import latest_sitting
from lti_tool.services.pupil.reflection import (
    HELPED,
    find_strategy,
    make_plan,
    note_shown,
    reflect,
    strategies_of,
)
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped
from lti_tool.web.pupil.pages import activity_of, onward, practice_endpoint, render
from lti_tool.web.pupil.practising.practice import practice_page
from lti_tool.web.sessions import with_launch

blueprint = Blueprint("strategies", __name__, url_prefix="/a/<launch_id>")


@blueprint.route("/strategies", methods=["GET", "POST"])
@with_launch(role="pupil")
def overview() -> ResponseReturnValue:
    """All strategies of the subject."""
    with runtime().database.read() as session:
        bank = runtime().catalog.bank_of(activity_of(session))
    return render("pupil/strategies.html", strategies=strategies_of(bank), language=bank.language)


@blueprint.route("/strategies/<strategy_id>", methods=["GET", "POST"])
@with_launch(role="pupil")
def lesson(strategy_id: str) -> ResponseReturnValue:
    """One strategy: when it fits, its steps, and an example. That it was looked at is noted."""
    with runtime().database.write() as session:
        activity = activity_of(session)
        bank = runtime().catalog.bank_of(activity)
        strategy = find_strategy(bank, strategy_id)
        if strategy is None:
            raise Stopped("page-not-found", 404)
        sitting = latest_sitting(session, activity.id, g.launch.person_id)
        if sitting is not None:
            note_shown(session, sitting, "strategy_lesson", now(), strategy.id)
    return render("pupil/strategy.html", strategy=strategy, language=bank.language)


@blueprint.post("/plan")
@with_launch(role="pupil")
def plan() -> ResponseReturnValue:
    """Mean to use a strategy in the sitting that is under way."""
    with runtime().database.write() as session:
        activity = activity_of(session)
        strategy = find_strategy(runtime().catalog.bank_of(activity), request.form.get("strategy", ""))
        if strategy is None:
            abort(400)
        sitting = latest_sitting(session, activity.id, g.launch.person_id)
        if sitting is not None and sitting.ended_at is None:
            make_plan(session, sitting, strategy, now())
    return onward(practice_endpoint(), practice_page)


@blueprint.post("/reflect")
@with_launch(role="pupil")
def look_back() -> ResponseReturnValue:
    """What the pupil thinks of the strategy, at the end of a sitting."""
    helped = request.form.get("helped", "")
    if helped not in HELPED:
        abort(400)
    with runtime().database.write() as session:
        sitting: Sitting | None = latest_sitting(session, activity_of(session).id, g.launch.person_id)
        if sitting is not None:
            reflect(session, sitting, helped, now())
    return onward(practice_endpoint(), practice_page)
