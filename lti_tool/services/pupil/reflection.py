"""Planning, judging and looking back: which strategy a pupil means to use, how sure an answer is, and what came of it.

Nothing here is graded, and nothing of it reaches the engine. What was shown and said is kept, for the pupil and teacher
to see beside the facts, and for studies.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from item_banks.schema import Bank
from item_banks.strategies import Strategy, load_strategies
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.practice import Exposure, Opportunity, PresentedItem, Sitting
from lti_tool.persistence.tables.pupils import Confidence, StrategyPlan
from lti_tool.services.assigning.features import is_on
from lti_tool.services.assigning.practice_settings import PracticeSettings
from lti_tool.services.practising.choosing.start_check import is_of_check

Helped = Literal["yes", "a_bit", "not_yet", "not_used"]
HELPED: tuple[Helped, ...] = get_args(Helped)
LEVELS = (1, 2, 3)
"""Not sure, a bit sure, sure."""
ONE_IN = 4
OFFERED = 3
"""Strategies to choose from at once."""
LATEST = 20
"""Confident answers that calibration looks back on."""
ENOUGH = 4
"""Sure answers from which their share says something."""


@dataclass(frozen=True)
class Calibration:
    """Of the latest answers about which a pupil was sure, or not sure: how many, and how many of them were right."""

    sure: int
    sure_right: int
    unsure: int
    unsure_right: int

    @property
    def says_something(self) -> bool:
        """Whether there are enough sure answers to speak of."""
        return self.sure >= ENOUGH


def reflects(session: Session, activity: Activity, bank: Bank) -> bool:
    """Whether pupils plan and reflect in an activity."""
    wanted = PracticeSettings.of(activity).reflects(bank.subject) and is_on(session, activity, "metacognition")
    return wanted and bool(strategies_of(bank))


def strategies_of(bank: Bank) -> tuple[Strategy, ...]:
    """The strategies taught beside a bank; a teacher's own list has those of its language."""
    return load_strategies().get(f"{bank.subject}-{bank.language}", ())


def offered_strategies(bank: Bank, grade: int, latest: Sequence[str] = ()) -> tuple[Strategy, ...]:
    """Three that fit the grade; those used lately come last, so that each has its turn."""
    fit = [each for each in strategies_of(bank) if each.grades[0] <= grade <= each.grades[1]] or strategies_of(bank)
    return tuple(sorted(fit, key=lambda each: latest.count(each.id))[:OFFERED])


def find_strategy(bank: Bank, strategy_id: str) -> Strategy | None:
    """The strategy with this id, as far as it is taught beside this bank."""
    return next((each for each in strategies_of(bank) if each.id == strategy_id), None)


# Planning


def plan_of(session: Session, sitting_id: int) -> StrategyPlan | None:
    """What was planned for a sitting."""
    return session.get(StrategyPlan, sitting_id)


def latest_plans(session: Session, person_id: str) -> list[str]:
    """Ids of the strategies chosen lately."""
    query = select(StrategyPlan.strategy).where(StrategyPlan.person_id == person_id)
    return list(session.scalars(query.order_by(StrategyPlan.sitting_id.desc()).limit(6)))


def make_plan(session: Session, sitting: Sitting, strategy: Strategy, now: datetime) -> None:
    """Mean to use a strategy in this sitting, or another one than before."""
    plan = plan_of(session, sitting.id)
    if plan is None:
        plan = StrategyPlan(sitting_id=sitting.id, person_id=sitting.person_id)
        session.add(plan)
    plan.strategy, plan.planned_at = strategy.id, now
    session.flush()


def note_shown(session: Session, sitting: Sitting, kind: str, now: datetime, detail: str = "") -> None:
    """Keep that a plan, a lesson or a reflection was put before a pupil, once in a sitting."""
    known = select(Exposure.id).where(
        Exposure.person_id == sitting.person_id,
        Exposure.activity_id == sitting.activity_id,
        Exposure.kind == kind,
        Exposure.shown_at >= sitting.started_at,
    )
    if session.scalars(known.limit(1)).first() is None:
        session.add(
            Exposure(
                person_id=sitting.person_id, activity_id=sitting.activity_id, kind=kind, detail=detail, shown_at=now
            )
        )


# Confidence


def asks_how_sure(presented: PresentedItem) -> bool:
    """Whether this item asks how sure the answer is: about one in four does, never in the start check."""
    return zlib.crc32(presented.token.encode()) % ONE_IN == 0 and not is_of_check(presented.reason)


def note_asked(session: Session, presented: PresentedItem, now: datetime) -> None:
    """Keep that a pupil was asked how sure an answer is, whatever was said."""
    session.add(
        Exposure(
            person_id=presented.person_id,
            activity_id=presented.activity_id,
            presented_item_id=presented.id,
            kind="confidence",
            shown_at=now,
        )
    )


def note_how_sure(session: Session, presented: PresentedItem, level: int, now: datetime) -> None:
    """Keep how sure a pupil was of an answer that is just being given. Raises ValueError for an unknown level."""
    if level not in LEVELS:
        raise ValueError(f"How sure is {level}. Use one of {LEVELS}.")
    session.add(Confidence(presented_item_id=presented.id, person_id=presented.person_id, level=level, given_at=now))


def how_sure(session: Session, presented: PresentedItem) -> int | None:
    """What the pupil said about this answer; None where nothing was said."""
    row = session.get(Confidence, presented.id)
    return row.level if row is not None else None


def calibration_of(session: Session, person_id: str, bank_id: str) -> Calibration:
    """How a pupil's latest judgements fit the facts."""
    query = (
        select(Confidence.level, Opportunity.correct)
        .join(Opportunity, Opportunity.presented_item_id == Confidence.presented_item_id)
        .join(PresentedItem, PresentedItem.id == Confidence.presented_item_id)
        .where(Confidence.person_id == person_id, PresentedItem.bank_id == bank_id, Opportunity.outcome == "answered")
        .order_by(Confidence.presented_item_id.desc())
        .limit(LATEST)
    )
    rows = session.execute(query).all()
    sure = [correct for level, correct in rows if level == LEVELS[-1]]
    unsure = [correct for level, correct in rows if level == LEVELS[0]]
    return Calibration(len(sure), sum(sure), len(unsure), sum(unsure))


# Looking back


def reflect(session: Session, sitting: Sitting, helped: Helped, now: datetime) -> None:
    """Keep what the pupil thinks of the strategy that was planned; without a plan there is nothing to think of."""
    plan = plan_of(session, sitting.id)
    if plan is not None:
        plan.helped, plan.reflected_at = helped, now
        session.flush()


def right_since_plan(session: Session, plan: StrategyPlan) -> tuple[int, int]:
    """Answers of the sitting since the plan was made: how many, and how many right at once without help."""
    since = [Opportunity.sitting_id == plan.sitting_id, Opportunity.answered_at >= plan.planned_at]
    count = select(func.count()).select_from(Opportunity)
    right = count.where(*since, Opportunity.correct, Opportunity.hints == 0)
    return session.scalar(count.where(*since)) or 0, session.scalar(right) or 0
