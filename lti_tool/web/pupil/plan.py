"""The plan that stands beside a question: strategies to choose from, or the one that was chosen."""

from dataclasses import dataclass

from flask import g
from sqlalchemy.orm import Session

from item_banks.strategies import Strategy
from lti_tool.persistence.tables.activities import Activity
from lti_tool.services.practising.choosing.start_check import is_of_check
from lti_tool.services.practising.practice import PracticeView
from lti_tool.services.pupil.reflection import (
    find_strategy,
    latest_plans,
    note_shown,
    offered_strategies,
    plan_of,
    reflects,
)
from lti_tool.web.context import now, runtime


@dataclass(frozen=True)
class PlanPanel:
    """What is planned, else what can be."""

    chosen: Strategy | None
    offered: tuple[Strategy, ...]


def plan_panel(session: Session, activity: Activity, view: PracticeView) -> PlanPanel | None:
    """The panel of a practice page; None where the teacher wants none, and while the pupil finds out where to start.

    It is open to choose from at the first question of a sitting; later it only reminds of what was chosen.
    """
    bank = runtime().catalog.bank_of(activity)
    waiting = view.open_item
    if waiting is None or not reflects(session, activity, bank) or is_of_check(dict(waiting.reason)):
        return None
    plan = plan_of(session, view.sitting.id)
    if plan is not None:
        chosen = find_strategy(bank, plan.strategy)
        return PlanPanel(chosen, ()) if chosen is not None else None
    if view.items_done:
        return None
    note_shown(session, view.sitting, "plan", now())
    skill = bank.skills.get(waiting.skill_id)
    latest = latest_plans(session, g.launch.person_id)
    return PlanPanel(None, offered_strategies(bank, skill.grade if skill else 3, latest))
