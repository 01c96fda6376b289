"""What a pupil has learned, in facts that pupil, teacher and parent can agree on: all skills, and one sitting."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.learner import SkillReport
from item_banks.schema import Bank
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.practice import Certificate, Opportunity, PresentedItem, Sitting
from lti_tool.services.catalog import Catalog
from lti_tool.services.practising.choosing.offering import in_order
from lti_tool.services.practising.replay import current_pupil
from lti_tool.services.pupil.goals import Week
from lti_tool.services.pupil.today import Plant, plants


@dataclass(frozen=True)
class Practised:
    """One skill of a sitting: how many questions, how many right at once without help, and where it stands now."""

    skill_id: str
    title: str
    questions: int
    right: int
    state: str
    newly_strong: bool


@dataclass(frozen=True)
class SittingFacts:
    """What happened in a sitting. `minutes` from its beginning to its last answer, at least 1."""

    questions: int
    minutes: int
    skills: tuple[Practised, ...]


@dataclass(frozen=True)
class Learned:
    """All that a pupil has practised in one subject. Strands and skills in the order of the bank."""

    activity: Activity
    strands: Mapping[str, tuple[Plant, ...]]
    newly_strong: tuple[str, ...]
    """Titles of the skills that became strong in the last four weeks."""
    days_this_week: int
    questions_this_week: int
    minutes_this_week: int


def sitting_facts(session: Session, bank: Bank, sitting: Sitting, report: Mapping[str, SkillReport]) -> SittingFacts:
    """Count a sitting. `report` has every skill that may have been practised in it."""
    answers = session.scalars(
        select(Opportunity).where(Opportunity.sitting_id == sitting.id).order_by(Opportunity.id)
    ).all()
    certificates = select(Certificate.skill_id).where(
        Certificate.person_id == sitting.person_id, Certificate.strong_since >= sitting.started_at
    )
    fresh = set(session.scalars(certificates))
    asked = Counter(answer.skill_id for answer in answers)
    right = Counter(answer.skill_id for answer in answers if answer.correct and not answer.hints)
    skills = tuple(
        Practised(
            skill_id,
            bank.skills[skill_id].child_title,
            asked[skill_id],
            right[skill_id],
            report[skill_id].state if skill_id in report else "growing",
            skill_id in fresh,
        )
        for skill_id in in_order(bank, asked)
    )
    return SittingFacts(len(answers), _minutes(sitting.started_at, answers[-1].answered_at) if answers else 0, skills)


def learned(
    session: Session,
    catalog: Catalog,
    activity: Activity,
    person_id: str,
    *,
    week: Week,
    since: datetime,
    now: datetime,
) -> Learned:
    """Everything practised in the activity's subject, wherever; with the activity's own skills that are still new."""
    bank = catalog.bank_of(activity)
    pupil = current_pupil(session, catalog, activity, person_id)
    touched = {skill_id for skill_id in pupil.learner.skills if skill_id in bank.skills}
    report = pupil.report(now=now, within=in_order(bank, {*touched, *activity.skill_ids}))
    strands: dict[str, list[Plant]] = {}
    for plant in plants(bank, report):
        strands.setdefault(plant.strand, []).append(plant)
    strong = select(Certificate.skill_id).where(
        Certificate.person_id == person_id, Certificate.strong_since >= since, Certificate.standard == activity.standard
    )
    moments = session.execute(
        select(
            Opportunity.sitting_id, func.min(Opportunity.answered_at), func.max(Opportunity.answered_at), func.count()
        )
        .join(PresentedItem, PresentedItem.id == Opportunity.presented_item_id)
        .where(
            Opportunity.person_id == person_id,
            PresentedItem.bank_id == bank.id,
            Opportunity.answered_at >= week.start,
        )
        .group_by(Opportunity.sitting_id)
    ).all()
    return Learned(
        activity=activity,
        strands={strand: tuple(each) for strand, each in strands.items()},
        newly_strong=tuple(bank.skills[s].child_title for s in in_order(bank, session.scalars(strong))),
        days_this_week=len({first.astimezone(week.zone).date() for _, first, _, _ in moments}),
        questions_this_week=sum(count for *_, count in moments),
        minutes_this_week=sum(_minutes(first, last) for _, first, last, _ in moments),
    )


def _minutes(first: datetime, last: datetime) -> int:
    """Whole minutes, at least one."""
    return max(1, round((last - first).total_seconds() / 60))
