"""A short tour of the class page: a note beside each part that says what it is for, to be read or skipped."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from lti_tool.web.teacher.classroom.class_summary import ClassSummary


@dataclass(frozen=True)
class Stop:
    """A note of the tour: beside which part of the page, and what it says."""

    part: str
    text: str


def stops(summary: ClassSummary) -> Sequence[Stop]:
    """The tour of a page, from top to bottom: only what is there is spoken of."""
    together = bool(summary.groups or summary.pairs or summary.running)
    every = (
        (True, "opening", _("The first sentence says whom to help, and with what. The rest of the page is why.")),
        (
            bool(summary.needs),
            "needs",
            _(
                "At most five things at once, each with what to do next. “Why, and the numbers” gives the rule, and "
                "what it found."
            ),
        ),
        (
            together,
            "together",
            _(
                "Groups need the same skill and are ready for it; in a pair each explains something. “Five-minute "
                "activity” is a page to hold in your hand."
            ),
        ),
        (
            True,
            "map",
            _(
                "Each pupil and each skill. A name opens the pupil's page: every answer, and what you can do, such as "
                "choosing what comes next."
            ),
        ),
        (
            bool(summary.mistakes),
            "mistakes",
            _("What was got wrong more than once in the same way, with a real answer."),
        ),
        (
            True,
            "work",
            _("Who practised in the last 7 days, whether the grade is in the gradebook, and more time for one pupil."),
        ),
    )
    return [Stop(part, str(text)) for there, part, text in every if there]
