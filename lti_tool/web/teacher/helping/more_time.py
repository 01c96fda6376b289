"""More time for one pupil, on the class page: what is to be chosen, and who has some. `acts.more_time` gives it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from lti_tool.services.classroom.class_page import ClassPage, PupilRow

DAYS: Final = (7, 1, 2, 3, 5, 14, 21, 28, 0)
"""What is offered, the usual first; 0 takes it back."""


@dataclass(frozen=True)
class MoreTime:
    """`choices`: days and what they mean here; `given`: pupils who have more time, with how much and until when."""

    choices: Sequence[tuple[int, str]]
    given: Sequence[tuple[PupilRow, str]]


def more_time(page: ClassPage) -> MoreTime | None:
    """None where the activity has no due date."""
    if page.activity.due_at is None:
        return None
    due_at = page.activity.due_at.astimezone(page.zone)
    return MoreTime(
        choices=[(days, _words(due_at, days)) for days in DAYS],
        given=[(pupil, _words(due_at, pupil.extra_days)) for pupil in page.pupils if pupil.extra_days],
    )


def _words(due_at: datetime, days: int) -> str:
    until = format_date(due_at + timedelta(days=days), "EEE d MMM")
    if not days:
        return str(_("as the class: until %(date)s", date=until))
    return str(ngettext("%(num)d day more: until %(date)s", "%(num)d days more: until %(date)s", days, date=until))
