"""What a grade is, and its way into the outbox (in the transaction of the answer that earned it)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.learner import SkillReport
from lti_tool.persistence.activities import Activity, LineItem
from lti_tool.persistence.grades import ScoreOutbox
from lti_tool.persistence.people import Person
from lti_tool.persistence.practice import Opportunity
from lti_tool.services.wording import catalogue

MASTERED = ("strong", "kept")
MAX_COMMENT = 140


@dataclass(frozen=True)
class Progress:
    """How far a pupil is in an activity."""

    attempts: int
    """Honest attempts in this activity: all answers but "I couldn't hear it"."""
    attempts_needed: int
    mastered: int
    skills: int

    @property
    def all_mastered(self) -> bool:
        """Whether every assigned skill is strong; never without any, so that an emptied bank gives no points."""
        return 0 < self.mastered == self.skills

    @property
    def share(self) -> float:
        """Share of the points, by practice done: full when all skills are strong earlier."""
        return 1.0 if self.all_mastered else min(1.0, self.attempts / self.attempts_needed)


def progress_of(session: Session, activity: Activity, person_id: str, report: Mapping[str, SkillReport]) -> Progress:
    """Count a pupil's attempts in one activity, and the strong ones among its skills.

    A skill that has left the bank can't become strong any more, and is not asked for.
    """
    attempts = session.scalar(
        select(func.count())
        .select_from(Opportunity)
        .where(
            Opportunity.activity_id == activity.id,
            Opportunity.person_id == person_id,
            Opportunity.outcome != "no_evidence",
        )
    )
    skills = [report[skill_id] for skill_id in activity.skill_ids if skill_id in report]
    return Progress(
        attempts=attempts or 0,
        attempts_needed=activity.attempts_for_full_points,
        mastered=sum(skill.state in MASTERED for skill in skills),
        skills=len(skills),
    )


def enqueue_grade(
    session: Session, activity: Activity, person_id: str, progress: Progress, *, locale: str, now: datetime
) -> None:
    """Put the pupil's present score into the outbox, over one that still waits there.

    A score is never lower than one before it: later doubt about a skill takes no points away. Before the first
    honest attempt there is none: a pupil who could not hear a single word must not find a zero.
    """
    column = session.scalars(
        select(LineItem).where(LineItem.activity_id == activity.id, LineItem.resource_id == activity.id)
    ).one_or_none()
    if column is None or session.get_one(Person, person_id).preview:
        return  # a teacher's "student view" must not stand in the gradebook
    row = session.scalars(
        select(ScoreOutbox)
        .where(ScoreOutbox.line_item_id == column.id, ScoreOutbox.person_id == person_id)
        .with_for_update()
    ).one_or_none()
    if row is None and progress.share == 0:
        return
    points = max(activity.points * progress.share, row.points_given if row else 0.0)
    completed = progress.share >= 1.0 or (row is not None and row.completed)
    comment = grade_comment(progress, locale)
    if row is None:
        row = ScoreOutbox(line_item_id=column.id, person_id=person_id, revision=0, points_given=0.0)
        session.add(row)
    elif (row.points_given, row.comment, row.completed) == (points, comment, completed):
        return
    row.points_given, row.points_maximum = points, activity.points
    row.comment, row.completed = comment, completed
    row.revision += 1
    row.state, row.next_attempt_at, row.attempts = "waiting", now, 0
    row.problem = row.problem_detail = None


def grade_comment(progress: Progress, locale: str) -> str:
    """The comment beside the score: plain words for pupil, parent and teacher, at most 140 characters."""
    words = catalogue(locale)
    if progress.all_mastered:
        text = words.ngettext(
            "The skill is strong: all done.", "All %(skills)d skills are strong: all done.", progress.skills
        ) % {"skills": progress.skills}
    else:
        tries = words.ngettext(
            "%(attempts)d of %(needed)d try done.", "%(attempts)d of %(needed)d tries done.", progress.attempts_needed
        ) % {"attempts": min(progress.attempts, progress.attempts_needed), "needed": progress.attempts_needed}
        strong = words.ngettext(
            "%(mastered)d of %(skills)d skill strong so far.",
            "%(mastered)d of %(skills)d skills strong so far.",
            progress.skills,
        ) % {"mastered": progress.mastered, "skills": progress.skills}
        text = f"{tries} {strong}"
    return text[:MAX_COMMENT]
