"""The fields that say what a grade is: in the picker, and on the page where they are changed later."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_name
from flask import g, request
from flask_babel import get_locale
from flask_babel import gettext as _

from lti_tool.lti.platform_profile import platform_profile
from lti_tool.persistence.tables.tenancy import District
from lti_tool.services.district_time import district_zone
from lti_tool.services.grading.rules import GradeRules
from lti_tool.web.context import runtime

FIELDS = ("grading", "points", "tries", "goal", "lowering", "posting", "due", "mastery_columns", "deleted_column")


def teachers_zone() -> ZoneInfo:
    """The time zone in which a teacher reads and writes due dates: the district's."""
    with runtime().database.read() as session:
        return district_zone(session.get_one(District, g.launch.registration.district_id))


def zone_name() -> str:
    """What people call that time zone, in the page's language."""
    zone = teachers_zone()
    return "UTC" if zone.key == "UTC" else str(get_timezone_name(zone, locale=get_locale()))


def chosen_rules(rules: GradeRules | None = None, *, sent: bool = True) -> Mapping[str, str]:
    """The fields' values: as they were just sent (unless that does not count), else as the activity has them, else the
    defaults."""
    kept = rules or GradeRules()
    values = {
        "grading": kept.grading,
        "points": f"{kept.points:g}",
        "tries": str(kept.attempts_for_full_points),
        "goal": str(kept.growth_goal),
        "lowering": "never" if kept.keep_highest else "latest",
        "posting": kept.posting,
        "due": _on_the_wall(kept.due_at),
        "mastery_columns": kept.mastery_columns,
        "deleted_column": "make" if kept.remake_column else "park",
    }
    return {name: (request.form.get(name, values[name]) if sent else values[name])[:40] for name in FIELDS}


def columns_advice() -> str:
    """What to do in this LMS so that mastery columns do not change the course's total."""
    words = {
        "set-weight-0": _("Moodle counts them into the course total: give them the weight 0 in the gradebook setup."),
        "leave-out": _(
            "Canvas counts them into the course total: tick “Do not count this assignment towards the final grade”."
        ),
        "exclude": _("Brightspace counts them into the final grade: tick “Exclude from Final Grade Calculation”."),
        "look": _("Your LMS may count them into the course total: have a look at its gradebook settings."),
    }
    return str(words[platform_profile(g.launch.registration.profile).extra_columns_advice])


def rule_problem(code: str) -> str:
    """What is wrong with a field."""
    words = {
        "bad-points": _("Points must be a number from 1 to 1000."),
        "bad-number": _("Tries are a whole number from 1 to 200, skills one from 1 to 100."),
        "bad-date": _("Write dates like this: 2026-11-30T16:00."),
        "no-due-date": _("To send grades at the due date, choose a due date."),
        "unknown-choice": _("One of the choices about grades is not one of those offered. Please choose again."),
    }
    return str(words[code])


def _on_the_wall(moment: datetime | None) -> str:
    return moment.astimezone(teachers_zone()).strftime("%Y-%m-%dT%H:%M") if moment else ""
