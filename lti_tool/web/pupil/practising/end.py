"""The end of a sitting: what was learned, how long it took, what the pupil thinks of it, and a stop."""

from flask import g
from flask.typing import ResponseReturnValue

from lti_tool.services.practising.practice import PracticeView
from lti_tool.services.pupil.learned import Practised, sitting_facts
from lti_tool.services.pupil.reflection import (
    calibration_of,
    find_strategy,
    note_shown,
    plan_of,
    reflects,
    right_since_plan,
)
from lti_tool.services.pupil.today import Plant
from lti_tool.web.context import now, runtime
from lti_tool.web.pupil.appearance import look_of
from lti_tool.web.pupil.pages import render
from lti_tool.web.pupil.picture import scene


def end_page(view: PracticeView) -> ResponseReturnValue:
    """The page at the end of a sitting, as often as it is opened."""
    activity, sitting = view.activity, view.sitting
    bank = runtime().catalog.bank_of(activity)
    with runtime().database.write() as session:
        facts = sitting_facts(session, bank, sitting, view.report)
        plan = plan_of(session, sitting.id) if reflects(session, activity, bank) else None
        strategy = find_strategy(bank, plan.strategy) if plan is not None else None
        since = right_since_plan(session, plan) if plan is not None else (0, 0)
        if strategy is not None:
            note_shown(session, sitting, "reflection", now())
        calibration = (
            calibration_of(session, g.launch.person_id, bank.id) if reflects(session, activity, bank) else None
        )
    return render(
        "pupil/practising/end.html",
        view=view,
        facts=facts,
        picture=scene([_plant(skill) for skill in facts.skills], look_of(g.launch)),
        plan=plan,
        strategy=strategy,
        since=since,
        calibration=calibration,
        language=bank.language,
    )


def _plant(skill: Practised) -> Plant:
    """A skill of the sitting, as it stands in the picture: who is stuck is growing, with the teacher's help."""
    return Plant(skill.skill_id, skill.title, "", "growing" if skill.state == "stuck" else skill.state, top_up=False)
