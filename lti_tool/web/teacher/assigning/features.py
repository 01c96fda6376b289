"""What each feature does, what research says about it, and a switch for it in this class."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.persistence.tables.tenancy import Context
from lti_tool.services.assigning.features import FEATURES, switch
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped
from lti_tool.web.sessions import keeps_cookies, with_launch
from lti_tool.web.teacher.assigning.feature_words import core, switches

blueprint = Blueprint("features", __name__, url_prefix="/a/<launch_id>/features")


@blueprint.route("", methods=["GET", "POST"])
@with_launch(role="teacher")
def show() -> ResponseReturnValue:
    """All cards."""
    return _page(saved=request.values.get("saved") == "1")


@blueprint.post("/save")
@with_launch(role="teacher")
def save() -> ResponseReturnValue:
    """What is not ticked is off for all pupils of the class, from their next page on."""
    off = set(FEATURES) - set(request.form.getlist("on"))
    with runtime().database.write() as session:
        switch(session, _context_id(), off, person_id=g.launch.person_id, now=now())
    if keeps_cookies():
        return redirect(url_for(".show", launch_id=g.launch.id, saved=1), 303)
    return _page(saved=True)


def _page(*, saved: bool) -> ResponseReturnValue:
    with runtime().database.read() as session:
        off = session.get_one(Context, _context_id()).switched_off
    return render_template(
        "teacher/assigning/features.html",
        switches=switches(),
        core=core(),
        off=off,
        saved=saved,
        back=url_for("places.open_launch", launch_id=g.launch.id),
    )


def _context_id() -> int:
    if g.launch.context_id is None:
        raise Stopped("bad-request", 400)
    return int(g.launch.context_id)
