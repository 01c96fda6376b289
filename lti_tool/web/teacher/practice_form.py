"""The fields that say how pupils practise: in the picker, and where an activity is changed."""

from collections.abc import Mapping
from dataclasses import replace

from flask import request
from flask_babel import gettext as _

from lti_tool.services.assigning.practice_settings import CONTROLS, PracticeSettings
from lti_tool.services.grading.rules import BadRule

REFLECTION = {"subject": None, "on": True, "off": False}
"""What the field says, and what `PracticeSettings.metacognition` holds."""


def chosen_settings(settings: PracticeSettings | None = None, *, sent: bool = True) -> Mapping[str, str]:
    """The fields' values: as they were just sent, else as the activity has them, else the defaults."""
    kept = settings or PracticeSettings()
    names = ("way", "control", "metacognition", "hints", "start_check", "only_these")
    if sent and "control" in request.form:
        return {name: request.form.get(name, "")[:40] for name in names}
    return {
        "way": "frontier" if kept.own_frontier else "set",
        "control": kept.control,
        "metacognition": next(name for name, value in REFLECTION.items() if value is kept.metacognition),
        "hints": "yes" if kept.hints else "",
        "start_check": "yes" if kept.start_check else "",
        "only_these": "yes" if kept.only_these else "",
    }


def read_settings(kept: PracticeSettings | None = None) -> PracticeSettings:
    """The settings that the form says; what it has no field for stays as it was. Raises `BadRule`."""
    form = chosen_settings(kept)
    control = next((known for known in CONTROLS if known == form["control"]), None)
    if control is None or form["metacognition"] not in REFLECTION or form["way"] not in ("set", "frontier"):
        raise BadRule("unknown-choice")
    return replace(
        kept or PracticeSettings(),
        own_frontier=form["way"] == "frontier",
        control=control,
        metacognition=REFLECTION[form["metacognition"]],
        hints=bool(form["hints"]),
        start_check=bool(form["start_check"]),
        only_these=bool(form["only_these"]),
    )


def control_words() -> dict[str, str]:
    """Who chooses the topic, in words."""
    return {
        "teacher": str(_("Proximal chooses each next skill")),
        "shared": str(_("pupils choose one of three that fit")),
        "pupil": str(_("pupils choose among all that they are ready for")),
    }
