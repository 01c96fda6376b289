"""What a teacher should know before the table: how far the class is, and whom to help first."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from item_banks.schema import Skill
from lti_tool.services.class_page import ClassPage, PupilRow


@dataclass(frozen=True)
class ClassSummary:
    """How many have started, how many have full points, who is stuck on what, how many grades were refused."""

    started: int
    finished: int
    stuck: Sequence[tuple[str, Sequence[str]]]
    refused: int


def summarise(page: ClassPage, skills: Sequence[Skill]) -> ClassSummary:
    """The figures of the sentences, from the same rows as the table: the two can't disagree."""
    stuck = [(skill.title, [pupil_name(pupil) for pupil in page.pupils if _is_stuck(pupil, skill)]) for skill in skills]
    points = page.activity.points
    return ClassSummary(
        started=sum(pupil.last_answer_at is not None for pupil in page.pupils),
        finished=sum(pupil.grade.points is not None and pupil.grade.points >= points for pupil in page.pupils),
        stuck=[(title, names) for title, names in stuck if names],
        refused=sum(pupil.grade.state == "parked" for pupil in page.pupils),
    )


def pupil_name(pupil: PupilRow) -> str:
    """The name that the LMS gives, or a label that stays the same."""
    return pupil.name or str(_("Pupil %(label)s", label=pupil.person_id[:5]))


def _is_stuck(pupil: PupilRow, skill: Skill) -> bool:
    report = pupil.skills.get(skill.id)
    return report is not None and report.state == "stuck"
