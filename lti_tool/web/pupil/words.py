"""The engine's keys, in a child's words."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from lti_tool.services.pupil.reflection import LEVELS, Calibration
from lti_tool.services.pupil.today import Topic

_STATES = {
    "new": _l("not started yet"),
    "growing": _l("growing"),
    "strong": _l("strong"),
    "kept": _l("strong, and it stayed"),
    "stuck": _l("growing, with your teacher's help"),
}
_TOP_UP = _l("ready for a top-up")


def praise_state(state: str, *, top_up: bool = False) -> str:
    """A skill's state for the pupil."""
    return str(_TOP_UP if top_up else _STATES[state])


def topic_words(topic: Topic) -> str:
    """Why a skill can be chosen, in one sentence."""
    sentences = {
        "fresh": _("New for you: a fresh start."),
        "builds_on": _("You are ready: it builds on something you know."),
        "growing": _("You have begun. Practice makes it stronger."),
        "nearly": _("Almost strong: a few more to be sure."),
        "top_up": _("You could do this well. Ready for a top-up."),
    }
    return str(sentences[topic.reason])


def judged_words(sure: int, correct: bool, calibration: Calibration) -> str:
    """What a pupil learns from having said how sure an answer was; calm, whatever came of it."""
    if calibration.says_something and sure == LEVELS[-1]:
        return str(
            _("You were sure and right %(right)d of %(num)d times.", right=calibration.sure_right, num=calibration.sure)
        )
    if sure == LEVELS[-1]:
        return str(_("You were sure, and it is right.") if correct else _("You were sure. Look where it differs."))
    if correct:
        return str(_("You know more than you thought."))
    return str(_("You noticed that it was not easy. That helps."))


def goal_words(kind: str, target: int) -> str:
    """A goal of the week, as the pupil would say it."""
    if kind == "days":
        return str(ngettext("Practise on %(num)d day", "Practise on %(num)d days", target))
    if kind == "items":
        return str(ngettext("Answer %(num)d question", "Answer %(num)d questions", target))
    return str(ngettext("Make %(num)d skill strong", "Make %(num)d skills strong", target))


def reason_words(reason: Mapping[str, Any]) -> str:
    """Why this item now (keys: engine.learner.ReasonKey)."""
    sentences = {
        "start": _("Let's find out how this goes."),
        "next_step": _("You are ready for the next step."),
        "practise": _("Practice makes this stronger."),
        "almost_there": _("Almost there: one more to be sure."),
        "missed_before": _("This one comes back, so that it sticks."),
        "check": _("Does it still hold today?"),
        "top_up": _("You could do this well: time for a top-up."),
        "back_to_basics": _("First a step that helps with a harder one."),
        "try_again": _("A fresh start with this one."),
        "breather": _("Here is one that you know well."),
    }
    return str(sentences[reason["key"]])
