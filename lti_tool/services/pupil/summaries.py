"""Counts each pupil's practice as it happens: in all, and by the day. Pages read these, never all opportunities."""

from collections.abc import Sequence
from datetime import datetime
from statistics import fmean
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.learner import SkillReport
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.practice import Opportunity
from lti_tool.persistence.tables.summaries import PracticeDay, PracticeTotal
from lti_tool.persistence.tables.tenancy import District, Registration
from lti_tool.services.district_time import district_zone

LONGEST: Final = 300.0
"""Seconds for which one answer counts as work at most: a lid may have been closed."""
LATEST: Final = 10
"""How many of the latest tries are remembered one by one."""
STARTED_AFTER: Final = 12
"""Tries after which a pupil's start is known: the length of the start check."""


def count_practice(session: Session, activity: Activity, person_id: str, levels: Sequence[SkillReport]) -> None:
    """Take a pupil's answers in one activity into the counts: the newest, and any that were not counted yet.

    `levels` are the reports of the activity's skills now. The caller holds the learner's lock.
    """
    total = session.get(PracticeTotal, (activity.id, person_id))
    if total is None:
        total = PracticeTotal(activity_id=activity.id, person_id=person_id)
        total.tries = total.honest = total.right = total.sittings = total.last_opportunity_id = 0
        total.seconds, total.latest = 0.0, ""
        session.add(total)
    new = select(Opportunity).where(
        Opportunity.activity_id == activity.id,
        Opportunity.person_id == person_id,
        Opportunity.id > total.last_opportunity_id,
    )
    answers = session.scalars(new.order_by(Opportunity.id)).all()
    days = _Days(session, activity, person_id)
    for answer in answers:
        _add(total, days.of(answer.answered_at), answer)
    if total.start_level is None and total.tries >= STARTED_AFTER > total.tries - len(answers) and levels:
        total.start_level = fmean(level.p_correct_typed for level in levels)


class _Days:
    """One pupil's rows by day, made where there is none."""

    def __init__(self, session: Session, activity: Activity, person_id: str) -> None:
        self._session = session
        self._key = (activity.id, person_id)
        self._zone = district_zone(
            session.scalars(
                select(District)
                .join(Registration, Registration.district_id == District.id)
                .where(Registration.id == activity.registration_id)
            ).one()
        )

    def of(self, moment: datetime) -> PracticeDay:
        key = (*self._key, moment.astimezone(self._zone).date())
        day = self._session.get(PracticeDay, key)
        if day is None:
            day = PracticeDay(activity_id=key[0], person_id=key[1], day=key[2])
            day.tries = day.right = day.sittings = 0
            day.seconds = 0.0
            self._session.add(day)
            self._session.flush()
        return day


def _add(total: PracticeTotal, day: PracticeDay, answer: Opportunity) -> None:
    seconds = min(answer.seconds or 0.0, LONGEST)
    fresh = answer.sitting_id != total.last_sitting_id
    for row in (total, day):
        row.tries += answer.outcome != "no_evidence"
        row.right += answer.correct
        row.seconds += seconds
        row.sittings += fresh
    if answer.outcome != "no_evidence":
        total.honest += answer.honest
        total.latest = (total.latest + ("h" if answer.honest else "q"))[-LATEST:]
    total.last_sitting_id, total.last_opportunity_id = answer.sitting_id, answer.id
