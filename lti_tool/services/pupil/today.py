"""The Today page: the goal of the week, a picture of all skills, and what to begin with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from engine.learner import SkillReport
from item_banks.schema import Bank
from lti_tool.persistence.tables.activities import Activity
from lti_tool.services.assigning.features import switched_off
from lti_tool.services.catalog import Catalog
from lti_tool.services.grading.modes import MASTERED
from lti_tool.services.helping.accommodations import accommodations_of
from lti_tool.services.practising.choosing.offering import beyond, offered_skills
from lti_tool.services.practising.choosing.start_check import may_check
from lti_tool.services.practising.learners import Pupil
from lti_tool.services.practising.replay import current_pupil
from lti_tool.services.practising.sittings import items_in, sitting_under_way
from lti_tool.services.pupil.goals import Goal, Week, goal_of

TopicReason = Literal["fresh", "builds_on", "growing", "nearly", "top_up"]
CHOICES = 3
_SHOWN = {"stuck": "growing"}
"""A state that pupils see under another's name."""
NEARLY = 0.8
"""P(meets the standard) from which a skill is nearly strong."""


@dataclass(frozen=True)
class Plant:
    """One skill in the picture. `top_up`: it was kept, and has slipped since."""

    skill_id: str
    title: str
    strand: str
    state: str
    top_up: bool


@dataclass(frozen=True)
class Topic:
    """A skill to choose, in which state it is, and why."""

    skill_id: str
    title: str
    state: str
    reason: TopicReason


@dataclass(frozen=True)
class Today:
    """Everything on the page. `answered` counts the questions of the sitting that waits to be gone on with; None: none
    waits. `checking`: the next questions find out where to start, so that there is nothing to choose yet."""

    activity: Activity
    plants: tuple[Plant, ...]
    goal: Goal | None
    topics: tuple[Topic, ...]
    more_topics: tuple[Topic, ...]
    checking: bool
    answered: int | None
    ahead: Topic | None
    chooses: bool
    """Whether the pupil chooses a topic; else what comes next is chosen for everybody."""


def today(
    session: Session, catalog: Catalog, activity: Activity, person_id: str, *, zone: ZoneInfo, now: datetime
) -> Today:
    """What the pupil's Today page shows. It begins nothing."""
    bank = catalog.bank_of(activity)
    pupil = current_pupil(session, catalog, activity, person_id)
    offered = offered_skills(bank, activity, pupil, start_grade=accommodations_of(session, person_id).start_grade)
    report = pupil.report(now=now, within=offered)
    checking = may_check(session, activity, person_id) and pupil.tutor.starts_with_check(pupil.learner, within=offered)
    ready = [] if checking else list(pupil.tutor.topics(pupil.learner, now=now, within=offered, count=len(offered)))
    chosen = spread(bank, sorted(ready, key=lambda skill_id: not report[skill_id].lapsed))
    sitting, off = sitting_under_way(session, activity.id, person_id), switched_off(session, activity)
    return Today(
        activity=activity,
        plants=plants(bank, report),
        goal=goal_of(session, person_id, bank.id, Week.of(now, zone)),
        topics=tuple(_topic(bank, skill_id, report) for skill_id in chosen),
        more_topics=_more(bank, activity, ready, chosen, report),
        checking=checking,
        answered=items_in(session, sitting) if sitting is not None else None,
        ahead=_ahead(bank, activity, pupil, report, now) if not checking and "ahead" not in off else None,
        chooses=activity.control != "teacher" and "choice" not in off,
    )


def plants(bank: Bank, report: Mapping[str, SkillReport]) -> tuple[Plant, ...]:
    """The picture's skills with their states, in the order of the report. A stuck one goes on growing."""
    return tuple(
        Plant(
            skill_id,
            bank.skills[skill_id].child_title,
            bank.skills[skill_id].strand,
            _SHOWN.get(each.state, each.state),
            each.lapsed,
        )
        for skill_id, each in report.items()
        if skill_id in bank.skills
    )


def spread(bank: Bank, skill_ids: Sequence[str], count: int = CHOICES) -> list[str]:
    """The first of them, from as many strands as there are, so that a choice is one."""
    strands: dict[str, list[str]] = {}
    for skill_id in skill_ids:
        strands.setdefault(bank.skills[skill_id].strand, []).append(skill_id)
    turns = [(n, at, skill_id) for at, group in enumerate(strands.values()) for n, skill_id in enumerate(group)]
    return [skill_id for _, _, skill_id in sorted(turns)[:count]]


def _more(
    bank: Bank, activity: Activity, ready: Iterable[str], chosen: Sequence[str], report: Mapping[str, SkillReport]
) -> tuple[Topic, ...]:
    """All else that can be worked on, where the teacher leaves the choice to the pupil."""
    if activity.control != "pupil":
        return ()
    return tuple(_topic(bank, skill_id, report) for skill_id in ready if skill_id not in chosen)


def _topic(bank: Bank, skill_id: str, report: Mapping[str, SkillReport]) -> Topic:
    skill, now = bank.skills[skill_id], report[skill_id]
    reason: TopicReason = "fresh"
    if now.lapsed:
        reason = "top_up"
    elif now.opportunities:
        reason = "nearly" if now.p_meets_standard >= NEARLY else "growing"
    elif any(p in report and report[p].state in MASTERED for p in skill.prerequisites):
        reason = "builds_on"
    return Topic(skill_id, skill.child_title, _SHOWN.get(now.state, now.state), reason)


def _ahead(
    bank: Bank, activity: Activity, pupil: Pupil, report: Mapping[str, SkillReport], now: datetime
) -> Topic | None:
    """A skill beyond the activity's, once all of these are strong."""
    if activity.only_these or not report or any(each.state not in MASTERED for each in report.values()):
        return None
    states = pupil.report(now=now)
    known = {skill_id for skill_id, each in states.items() if each.state in MASTERED}
    fresh = [skill_id for skill_id in beyond(bank, activity, known) if skill_id not in known]
    return _topic(bank, fresh[0], states) if fresh else None
