"""Small curricula and pupils' answers, so that each test says only what matters to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from engine.curriculum import Curriculum, ItemRef, Skill
from engine.learner import Choice, Learner, Response
from engine.mastery import DEFAULT_POLICY, Policy
from engine.parameters import ParameterSet
from engine.tutor import Tutor

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NEXT_DAY = MONDAY + timedelta(hours=20)


def skills(*ids: str, kind: str = "rule") -> dict[str, Skill]:
    """Skills without prerequisites."""
    return {s: Skill(s, kind=kind) for s in ids}


def chain(*ids: str) -> dict[str, Skill]:
    """Skills of which each needs the one before."""
    return {s: Skill(s, (ids[n - 1],) if n else ()) for n, s in enumerate(ids)}


def items(skill: str, response_format: str = "typed", count: int = 6) -> list[ItemRef]:
    """Items of one skill in one format, named skill.format.number."""
    return [ItemRef(f"{skill}.{response_format}.{n}", (skill,), response_format) for n in range(count)]


def words(skill: str, *members: str, response_format: str = "typed") -> list[ItemRef]:
    """One item for each word of a list skill."""
    return [ItemRef(f"{w}.{response_format}", (skill,), response_format, w) for w in members]


def tutor_for(curriculum: Curriculum, policy: Policy = DEFAULT_POLICY) -> Tutor:
    """A tutor with expert parameters."""
    return Tutor(curriculum, ParameterSet.default(curriculum), policy)


def one_skill(response_format: str = "typed", count: int = 6) -> Tutor:
    """A tutor for adding only."""
    return tutor_for(Curriculum(skills("add"), items("add", response_format, count)))


def answer(
    tutor: Tutor, learner: Learner, item_ids: list[str], correct: bool, *, now: datetime = MONDAY, **details: object
) -> Learner:
    """The pupil after answering these items in the same way."""
    for item_id in item_ids:
        response = Response(tutor.curriculum.item(item_id), correct, **details)  # type: ignore[arg-type]
        learner = tutor.observe(learner, response, now=now)
    return learner


def choose(
    tutor: Tutor, learner: Learner, *, now: datetime = MONDAY, within: list[str] | None = None, seed: int = 1
) -> Choice | None:
    """The tutor's choice with a fixed seed."""
    return tutor.next_item(learner, now=now, rng=Random(seed), within=within)


def expect(tutor: Tutor, learner: Learner, *, now: datetime = MONDAY, within: list[str] | None = None) -> Choice:
    """The tutor's choice where there must be one."""
    choice = choose(tutor, learner, now=now, within=within)
    assert choice is not None
    return choice


def until(tutor: Tutor, learner: Learner, state: str, skill: str, correct: bool, *, now: datetime = MONDAY) -> Learner:
    """The pupil after as many equal typed answers as it takes to reach a state."""
    for n in range(60):
        if tutor.report(learner, now=now)[skill].state == state:
            return learner
        learner = answer(tutor, learner, [f"{skill}.typed.{n % 3}"], correct, now=now)
    raise AssertionError(f"{skill} never became {state}")


def master(tutor: Tutor, learner: Learner, skill: str, *, now: datetime = MONDAY) -> Learner:
    """The pupil after right answers until the skill is strong."""
    return until(tutor, learner, "strong", skill, True, now=now)


def fail(tutor: Tutor, learner: Learner, skill: str, *, now: datetime = MONDAY) -> Learner:
    """The pupil after wrong answers until the skill is stuck."""
    return until(tutor, learner, "stuck", skill, False, now=now)
