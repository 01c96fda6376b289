"""Two pages that look back: who gains how much from where they started, and how much the activity was used."""

from typing import Any

from flask import Blueprint, Response, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import format_date, format_decimal
from flask_babel import gettext as _

from engine.tutor import Tutor
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.tenancy import District
from lti_tool.services.classroom.class_page import ClassPage, class_page
from lti_tool.services.classroom.progress import (
    CLEAR,
    DOSE_MINUTES,
    DOSE_SITTINGS,
    Fidelity,
    Gap,
    Third,
    Week,
    fidelity,
    gap,
)
from lti_tool.services.district_time import district_zone
from lti_tool.services.paper.tables import Cell
from lti_tool.web.context import now, runtime
from lti_tool.web.sessions import with_launch
from lti_tool.web.teacher.classroom.class_summary import pupil_name
from lti_tool.web.teacher.paper.downloads import csv_file
from lti_tool.web.teacher.reach import activity_in_reach, class_page_address

blueprint = Blueprint("progress", __name__, url_prefix="/a/<launch_id>/activity/<activity_id>")


@blueprint.route("/gap", methods=["GET", "POST"])
@with_launch(role="teacher")
def show_gap(activity_id: str) -> ResponseReturnValue:
    """Progress by starting third: whether those who began lower catch up."""
    activity = activity_in_reach(activity_id)
    found = _gap(activity)
    return render_template(
        "teacher/classroom/gap.html",
        found=found,
        thirds=_named(found),
        said=_said(found),
        **_frame(activity),
    )


@blueprint.route("/gap.csv", methods=["GET", "POST"])
@with_launch(role="teacher")
def gap_file(activity_id: str) -> Response:
    """The thirds, in percent as on the page."""
    header = [
        _("By where they started"),
        _("Pupils"),
        _("Start, in percent"),
        _("Now, in percent"),
        _("Gained, in percent"),
    ]
    rows: list[list[Cell]] = [
        [name, third.pupils, *third.in_percent] for name, third in _named(_gap(activity_in_reach(activity_id)))
    ]
    return csv_file("gap", [str(each) for each in header], rows)


@blueprint.route("/use", methods=["GET", "POST"])
@with_launch(role="teacher")
def show_use(activity_id: str) -> ResponseReturnValue:
    """Minutes and sittings of the latest weeks beside what is planned, and what was shown to make pupils think."""
    activity = activity_in_reach(activity_id)
    page, found = _use(activity)
    shown = {"plan": _("“My plan”"), "confidence": _("“How sure are you?”"), "hint": _("hints asked for")}
    return render_template(
        "teacher/classroom/use.html",
        found=found,
        pupils=page.pupils,
        prompts=[(shown[kind], number) for kind, number in found.prompts.items()],
        pupil_name=pupil_name,
        day=format_date,
        one_decimal=lambda number: format_decimal(number, "0.0"),
        minutes=DOSE_MINUTES,
        sittings=DOSE_SITTINGS,
        **_frame(activity),
    )


@blueprint.route("/weeks.csv", methods=["GET", "POST"])
@with_launch(role="teacher")
def weeks_file(activity_id: str) -> Response:
    """How much an activity was used, by week."""
    header = [
        _("Week from"),
        _("Pupils who practised"),
        _("Minutes each"),
        _("Sittings each"),
        _("As planned"),
    ]
    rows: list[list[Cell]] = [
        [week.monday.isoformat(), week.pupils, *_means(week), week.dosed]
        for week in _use(activity_in_reach(activity_id))[1].weeks
    ]
    return csv_file("weeks", [str(each) for each in header], rows)


@blueprint.route("/planned.csv", methods=["GET", "POST"])
@with_launch(role="teacher")
def planned_file(activity_id: str) -> Response:
    """In how many of the latest weeks each pupil practised as planned."""
    page, found = _use(activity_in_reach(activity_id))
    header = [_("Pupil"), _("Weeks as planned, of the last %(num)d", num=len(found.weeks))]
    rows: list[list[Cell]] = [[pupil_name(pupil), found.dosed[pupil.person_id]] for pupil in page.pupils]
    return csv_file("planned", [str(each) for each in header], rows)


def _means(week: Week) -> tuple[Cell, Cell]:
    """Minutes and sittings of those who practised; nothing where nobody did."""
    return (round(week.minutes), round(week.sittings, 1)) if week.pupils else (None, None)


def _gap(activity: Activity) -> Gap:
    with runtime().database.read() as session:
        return gap(session, class_page(session, activity, _tutor(activity), runtime().vault, now()))


def _named(found: Gap) -> list[tuple[str, Third]]:
    names = [str(_("lower third")), str(_("middle third")), str(_("upper third"))]
    return list(zip(names, found.thirds, strict=False))


def _use(activity: Activity) -> tuple[ClassPage, Fidelity]:
    with runtime().database.read() as session:
        page = class_page(session, activity, _tutor(activity), runtime().vault, now())
        zone = district_zone(session.get_one(District, g.launch.registration.district_id))
        return page, fidelity(session, page, now().astimezone(zone).date(), now())


def _frame(activity: Activity) -> dict[str, Any]:
    return {"activity": activity, "back": class_page_address(activity.id)}


def _tutor(activity: Activity) -> Tutor:
    return runtime().catalog.tutor(activity.bank_id, activity.standard)


def _said(found: Gap) -> tuple[str, str]:
    """What the figures say in one sentence, and what to do next."""
    if not found.thirds:
        return "", ""
    if found.change > CLEAR:
        return (
            str(_("The distance between the lower and the upper third has grown.")),
            str(_("Sit with the lower third first, and let the skill before come first for them.")),
        )
    if found.change < -CLEAR:
        return (
            str(_("The distance between the lower and the upper third has become smaller.")),
            str(_("Go on like this, and see that the upper third has something to chew on.")),
        )
    return (
        str(_("The distance between the lower and the upper third is about what it was.")),
        str(_("See on the class page who is stuck: a few minutes with them help most.")),
    )
