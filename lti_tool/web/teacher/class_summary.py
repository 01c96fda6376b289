"""What a teacher should know before the table: how far the class is, whom to help first, and with what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from item_banks.schema import Skill
from lti_tool.services.attention import Need
from lti_tool.services.class_page import ClassPage, PupilRow
from lti_tool.services.mistakes import Example

MOST_NAMES = 6


@dataclass(frozen=True)
class NeedLine:
    """One line of "Needs you now": what, in which skill, who (with their pages), and what to do next."""

    what: str
    skill: str
    pupils: Sequence[PupilRow]
    more: str
    next_step: str


@dataclass(frozen=True)
class MistakeLine:
    """A mistake made more than once: in which skill, what the pupils were told, who made it, one real answer."""

    skill: str
    told: str
    pupils: Sequence[tuple[PupilRow, int]]
    example: Example


@dataclass(frozen=True)
class ClassSummary:
    """How many have started, how many have full points, who needs what, how many grades were refused."""

    started: int
    finished: int
    needs: Sequence[NeedLine]
    mistakes: Sequence[MistakeLine]
    refused: int


def summarise(page: ClassPage, skills: Sequence[Skill]) -> ClassSummary:
    """The figures of the sentences, from the same rows as the table: the two can't disagree."""
    titles = {skill.id: skill.title for skill in skills}
    rows = {pupil.person_id: pupil for pupil in page.pupils}
    points = page.activity.points
    return ClassSummary(
        started=sum(pupil.last_answer_at is not None for pupil in page.pupils),
        finished=sum(pupil.grade.points is not None and pupil.grade.points >= points for pupil in page.pupils),
        needs=[
            _need_line(need, titles, rows) for need in page.needs if need.skill_id is None or need.skill_id in titles
        ],
        mistakes=[
            MistakeLine(
                titles[mistake.skill_id],
                mistake.told,
                [(rows[person], times) for person, times in mistake.times.items()],
                mistake.example,
            )
            for mistake in page.mistakes
            if mistake.skill_id in titles
        ],
        refused=sum(pupil.grade.state == "parked" for pupil in page.pupils),
    )


def pupil_name(pupil: PupilRow) -> str:
    """The name that the LMS gives, or a label that stays the same."""
    return name_or_label(pupil.name, pupil.person_id)


def name_or_label(name: str, person_id: str) -> str:
    """A name, or the label that takes its place on every page."""
    return name or str(_("Pupil %(label)s", label=person_id[:5]))


def _need_line(need: Need, titles: Mapping[str, str], rows: Mapping[str, PupilRow]) -> NeedLine:
    people = sorted((rows[person] for person in need.people), key=lambda row: (not row.name, row.name.casefold()))
    hidden = len(people) - MOST_NAMES
    what, next_step = _NEEDS[need.kind]()
    return NeedLine(
        what=what,
        skill=titles.get(need.skill_id or "", ""),
        pupils=people[:MOST_NAMES],
        more=str(ngettext("and %(num)d more", "and %(num)d more", hidden)) if hidden > 0 else "",
        next_step=next_step,
    )


def _stuck() -> tuple[str, str]:
    return (
        str(_("Stuck on")),
        str(_("Do one worked example together. Proximal gives them the skill before this one meanwhile.")),
    )


def _sliding_back() -> tuple[str, str]:
    return str(_("Was strong, and is sliding back:")), str(
        _("A short review together helps; Proximal brings it back too.")
    )


def _guessing() -> tuple[str, str]:
    return (
        str(_("Answers faster than one can read, and mostly not right:")),
        str(_("Ask them to read one question aloud to you. Such answers do not count as tries.")),
    )


def _not_started() -> tuple[str, str]:
    return str(_("Not started yet:")), str(_("See that they can open the activity, and when they have time for it."))


_NEEDS = {
    "stuck": _stuck,
    "sliding_back": _sliding_back,
    "guessing": _guessing,
    "not_started": _not_started,
}
