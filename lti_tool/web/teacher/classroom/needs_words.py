"""The rules of "Needs you now" in words: what each says, what to do next, and the numbers behind it."""

from collections.abc import Callable, Mapping

from flask_babel import gettext as _
from flask_babel import ngettext

from engine.mastery import DEFAULT_POLICY
from engine.tutor import HEADWAY
from lti_tool.services.classroom.attention import HARDLY, QUICK_TRIES, SLID, WAIT_FOR_START, Need, NeedKind
from lti_tool.services.classroom.class_page import PupilRow
from lti_tool.services.pupil.summaries import LATEST
from lti_tool.web.locale import percent
from lti_tool.web.teacher.words import evidence_words


def what(kind: NeedKind) -> str:
    """How the line begins; a skill may follow."""
    words = {
        "stuck": _("Stuck on"),
        "sliding_back": _("Was strong, and is sliding back:"),
        "hardly_moving": _("Hardly getting on with"),
        "guessing": _("Answers faster than one can read, and mostly not right:"),
        "not_started": _("Not started yet:"),
    }
    return str(words[kind])


def headline(kind: NeedKind, pupils: int) -> str:
    """The first sentence of the page; a skill follows where it is about one."""
    words = {
        "stuck": ngettext("%(num)d pupil is stuck on", "%(num)d pupils are stuck on", pupils),
        "sliding_back": ngettext("%(num)d pupil is sliding back in", "%(num)d pupils are sliding back in", pupils),
        "hardly_moving": ngettext("%(num)d pupil hardly gets on with", "%(num)d pupils hardly get on with", pupils),
        "guessing": ngettext(
            "%(num)d pupil answers faster than one can read.",
            "%(num)d pupils answer faster than one can read.",
            pupils,
        ),
        "not_started": ngettext("%(num)d pupil has not started yet.", "%(num)d pupils have not started yet.", pupils),
    }
    return str(words[kind])


def next_step(kind: NeedKind, *, of_list: bool = False) -> str:
    """What a teacher can do in five minutes; with a list of words or facts there is nothing to be worked out."""
    stuck = _("Do one worked example together. Proximal gives them the skill before this one meanwhile.")
    hardly = _("Look at one answer together: how did they get there? More of the same may not be enough.")
    if of_list:
        stuck = _("Pick three that are missed and say them together until they come. Proximal lets the list rest.")
        hardly = _("Pick three that are missed (press a name to see which), and practise only those for some days.")
    words = {
        "stuck": stuck,
        "sliding_back": _("A short review together helps; Proximal brings it back too."),
        "hardly_moving": hardly,
        "guessing": _("Ask them to read one question aloud to you. Such answers do not count as tries."),
        "not_started": _("See that they can open the activity, and when they have time for it."),
    }
    return str(words[kind])


def definition(kind: NeedKind, *, of_list: bool = False) -> str:
    """The rule as it is in services.classroom.attention, in a sentence; of a list of words or facts, or of a rule."""
    hardly_moving = _hardly_moving_in_list() if of_list else _hardly_moving()
    words = {
        "stuck": _(
            "Stuck: it hardly gets on, and Proximal has put the skill aside: %(more)d further answers would hardly "
            "make it strong (chance below %(limit)s).",
            more=DEFAULT_POLICY.horizon,
            limit=percent(DEFAULT_POLICY.give_up),
        )
        + " "
        + hardly_moving,
        "hardly_moving": hardly_moving,
        "sliding_back": _(
            "Sliding back: the skill was strong, is open again after wrong answers, and meets the standard with a "
            "chance below %(limit)s.",
            limit=percent(SLID),
        ),
        "guessing": _(
            "Fast guessing: %(some)d or more of the latest %(all)d answers came before the question can be read.",
            some=QUICK_TRIES,
            all=LATEST,
        ),
        "not_started": _(
            "Not started: no answer yet, while half of the class has begun or %(days)d days have passed.",
            days=WAIT_FOR_START.days,
        ),
    }
    return str(words[kind])


def _hardly_moving() -> str:
    return str(
        _(
            "Hardly getting on: the latest %(tries)d answers have, more likely than not (%(limit)s), made less than a "
            "quarter of the way that was missing.",
            tries=HEADWAY.tries,
            limit=percent(HARDLY),
        )
    )


def _hardly_moving_in_list() -> str:
    return str(
        _(
            "Hardly getting on with a list: after %(more)d answers or more, more likely than not (%(limit)s) less than "
            "half of what was missing at first is known by now.",
            more=2 * HEADWAY.tries,
            limit=percent(HARDLY),
        )
    )


def evidence(need: Need, pupil: PupilRow, *, of_list: bool = False) -> str:
    """The numbers for one pupil of a line."""
    if need.kind in ("stuck", "hardly_moving"):
        return _of_standstill(need, pupil, of_list=of_list)
    return _EVIDENCE[need.kind](need, pupil)


def _of_list(need: Need, pupil: PupilRow) -> str:
    report = pupil.skills[need.skill_id or ""]
    return str(
        ngettext(
            "%(num)d answer; of the list about %(share)s is known by now; latest, oldest first: %(latest)s",
            "%(num)d answers; of the list about %(share)s is known by now; latest, oldest first: %(latest)s",
            report.opportunities,
            share=percent(report.p_known),
            latest=evidence_words(report.evidence),
        )
    )


def _of_skill(need: Need, pupil: PupilRow) -> str:
    report = pupil.skills[need.skill_id or ""]
    return str(
        ngettext(
            "%(num)d answer; meets the standard: %(chance)s; latest, oldest first: %(latest)s",
            "%(num)d answers; meets the standard: %(chance)s; latest, oldest first: %(latest)s",
            report.opportunities,
            chance=percent(report.p_meets_standard),
            latest=evidence_words(report.evidence),
        )
    )


def _of_standstill(need: Need, pupil: PupilRow, *, of_list: bool) -> str:
    chance, words = pupil.standstill.get(need.skill_id or ""), (_of_list if of_list else _of_skill)(need, pupil)
    if chance is None:
        return words
    return f"{words}; {_('chance that it hardly gets on: %(chance)s', chance=percent(chance))}"


def _of_speed(_need: Need, pupil: PupilRow) -> str:
    return str(
        _("%(some)d of the latest %(all)d answers too quick", some=pupil.latest.count("q"), all=len(pupil.latest))
    )


def _of_start(_need: Need, _pupil: PupilRow) -> str:
    return str(_("no answer in this activity"))


_EVIDENCE: Mapping[NeedKind, Callable[[Need, PupilRow], str]] = {
    "sliding_back": _of_skill,
    "guessing": _of_speed,
    "not_started": _of_start,
}
