"""`proximal simulate`: the tutor and its peers with simulated pupils whose truth is known."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random

import click

from engine.mastery import Policy as MasteryPolicy
from engine.parameters import ParameterError, ParameterSet
from engine.population import PopulationError
from engine.simulation.peers import PEERS, elo_difficulty
from engine.simulation.worlds import (
    SKILLS,
    WORLDS,
    Bank,
    Course,
    Policy,
    TutorPolicy,
    World,
    calibration_log,
    make_bank,
    practise,
)
from engine.tutor import Tutor
from lti_tool.cli.research.figures import line_plot, needs_batch_libraries, needs_folder_of, table, with_interval

CALIBRATION = 400
STUDENT = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306, 10: 2.262}
PROXIMAL = "Proximal"


def _share(part: float, whole: float) -> float:
    return 100.0 * part / whole if whole else 0.0


def _mean(values: Sequence[float]) -> float | None:
    return statistics.fmean(values) if values else None


FIGURES: Mapping[str, Callable[[Sequence[Course]], float | None]] = {
    "items": lambda courses: _mean([c.items for c in courses]),
    "over-practice %": lambda courses: _share(sum(c.after_mastery for c in courses), sum(c.items for c in courses)),
    "false mastery %": lambda courses: _share(sum(c.false for c in courses), sum(c.declared for c in courses)),
    "slow: items": lambda courses: _mean([c.items for c in courses if c.slow]),
    "wrongly diverted %": lambda courses: _mean([100.0 * c.diverted / SKILLS for c in courses if not c.slow]),
    "declared %": lambda courses: _mean([100.0 * c.declared / SKILLS for c in courses]),
    "in band %": lambda courses: _share(sum(c.in_band()[0] for c in courses), sum(c.in_band()[1] for c in courses)),
}
"""What is told of each world and policy; shares in percent."""


@click.command()
@click.option("--world", type=click.Choice([*WORLDS, "all"]), default="all", show_default=True)
@click.option("--policy", "policies", multiple=True, type=click.Choice([PROXIMAL, *PEERS, "all"]), help="Repeatable.")
@click.option("--learners", default=100, show_default=True, type=click.IntRange(1))
@click.option("--seeds", default=3, show_default=True, type=click.IntRange(1, 10), help="Banks and classes drawn.")
@click.option("--seed", default=0, show_default=True, help="The first of them.")
@click.option("--parameters", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="From `proximal fit`.")
@click.option("--cold", is_flag=True, help="Expert parameters, as in a district without logs; needs no batch library.")
@click.option("--json", "as_json", is_flag=True, help="Figures as JSON instead of tables.")
@click.option(
    "--plot", type=click.Path(dir_okay=False, path_type=Path), help="Write an SVG: items against false mastery."
)
def simulate(
    world: str,
    policies: tuple[str, ...],
    learners: int,
    seeds: int,
    seed: int,
    parameters: Path | None,
    cold: bool,
    as_json: bool,
    plot: Path | None,
) -> None:
    """Let simulated pupils practise with Proximal's tutor, and with what other tutors do.

    World A: a skill is known or it is not. B80 and B90: ability grows, and mastered means 80% or 90% right. Unless
    told otherwise, each seed's parameters are fitted to 400 other pupils of its world.
    """
    needs_folder_of(plot)
    if parameters is None and not cold:
        needs_batch_libraries()
    wanted = [PROXIMAL, *PEERS] if not policies or "all" in policies else list(dict.fromkeys(policies))
    worlds = list(WORLDS) if world == "all" else [world]
    given = _read(parameters) if parameters is not None else None
    found: dict[str, dict[str, dict[str, tuple[float | None, float | None]]]] = {}
    with click.progressbar(
        length=len(worlds) * seeds * len(wanted) * learners, label="Practising", file=sys.stderr
    ) as bar:
        for name in worlds:
            lines: dict[str, list[list[float | None]]] = {policy: [] for policy in wanted}
            for n in range(seed, seed + seeds):
                bank = make_bank(n)
                for policy, make in _policies(WORLDS[name], bank, n, wanted, given, cold=cold).items():
                    courses = []
                    for m in range(learners):
                        courses.append(practise(WORLDS[name], bank, make(), Random(f"pupil {n} {m}")))
                        bar.update(1)
                    lines[policy].append([figure(courses) for figure in FIGURES.values()])
            found[name] = {policy: _summary(rows) for policy, rows in lines.items()}
    if plot is not None:
        _plot(plot, found)
    if as_json:
        click.echo(json.dumps({"learners": learners, "seeds": seeds, "worlds": _as_json(found)}, indent=1))
        return
    for name, rows in found.items():
        click.echo(f"\nWorld {name}, {learners} pupils x {seeds} seeds; ± is a 95% interval over seeds\n")
        cells = [[p, *(with_interval(a, b, 1) for a, b in figures.values())] for p, figures in rows.items()]
        click.echo(table(("policy", *FIGURES), cells))


def _read(path: Path) -> ParameterSet:
    try:
        found = ParameterSet.from_json(path.read_text(encoding="utf-8"))
    except (ParameterError, PopulationError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{path}: {error}") from None
    if found.skills.keys().isdisjoint(f"s{n}" for n in range(SKILLS)):
        click.echo(f"note: {path} knows none of the worlds' skills: only what it says of pupils counts here.", err=True)
    return found


def _policies(
    world: World, bank: Bank, seed: int, wanted: Sequence[str], given: ParameterSet | None, *, cold: bool
) -> dict[str, Callable[[], Policy]]:
    """Makers of the policies that are wanted; what they need to know comes from other pupils of the world."""
    log = calibration_log(world, bank, learners=CALIBRATION, seed=seed)
    difficulty = elo_difficulty(bank.curriculum, log)

    def peer(name: str) -> Callable[[], Policy]:
        return lambda: PEERS[name](bank.curriculum, difficulty)

    found = {name: peer(name) for name in wanted if name != PROXIMAL}
    if PROXIMAL in wanted:
        parameters = given or ParameterSet.default(bank.curriculum)
        if given is None and not cold:
            from engine.fitting import fit

            parameters = fit(bank.curriculum, log)
        tutor = Tutor(bank.curriculum, parameters, MasteryPolicy(standard=world.standard))
        found = {PROXIMAL: lambda: TutorPolicy(tutor), **found}
    return found


def _summary(rows: Sequence[Sequence[float | None]]) -> dict[str, tuple[float | None, float | None]]:
    """Mean over seeds, and half of its 95% interval (Student's t)."""
    found: dict[str, tuple[float | None, float | None]] = {}
    for name, column in zip(FIGURES, zip(*rows, strict=True), strict=True):
        values = [x for x in column if x is not None]
        half = STUDENT[len(values)] * statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else None
        found[name] = (_mean(values), half)
    return found


def _as_json(
    found: Mapping[str, Mapping[str, Mapping[str, tuple[float | None, float | None]]]],
) -> dict[str, dict[str, dict[str, dict[str, float | None]]]]:
    return {
        world: {
            policy: {name: {"mean": a, "interval_95": b} for name, (a, b) in figures.items()}
            for policy, figures in rows.items()
        }
        for world, rows in found.items()
    }


def _plot(path: Path, found: Mapping[str, Mapping[str, Mapping[str, tuple[float | None, float | None]]]]) -> None:
    """One point for each world, one line for each policy."""
    policies = list(next(iter(found.values())))
    lines = {
        policy: [
            (rows[policy]["items"][0] or 0.0, rows[policy]["false mastery %"][0] or 0.0) for rows in found.values()
        ]
        for policy in policies
    }
    title = "Items to the end, and mastery that is none: " + ", ".join(found)
    line_plot(path, title, ("items", "false mastery %"), lines, top=(240.0, 100.0))
