"""Whatever the curriculum, the pupil, the clock and the wishes: the tutor keeps its promises."""

from __future__ import annotations

import math
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.choosing.wishes import Wishes
from engine.curriculum import RESPONSE_FORMATS, Curriculum, ItemRef, Skill
from engine.learner import Learner, Response
from engine.mastery import MASTERED, Policy
from engine.parameters import ItemParameters, ParameterSet, SkillParameters
from engine.tutor import Tutor

from .builders import MONDAY

ANSWERS = 60
NAMES = ("s%d", "é%d", "数学 %d", "a.b/c;%d")
PUPILS = {
    "always right": lambda item, rng: True,
    "never right": lambda item, rng: False,
    "guessing": lambda item, rng: rng.random() < (0.5 if item.response_format.startswith("choice") else 0.03),
    "mostly right": lambda item, rng: rng.random() < 0.85,
}
PAUSES = [timedelta(seconds=20)] * 20 + [
    timedelta(hours=9),
    timedelta(days=3),
    timedelta(days=70),
    timedelta(hours=-5),
    timedelta(days=-400),
]


def any_curriculum(rng: Random) -> Curriculum:
    """Graphs of every shape, skills without items, lists, items of one to four skills, one format or all."""
    ids = [rng.choice(NAMES) % n for n in range(rng.choice([1, 2, 3, 5, 8, 20]))]
    graph = {}
    for n, skill_id in enumerate(ids):
        before = tuple(rng.sample(ids[:n], min(n, rng.randrange(4))))
        graph[skill_id] = Skill(skill_id, before, "list" if rng.random() < 0.2 else "rule")
    formats = rng.choice([sorted(RESPONSE_FORMATS), ["typed"], ["choice2"], ["order", "place"], ["choice4", "typed"]])
    bank = []
    for skill_id in ids:
        for n in range(rng.choice([0, 1, 1, 2, 3, 5, 12])):
            others = [s for s in rng.sample(ids, min(len(ids), rng.choice([0, 0, 0, 1, 2, 3]))) if s != skill_id]
            member = rng.choice([None, f"m{n % 3}"]) if graph[skill_id].kind == "list" or rng.random() < 0.1 else None
            bank.append(ItemRef(f"{skill_id}|{n}", (skill_id, *others), rng.choice(formats), member))
    rng.shuffle(ids)
    return Curriculum({s: graph[s] for s in ids}, bank)


def any_parameters(curriculum: Curriculum, rng: Random) -> ParameterSet:
    """Expert values, or values anywhere within their limits."""
    usual = ParameterSet.default(curriculum)
    if rng.random() < 0.5:
        return usual
    return ParameterSet(
        {s: SkillParameters(rng.random(), rng.random(), 0.4 * rng.random(), 0.3 * rng.random(), rng.random())
         for s in curriculum.skills if rng.random() < 0.7},
        usual.formats,
        {i.id: ItemParameters(rng.gauss(0, 2), rng.choice([None, 0.4 * rng.random()])) for i in curriculum.items},
        {s: rng.gauss(0, 3) for s in curriculum.skills},
    )  # fmt: skip


def any_response(item: ItemRef, sort: str, rng: Random) -> Response:
    correct = PUPILS[sort](item, rng)
    steps = None
    if len(item.skills) > 1 and rng.random() < 0.3:
        steps = {s: rng.random() < 0.5 for s in rng.sample(item.skills, rng.randrange(1, len(item.skills) + 1))}
    return Response(
        item,
        correct,
        hints=rng.choice([0] * 9 + [2]),
        attempt=rng.choice([1] * 9 + [2]),
        outcome=rng.choice(["answered"] * 9 + ["dont_know", "no_evidence"]),  # type: ignore[arg-type]
        per_skill=steps,
    )


def said_again(curriculum: Curriculum, skill_id: str, item: ItemRef, last: ItemRef | None) -> bool:
    """The item shown last, or its word or fact in another item, although the skill has something else."""
    if last is None:
        return False
    same = {i.id for i in curriculum.items_of(skill_id) if i.id == last.id or (i.member and i.member == last.member)}
    return item.id in same and len(same) < len(curriculum.items_of(skill_id))


@pytest.mark.parametrize("sort", PUPILS)
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_no_dead_end_no_item_twice_in_a_row_no_lost_belief(sort, seed):
    rng = Random(seed)
    curriculum = any_curriculum(rng)
    tutor = Tutor(
        curriculum, any_parameters(curriculum, rng), Policy(rng.choice([0.8, 0.9]), start_check=rng.random() < 0.3)
    )
    assigned = rng.sample(list(curriculum.skills), rng.randrange(len(curriculum.skills) + 1))
    learner, now, last = tutor.new_learner(), MONDAY, None
    for _ in range(ANSWERS):
        wishes, chance = Wishes(level=rng.choice([None, None, "easier", "harder"])), rng.random()
        choice = tutor.next_item(learner, now=now, rng=Random(chance), within=assigned, wishes=wishes)
        assert choice == tutor.next_item(learner, now=now, rng=Random(chance), within=assigned, wishes=wishes)
        report = tutor.report(learner, now=now)
        for each in report.values():
            assert all(0 <= p <= 1 for p in (each.p_meets_standard, each.p_known, each.p_correct_typed))
        if choice is None:
            assert all(report[s].state in MASTERED for s in assigned if curriculum.items_of(s))
            now += timedelta(days=2)
            continue
        assert choice.skill in assigned
        assert choice.skill in choice.item.skills
        assert not said_again(curriculum, choice.skill, choice.item, last)
        assert all(math.isfinite(x) for x in choice.reason.trace.values())
        learner, last = tutor.observe(learner, any_response(choice.item, sort, rng), now=now), choice.item
        assert Learner.from_json(learner.to_json()) == learner
        now += rng.choice(PAUSES)


def test_an_item_of_the_start_check_that_could_not_be_heard_does_not_come_again_at_once():
    skills = {s: Skill(s) for s in "abcd"}
    bank = [ItemRef(f"{s}{n}", (s,), "typed") for s in skills for n in range(2)]
    tutor = Tutor(Curriculum(skills, bank), ParameterSet.default(Curriculum(skills, bank)), Policy(start_check=True))
    for seed in range(20):
        learner = tutor.new_learner()
        first = tutor.next_item(learner, now=MONDAY, rng=Random(seed))
        assert first is not None
        learner = tutor.observe(learner, Response(first.item, False, outcome="no_evidence"), now=MONDAY)
        second = tutor.next_item(learner, now=MONDAY, rng=Random(seed))
        assert second is not None
        assert second.item.id != first.item.id
