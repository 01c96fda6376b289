"""What a pupil may be given next: the assigned skills, and beyond them where that helps; and with which wishes."""

from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from engine.choosing.skill_selection import nothing_goes_right
from engine.choosing.wishes import Wishes
from item_banks.schema import Bank
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.practice import Sitting
from lti_tool.services.helping.steering import Steer
from lti_tool.services.practising.learners import Pupil


def offered_skills(bank: Bank, activity: Activity, pupil: Pupil, *, start_grade: int | None = None) -> list[str]:
    """The skills from which the tutor chooses, in the order of the bank.

    Beside the assigned ones, what a skill builds on that is stuck or in which nothing goes right, unless the teacher
    wants only these. At the own frontier a child with a grade of its own begins there.
    """
    assigned = _assigned(bank, activity, start_grade)
    if activity.only_these:
        return assigned
    helping = {p for skill in assigned if _needs_help(pupil, skill) for p in bank.skills[skill].prerequisites}
    return in_order(bank, {*assigned, *helping})


def _needs_help(pupil: Pupil, skill_id: str) -> bool:
    record = pupil.learner.skills.get(skill_id)
    return record is not None and (record.state == "stuck" or nothing_goes_right(record))


def beyond(bank: Bank, activity: Activity, known: Collection[str]) -> list[str]:
    """Skills that no assigned one is, and whose prerequisites the pupil has: for those who are ahead."""
    assigned = set(activity.skill_ids)
    return [
        skill.id
        for skill in bank.skills.values()
        if skill.id not in assigned and skill.prerequisites and all(p in known for p in skill.prerequisites)
    ]


def wishes_of(sitting: Sitting, activity: Activity, off: AbstractSet[str]) -> Wishes:
    """What the pupil wants of this sitting, as far as the teacher lets pupils choose. `off`: what the class lacks."""
    level = sitting.level if sitting.level in ("easier", "harder") and "level" not in off else None
    chooses = activity.control != "teacher" and "choice" not in off
    if "ahead" in off and sitting.purpose != "practice":
        return Wishes(level=level)  # type: ignore[arg-type]
    if sitting.purpose == "test_out":
        return Wishes(pinned=sitting.topic, level="harder")
    if sitting.purpose == "challenge":
        return Wishes(topic=sitting.topic, level="harder")
    return Wishes(topic=sitting.topic if chooses else None, level=level)  # type: ignore[arg-type]


def steered(wishes: Wishes, steer: Steer, said: Mapping[str, str]) -> Wishes:
    """The pupil's wishes with the teacher's, which come first. What a teacher calls strong is not practised."""
    settled = {skill_id for skill_id, state in said.items() if state == "strong"}
    return replace(wishes, pinned=steer.first or wishes.pinned, paused=wishes.paused | steer.paused | settled)


def in_order(bank: Bank, skill_ids: Iterable[str]) -> list[str]:
    """These skills, as far as the bank has them, in its order."""
    wanted = set(skill_ids)
    return [skill_id for skill_id in bank.skills if skill_id in wanted]


def _assigned(bank: Bank, activity: Activity, start_grade: int | None) -> list[str]:
    assigned = in_order(bank, activity.skill_ids)
    if not activity.own_frontier or start_grade is None or not assigned:
        return assigned
    highest = max(bank.skills[skill_id].grade for skill_id in assigned)
    own = [skill.id for skill in bank.skills.values() if start_grade <= skill.grade <= highest]
    return own or assigned
