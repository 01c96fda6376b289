"""States and grades, in a teacher's words."""

from flask_babel import format_decimal
from flask_babel import gettext as _

from lti_tool.services.class_page import GradeStatus


def state_words(state: str) -> str:
    """A skill's state on the class page."""
    words = {
        "new": _("not started"),
        "growing": _("growing"),
        "strong": _("strong"),
        "kept": _("kept"),
        "stuck": _("stuck"),
    }
    return str(words[state])


def grade_words(grade: GradeStatus, points: float) -> str:
    """Where a pupil's grade is."""
    if grade.points is None:
        return str(_("no grade yet"))
    shown = _("%(given)s of %(maximum)s", given=_number(grade.points), maximum=_number(points))
    if grade.state == "delivered":
        return str(_("%(score)s, in the gradebook", score=shown))
    if grade.state == "parked":
        return str(_("%(score)s, not accepted by the LMS (%(code)s)", score=shown, code=grade.problem))
    return str(_("%(score)s, on its way", score=shown))


def _number(value: float) -> str:
    return str(format_decimal(round(value, 2)))
