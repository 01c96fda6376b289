"""Prediction on public responses beside pyBKT, small districts, and how fast parameters are fitted.

    python -m tests.bench fitting [--pybkt] [--rows 400000]

Public data is never committed: PROXIMAL_BENCH_DATA names its folder (usual: ../shared/data); without it this part says
so. Speed is measured against pyBKT's C++ loop in the same run where PROXIMAL_PYBKT_PYTHON names a Python that has it
(an environment of its own: pip install "numpy<2.4", then pip install --no-binary pyBKT --no-build-isolation pyBKT).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np

from engine.evaluation import MODELS, bkt, evaluate, folds_by_learner, score
from engine.fitting.bkt import Beta, BktFitter, Limits, Priors
from engine.fitting.responses import Opportunities, Responses

DATA = Path(os.environ.get("PROXIMAL_BENCH_DATA", "../shared/data"))
GOALS = {"bkt": "goal: AUC >= .752", "predictor": "goal: AUC >= .787 (aim .790), ECE <= .006"}
ITERATIONS = 20
LOCAL = 30
WORTH = 60.0

CPP = """
import sys, time
import numpy as np
from pyBKT.fit import EM_fit
found = np.load(sys.argv[1])
n = len(found["right"])
data = {"starts": (found["starts"] + 1).astype(np.int64), "lengths": found["lengths"].astype(np.int64),
        "resources": np.ones(n, dtype=np.int64), "data": (found["right"].astype(np.int32) + 1)[None, :]}
model = {"learns": np.array([.15]), "forgets": np.array([.02]), "guesses": np.array([.2]), "slips": np.array([.1]),
         "prior": .4, "pi_0": np.array([[.6], [.4]]), "As": np.array([[[.85, .02], [.15, .98]]])}
began = time.process_time()
EM_fit.EM_fit(model, data, tol=0.0, maxiter=int(sys.argv[2]), parallel=False)
print(n * int(sys.argv[2]) / (time.process_time() - began))
"""


def main(words: list[str]) -> None:
    """Print everything that can be measured here."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pybkt", action="store_true", help="score pyBKT (Python) on the same folds: half an hour")
    parser.add_argument("--rows", type=int, default=400_000, help="of the measurement of speed")
    wanted = parser.parse_args(words)
    speed(wanted.rows)
    file = DATA / "assist09.csv.gz"
    if not file.is_file():
        print(f"  no public responses in {DATA}: prediction is not measured")
        return
    from lti_tool.services.parameters.response_files import read_responses

    responses = read_responses(file).responses
    prediction(responses, pybkt=wanted.pybkt)
    small_district(responses)


def prediction(responses: Responses, *, pybkt: bool) -> None:
    """Five folds by learner, seed 0."""
    models = dict(MODELS)
    if pybkt:
        from engine.pybkt_backend import predict

        models["pybkt"] = predict
    print(f"  {len(responses)} responses, {len(responses.learners)} learners, 5 folds by learner")
    for name, each in evaluate(responses, models=models).items():
        cells = [f"{key} {value:.4f} ± {each.interval[key]:.4f}" for key, value in asdict(each.scores).items()]
        print(f"    {name:10} {'  '.join(cells)}   {GOALS.get(name, '')}", flush=True)


def small_district(responses: Responses) -> None:
    """Thirty local learners: alone, and with central parameters as a prior worth sixty responses."""
    fold = folds_by_learner(len(responses.learners), 5, 0)
    test, others = responses.of_learners(fold == 0), np.flatnonzero(fold != 0)
    local = np.isin(np.arange(len(fold)), np.random.default_rng(1).permutation(others)[:LOCAL])
    district, centre = responses.of_learners(local), responses.of_learners((fold != 0) & ~local)
    opportunities = Opportunities.of(centre, every_gap=True)
    found = BktFitter(opportunities, centre.formats, len(centre.skills)).fitted()
    seen = found.responses / max(1, found.responses.sum())

    def worth(value: float) -> Beta:
        return Beta(WORTH * value, WORTH * (1.0 - value))

    prior, learn, forget = (worth(float(seen @ found.transitions[:, n])) for n in range(3))
    guess, slip = (worth(float(seen @ found.by_format[:, 0, n])) for n in range(2))
    base = Priors()
    central = Priors(prior, learn, forget, {**base.guess, "": guess}, {**base.slip, "": slip})
    print(f"  {LOCAL} local learners with {len(district)} responses, tested on {len(np.unique(test.learner))} others")
    for name, priors in (("no priors", Priors.none()), ("shipped priors", base), ("central, worth 60", central)):
        print(f"    {name:18} BKT AUC {score(test.right, bkt(district, test, priors)).auc:.3f}", flush=True)


def speed(rows: int) -> None:
    """Row-iterations per second of one core, one skill, one guess and slip, twenty rounds."""
    opportunities, lengths = _one_skill(rows)
    settings = {"priors": Priors.none(), "limits": Limits(1.0, 1.0), "max_rounds": ITERATIONS, "tolerance": -1.0}
    formats = ("",)
    fitter = BktFitter(opportunities, formats, 1, **settings)  # type: ignore[arg-type]
    fitter._run(fitter._start(*fitter._central()), *fitter._central())  # compiled before the clock runs
    fitter = BktFitter(opportunities, formats, 1, **settings)  # type: ignore[arg-type]
    state, central = fitter._start(*fitter._central()), fitter._central()
    began = time.process_time()
    fitter._run(state, *central)
    ours = fitter._iterations / (time.process_time() - began)
    theirs = _cpp(opportunities, lengths)
    if theirs is None:
        print(f"  EM: {ours / 1e6:.1f} M row-iterations/s; no pyBKT in C++ (PROXIMAL_PYBKT_PYTHON) to compare with")
    else:
        print(
            f"  EM: {ours / 1e6:.1f} M row-iterations/s, pyBKT's C++ {theirs / 1e6:.1f} M: "
            f"{ours / theirs:.1f} x (goal: 3 x)"
        )


def _one_skill(rows: int) -> tuple[Opportunities, np.ndarray]:
    rng = np.random.default_rng(0)
    length = 20
    starts = np.arange(0, rows // length * length, length)
    count = len(starts) * length
    opportunities = Opportunities(
        skill=np.zeros(count, dtype=np.int64),
        response=np.arange(count),
        item=np.zeros(count, dtype=np.int64),
        right=(rng.random(count) < np.tile(np.linspace(0.35, 0.85, length), len(starts))).astype(np.int8),
        gap=np.tile((np.arange(length) > 0).astype(np.int8), len(starts)),
        sequence_start=np.append(starts, count),
    )
    return opportunities, np.full(len(starts), length)


def _cpp(opportunities: Opportunities, lengths: np.ndarray) -> float | None:
    python = os.environ.get("PROXIMAL_PYBKT_PYTHON")
    if not python:
        return None
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.npz"
        np.savez(file, right=opportunities.right, starts=opportunities.sequence_start[:-1], lengths=lengths)
        done = subprocess.run(
            [python, "-W", "ignore", "-c", CPP, str(file), str(ITERATIONS)], capture_output=True, text=True, check=False
        )
    if done.returncode:
        print(f"  pyBKT in C++ did not run: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    return float(done.stdout.split()[-1])
