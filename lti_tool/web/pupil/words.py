"""The engine's keys, in a child's words."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

_STATES = {
    "new": _l("not started yet"),
    "growing": _l("growing"),
    "strong": _l("strong"),
    "kept": _l("strong, and it stayed"),
    "stuck": _l("needs a fresh start with your teacher"),
}


def praise_state(state: str) -> str:
    """A skill's state for the pupil."""
    return str(_STATES[state])


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
    }
    return str(sentences[reason["key"]])
