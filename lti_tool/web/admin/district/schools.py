"""The district, its schools, and which courses belong to which."""

from collections.abc import Callable
from zoneinfo import available_timezones

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lti_tool.services.admin.district import schools
from lti_tool.services.admin.district.schools import BadValue
from lti_tool.web.admin.rights import with_right
from lti_tool.web.admin.said import back_to, done_words, number_in_form, page_number, problem_words
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped

blueprint = Blueprint("admin_schools", __name__, url_prefix="/admin")
MAX_SEARCH = 100


@blueprint.get("/schools")
@with_right("see")
def show() -> ResponseReturnValue:
    """The schools that are seen, and the district's own data."""
    return _schools_page()


@blueprint.post("/district")
@with_right("run district")
def change_district() -> ResponseReturnValue:
    """Rename the district, or move its clock."""
    form = request.form
    return _change(
        lambda session: schools.change_district(
            session, g.reach, form.get("name", ""), form.get("time_zone", ""), now()
        )
    )


@blueprint.post("/schools")
@with_right("run district")
def add_school() -> ResponseReturnValue:
    """Add a school."""
    return _change(lambda session: schools.add_school(session, g.reach, request.form.get("name", ""), now()))


@blueprint.post("/schools/<int:school_id>")
@with_right("run district")
def rename_school(school_id: int) -> ResponseReturnValue:
    """Rename a school."""
    name = request.form.get("name", "")
    return _change(lambda session: schools.rename_school(session, g.reach, school_id, name, now()))


@blueprint.post("/schools/<int:school_id>/remove")
@with_right("run district")
def remove_school(school_id: int) -> ResponseReturnValue:
    """Take a school away; its courses stay."""
    return _change(lambda session: schools.remove_school(session, g.reach, school_id, now()), said="removed")


@blueprint.get("/courses")
@with_right("see")
def courses() -> ResponseReturnValue:
    """The courses that are seen, each with its school."""
    search, page = request.args.get("search", "")[:MAX_SEARCH].replace("\x00", ""), page_number()
    with runtime().database.read() as session:
        lines, more = schools.courses(session, g.reach, search=search, page=page)
        found = schools.schools(session, g.reach)
        installed = schools.deployments(session, g.reach) if g.reach.sees_district else []
    return render_template(
        "admin/district/courses.html",
        courses=lines,
        more=more,
        page=page,
        search=search,
        schools=found,
        names={school.id: school.name for school in found},
        deployments=installed,
        said=done_words(),
    )


@blueprint.post("/courses/<int:row_id>")
@with_right("run district")
def map_course(row_id: int) -> ResponseReturnValue:
    """Put a course under a school."""
    return _map("course", row_id)


@blueprint.post("/deployments/<int:row_id>")
@with_right("run district")
def map_deployment(row_id: int) -> ResponseReturnValue:
    """Put all courses of an installation under a school, but those that have their own."""
    return _map("deployment", row_id)


def _map(kind: str, row_id: int) -> ResponseReturnValue:
    try:
        with runtime().database.write() as session:
            schools.map_to_school(session, g.reach, kind, row_id, number_in_form("school"), now())
    except LookupError:
        raise Stopped("admin-not-found", 404) from None
    return back_to(".courses", "saved")


def _change(change: Callable[[Session], object], said: str = "saved") -> ResponseReturnValue:
    try:
        with runtime().database.write() as session:
            change(session)
    except BadValue as problem:
        return _schools_page(problem_words(problem.code)), 422
    except LookupError:
        raise Stopped("admin-not-found", 404) from None
    return back_to(".show", said)


def _schools_page(problem: str = "") -> str:
    with runtime().database.read() as session:
        lines = schools.schools(session, g.reach)
    return render_template(
        "admin/district/schools.html",
        schools=lines,
        time_zones=sorted(available_timezones()) if g.reach.runs_district else (),
        problem=problem,
        said=done_words(),
    )
