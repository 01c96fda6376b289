"""From responses to everything that tutor and predictor need, with figures on pupils held out. Needs numpy and numba.

A parameter set and the predictor's parameters are fitted together, once to four fifths of the pupils, to be measured
on the others, and then to all. Whether a new set may take the place of another is decided by the measured figures.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from engine.curriculum import Curriculum, ItemRef, Skill
from engine.evaluation import Scores, folds_by_learner, score
from engine.fitting import fit
from engine.fitting.bkt import FORMATS, BktFit, BktFitter, Priors
from engine.fitting.leading import Comparison, compare
from engine.fitting.predictor import FittedPredictor, PredictorFitter
from engine.fitting.responses import Opportunities, Responses
from engine.parameters import (
    EXPERT_SKILL,
    MAX_GUESS,
    MAX_LEVEL,
    MAX_SLIP,
    ItemParameters,
    ParameterSet,
    SkillParameters,
)
from engine.predictor import Predictor, PredictorParameters

Backend = Literal["map", "pybkt"]
POPULATION_RESPONSES: Final = 24_000
"""Responses of whole pupils from which the distribution of pupils is fitted: 400 pupils with 60 answers each."""
HELD_OUT: Final = 5
"""One pupil in so many is held out to measure a set."""
NOISE: Final = 1e-4
"""Nats of log loss that make no difference."""


@dataclass(frozen=True)
class Fitted:
    """What one fit gives.

    Attributes:
        parameters: for the tutor; with the predictor, where it leads.
        predictor: for the predictor.
        held_out: figures of both on pupils that a first fit had not seen, by model ("bkt", "predictor"); empty where
            there are too few pupils to hold any out.
        held_out_responses: how many answers these figures rest on.
        against: log losses on the same answers, (this set's, the live set's), by model.
        not_worse: whether the set may take the live one's place; False where nothing is known.
        leading: which of mixture and predictor foretells the answers of pupils held out better.
    """

    parameters: ParameterSet
    predictor: PredictorParameters
    held_out: Mapping[str, Scores]
    held_out_responses: int
    against: Mapping[str, tuple[float, float]]
    not_worse: bool
    leading: Comparison


Live = tuple[ParameterSet, PredictorParameters | None]
"""What is in use; no predictor where no fit has made one."""


def curriculum_of(responses: Responses) -> Curriculum:
    """The curriculum that responses speak of: no prerequisites, items typed where nothing else is said."""
    lengths = np.diff(responses.skill_start)
    first = dict[int, int]()
    for t, item in enumerate(responses.item.tolist()):
        first.setdefault(item, t)
    items = []
    for item, t in first.items():
        start = int(responses.skill_start[t])
        names = tuple(responses.skills[k] for k in responses.skill[start : start + int(lengths[t])].tolist())
        items.append(ItemRef(responses.items[item], names, responses.formats[item] or "typed"))
    return Curriculum({s: Skill(s) for s in responses.skills}, items)


def fit_set(
    curriculum: Curriculum,
    responses: Responses,
    *,
    backend: Backend = "map",
    seed: int = 0,
    live: Live | None = None,
    progress: Callable[[], None] = lambda: None,
) -> Fitted:
    """Fit, measured.

    Args:
        curriculum: what the set is for. Responses to items that it does not have count for their skills only.
        responses: unaided answers; at least one.
        backend: "map" for our own fitter, "pybkt" for pyBKT's prior, learn, guess and slip of each skill.
        seed: of what is held out.
        live: what is in use, to be compared with; None: the experts' parameters.
        progress: called after each of `STEPS` steps.

    Raises:
        ValueError: there is no response.
    """
    if not len(responses):
        raise ValueError("There are no responses to fit parameters to. Give at least one.")
    held_out, tested = dict[str, Scores](), 0
    fine, against, leading = False, dict[str, tuple[float, float]](), Comparison()
    if len(responses.learners) >= HELD_OUT:
        apart = folds_by_learner(len(responses.learners), HELD_OUT, seed) == 0
        train, test = responses.of_learners(~apart), responses.of_learners(apart)
        parameters = _parameters(curriculum, train, backend, seed)
        progress()
        if tested := len(test):
            fitted = PredictorFitter(train, seed).fitted()
            held_out = {
                "bkt": score(test.right, predicted(parameters, test, curriculum)),
                "predictor": score(test.right, fitted.predict(test)),
            }
            leading = compare(curriculum, parameters, fitted.parameters(train), test)
            old, old_predictor = live or (ParameterSet.default(curriculum), None)
            fine, against = not_worse(parameters, fitted.parameters(train), old, old_predictor, test, curriculum)
        progress()
    parameters = _parameters(curriculum, responses, backend, seed)
    progress()
    predictor = PredictorFitter(responses, seed).fitted().parameters(responses)
    progress()
    if leading.predictor_leads:
        parameters = replace(parameters, predictor=predictor)
    return Fitted(parameters, predictor, held_out, tested, against, fine, leading)


STEPS: Final = 4


def predicted(
    parameters: ParameterSet, responses: Responses, curriculum: Curriculum | None = None
) -> NDArray[np.float64]:
    """P(right) of each answer before it, by Bayesian knowledge tracing with a given set; several skills: their mean.

    A curriculum tells which skills are lists, whose members are traced one by one.
    """
    rows = Opportunities.of(responses, curriculum=curriculum)
    skills = [parameters.for_skill(s) for s in responses.skills]
    formats = [name or "typed" for name in responses.formats]
    by_format = np.array(
        [
            [[parameters.formats[f].guess, parameters.formats[f].slip] if f else [s.guess, s.slip] for f in FORMATS]
            for s in skills
        ]
    ).reshape(len(skills), len(FORMATS), 2)
    width = max(1, len(responses.items))
    slots = np.unique(rows.skill * width + rows.item)
    by_slot = np.empty((len(slots), 2))
    for n, slot in enumerate(slots.tolist()):
        k, i = divmod(slot, width)
        item = parameters.for_item(ItemRef(responses.items[i], (responses.skills[k],), formats[i]), responses.skills[k])
        by_slot[n] = item.guess, item.slip
    fit = BktFit(
        np.array([[s.prior, s.learn, s.forget] for s in skills]).reshape(-1, 3),
        by_format,
        slots,
        by_slot,
        np.zeros(len(slots), dtype=np.int8),
        np.zeros(len(skills), dtype=np.int64),
        0,
    )
    p = fit.predict(rows, responses.formats, len(responses.items))
    return np.bincount(rows.response, p, len(responses)) / np.diff(responses.skill_start)


def not_worse(
    new: ParameterSet,
    new_predictor: PredictorParameters,
    old: ParameterSet,
    old_predictor: PredictorParameters | None,
    test: Responses,
    curriculum: Curriculum | None = None,
) -> tuple[bool, dict[str, tuple[float, float]]]:
    """Whether a new set may take an old one's place, and the log losses (new, old) that say so.

    Args:
        test: answers of pupils that the new set has not seen. The old one may have: that is to its advantage.
        curriculum: see `predicted`.
    """
    if not len(test):
        return False, {}
    fresh, used = (_loss(predicted(p, test, curriculum), test) for p in (new, old))
    losses = {"bkt": (fresh, used)}
    if old_predictor is not None:
        losses["predictor"] = (_online_loss(new_predictor, test), _online_loss(old_predictor, test))
    return all(a <= b + NOISE for a, b in losses.values()), losses


def _loss(p: NDArray[np.float64], test: Responses) -> float:
    return score(test.right, p).log_loss


def _online_loss(parameters: PredictorParameters, test: Responses) -> float:
    """As pupils meet it: answer after answer, in plain floats."""
    predictor, p = Predictor(parameters), np.empty(len(test))
    names = [test.skills[k] for k in test.skill.tolist()]
    state, before = predictor.new_learner(), -1
    for t, (learner, item, right) in enumerate(
        zip(test.learner.tolist(), test.item.tolist(), test.right.tolist(), strict=True)
    ):
        if learner != before:
            state, before = predictor.new_learner(), learner
        skills = names[int(test.skill_start[t]) : int(test.skill_start[t + 1])]
        p[t] = predictor.predict(state, test.items[item], skills)
        state = predictor.observe(state, test.items[item], skills, bool(right))
    return _loss(p, test)


def _parameters(curriculum: Curriculum, responses: Responses, backend: Backend, seed: int) -> ParameterSet:
    """The population from a sample of pupils; skills and items from everybody."""
    own = BktFitter(
        Opportunities.of(responses, curriculum=curriculum),
        responses.formats,
        len(responses.skills),
        priors=Priors(),
        forgetting=responses.hours is not None,
    ).fitted()
    place = {name: k for k, name in enumerate(responses.skills)}
    base = _sampled(curriculum, responses, seed) or ParameterSet.default(curriculum)
    skills = dict(base.skills)
    for skill_id in skills:
        k = place.get(skill_id, -1)
        if k >= 0 and own.responses[k]:
            skills[skill_id] = _skill(own, k, base.skills[skill_id], forgets=responses.hours is not None)
    if backend == "pybkt":
        skills.update(_by_pybkt(responses, skills))
    return ParameterSet(
        skills=skills,
        formats=base.formats,
        items={**_items(own, responses, PredictorFitter(responses, seed), base), **base.items},
        levels=base.levels,
        population=base.population,
    )


def _sampled(curriculum: Curriculum, responses: Responses, seed: int) -> ParameterSet | None:
    """Both models of the mixture, from as many whole pupils as are enough; None if no item is in the curriculum."""
    known = {item.id for item in curriculum.items}
    log, hours, count = list[list[tuple[str, bool]]](), list[list[float]](), 0
    start = np.searchsorted(responses.learner, np.arange(len(responses.learners) + 1))
    for n in np.random.default_rng(seed).permutation(len(responses.learners)).tolist():
        rows = [t for t in range(int(start[n]), int(start[n + 1])) if responses.items[int(responses.item[t])] in known]
        if rows and (count == 0 or count + len(rows) <= POPULATION_RESPONSES):
            rows = rows[:POPULATION_RESPONSES]
            log.append([(responses.items[int(responses.item[t])], bool(responses.right[t])) for t in rows])
            hours.append([] if responses.hours is None else responses.hours[rows].tolist())
            count += len(rows)
    return fit(curriculum, log, None if responses.hours is None else hours) if log else None


def _skill(own: BktFit, k: int, base: SkillParameters, *, forgets: bool) -> SkillParameters:
    """What the sample did not fit: how much is forgotten, and skills that it did not hold."""
    forget = round(float(own.transitions[k, 2]), 4) if forgets else base.forget
    if (base.prior, base.learn) != (EXPERT_SKILL.prior, EXPERT_SKILL.learn):
        return SkillParameters(base.prior, base.learn, base.guess, base.slip, forget)
    prior, learn = (round(float(x), 4) for x in own.transitions[k, :2])
    return SkillParameters(prior, learn, base.guess, base.slip, forget)


def _items(own: BktFit, responses: Responses, fitter: PredictorFitter, base: ParameterSet) -> dict[str, ItemParameters]:
    """Items that the sample did not hold and that have enough responses: rates by BKT, difficulty by Elo."""
    width = max(1, len(responses.items))
    tables: FittedPredictor | None = None
    found = {}
    for slot, rates, counted in zip(own.slots.tolist(), own.by_slot.tolist(), own.own.tolist(), strict=True):
        item_id = responses.items[slot % width]
        if not counted or item_id in base.items:
            continue
        tables = tables or fitter.without_coefficients()
        difficulty = max(-MAX_LEVEL, min(MAX_LEVEL, float(tables.tables.items[slot % width, 0])))
        guess, slip = min(MAX_GUESS, rates[0]), min(MAX_SLIP, rates[1])
        found[item_id] = ItemParameters(round(difficulty, 4), round(guess, 4), round(slip, 4))
    return found


def _by_pybkt(responses: Responses, skills: Mapping[str, SkillParameters]) -> dict[str, SkillParameters]:
    """pyBKT's own values within our limits; what it forgets at any answer is no night's forgetting, so ours stays."""
    from engine.pybkt_backend import fit as fit_pybkt

    found = {}
    for k, row in fit_pybkt(responses, forgetting=False).skills.items():
        name = responses.skills[k]
        if name in skills and all(map(math.isfinite, (row.prior, row.learn, row.guess, row.slip))):
            found[name] = SkillParameters(
                round(row.prior, 4),
                round(row.learn, 4),
                round(min(row.guess, MAX_GUESS), 4),
                round(min(row.slip, MAX_SLIP), 4),
                skills[name].forget,
            )
    return found
