"""Where a grade is and why, in sentences that a teacher understands."""

from datetime import datetime

from flask_babel import format_datetime, format_decimal
from flask_babel import gettext as _

from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.grades import ScoreDelivery, ScoreOutbox
from lti_tool.services.delivery.grade_log import PupilGrade
from lti_tool.services.delivery.grade_repairs import NOT_IN_CLASS, is_of_the_pupil
from lti_tool.services.delivery.gradebook_check import SAME_POINTS
from lti_tool.web.locale import ago
from lti_tool.web.teacher.assigning.grading_form import teachers_zone


def number(value: float) -> str:
    """Points, with two decimals at most."""
    return str(format_decimal(round(value, 2)))


def label_of(pupil: PupilGrade) -> str:
    """The name that the LMS gives, or a label that stays the same."""
    return pupil.name or str(_("Pupil %(label)s", label=pupil.person_id[:5]))


def grade_sentence(pupil: PupilGrade, activity: Activity) -> str:
    """Where a pupil's newest grade is, and what it waits for."""
    score = pupil.score
    if score is None:
        return str(_("Nothing to send yet."))
    words = {
        "delivered": lambda: _delivered(score),
        "held": lambda: _held(activity, pupil.due_at),
        "waiting": lambda: _waiting(score),
        "parked": lambda: parked_sentence(score.problem, label_of(pupil), left=pupil.left),
        "theirs": lambda: _theirs(score),
    }
    return words[score.state]()


def parked_sentence(code: str | None, name: str, *, left: bool = False) -> str:
    """Why the LMS takes a grade not at all, and what helps. `left`: its class list says so too."""
    code = "not-enrolled" if left and is_of_the_pupil(code) else code
    words = {
        "not-a-pupil": _("The LMS says that %(name)s is no pupil of this course whom it can give grades.", name=name),
        "not-enrolled": _("The LMS says that %(name)s is not enrolled any more.", name=name),
        "http-401": _("The LMS does not accept Proximal's key. Your administrator can look into it."),
    }
    if code in NOT_IN_CLASS:
        return f"{words[str(code)]} {_('The grade waits here, and goes by itself once the pupil is back.')}"
    return str(words.get(code or "") or column_sentence(code))


def column_sentence(code: str | None) -> str:
    """Why the LMS takes no grades for a column, and what helps."""
    words = {
        "no-column": _(
            "The gradebook has no column for this activity. To have it again, choose “make it again” under “Change "
            "what the grade is”, then send."
        ),
        "column-refused": _("The LMS let Proximal make no gradebook column for this activity."),
        "not-allowed": _("The LMS does not let Proximal send grades here. Your administrator can allow it."),
        **dict.fromkeys(NOT_IN_CLASS, _("The LMS says that they are no pupils of this course.")),
    }
    return str(words.get(code or "") or _("The LMS refused it (%(code)s).", code=code))


def still_there(pupil: PupilGrade) -> str:
    """What the gradebook has while the newest grade is not there; empty where there is nothing to say."""
    score = pupil.score
    if score is None or score.delivered_points is None or score.state in ("delivered", "theirs"):
        return ""
    if score.problem == "no-column" or abs(score.delivered_points - score.points_given) < SAME_POINTS:
        return ""
    if score.state == "parked":
        return str(_("The gradebook still has %(points)s.", points=number(score.delivered_points)))
    return str(_("The gradebook has %(points)s until then.", points=number(score.delivered_points)))


def trouble_words(code: str | None) -> str:
    """Why a grade did not get through this time."""
    words = {
        "timeout": _("the LMS did not answer in time"),
        "unreachable": _("the LMS could not be reached"),
        "rate-limited": _("the LMS asked to slow down"),
        "web-page": _("the LMS answered with a web page, perhaps for maintenance"),
        "token-refused": _("the LMS does not accept Proximal's key; your administrator can look into it"),
        "http-409": _("the LMS called it out of date"),
        "column-deleted": _("the column was deleted and is made again"),
        "private-address": _(
            "the LMS's address is on a private network, where Proximal may not go; your administrator can allow it"
        ),
    }
    kinds = {
        "http-3": _("the LMS led Proximal to another address; your administrator can look into it"),
        "http-5": _("the LMS has a fault of its own (%(code)s)", code=code),
    }
    known = words.get(code or "") or kinds.get((code or "")[:6])
    return str(known or _("the LMS could not take it (%(code)s)", code=code))


def attempt_words(attempt: ScoreDelivery) -> str:
    """What came of one attempt at sending."""
    if attempt.result == "delivered":
        return str(_("%(points)s sent; the LMS has it", points=number(attempt.points_given)))
    reason = trouble_words(attempt.result)
    return str(_("%(points)s sent; %(reason)s", points=number(attempt.points_given), reason=reason))


def _delivered(score: ScoreOutbox) -> str:
    return str(_("In the gradebook, sent %(when)s.", when=ago(score.delivered_at))) if score.delivered_at else ""


def _theirs(score: ScoreOutbox) -> str:
    if score.found_points is None:
        return str(_("The grade was taken away in the gradebook. That stands."))
    return str(_("The gradebook holds %(points)s, given there. That grade stands.", points=number(score.found_points)))


def _held(activity: Activity, due_at: datetime | None) -> str:
    if activity.grading == "none":
        return str(_("Kept here: this activity is not graded now."))
    if activity.posting == "review":
        return str(_("Waits for your review."))
    if activity.posting == "due" and due_at is not None:
        when = format_datetime(due_at.astimezone(teachers_zone()), "d MMM, HH:mm", rebase=False)
        return str(_("Will be sent on the due date, %(when)s.", when=when))
    return str(_("Will be sent when the work is finished."))


def _waiting(score: ScoreOutbox) -> str:
    if score.problem is None:
        return str(_("On its way."))
    return str(_("Tried again soon: %(reason)s.", reason=trouble_words(score.problem)))
