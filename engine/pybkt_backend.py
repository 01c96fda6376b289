"""pyBKT (Badrinath, Wang & Pardos 2021) as a second backend and as an oracle for our own fitter.

It wants scikit-learn below 1.8 and numpy below 2.4, is single-threaded here (its own parallelism forks a compiled
library), and is always given a seed. Needs pandas, which pyBKT brings.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.fitting.responses import Opportunities, Responses
from engine.parameters import SkillParameters

Floats = NDArray[np.float64]
_COLUMNS: Final = {"order_id": "order_id", "user_id": "user_id", "skill_name": "skill_name", "correct": "correct"}


@dataclass(frozen=True)
class PyBktFit:
    """Parameters of each skill that had responses, by index."""

    skills: dict[int, SkillParameters]


def fit(responses: Responses, *, forgetting: bool = True, starts: int = 1, seed: int = 0) -> PyBktFit:
    """Maximum likelihood by pyBKT, one guess and slip a skill. A response on several skills counts for each.

    Args:
        responses: at least one.
        forgetting: whether something may be forgotten before any opportunity.
        starts: random starts of each skill, the best of which is kept.
        seed: of the starts.
    """
    model = _model(responses, forgetting, starts, seed)
    found = {}
    for name, rows in model.coef_.items():
        forget = float(np.ravel(rows["forgets"])[0]) if forgetting else 0.0
        prior, learn, guess, slip = (float(np.ravel(rows[k])[0]) for k in ("prior", "learns", "guesses", "slips"))
        found[int(name)] = SkillParameters(prior, learn, guess, slip, forget)
    return PyBktFit(found)


def predict(train: Responses, test: Responses) -> Floats:
    """pyBKT with forgetting as a model for `engine.evaluation.evaluate`; skills never seen get the share right."""
    fitted = fit(train)
    after = Opportunities.of(test, every_gap=True)
    usual = float(train.right.mean()) if len(train) else 0.5
    p = np.full(len(after.right), usual)
    for a, b in zip(after.sequence_start[:-1].tolist(), after.sequence_start[1:].tolist(), strict=True):
        row = fitted.skills.get(int(after.skill[a]))
        if row is not None:
            p[a:b] = _trace(row, after.right[a:b])
    return np.bincount(after.response, p, len(test)) / np.diff(test.skill_start)


def _trace(row: SkillParameters, right: NDArray[np.int8]) -> Floats:
    """As pyBKT traces: learning and forgetting in one step."""
    found, p = np.empty(len(right)), row.prior
    for n, answer in enumerate(right.tolist()):
        known, unknown = p * (1.0 - row.slip), (1.0 - p) * row.guess
        found[n] = known + unknown
        if not answer:
            known, unknown = p * row.slip, (1.0 - p) * (1.0 - row.guess)
        p = known / max(known + unknown, 1e-300)
        p = p * (1.0 - row.forget) + (1.0 - p) * row.learn
    return found


def _model(responses: Responses, forgetting: bool, starts: int, seed: int) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyBKT and its libraries warn of their own future
        import pandas as pd
        from pyBKT.models import Model

        rows = Opportunities.of(responses)
        data = pd.DataFrame(
            {
                "order_id": rows.response,
                "user_id": responses.learner[rows.response],
                "skill_name": rows.skill.astype(str),
                "correct": rows.right.astype(np.int64),
            }
        )
        model = Model(seed=seed, num_fits=starts, parallel=False)
        model.fit(data=data, defaults=_COLUMNS, forgets=forgetting)
    return model
