"""`proximal fit`: parameters from pupils' answers."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import click

from lti_tool.cli.research.figures import needs_batch_libraries, needs_folder_of, table, with_interval, write
from lti_tool.config import Settings
from lti_tool.persistence import migrate
from lti_tool.persistence.database import Database
from lti_tool.services.catalog import Catalog
from lti_tool.services.parameters.parameter_files import ParameterDocument, provenance

LARGE_SAMPLE = 300_000
"""Responses of whole learners that a large fit measures the population and the predictor on."""
HEADER = ("model", "AUC", "RMSE", "log loss", "accuracy", "ECE")


@click.command()
@click.option("--responses", type=click.Path(path_type=Path), help="CSV, TSV or Parquet.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where the set is written.")
@click.option("--database", is_flag=True, help="Fit each bank to the answers in the database; use what is not worse.")
@click.option("--curriculum", type=click.Path(path_type=Path), help="Skills, prerequisites and items, as JSON.")
@click.option("--backend", type=click.Choice(["map", "pybkt"]), default="map", show_default=True)
@click.option("--seed", default=0, show_default=True, help="Of the pupils that are held out.")
@click.option("--large", is_flag=True, help="Parquet larger than memory: sorted on disk, fitted part by part.")
@click.option("--scheduler", help="As --large, on the workers of the Dask scheduler at this address.")
@click.option("--json", "as_json", is_flag=True, help="What was found as JSON instead of a table.")
def fit(
    responses: Path | None,
    out: Path | None,
    database: bool,
    curriculum: Path | None,
    backend: Any,
    seed: int,
    large: bool,
    scheduler: str | None,
    as_json: bool,
) -> None:
    """Fit a parameter set to a file of responses, or to the database, and measure it on pupils held out."""
    needs_batch_libraries()
    needs_folder_of(out)
    if database:
        _fit_database(as_json=as_json)
    elif responses is None or out is None:
        raise click.UsageError("Give --responses FILE and --out FILE, or --database.")
    elif large or scheduler is not None:
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".fit-") as folder:
            _fit_large(responses, out, Path(folder), curriculum, seed, scheduler, as_json=as_json)
    else:
        _fit_file(responses, out, curriculum, backend, seed, as_json=as_json)


def _fit_database(*, as_json: bool) -> None:
    from lti_tool.services.parameters.refit import refit

    settings = Settings.load()
    opened = Database(settings.sqlalchemy_url)
    try:
        if not migrate.is_current(opened):
            raise click.ClickException("The database lacks tables of this release. Run: proximal db upgrade")
        catalog, now = Catalog.load(), datetime.now(UTC)
        with opened.write() as session:
            catalog.record_versions(session, now)
        found = refit(opened, catalog, now)
    finally:
        opened.close()
    if as_json:
        click.echo(json.dumps([asdict(bank) for bank in found], indent=1))
        return
    for bank in found:
        data = cast(dict[str, int], bank.provenance["data"])
        seen = f"{data['responses']} responses of {data['learners']} pupils"
        if bank.version is None:
            click.echo(f"{bank.bank_id}: nothing to fit ({seen}: too few, or none new)")
        else:
            said = "is live now" if bank.live else "is kept, but not used: on pupils held out it is worse"
            click.echo(f"{bank.bank_id}: {bank.version} from {seen} {said}")


def _fit_file(responses: Path, out: Path, curriculum: Path | None, backend: Any, seed: int, *, as_json: bool) -> None:
    document = _fitted(responses, curriculum, backend, seed)
    _publish(document, out, as_json=as_json)


def _fit_large(
    responses: Path,
    out: Path,
    folder: Path,
    curriculum: Path | None,
    seed: int,
    scheduler: str | None,
    *,
    as_json: bool,
) -> None:
    """Population and predictor from a sample of learners, skills and items from everybody."""
    import duckdb
    import pyarrow as pa

    from lti_tool.services.parameters import large_fit

    run, close = large_fit.distributed(scheduler) if scheduler else (map, lambda: None)
    try:
        sample = large_fit.sample_of_learners(responses, folder, rows=LARGE_SAMPLE)
        document = _fitted(sample, curriculum, "map", seed, called=f"{responses} (a sample of its learners)")
        path, timed = large_fit.sort_by_skill(responses, folder)
        parts = large_fit.parts_of(path)
        click.echo(f"fitting {len(parts)} parts", err=True)
        fits = large_fit.fit_parts(parts, run, forgetting=timed)
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise click.ClickException(
            f"{responses}: {error} (a large fit reads Parquet; docs/response-files.md)"
        ) from None
    finally:
        close()
    everybody = {"responses": sum(each.responses for each in fits), "skills": len(fits)}
    parameters = large_fit.with_everybody(document.parameters, fits, forgets=timed)
    origin = {**document.provenance, "everybody": everybody}
    _publish(ParameterDocument(parameters, document.predictor, origin), out, as_json=as_json)


def _fitted(
    responses: Path, curriculum: Path | None, backend: Any, seed: int, *, called: str = ""
) -> ParameterDocument:
    from engine.fitting.bkt import Priors
    from engine.fitting.parameter_set import STEPS, curriculum_of, fit_set
    from lti_tool.services.parameters.response_columns import ResponseFileError
    from lti_tool.services.parameters.response_files import read_curriculum, read_responses, with_formats

    try:
        found = read_responses(responses)
        data = found.responses if curriculum is None else with_formats(found.responses, curriculum)
        course = curriculum_of(data) if curriculum is None else read_curriculum(curriculum)
    except ResponseFileError as error:
        raise click.ClickException(str(error).replace(str(responses), called or str(responses))) from None
    for note in found.notes:
        click.echo(f"note: {note.replace(str(responses), called or str(responses))}", err=True)
    with click.progressbar(length=STEPS, label="Fitting", file=sys.stderr) as bar:
        fitted = fit_set(course, data, backend=backend, seed=seed, progress=lambda: bar.update(1))
    origin = provenance(fitted, data, Priors(), backend, datetime.now(UTC))
    return ParameterDocument(fitted.parameters, fitted.predictor, origin)


def _publish(document: ParameterDocument, out: Path, *, as_json: bool) -> None:
    write(out, document.to_json())
    if as_json:
        click.echo(json.dumps({"version": document.parameters.version, **document.provenance}, indent=1))
    else:
        click.echo(_told(document, out))


def _leading(found: dict[str, Any]) -> str:
    """Which model says how likely a right answer is."""
    leader = "the predictor" if found["predictor_leads"] else "the mixture that decides about mastery"
    return (
        f"How likely a right answer is will be told by {leader}: log loss of the mixture {found['mixture']:.4f}, "
        f"of the predictor {found['predictor']:.4f} on {found['answers']} of these responses, one after the other."
    )


def _told(document: ParameterDocument, out: Path) -> str:
    data, held_out = document.provenance["data"], document.provenance["held_out"]
    lines = [
        f"parameter set {document.parameters.version} written to {out}",
        f"from {data['responses']} responses of {data['learners']} learners, {data['skills']} skills, "
        f"{data['items']} items",
    ]
    if held_out["models"]:
        rows = [[name, *(with_interval(x, None) for x in row.values())] for name, row in held_out["models"].items()]
        lines += [f"on {held_out['responses']} responses of learners held out:", "", table(HEADER, rows)]
        if leading := held_out["leading"]:
            lines += ["", _leading(leading)]
    else:
        lines.append("too few learners to hold any out, so nothing is known of how well it predicts")
    return "\n".join(lines)
