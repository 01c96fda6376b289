"""Who looks after the district: roles that were given, and a form for more."""

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from lti_tool.services.admin.access import roles
from lti_tool.services.admin.district.schools import BadValue, schools
from lti_tool.web.admin.rights import with_right
from lti_tool.web.admin.said import back_to, done_words, number_in_form, problem_words
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped

blueprint = Blueprint("admin_roles", __name__, url_prefix="/admin")


@blueprint.get("/roles")
@with_right("see district")
def show() -> ResponseReturnValue:
    """Every role that was given."""
    return _page()


@blueprint.post("/roles")
@with_right("run district")
def give() -> ResponseReturnValue:
    """Give a group of the identity provider a role."""
    form = request.form
    try:
        with runtime().database.write() as session:
            roles.grant_to_group(
                session,
                g.reach,
                group=form.get("group", ""),
                role=form.get("role", ""),
                school_id=number_in_form("school"),
                now=now(),
            )
    except BadValue as problem:
        return _page(problem_words(problem.code)), 422
    except LookupError:
        raise Stopped("admin-not-found", 404) from None
    return back_to(".show", "saved")


@blueprint.post("/roles/<int:grant_id>/remove")
@with_right("run district")
def take_away(grant_id: int) -> ResponseReturnValue:
    """Take a role away."""
    try:
        with runtime().database.write() as session:
            roles.take_away(session, g.reach, grant_id, now())
    except BadValue as problem:
        return _page(problem_words(problem.code)), 422
    except LookupError:
        raise Stopped("admin-not-found", 404) from None
    return back_to(".show", "removed")


def _page(problem: str = "") -> str:
    parts = runtime()
    with parts.database.read() as session:
        lines, found = roles.grants(session, g.reach, parts.vault), schools(session, g.reach)
    return render_template(
        "admin/access/roles.html",
        grants=lines,
        schools=found,
        to_give=roles.roles_to_give(g.reach),
        problem=problem,
        said=done_words(),
    )
