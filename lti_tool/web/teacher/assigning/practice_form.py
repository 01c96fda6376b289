"""The fields that say how pupils practise: in the picker, and where an activity is changed."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from babel import Locale
from flask import request
from flask_babel import gettext as _

from item_banks.schema import Bank
from lti_tool.persistence.tables.activities import Activity
from lti_tool.services.assigning.practice_settings import CONTROLS, PracticeSettings
from lti_tool.services.grading.rules import BadRule
from lti_tool.web.locale import choose_locale

REFLECTION = {"subject": None, "on": True, "off": False}
"""What the field says, and what `PracticeSettings.metacognition` holds."""
LONGEST_LOCALE = 16


def chosen_settings(settings: PracticeSettings | None = None, *, sent: bool = True) -> Mapping[str, str]:
    """The fields' values: as they were just sent, else as the activity has them, else the defaults."""
    kept = settings or PracticeSettings()
    names = ("way", "control", "metacognition", "hints", "start_check", "only_these")
    if sent and "control" in request.form:
        sent_place = request.form.get("content_locale", kept.content_locale)[:LONGEST_LOCALE]
        return {name: request.form.get(name, "")[:40] for name in names} | {"content_locale": sent_place}
    return {
        "way": "frontier" if kept.own_frontier else "set",
        "control": kept.control,
        "metacognition": next(name for name, value in REFLECTION.items() if value is kept.metacognition),
        "hints": "yes" if kept.hints else "",
        "start_check": "yes" if kept.start_check else "",
        "only_these": "yes" if kept.only_these else "",
        "content_locale": kept.content_locale,
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
        content_locale=form["content_locale"],
    )


def content_places(banks: Iterable[Bank], activity: Activity | None = None) -> dict[str, str]:
    """In which language and notation the items can be, by locale; the activity's own comes as it was stored."""
    found = {} if activity is not None else {"": str(_("as your LMS"))}
    for bank in banks:
        kept = bank.in_locale(activity.content_locale) if activity is not None else None
        for each in (bank, *bank.packs.values()) if bank.packs else ():
            code = activity.content_locale if activity is not None and each is kept else each.locale
            found[code] = Locale.parse(each.locale, sep="-").get_display_name(choose_locale()) or each.locale
    return found if len(found) > 1 else {}


def control_words() -> dict[str, str]:
    """Who chooses the topic, in words."""
    return {
        "teacher": str(_("Proximal chooses each next skill")),
        "shared": str(_("pupils choose one of three that fit")),
        "pupil": str(_("pupils choose among all that they are ready for")),
    }
