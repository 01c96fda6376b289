"""Who could work together: small groups on one skill, and pairs in which each has something to explain. Pure.

A group needs the same skill and is ready for it. A pair is complementary: each is strong where the other is not, so
that nobody is always the helped one (peer tutoring with turns: Fuchs et al. 1997), and the two are not too far apart
to follow each other.
"""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean
from typing import Final

from engine.learner import SkillReport
from engine.mastery import MASTERED

SMALLEST, LARGEST = 3, 5
MOST_GROUPS: Final = 3
MOST_PAIRS: Final = 4
MOST_COMPARED: Final = 100
"""Every two of so many pupils are looked at: in a course of ten thousand, all twos would take minutes."""
WIDEST_GAP: Final = 0.25
"""Partners' expected shares right on average written questions differ by so much at most."""
READY: Final = 0.6
"""A skill that is not strong yet, but answered right so often, holds nothing up that builds on it; nor does one that
was never practised here, as in choosing what comes next."""


@dataclass(frozen=True)
class Standing:
    """What matching looks at in one pupil. `skills`: reports of the assigned skills and all that they build on."""

    person_id: str
    skills: Mapping[str, SkillReport]
    resting: AbstractSet[str] = frozenset()


@dataclass(frozen=True)
class Group:
    """Pupils who need one skill now. `stuck`: those among them who are stuck on it."""

    skill_id: str
    people: tuple[str, ...]
    stuck: tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """Two pupils, and the skill that each explains to the other."""

    first: str
    second: str
    first_explains: str
    second_explains: str


def needed(pupil: Standing, skill_id: str, prerequisites: Collection[str]) -> bool:
    """Whether a pupil has begun a skill without being strong in it, and has what it builds on, as far as was seen."""
    report = pupil.skills.get(skill_id)
    if report is None or skill_id in pupil.resting or report.state not in ("growing", "stuck"):
        return False
    return all(_holds(pupil.skills.get(each)) for each in prerequisites)


def _holds(report: SkillReport | None) -> bool:
    return report is None or not report.opportunities or report.state in MASTERED or report.p_correct_typed >= READY


def suggest_groups(
    pupils: Sequence[Standing], skills: Mapping[str, Collection[str]], *, most: int = MOST_GROUPS
) -> list[Group]:
    """Groups of three to five, each pupil in one at most; those with most stuck pupils first.

    Args:
        pupils: everybody who is there.
        skills: the assigned skills, with what each builds on.
        most: so many groups at most.
    """
    free = {pupil.person_id: pupil for pupil in pupils}
    groups: list[Group] = []
    while len(groups) < most:
        found = [_needing(skill_id, before, free) for skill_id, before in skills.items()]
        found = [one for one in found if len(one.people) >= SMALLEST]
        if not found:
            break
        best = max(found, key=lambda one: (len(one.stuck), len(one.people)))
        chosen = best.people[: _fair_size(len(best.people))]
        groups.append(Group(best.skill_id, chosen, tuple(who for who in best.stuck if who in chosen)))
        for who in chosen:
            del free[who]
    return groups


def _needing(skill_id: str, prerequisites: Collection[str], free: Mapping[str, Standing]) -> Group:
    """All who need a skill: the stuck ones first, then those with the least."""
    people = [pupil for pupil in free.values() if needed(pupil, skill_id, prerequisites)]
    people.sort(key=lambda pupil: (pupil.skills[skill_id].state != "stuck", pupil.skills[skill_id].p_correct_typed))
    stuck = tuple(pupil.person_id for pupil in people if pupil.skills[skill_id].state == "stuck")
    return Group(skill_id, tuple(pupil.person_id for pupil in people), stuck)


def _fair_size(count: int) -> int:
    """Into how large a group so many pupils fall when they are divided evenly: six are three and three."""
    parts = -(-count // LARGEST)
    size = -(-count // parts)
    return size if size >= SMALLEST else LARGEST


def suggest_pairs(
    pupils: Sequence[Standing], skills: Mapping[str, Collection[str]], *, most: int = MOST_PAIRS
) -> list[Pair]:
    """Complementary pairs, each pupil in one at most; those who are closest to each other first."""
    able = [pupil for pupil in pupils if _can_explain(pupil, skills)]
    able.sort(key=lambda pupil: all(report.state != "stuck" for report in pupil.skills.values()))
    compared = able[:MOST_COMPARED]
    level = {pupil.person_id: _level(pupil, skills) for pupil in compared}
    found: list[tuple[bool, float, Pair]] = []
    for one, other in combinations(compared, 2):
        gap = abs(level[one.person_id] - level[other.person_id])
        if gap > WIDEST_GAP:
            continue
        gives, takes = _explainable(one, other, skills), _explainable(other, one, skills)
        if gives and takes:
            pair = Pair(one.person_id, other.person_id, gives, takes)
            helps_stuck = "stuck" in (other.skills[gives].state, one.skills[takes].state)
            found.append((not helps_stuck, gap, pair))
    found.sort(key=lambda each: each[:2])
    pairs: list[Pair] = []
    taken: set[str] = set()
    for _, _, pair in found:
        if len(pairs) < most and not {pair.first, pair.second} & taken:
            pairs.append(pair)
            taken |= {pair.first, pair.second}
    return pairs


def _can_explain(pupil: Standing, skills: Mapping[str, Collection[str]]) -> bool:
    return any(pupil.skills[skill_id].state in MASTERED for skill_id in skills if skill_id in pupil.skills)


def _level(pupil: Standing, skills: Mapping[str, Collection[str]]) -> float:
    return fmean(pupil.skills[skill_id].p_correct_typed for skill_id in skills if skill_id in pupil.skills)


def _explainable(one: Standing, other: Standing, skills: Mapping[str, Collection[str]]) -> str:
    """A skill in which the one is strong and which the other needs, a stuck one before others; "" for none."""
    fitting = [
        skill_id
        for skill_id, before in skills.items()
        if skill_id in one.skills and one.skills[skill_id].state in MASTERED and needed(other, skill_id, before)
    ]
    fitting.sort(key=lambda skill_id: other.skills[skill_id].state != "stuck")
    return fitting[0] if fitting else ""
