"""A teacher's own links and files for the skills of an activity."""

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from item_banks.schema import Skill
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.materials import Material
from lti_tool.services.helping.materials import (
    LARGEST,
    LONGEST_TITLE,
    MOST_OF_SKILL,
    Author,
    BadMaterial,
    add_file,
    add_link,
    find,
    materials_of,
    remove,
)
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped
from lti_tool.web.pupil.practising.materials import as_file
from lti_tool.web.sessions import keeps_cookies, with_launch
from lti_tool.web.teacher.paper.downloads import csv_file
from lti_tool.web.teacher.reach import activity_in_reach, class_page_address

blueprint = Blueprint("materials", __name__, url_prefix="/a/<launch_id>/activity/<activity_id>")


@blueprint.route("/materials", methods=["GET", "POST"])
@with_launch(role="teacher")
def show(activity_id: str) -> ResponseReturnValue:
    """What the class has for each skill, and a form for more."""
    return _page(activity_in_reach(activity_id))


@blueprint.route("/materials.csv", methods=["GET", "POST"])
@with_launch(role="teacher")
def as_table(activity_id: str) -> Response:
    """What the class has, with the address of each link; a file is named only."""
    activity = activity_in_reach(activity_id)
    header = [_("Skill"), _("What pupils read"), _("Link")]
    rows = [[skill.title, each.title, each.url or ""] for skill, found in _kept(activity) for each in found]
    return csv_file("materials", [str(each) for each in header], rows)


@blueprint.post("/materials/add")
@with_launch(role="teacher")
def add(activity_id: str) -> ResponseReturnValue:
    """Keep a link, or a file where one is sent."""
    activity = activity_in_reach(activity_id)
    skill_id, title = request.form.get("skill", ""), request.form.get("title", "")
    if skill_id not in activity.skill_ids:
        raise Stopped("bad-request", 400)
    name, content = _sent_file()
    try:
        with runtime().database.write() as session:
            if name:
                add_file(session, _author(activity), skill_id, title or name, content)
            else:
                add_link(session, _author(activity), skill_id, title, request.form.get("address", ""))
    except BadMaterial as problem:
        return _page(activity, message=_problem_words(problem.code), status=422)
    return _again(activity)


@blueprint.post("/materials/remove")
@with_launch(role="teacher")
def take_away(activity_id: str) -> ResponseReturnValue:
    """Take one away."""
    activity = activity_in_reach(activity_id)
    with runtime().database.write() as session:
        remove(session, _author(activity), request.form.get("material", "").replace("\x00", ""))
    return _again(activity)


@blueprint.route("/materials/<material_id>", methods=["GET", "POST"])
@with_launch(role="teacher")
def open_file(activity_id: str, material_id: str) -> ResponseReturnValue:
    """A file as pupils get it."""
    activity = activity_in_reach(activity_id)
    with runtime().database.read() as session:
        return as_file(find(session, activity.context_id, material_id.replace("\x00", "")))


def _sent_file() -> tuple[str, bytes]:
    """Its name, "" where none was sent, and as much of it as may be kept and one byte more."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return "", b""
    with sent.stream:
        return sent.filename, sent.stream.read(LARGEST + 1)


def _page(activity: Activity, *, message: str = "", status: int = 200) -> ResponseReturnValue:
    kept = _kept(activity)
    html = render_template(
        "teacher/helping/materials.html",
        activity=activity,
        skills=[skill for skill, _found in kept],
        kept=kept,
        message=message,
        sent=request.form,
        language=runtime().catalog.bank_of(activity).language,
        longest=LONGEST_TITLE,
        most=MOST_OF_SKILL,
        back=class_page_address(activity.id),
    )
    return html, status


def _kept(activity: Activity) -> list[tuple[Skill, list[Material]]]:
    """The activity's skills, each with what the class has for it."""
    bank = runtime().catalog.bank_of(activity)
    skills = [bank.skills[skill] for skill in activity.skill_ids if skill in bank.skills]
    with runtime().database.read() as session:
        kept = materials_of(session, activity.context_id, activity.skill_ids)
    return [(skill, [each for each in kept if each.skill_id == skill.id]) for skill in skills]


def _again(activity: Activity) -> ResponseReturnValue:
    if not keeps_cookies():
        return _page(activity)
    return redirect(url_for(".show", launch_id=g.launch.id, activity_id=activity.id), 303)


def _author(activity: Activity) -> Author:
    if activity.context_id is None:
        raise Stopped("bad-request", 400)
    return Author(activity.context_id, g.launch.person_id, now())


def _problem_words(code: str) -> str:
    words = {
        "no-title": _("Say in a few words what it is: pupils read that."),
        "address": _("Give the whole address, as it begins with https://."),
        "file": _("Only pictures (PNG, JPEG, GIF) and PDF files can be shown."),
        "too-large": _("The file is too large. Up to 1.5 MB is fine: make the picture smaller, or give a link."),
        "too-many": _("A skill has room for %(most)d. Take one away first.", most=MOST_OF_SKILL),
    }
    return str(words[code])
