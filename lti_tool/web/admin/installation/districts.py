"""The installation's districts, for who looks after all of it."""

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from lti_tool.services.admin.district.schools import BadValue
from lti_tool.services.admin.installation import districts
from lti_tool.web.admin.rights import with_right
from lti_tool.web.admin.said import problem_words
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped

blueprint = Blueprint("admin_districts", __name__, url_prefix="/admin/districts")


@blueprint.get("/")
@with_right("run installation")
def show() -> ResponseReturnValue:
    """Every district from outside."""
    return _page()


@blueprint.post("/")
@with_right("run installation")
def add() -> ResponseReturnValue:
    """Make a district, and the address with which its first administrator comes; shown this once."""
    try:
        with runtime().database.write() as session:
            secret = districts.make_district(session, g.reach, request.form.get("name", ""), now())
    except BadValue as problem:
        return _page(problem=problem_words(problem.code)), 422
    return _page(secret)


@blueprint.post("/<int:district_id>/invite")
@with_right("run installation")
def invite(district_id: int) -> ResponseReturnValue:
    """A further such address."""
    try:
        with runtime().database.write() as session:
            secret = districts.invite_to_run(session, g.reach, district_id, now())
    except LookupError:
        raise Stopped("admin-not-found", 404) from None
    return _page(secret)


def _page(secret: str = "", problem: str = "") -> str:
    parts = runtime()
    with parts.database.read() as session:
        lines = districts.district_lines(session)
    address = f"{parts.settings.base_url}/admin/join?invitation={secret}" if secret else ""
    return render_template("admin/installation/districts.html", lines=lines, address=address, problem=problem)
