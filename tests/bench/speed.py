"""What an answer costs the tutor: time, and bytes stored, for a pupil after a year on a full bank.

    python -m tests.bench speed [--answers 2000]

A bank of 156 skills with twelve items each, no two alike; the pupil has touched all of them: one is on the way in
most, the other has mastered nearly all. Times are of the processor; the floor is a JSON round trip of 8 KB, taken in
turns with the answers, so that a slow or busy machine shows as such.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from engine.beliefs.records import unpack
from engine.curriculum import Curriculum, ItemRef, Skill
from engine.learner import Learner, Response
from engine.parameters import ItemParameters, ParameterSet
from engine.predictor import EXPERT_COEFFICIENTS, NEW_ITEM, NEW_SKILL_TABLE, PredictorParameters
from engine.tutor import Tutor

SKILLS, ITEMS = 156, 12
START = datetime(2026, 9, 1, 9, tzinfo=UTC)


def year(tutor: Tutor, rng: Random, right: float) -> Learner:
    """A pupil who has practised every skill, six answers each; `right` is the share of right ones."""
    learner, now = tutor.new_learner(), START
    for s in tutor.curriculum.order:
        for n in range(6):
            item = tutor.curriculum.items_of(s)[n]
            learner = tutor.observe(learner, Response(item, rng.random() < right), now=now)
            now += timedelta(minutes=30)
    return learner


def median(work: Callable[[], object], times: int) -> float:
    """Median CPU time of a call in milliseconds."""
    found = []
    for _ in range(times):
        began = time.thread_time()
        work()
        found.append(1000 * (time.thread_time() - began))
    return statistics.median(found)


def main(words: Sequence[str]) -> None:
    """Print the figures beside their limits."""
    parser = argparse.ArgumentParser(
        prog="tests.bench speed", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--answers", type=int, default=2000)
    wanted = parser.parse_args(words)
    rng = Random(1)
    skills = {f"skill{n}": Skill(f"skill{n}", (f"skill{n - 3}",) if n >= 3 else ()) for n in range(SKILLS)}
    items = [ItemRef(f"{s}.{n}", (s,), "choice4" if n % 2 else "typed") for s in skills for n in range(ITEMS)]
    own = {i.id: ItemParameters(rng.gauss(0.0, 0.6), guess=rng.uniform(0.02, 0.3), slip=0.08) for i in items}
    expert = ParameterSet.default(curriculum := Curriculum(skills, items))
    fitted = ParameterSet(expert.skills, expert.formats, own, expert.levels, expert.population)
    coefficients = tuple(c + rng.gauss(0.0, 0.05) for c in EXPERT_COEFFICIENTS)
    rows = {i.id: tuple(abs(rng.gauss(0.0, 0.6)) for _ in NEW_ITEM) for i in items}
    predictor = PredictorParameters(coefficients, rows, dict.fromkeys(skills, NEW_SKILL_TABLE))
    for name, parameters in (("mixture", fitted), ("mixture and predictor", replace(fitted, predictor=predictor))):
        for whose, right in (("on the way", 0.8), ("nearly all mastered", 0.98)):
            print(f"\n{name}, {whose}")
            measure(Tutor(curriculum, parameters), rng, wanted.answers, right)


def measure(tutor: Tutor, rng: Random, answers: int, right: float) -> None:
    """Print the figures of one tutor and pupil."""
    learner, now = year(tutor, rng, right), START + timedelta(days=300)
    both, round_trips = [], []
    for n in range(answers):
        began = time.thread_time()
        choice = tutor.next_item(learner, now=now, rng=rng)
        if choice is None:
            now += timedelta(days=1)
            continue
        learner = tutor.observe(learner, Response(choice.item, rng.random() < right - 0.1), now=now)
        both.append(1000 * (time.thread_time() - began))
        if n % 10 == 0:
            stored = learner.to_json()
            round_trips.append(median(lambda stored=stored: json.loads(json.dumps(stored)), 1))  # type: ignore[misc]
        now += timedelta(minutes=1)
    text = learner.to_json()
    answer, floor = statistics.median(both), statistics.median(round_trips)
    load = median(lambda: (unpack.cache_clear(), Learner.from_json(text)), 200)
    save = median(learner.to_json, 200)
    print(
        f"observe + next_item, {SKILLS} touched skills: median {answer:.3f} ms (limit .25), {answer / floor:.1f} floors"
    )
    print(f"stored learner: {len(text.encode())} bytes (limit 8192)")
    print(f"load {load:.3f} ms + save {save:.3f} ms (limit .15); floor {floor:.3f} ms")
