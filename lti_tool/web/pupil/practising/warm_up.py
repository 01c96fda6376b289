"""A minute of warm-up at the first launch: type, tap, listen. Nothing is marked, and it can be passed."""

from flask import Blueprint, Response, abort, g, request
from flask.typing import ResponseReturnValue

from item_banks.words.audio import dictation
from lti_tool.services.pupil.preferences import warmed_up
from lti_tool.web.context import now, runtime
from lti_tool.web.pupil.pages import onward, render, require_activity
from lti_tool.web.pupil.practising.sound import playable
from lti_tool.web.pupil.today import today_page
from lti_tool.web.sessions import with_launch

blueprint = Blueprint("warm_up", __name__, url_prefix="/a/<launch_id>")
STEPS = ("type", "tap", "listen")


def warm_up_page(step: str = STEPS[0], *, again: bool = False) -> ResponseReturnValue:
    """One step; `again`: what was typed or tapped was something else than asked for."""
    return render(
        "pupil/practising/warm_up.html", step=step, number=STEPS.index(step) + 1, steps=len(STEPS), again=again
    )


@blueprint.route("/warm-up", methods=["GET", "POST"])
@with_launch(role="pupil")
def show() -> ResponseReturnValue:
    """The first step."""
    require_activity()
    return warm_up_page()


@blueprint.post("/warm-up/next")
@with_launch(role="pupil")
def following() -> ResponseReturnValue:
    """The next step, the same one once more, or Today."""
    step, response = request.form.get("part", ""), request.form.get("response", "").strip()
    if step not in STEPS:
        abort(400)
    wanted = {"type": "5", "tap": "sun"}.get(step)
    if "skip" not in request.form and wanted is not None and response != wanted:
        return warm_up_page(step, again=True)
    if "skip" in request.form or step == STEPS[-1]:
        with runtime().database.write() as session:
            warmed_up(session, g.launch.person_id, now())
        return onward("today.show", today_page)
    return warm_up_page(STEPS[STEPS.index(step) + 1])


@blueprint.get("/warm-up/sound")
def sound(launch_id: str) -> Response:
    """A word to try the sound with; it says nothing about anybody."""
    sample = _sample()
    if sample is None:
        abort(404)
    return playable(sample)


def _sample() -> bytes | None:
    for bank in runtime().catalog.banks.values():
        first = next((name for name, each in bank.templates.items() if each.format == "dictation"), None)
        speech = bank.draw(first, 1).speech if first else None
        sound = dictation(bank.folder, speech) if speech else None
        if sound is not None:
            return sound
    return None
