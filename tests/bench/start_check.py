"""The start check, where what pupils know hangs together, through the tutor's public surface.

    python -m tests.bench start-check [--learners 40]

Graphs: ladders of 8, 20 and 60 skills; five strands of eight; 40 and 150 skills that each build on up to two of the six
before. Pupils: "frontier" know nearly all up to a point along the graph and hardly anything beyond; "ability" know what
lies below their ability, give or take a little for each skill; "loose" know each skill by itself with a chance that
falls along the graph, which bounds what any check could find out from twelve answers.
"""

from __future__ import annotations

import argparse
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from random import Random

from engine.curriculum import Curriculum, ItemRef, Skill
from engine.learner import Response
from engine.mastery import Policy
from engine.parameters import ParameterSet
from engine.tutor import Tutor

NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)
SEED = 100


def ladder(length: int, width: int = 1) -> Mapping[str, Skill]:
    """Strands side by side, each skill building on the one before."""
    return {f"s{n}": Skill(f"s{n}", (f"s{n - width}",) if n >= width else ()) for n in range(length * width)}


def web(count: int) -> Mapping[str, Skill]:
    """Each skill builds on one or two of the six before."""
    rng = Random(SEED)
    before = ({f"s{rng.randrange(max(0, n - 6), n)}" for _ in range(2)} if n else set[str]() for n in range(count))
    return {f"s{n}": Skill(f"s{n}", tuple(sorted(needs))) for n, needs in enumerate(before)}


GRAPHS: dict[str, Callable[[], Mapping[str, Skill]]] = {
    "ladder of 8": lambda: ladder(8),
    "ladder of 20": lambda: ladder(20),
    "ladder of 60": lambda: ladder(60),
    "5 strands of 8": lambda: ladder(8, 5),
    "web of 40": lambda: web(40),
    "web of 150": lambda: web(150),
}


def frontier(curriculum: Curriculum, place: Mapping[str, float], rng: Random) -> set[str]:
    """Nearly all up to a point, hardly anything beyond."""
    end, known = rng.random(), set[str]()
    for s in curriculum.order:
        ready = place[s] < end and all(p in known for p in curriculum.skills[s].prerequisites)
        if rng.random() < (0.97 if ready else 0.03):
            known.add(s)
    return known


def ability(curriculum: Curriculum, place: Mapping[str, float], rng: Random) -> set[str]:
    """What lies below the pupil's ability."""
    able = rng.gauss(0.0, 1.2)
    return {s for s in curriculum.order if able + rng.gauss(0.0, 0.4) > 3.0 * place[s] - 1.5}


def loose(curriculum: Curriculum, place: Mapping[str, float], rng: Random) -> set[str]:
    """Each skill by itself."""
    able = rng.gauss(0.0, 1.0)
    chances = {s: 1.0 / (1.0 + math.exp(-1.7 * (1.5 * able - 3.0 * place[s] + 1.5))) for s in curriculum.order}
    return {s for s, p in chances.items() if rng.random() < p}


PUPILS = {"frontier": frontier, "ability": ability, "loose": loose}


def checked(tutor: Tutor, known: set[str], rng: Random) -> tuple[int, float]:
    """Items that the check took, and the share of skills placed right."""
    learner, items = tutor.new_learner(), 0
    while (choice := tutor.next_item(learner, now=NOW, rng=rng)) is not None:
        guess = 0.25 if choice.item.response_format == "choice4" else 0.05
        right = rng.random() < (0.92 if choice.skill in known else guess)
        after = tutor.observe(learner, Response(choice.item, right), now=NOW)
        if choice.reason.key != "start" or len(after.start) == len(learner.start):
            break
        learner, items = after, items + 1
    placed = {s for s, report in tutor.report(learner, now=NOW).items() if report.p_meets_standard >= 0.5}
    return items, 1.0 - len(placed ^ known) / len(tutor.curriculum.skills)


def main(words: Sequence[str]) -> None:
    """Print a line for each graph and sort of pupil."""
    parser = argparse.ArgumentParser(
        prog="tests.bench start-check", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--learners", type=int, default=40)
    wanted = parser.parse_args(words)
    print(f"{'':16}{'pupils':>12}{'items':>8}{'most':>6}{'placed right %':>18}")
    for name, make in GRAPHS.items():
        skills = make()
        items = [ItemRef(f"{s}-{n}", (s,), "choice4" if n % 2 else "typed") for s in skills for n in range(8)]
        curriculum = Curriculum(skills, items)
        tutor = Tutor(curriculum, ParameterSet.default(curriculum), Policy(start_check=True))
        depth: dict[str, int] = {}
        for s in curriculum.order:
            depth[s] = 1 + max((depth[p] for p in skills[s].prerequisites), default=-1)
        place = {s: (d + 0.5) / (1 + max(depth.values())) for s, d in depth.items()}
        for sort, draw in PUPILS.items():
            found = []
            for n in range(wanted.learners):
                rng = Random(f"{name} {sort} {SEED} {n}")
                found.append(checked(tutor, draw(curriculum, place, rng), rng))
            counts, shares = zip(*found, strict=True)
            error = 196 * statistics.stdev(shares) / len(shares) ** 0.5
            share = f"{100 * statistics.fmean(shares):.1f} ± {error:.1f}"
            print(f"{name:16}{sort:>12}{statistics.fmean(counts):>8.1f}{max(counts):>6}{share:>18}", flush=True)
