"""How well models predict answers of learners that they have never seen. Needs numpy.

Every figure is held out by learner: the learners are dealt into folds, each fold is predicted by models that were
fitted to the others, and all predictions are scored together. A file of a single learner is predicted with central
parameters only, for then there is nobody else to learn from.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.fitting.bkt import BktFitter, Priors
from engine.fitting.predictor import PredictorFitter
from engine.fitting.responses import Opportunities, Responses

Floats = NDArray[np.float64]
Model = Callable[[Responses, Responses], Floats]
"""Learns from the first responses and says P(right) for each of the second, in order, before seeing it."""
BINS: Final = 10
NEARLY: Final = 1e-6
STUDENT: Final = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
"""97.5% points of Student's t for 1, 2, ... 9 degrees of freedom."""


@dataclass(frozen=True)
class Scores:
    """Figures of one model.

    Attributes:
        auc: area under the ROC curve; None where all answers are alike.
        rmse: root of the mean squared error.
        log_loss: mean of -log P(what happened), in nats.
        accuracy: share of answers on the likelier side of .5.
        ece: expected calibration error over ten equal bins.
    """

    auc: float | None
    rmse: float
    log_loss: float
    accuracy: float
    ece: float


METRICS: Final = ("auc", "rmse", "log_loss", "accuracy", "ece")


def score(right: NDArray[np.int8], p: Floats) -> Scores:
    """Figures for predictions `p` of answers `right`, at least one."""
    y, p = right.astype(np.float64), np.clip(p, NEARLY, 1.0 - NEARLY)
    return Scores(
        auc=_auc(y, p),
        rmse=float(np.sqrt(np.mean((y - p) ** 2))),
        log_loss=float(-np.mean(np.where(y > 0, np.log(p), np.log(1.0 - p)))),
        accuracy=float(np.mean((p >= 0.5) == (y > 0))),
        ece=_ece(y, p),
    )


def _auc(y: Floats, p: Floats) -> float | None:
    """By ranks; equal predictions share theirs."""
    right = float(y.sum())
    wrong = len(y) - right
    if not right or not wrong:
        return None
    _, place, count = np.unique(p, return_inverse=True, return_counts=True)
    rank = np.cumsum(count) - (count - 1) / 2.0
    return float((rank[place][y > 0].sum() - right * (right + 1) / 2.0) / (right * wrong))


def _ece(y: Floats, p: Floats) -> float:
    place = np.minimum((p * BINS).astype(np.int64), BINS - 1)
    return float(np.abs(np.bincount(place, y - p, BINS)).sum() / len(y))


def calibration(right: NDArray[np.int8], p: Floats) -> list[tuple[float, float, int]]:
    """For each tenth of probability that occurs: mean prediction, share right, answers."""
    place = np.minimum((np.clip(p, 0.0, 1.0) * BINS).astype(np.int64), BINS - 1)
    found = []
    for n in np.unique(place).tolist():
        mine = place == n
        found.append((float(p[mine].mean()), float(right[mine].mean()), int(mine.sum())))
    return found


@dataclass(frozen=True)
class GroupScores:
    """One model's figures over the answers of one group. `scores` is None below `FEWEST_LEARNERS`."""

    learners: int
    responses: int
    scores: Scores | None


FEWEST_LEARNERS: Final = 10
"""Figures of a smaller group tell of its children, not of the model."""


@dataclass(frozen=True)
class Evaluation:
    """One model's figures.

    Attributes:
        scores: over all held-out answers together.
        interval: half width of the 95% interval of each metric, from the folds (Student's t); None where fewer than
            two folds have the figure.
        calibration: see `calibration`.
        by_group: figures within each group of learners, where `evaluate` was told of groups.
    """

    scores: Scores
    interval: Mapping[str, float | None]
    calibration: Sequence[tuple[float, float, int]]
    by_group: Mapping[str, GroupScores]


def skill_mean(train: Responses, test: Responses) -> Floats:
    """The share right on the skill so far, in other learners: what a model must beat."""
    response = np.repeat(np.arange(len(train)), np.diff(train.skill_start))
    right = np.bincount(train.skill, train.right[response], len(train.skills))
    seen = np.bincount(train.skill, minlength=len(train.skills))
    overall = (float(train.right.sum()) + 1.0) / (len(train) + 2.0)
    rate = (right + 5.0 * overall) / (seen + 5.0)
    return _mean_over_skills(test, rate[test.skill])


def bkt(train: Responses, test: Responses, priors: Priors | None = None) -> Floats:
    """Bayesian knowledge tracing alone, fitted by `engine.fitting.bkt`. An answer on several skills: their mean."""
    before = Opportunities.of(train, every_gap=True)
    fit = BktFitter(before, train.formats, len(train.skills), priors=priors).fitted()
    after = Opportunities.of(test, every_gap=True)
    p = fit.predict(after, test.formats, len(test.items))
    return np.bincount(after.response, p, len(test)) / np.diff(test.skill_start)


def predictor(train: Responses, test: Responses) -> Floats:
    """The predictor of `engine.predictor`."""
    return PredictorFitter(train).fitted().predict(test)


def _mean_over_skills(responses: Responses, values: Floats) -> Floats:
    found: Floats = np.add.reduceat(values, responses.skill_start[:-1]) / np.diff(responses.skill_start)
    return found


MODELS: Final[Mapping[str, Model]] = {"skill mean": skill_mean, "bkt": bkt, "predictor": predictor}


def folds_by_learner(learners: int, folds: int, seed: int) -> NDArray[np.int64]:
    """The fold of each learner; never more folds than learners."""
    return np.random.default_rng(seed).permutation(learners) % max(1, min(folds, learners))


def evaluate(
    responses: Responses,
    *,
    folds: int = 5,
    seed: int = 0,
    models: Mapping[str, Model] = MODELS,
    groups: Mapping[str, str] | None = None,
    progress: Callable[[], None] = lambda: None,
) -> dict[str, Evaluation]:
    """Score models on held-out learners.

    Args:
        responses: at least one.
        folds: in how many parts the learners are dealt.
        seed: of the dealing.
        models: by name.
        groups: the group of each learner of whom one is known, by id: the models are told nothing of it.
        progress: called after each model and fold.

    Raises:
        ValueError: there is no response.
    """
    if not len(responses):
        raise ValueError("There are no responses to evaluate on. Give at least one.")
    fold = folds_by_learner(len(responses.learners), folds, seed)
    held_out = {name: np.empty(len(responses)) for name in models}
    for n in range(int(fold.max()) + 1):
        train, test = responses.of_learners(fold != n), responses.of_learners(fold == n)
        mine = fold[responses.learner] == n
        for name, model in models.items():
            if len(test):
                held_out[name][mine] = model(train, test)
            progress()
    of_response = fold[responses.learner]
    members = _members(responses, groups or {})
    return {name: _summary(responses, p, of_response, members) for name, p in held_out.items()}


def _members(responses: Responses, groups: Mapping[str, str]) -> dict[str, NDArray[np.bool_]]:
    """Which responses are of a group's learners, by group."""
    of_learner = np.array([groups.get(learner, "") for learner in responses.learners], dtype=object)
    of_response = of_learner[responses.learner]
    return {name: of_response == name for name in sorted({*of_learner.tolist()} - {""})}


def _summary(
    responses: Responses, p: Floats, fold: NDArray[np.int64], members: Mapping[str, NDArray[np.bool_]]
) -> Evaluation:
    right = responses.right
    by_fold = [asdict(score(right[fold == n], p[fold == n])) for n in np.unique(fold).tolist()]
    interval = {name: _half_width([row[name] for row in by_fold if row[name] is not None]) for name in METRICS}
    by_group = {name: _of_group(responses, p, mine) for name, mine in members.items()}
    return Evaluation(score(right, p), interval, calibration(right, p), by_group)


def _of_group(responses: Responses, p: Floats, mine: NDArray[np.bool_]) -> GroupScores:
    learners = len(np.unique(responses.learner[mine]))
    enough = learners >= FEWEST_LEARNERS
    return GroupScores(learners, int(mine.sum()), score(responses.right[mine], p[mine]) if enough else None)


def _half_width(values: Sequence[float]) -> float | None:
    if len(values) < 2:
        return None
    t = STUDENT[len(values) - 2] if len(values) - 2 < len(STUDENT) else 1.96
    return float(t * np.std(values, ddof=1) / math.sqrt(len(values)))
