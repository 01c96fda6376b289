"""Today: the goal of the week, the picture of skills, and what to begin with."""

from collections import Counter
from collections.abc import Sequence

from flask import Blueprint, abort, g, request
from flask.typing import ResponseReturnValue

from lti_tool.services.assigning.features import is_on
from lti_tool.services.pupil.goals import GOAL_KINDS, TARGETS, Week, set_goal
from lti_tool.services.pupil.reflection import strategies_of
from lti_tool.services.pupil.today import Plant, today
from lti_tool.web.context import now, runtime
from lti_tool.web.pupil.appearance import look_of
from lti_tool.web.pupil.pages import activity_of, onward, render, require_activity, zone
from lti_tool.web.pupil.picture import scene
from lti_tool.web.sessions import with_launch

blueprint = Blueprint("today", __name__, url_prefix="/a/<launch_id>")


def today_page() -> ResponseReturnValue:
    """Where a pupil stands and what can come next."""
    with runtime().database.write() as session:
        activity = activity_of(session)
        view = today(session, runtime().catalog, activity, g.launch.person_id, zone=zone(session), now=now())
    bank = runtime().catalog.bank_of(activity)
    look = look_of(g.launch)
    return render(
        "pupil/today.html",
        view=view,
        picture=scene(view.plants, look),
        counts=_counts(view.plants),
        language=bank.language,
        strategies=strategies_of(bank),
        goals=[(kind, target) for kind in GOAL_KINDS for target in TARGETS[kind]],
    )


@blueprint.route("/today", methods=["GET", "POST"])
@with_launch(role="pupil")
def show() -> ResponseReturnValue:
    """The page by its own address; a POST asks for the same, where no cookie carries the session."""
    require_activity()
    return today_page()


@blueprint.post("/goal")
@with_launch(role="pupil")
def goal() -> ResponseReturnValue:
    """Choose this week's goal, or another one."""
    kind, _, target = request.form.get("goal", "").partition(":")
    if kind not in GOAL_KINDS or not target.isdecimal() or int(target) not in TARGETS[kind]:
        abort(400)
    with runtime().database.write() as session:
        week = Week.of(now(), zone(session))
        bank_id = activity_of(session).bank_id
        if is_on(session, activity_of(session), "goals"):
            set_goal(session, g.launch.person_id, bank_id, kind, int(target), week=week, now=now())
    return onward("today.show", today_page)


def _counts(plants: Sequence[Plant]) -> list[tuple[str, bool, int]]:
    """State, whether it is a top-up, and how many skills are there; the furthest first."""
    counted = Counter(("strong" if plant.top_up else plant.state, plant.top_up) for plant in plants)
    order = [("kept", False), ("strong", False), ("strong", True), ("growing", False), ("new", False)]
    return [(state, top_up, counted[state, top_up]) for state, top_up in order if counted[state, top_up]]
