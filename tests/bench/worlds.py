"""The tutor in three worlds, beside what other tutors do, with one setting for all worlds.

    python -m tests.bench worlds [--learners 200] [--seeds 5] [--worlds A B80 B90] [--cold] [--peers]

Each seed draws its own bank, its own calibration pupils and its own pupils. Figures are means over seeds with 95%
intervals (Student's t). Fitting needs numpy; --cold measures the tutor without fitted parameters and needs nothing.
"""

from __future__ import annotations

import argparse
import math
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from engine.mastery import Policy as MasteryPolicy
from engine.parameters import ParameterSet
from engine.simulation.peers import PEERS, elo_difficulty
from engine.simulation.worlds import (
    SKILLS,
    WORLDS,
    Bank,
    Course,
    Log,
    Policy,
    TutorPolicy,
    World,
    calibration_log,
    make_bank,
    practise,
)
from engine.tutor import Tutor

FIRST_SEED = 100
"""Seeds below are for development, so that nothing is ever tuned on what is measured here."""
CALIBRATION = 400
STUDENT = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 8: 2.365, 10: 2.262}
GOALS = {"A": "goal: items <= 68", "B80": "goal: items <= 136", "B90": "goal: items <= 154"}


def mean(values: Sequence[float]) -> float:
    """The mean; not a number where there is nothing."""
    return statistics.fmean(values) if values else math.nan


COLUMNS: dict[str, Callable[[Sequence[Course]], float]] = {
    "items": lambda courses: statistics.fmean(c.items for c in courses),
    "over-practice %": lambda courses: 100 * sum(c.after_mastery for c in courses) / sum(c.items for c in courses),
    "false mastery %": lambda courses: 100 * sum(c.false for c in courses) / max(1, sum(c.declared for c in courses)),
    "slow: items": lambda courses: mean([c.items for c in courses if c.slow]),
    "others diverted %": lambda courses: 100 * statistics.fmean(c.diverted / SKILLS for c in courses if not c.slow),
    "declared %": lambda courses: 100 * statistics.fmean(c.declared / SKILLS for c in courses),
    "right %": lambda courses: 100 * sum(sum(c.right) for c in courses) / sum(c.items for c in courses),
    "in band %": lambda courses: (
        100 * sum(c.in_band()[0] for c in courses) / max(1, sum(c.in_band()[1] for c in courses))
    ),
}


def run(world: World, bank: Bank, make: Callable[[], Policy], learners: int, seed: int) -> list[float]:
    """One line of figures for one seed."""
    courses = [practise(world, bank, make(), Random(f"pupil {seed} {n}")) for n in range(learners)]
    return [column(courses) for column in COLUMNS.values()]


def main(words: Sequence[str]) -> None:
    """Print a table for each world."""
    parser = argparse.ArgumentParser(
        prog="tests.bench worlds", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--learners", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--worlds", nargs="+", choices=WORLDS, default=list(WORLDS))
    parser.add_argument("--cold", action="store_true", help="expert parameters instead of fitted ones")
    parser.add_argument("--keep", type=Path, help="folder for fitted parameters, so that the next run has them")
    parser.add_argument("--peers", action="store_true", help="measure the other tutors too")
    wanted = parser.parse_args(words)
    for name in wanted.worlds:
        world, lines = WORLDS[name], dict[str, list[list[float]]]()
        for seed in range(FIRST_SEED, FIRST_SEED + wanted.seeds):
            bank = make_bank(seed)
            for policy, make in policies(
                world, bank, seed, cold=wanted.cold, peers=wanted.peers, keep=wanted.keep
            ).items():
                lines.setdefault(policy, []).append(run(world, bank, make, wanted.learners, seed))
        print(f"\nWorld {name} ({GOALS[name]}, false mastery and wrong diversions <= 1.5% and 1%)", flush=True)
        print(f"{'':16}" + "".join(f"{column:>18}" for column in COLUMNS))
        for policy, rows in lines.items():
            print(f"{policy:16}" + "".join(f"{interval(each):>18}" for each in zip(*rows, strict=True)), flush=True)


def policies(
    world: World, bank: Bank, seed: int, *, cold: bool, peers: bool, keep: Path | None
) -> dict[str, Callable[[], Policy]]:
    """What is measured, by name."""
    log = calibration_log(world, bank, learners=CALIBRATION, seed=seed)
    parameters = ParameterSet.default(bank.curriculum) if cold else fitted(world, bank, seed, log, keep)
    tutor = Tutor(bank.curriculum, parameters, MasteryPolicy(standard=world.standard))
    found: dict[str, Callable[[], Policy]] = {"Proximal": lambda: TutorPolicy(tutor)}
    if peers:
        difficulty = elo_difficulty(bank.curriculum, log)
        for name, make in PEERS.items():
            found[name] = lambda make=make: make(bank.curriculum, difficulty)  # type: ignore[misc]
    return found


def fitted(world: World, bank: Bank, seed: int, log: Log, keep: Path | None) -> ParameterSet:
    """Parameters from calibration pupils; fitted once if there is a folder to keep them in."""
    from engine.fitting import fit

    kept = keep / f"{world.name}-{seed}.json" if keep else None
    if kept is None or not kept.exists():
        parameters = fit(bank.curriculum, log)
        if kept is not None:
            kept.write_text(parameters.to_json())
        return parameters
    return ParameterSet.from_json(kept.read_text())


def interval(values: Sequence[float]) -> str:
    """Mean and 95% interval of figures from several seeds; a seed without the figure is left out."""
    values = [value for value in values if not math.isnan(value)]
    if not values:
        return "none"
    if len(values) not in STUDENT:
        return f"{statistics.fmean(values):.2f}"
    half = STUDENT[len(values)] * statistics.stdev(values) / len(values) ** 0.5
    return f"{statistics.fmean(values):.2f} ± {half:.2f}"
