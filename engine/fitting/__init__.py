"""Parameters from pupils' answers: both models of the mixture, and which of them the answers speak for.

Everything is shrunk towards expert values (maximum a posteriori), so that a few hundred answers do no worse than
none. Needs numpy, which no process of the web loads.
"""

from __future__ import annotations

from engine.curriculum import Curriculum
from engine.fitting.continuous import ContinuousFitter
from engine.fitting.data import Hours, Log, arrays
from engine.fitting.two_state import TwoStateFitter
from engine.parameters import ItemParameters, ParameterSet
from engine.population import MAX_LOG_ODDS, Population, shares


def fit(curriculum: Curriculum, log: Log, hours: Hours | None = None) -> ParameterSet:
    """A parameter set from pupils' unaided answers.

    Args:
        curriculum: skills and items.
        log: for each pupil the item ids in order, each with whether the answer was right.
        hours: when each of these answers was given; None where that is not known. Tells what is forgotten over night.

    Raises:
        ValueError: there is no answer at all.
        CurriculumError: the curriculum does not have an item.
    """
    answers = arrays(curriculum, log, hours)
    continuous = ContinuousFitter(curriculum, answers).fitted()
    two_state = TwoStateFitter(curriculum, answers).fitted()
    odds = two_state.log_likelihood - continuous.log_likelihood
    return ParameterSet(
        skills=two_state.skills,
        items={
            item: ItemParameters(round(continuous.difficulty[item], 4), *two_state.items[item])
            for item in answers.items
        },
        levels=continuous.levels,
        population=Population(
            ability_sd=continuous.ability_sd,
            deviation_sd=continuous.deviation_sd,
            growth_weights=shares(continuous.growth),
            class_weights=shares(two_state.classes),
            unready_growth=continuous.unready,
            unready_learning=two_state.unready,
            log_odds=round(max(-MAX_LOG_ODDS, min(MAX_LOG_ODDS, odds)), 3),
            growth_kept=continuous.growth_kept,
        ),
    )
