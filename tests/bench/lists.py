"""Lists of words that don't generalise: how many items until a list is strong, and how much of it is known then.

    python -m tests.bench lists [--learners 100] [--first-seed 100]

Each pupil knows a share of the words at the start, drawn at random, and learns a word by practising it in four times
out of ten. Nothing is fitted.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from engine.curriculum import Curriculum, ItemRef, Skill
from engine.learner import Response
from engine.mastery import Policy
from engine.parameters import ParameterSet
from engine.tutor import Tutor
from tests.bench.worlds import FIRST_SEED, mean

SIZES, SHARES, STANDARD = (5, 12, 40, 120), (0.1, 0.5, 0.7, 0.95), 0.8
GUESS, SLIP, LEARN = 0.03, 0.05, 0.4
START, CAP = datetime(2026, 9, 1, 9, tzinfo=UTC), 400


def practise(tutor: Tutor, share: float, rng: Random) -> tuple[int, int, str, float]:
    """Items until the list is strong or stuck, words met, which of both, and the share known at that moment."""
    words = [item.member for item in tutor.curriculum.items]
    known = {word for word in words if rng.random() < share}
    learner, now, met = tutor.new_learner(), START, set[str | None]()
    for n in range(CAP):
        choice = tutor.next_item(learner, now=now, rng=rng)
        if choice is None:
            return n, len(met), learner.skills["words"].state, len(known) / len(words)
        word = choice.item.member
        met.add(word)
        correct = rng.random() < (1.0 - SLIP if word in known else GUESS)
        if rng.random() < LEARN:
            known.add(word)
        learner = tutor.observe(learner, Response(choice.item, correct), now=now)
        now += timedelta(seconds=30)
    return CAP, len(met), learner.skills["words"].state, len(known) / len(words)


def main(words: Sequence[str]) -> None:
    """Print a line for each size and share."""
    parser = argparse.ArgumentParser(
        prog="tests.bench lists", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--learners", type=int, default=100)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    wanted = parser.parse_args(words)
    head = {
        "words": 6,
        "known at first": 16,
        "items": 8,
        "words met": 11,
        "strong": 8,
        "known then": 12,
        "below .8": 10,
    }
    print("".join(f"{name:>{width}}" for name, width in head.items()))
    for size in SIZES:
        items = [ItemRef(f"word{n}", ("words",), "typed", f"word{n}") for n in range(size)]
        curriculum = Curriculum({"words": Skill("words", kind="list")}, items)
        tutor = Tutor(curriculum, ParameterSet.default(curriculum), Policy(standard=STANDARD))
        for share in SHARES:
            rngs = (Random(f"list {wanted.first_seed} {n}") for n in range(wanted.learners))
            found = [practise(tutor, share, rng) for rng in rngs]
            strong = [then for _, _, state, then in found if state == "strong"]
            below = 100 * mean([float(then < STANDARD) for then in strong])
            print(
                f"{size:6}{share:16.0%}{statistics.fmean(f[0] for f in found):8.1f}"
                f"{statistics.fmean(f[1] for f in found):11.1f}{len(strong) / len(found):8.0%}"
                f"{mean(strong):12.2f}{below:9.0f}%",
                flush=True,
            )
