"""`proximal evaluate`: how well the models predict answers in a file, held out by learner."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lti_tool.cli.research.figures import line_plot, needs_batch_libraries, needs_folder_of, table, with_interval

if TYPE_CHECKING:
    from engine.evaluation import Evaluation

BEST = "predictor"
"""The model that the tutor uses, whose figures are shown by group."""
HEADER = ("model", "AUC", "RMSE", "log loss", "accuracy", "ECE")


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--responses", type=click.Path(path_type=Path), help="The same as FILE.")
@click.option("--curriculum", type=click.Path(path_type=Path), help="JSON that tells each item's response format.")
@click.option("--groups", type=click.Path(path_type=Path), help="CSV of learner_id and group: figures by group too.")
@click.option("--folds", default=5, show_default=True, type=click.IntRange(2, 100), help="Parts to deal learners into.")
@click.option("--seed", default=0, show_default=True, help="Of the dealing.")
@click.option("--pybkt", is_flag=True, help="Score pyBKT in the same run (minutes).")
@click.option("--json", "as_json", is_flag=True, help="Figures as JSON instead of a table.")
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Write an SVG of the calibration.")
def evaluate(
    file: Path | None,
    responses: Path | None,
    curriculum: Path | None,
    groups: Path | None,
    folds: int,
    seed: int,
    pybkt: bool,
    as_json: bool,
    plot: Path | None,
) -> None:
    """Score Proximal's models on the responses in FILE (CSV, TSV or Parquet; docs/response-files.md)."""
    path = file or responses
    if path is None:
        raise click.UsageError("Name the file of responses.")
    needs_batch_libraries()
    needs_folder_of(plot)
    from engine import evaluation
    from lti_tool.services.parameters.response_columns import ResponseFileError
    from lti_tool.services.parameters.response_files import read_responses, with_formats

    try:
        found = read_responses(path)
        data = found.responses if curriculum is None else with_formats(found.responses, curriculum)
    except ResponseFileError as error:
        raise click.ClickException(str(error)) from None
    of_learner = {} if groups is None else _groups(groups)
    models = dict(evaluation.MODELS)
    if pybkt:
        from engine.pybkt_backend import predict

        models["pybkt"] = predict
    for note in found.notes:
        click.echo(f"note: {note}", err=True)
    parts = min(folds, len(data.learners))
    with click.progressbar(length=parts * len(models), label="Evaluating", file=sys.stderr) as bar:
        figures = evaluation.evaluate(
            data, folds=folds, seed=seed, models=models, groups=of_learner, progress=lambda: bar.update(1)
        )
    if plot is not None:
        lines = {name: [(p, share) for p, share, _ in each.calibration] for name, each in figures.items()}
        line_plot(plot, "Calibration on held-out learners", ("predicted", "share right"), lines, diagonal=True)
    size = {"responses": len(data), "learners": len(data.learners), "items": len(data.items), "folds": parts}
    if as_json:
        named = {name.replace(" ", "_"): _as_json(each) for name, each in figures.items()}
        notes = list(found.notes)
        click.echo(json.dumps({"file": str(path), **size, "seed": seed, "notes": notes, "models": named}, indent=1))
        return
    click.echo(
        f"{len(data)} responses, {len(data.learners)} learners, {len(data.items)} items, {len(data.skills)} skills"
    )
    if parts > 1:
        click.echo(f"held out by learner in {parts} folds; ± is a 95% interval\n")
    else:
        click.echo("of one learner: there is nobody else to learn from, so that central parameters are scored\n")
    click.echo(table(HEADER, [(name, *_cells(each)) for name, each in figures.items()]))
    if of_learner:
        click.echo(f"\nby group, of the {BEST}; none below {evaluation.FEWEST_LEARNERS} learners\n")
        click.echo(table(("group", "learners", "responses", *HEADER[1:]), _group_rows(figures[BEST])))


def _groups(path: Path) -> dict[str, str]:
    """The group of each learner, from a CSV file. It stays with whoever has it: Proximal stores no such thing."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise click.ClickException(f"{path} can't be read: {error}") from None
    if not rows or not {"learner_id", "group"} <= set(rows[0]):
        raise click.ClickException(f"{path}: write the columns learner_id and group, and a row for each learner.")
    return {row["learner_id"].strip(): (row["group"] or "").strip() for row in rows if row["learner_id"]}


def _group_rows(each: Evaluation) -> list[tuple[str, ...]]:
    rows = []
    for name, group in each.by_group.items():
        scores = asdict(group.scores).values() if group.scores is not None else [None] * len(HEADER[1:])
        figures = ("–" if value is None else f"{value:.4f}" for value in scores)
        rows.append((name, str(group.learners), str(group.responses), *figures))
    return rows


def _cells(each: Evaluation) -> list[str]:
    return [with_interval(value, each.interval[name]) for name, value in asdict(each.scores).items()]


def _as_json(each: Evaluation) -> dict[str, object]:
    return {
        **asdict(each.scores),
        "interval_95": dict(each.interval),
        "calibration": [list(c) for c in each.calibration],
        **({"by_group": {name: asdict(group) for name, group in each.by_group.items()}} if each.by_group else {}),
    }
