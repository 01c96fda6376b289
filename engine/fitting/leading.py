"""Which of the two foretells answers better, the mixture that decides about mastery or the predictor?

The predictor is fitted to what is seen in the answers of one way of practising, the mixture to how pupils learn. So
the predictor wins on thousands of pupils' answers to real items, and the mixture where answers are few, or where
practice will be chosen otherwise than it was. Pupils held out decide, and the burden of proof is the predictor's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from engine.curriculum import Curriculum
from engine.fitting.responses import Responses
from engine.learner import Response
from engine.parameters import ParameterSet
from engine.predictor import PredictorParameters
from engine.tutor import Tutor

ANSWERS: Final = 4_000
"""Answers of whole pupils that are compared: the tutor itself goes through them, in plain floats."""
FEWEST_PUPILS: Final = 10
SURE: Final = 2.0
"""Standard errors, over pupils, by which the predictor must be better."""
_START: Final = datetime(2026, 1, 1, tzinfo=UTC)
_LONGEST: Final = 200_000.0
"""Hours that a file's times may span as they are, some twenty years."""


@dataclass(frozen=True)
class Comparison:
    """Mean log losses of both on the same answers of pupils held out, answer after answer as the tutor meets them.

    Attributes:
        answers: how many; 0 where no answer was to an item of the curriculum.
        mixture: mean log loss in nats.
        predictor: the same.
        predictor_leads: whether the predictor is better beyond doubt.
    """

    answers: int = 0
    mixture: float = math.nan
    predictor: float = math.nan
    predictor_leads: bool = False


def compare(
    curriculum: Curriculum, parameters: ParameterSet, predictor: PredictorParameters, test: Responses
) -> Comparison:
    """Let the tutor foretell each answer of pupils whom neither was fitted to."""
    known = {item.id for item in curriculum.items}
    both = Tutor(curriculum, replace(parameters, predictor=predictor))
    mixture = Tutor(curriculum, replace(parameters, predictor=None))
    rows_of = dict[int, list[int]]()
    for t, (pupil, item) in enumerate(zip(test.learner.tolist(), test.item.tolist(), strict=True)):
        if test.items[item] in known:
            rows_of.setdefault(pupil, []).append(t)
    by_pupil, answers = list[tuple[int, float, float]](), 0
    for rows in rows_of.values():
        if answers < ANSWERS:
            by_pupil.append((len(rows), *_losses(mixture, both, test, rows)))
            answers += len(rows)
    if not answers:
        return Comparison()
    by_mixture, by_predictor = (sum(row[k] for row in by_pupil) / answers for k in (1, 2))
    gain = by_mixture - by_predictor
    doubt = math.sqrt(sum((one - other - count * gain) ** 2 for count, one, other in by_pupil)) / answers
    leads = len(by_pupil) >= FEWEST_PUPILS and gain > SURE * doubt
    return Comparison(answers, by_mixture, by_predictor, leads)


def _losses(mixture: Tutor, both: Tutor, test: Responses, rows: list[int]) -> tuple[float, float]:
    """Summed log losses of one pupil's answers, by the mixture and by the predictor."""
    learner, losses = both.new_learner(), [0.0, 0.0]
    for n, t in enumerate(rows):
        item, right = both.curriculum.item(test.items[int(test.item[t])]), bool(test.right[t])
        hours = n / 60 if test.hours is None else float(test.hours[t] - test.hours[rows[0]])
        now = _START + timedelta(hours=min(max(hours, 0.0), _LONGEST))
        for k, tutor in enumerate((mixture, both)):
            p = tutor.p_correct(learner, item.id, now=now)
            losses[k] -= math.log(max(1e-6, p if right else 1.0 - p))
        learner = both.observe(learner, Response(item, right), now=now)
    return losses[0], losses[1]
