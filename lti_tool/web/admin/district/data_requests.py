"""Requests about people's data: look what is held, give it out, erase it."""

import time
from collections.abc import Callable
from typing import get_args

from flask import Blueprint, Response, g, render_template, request
from flask.typing import ResponseReturnValue

from lti_tool.services.admin.district import data_requests, lmss, schools
from lti_tool.services.admin.district.data_requests import Held, Kind, Wanted
from lti_tool.services.upkeep.privacy import NothingHeld
from lti_tool.web.admin.rights import with_right
from lti_tool.web.admin.said import back_to, done_words, number_in_form, problem_words
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped, error_page

blueprint = Blueprint("admin_data", __name__, url_prefix="/admin/data")
SECONDS_AT_ONCE = 20.0
"""For so long one click erases, well within what proxies wait; then a button goes on."""
MAX_USER = 255


@blueprint.get("/")
@with_right("run district")
def show() -> ResponseReturnValue:
    """Whose data may be asked for."""
    return _page()


@blueprint.post("/look")
@with_right("run district")
def look() -> ResponseReturnValue:
    """What is held, before anything is done with it."""
    moment = now()
    try:
        wanted = _named_person() if request.form.get("kind") == "person" else _wanted()
        with runtime().database.read() as session:
            held = data_requests.look(session, g.reach, wanted, moment)
    except NothingHeld:
        return _page(problem_words("nobody")), 422
    return _held_page(held)


@blueprint.post("/export")
@with_right("run district")
def export() -> ResponseReturnValue:
    """A file with all of it."""
    parts, wanted = runtime(), _wanted()
    lines = data_requests.export(parts.database, g.reach, wanted, parts.vault, now())
    one = wanted.kind in ("person", "course")
    response = Response(lines, mimetype="application/json" if one else "application/x-ndjson")
    name = f"proximal-{wanted.kind}.{'json' if one else 'jsonl'}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blueprint.post("/erase")
@with_right("run district")
def erase() -> ResponseReturnValue:
    """Erase it, as much as one click can wait for."""
    parts, wanted, moment = runtime(), _wanted(), now()
    with parts.database.read() as session:
        held = data_requests.look(session, g.reach, wanted, moment)
    if request.form.get("sure") != "yes":
        return _held_page(held, problem_words("not-sure")), 422
    if " ".join(request.form.get("name", "").split()) != held.to_type:
        return _held_page(held, problem_words("name-differs")), 422
    after = number_in_form("after") or 0
    done = data_requests.erase(parts.database, g.reach, wanted, moment, after=after, enough=_for(SECONDS_AT_ONCE))
    parts.database.shred()
    if done.left:
        with parts.database.read() as session:
            return _held_page(data_requests.look(session, g.reach, wanted, moment), after=done.after)
    return back_to(".show", "erased" if done.rows else "nothing-held")


@blueprint.errorhandler(LookupError)
def not_in_reach(_error: LookupError) -> ResponseReturnValue:
    """What is another district's is not there."""
    return error_page("admin-not-found", 404)


def _for(seconds: float) -> Callable[[], bool]:
    until = time.monotonic() + seconds
    return lambda: time.monotonic() > until


def _wanted() -> Wanted:
    kind, number = request.form.get("kind", ""), request.form.get("id", "")[:64].replace("\x00", "")
    found: dict[str, Kind] = {each: each for each in get_args(Kind)}
    if kind not in found:
        raise Stopped("bad-request", 400)
    return Wanted(found[kind], number)


def _named_person() -> Wanted:
    user = request.form.get("user", "").replace("\x00", "").strip()[:MAX_USER]
    with runtime().database.read() as session:
        return data_requests.person_of(session, g.reach, number_in_form("lms") or 0, user)


def _page(problem: str = "") -> str:
    with runtime().database.read() as session:
        return render_template(
            "admin/district/data.html",
            lmss=lmss.lmss(session, g.reach),
            schools=schools.schools(session, g.reach),
            problem=problem,
            said=done_words(),
        )


def _held_page(held: Held, problem: str = "", after: int | None = None) -> str:
    return render_template("admin/district/held.html", held=held, problem=problem, after=after)
