"""What is believed of a pupil: two models of learning, weighted by how well each has explained the answers.

Pupils who learn in jumps fool a continuous model into long practice, pupils who grow steadily fool a two-state model
into early praise. Each pupil's answers tell which is nearer (Bayesian model averaging), so that one rule serves both.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from engine.beliefs.ability import (
    LEAST_KEPT,
    AbilityModel,
    Gaussian,
    Levels,
    Reading,
    detached,
    growth_kept,
    mixed,
    normal_cdf,
    success,
)
from engine.beliefs.records import Detail, SkillRecord
from engine.beliefs.traits import Traits
from engine.beliefs.two_state import TwoStateModel, after_practice, expectation, priors
from engine.curriculum import Curriculum
from engine.knowledge_tracing import FORGETTING_GAP_HOURS, after_forgetting
from engine.parameters import ParameterSet
from engine.population import CLASSES, GROWTH_RATES

READY: Final = 0.85
"""Success on an average typed item from which a prerequisite no longer slows what builds on it. A constant, because
what is believed of a pupil may not depend on a teacher's standard."""
EVIDENCE_KEPT: Final = 0.8
"""Share of the evidence that outlasts a gap of more than 8 hours: a pupil may have changed in between."""
WEEK_IN_NIGHTS: Final = 5.0
"""What a week without practice is assumed to take at most, in nights' losses: two more than the logarithm says."""

FURTHER: Final = 1.8
DOUBT: Final = 1.2
"""How much further below the standard a pupil truly is than the continuous model says, and logits of doubt beside its
own: wrong answers tell little of how far, so that its Gaussian leans on what the pupil can do elsewhere. Calibrated on
simulated years (docs/needs.md); for standing still alone."""
PLACED_MOST: Final = 0.85
"""As far as the start check can raise a belief: the skill itself has still to be shown."""


class View(NamedTuple):
    """A pupil as a learner: P(growth rate), P(class), and P(the two-state model holds)."""

    rates: Sequence[float]
    classes: Sequence[float]
    two_state: float

    def of_two(self, two_state: float, continuous: float) -> float:
        """One probability out of both models' opinions."""
        return self.two_state * two_state + (1.0 - self.two_state) * continuous


class SkillView(NamedTuple):
    """One skill in both models.

    Attributes:
        known: P(known), by class.
        levels: the level, given each growth rate.
        p_known: P(known).
        level: the level in logits on an average typed item, whatever the growth rate.
    """

    known: Sequence[float]
    levels: Levels
    p_known: float
    level: Gaussian


class Opened(NamedTuple):
    """A skill's belief now, with forgetting, and the traits that fit to it."""

    traits: Traits
    detail: Detail


class Headway(NamedTuple):
    """What counts as getting on: at least this share of the missing way, in so many tries."""

    tries: int
    share: float


class Evidence(NamedTuple):
    """How an answer is read: by the two-state model (guess, slip) and by the continuous one."""

    guess: float
    slip: float
    reading: Reading


class Mixture:
    """Both models of a curriculum's rule skills. It holds no pupil's state."""

    def __init__(self, curriculum: Curriculum, parameters: ParameterSet) -> None:
        population = parameters.population
        self._ability, self._two_state = AbilityModel(population), TwoStateModel(population)
        self._log_odds, self._night = population.log_odds, population.growth_kept
        self._unready_growth, self._unready_learning = population.unready_growth, population.unready_learning
        self._starts = {s: parameters.level(s) for s in curriculum.skills}
        self._skills = {s: parameters.for_skill(s) for s in curriculum.skills}
        nothing = (0.0,) * len(GROWTH_RATES)
        self._fresh = {s: Detail(nothing, nothing, 0.0, priors(row), True) for s, row in self._skills.items()}
        # A pupil's traits are looked at before, during and after every answer.
        self.view = lru_cache(maxsize=1 << 10)(self._view)

    def _view(self, traits: Traits) -> View:
        """The pupil as a learner."""
        odds = max(-30.0, min(30.0, self._log_odds + traits.evidence))
        return View(self._ability.rates(traits), self._two_state.classes(traits), 1.0 / (1.0 + math.exp(-odds)))

    def opened(
        self, traits: Traits, skill_id: str, record: SkillRecord | None, minute: int, placed: float | None = None
    ) -> Opened:
        """The belief about a skill now: new, as it was left, or made of its marginals; after a gap, with forgetting.

        A new skill is as the start check has placed it, where there was one.
        """
        if record is None:
            return Opened(traits, self._fresh[skill_id] if placed is None else self.placed(skill_id, placed))
        detail = record.detail
        if detail is None:
            detail = self._at_rest(traits, skill_id, record)
        hours = (minute - record.last) / 60
        if hours <= FORGETTING_GAP_HOURS:
            return Opened(traits, detail)
        forget = self._skills[skill_id].forget
        traits, detail = self._ability.faded(traits, detail, EVIDENCE_KEPT)
        known = tuple(after_forgetting(p, forget, hours) for p in detail.known)
        kept = growth_kept(self._night, hours)
        return Opened(traits, detail._replace(exposure=detail.exposure * kept, known=known))

    def _at_rest(self, traits: Traits, skill_id: str, record: SkillRecord) -> Detail:
        """A belief made of a record's marginals; what lies above the pupil's ability is put down to practice."""
        start = self._starts[skill_id]
        exposure = self._ability.practice_behind(traits, self.view(traits).rates, record.level - start)
        return detached(Gaussian(record.level, record.spread), start, record.p_known, exposure)

    def placed(self, skill_id: str, p_known: float) -> Detail:
        """A new skill's belief with the start check's probability; never so sure that it would be mastery.

        The check asks who knows what, so it is the two-state model's prior. The continuous model has had the same
        answers already: they tell it of the pupil's ability, to which the skill stays tied.
        """
        return self._fresh[skill_id]._replace(known=(placed_prior(p_known),) * len(CLASSES))

    def skill_view(self, view: View, opened: Opened, skill_id: str) -> SkillView:
        """What both models say of a skill."""
        levels = self._ability.levels(opened.traits, self._starts[skill_id], opened.detail)
        known = opened.detail.known
        return SkillView(known, levels, expectation(view.classes, known), mixed(view.rates, levels))

    def answered(
        self, view: View, traits: Traits, skills: Mapping[str, Detail], evidence: Evidence
    ) -> tuple[Traits, dict[str, Detail]]:
        """Traits and beliefs after an unaided answer that all of these skills share; nothing is learned from it yet."""
        details, reading = list(skills.values()), evidence.reading
        levels = [self._ability.levels(traits, self._starts[s], detail) for s, detail in skills.items()]
        traits, after, by_rate = self._ability.learn_from(traits, levels, details, reading)
        traits, known, by_class = self._two_state.learn_from(
            traits, [d.known for d in details], evidence.guess, evidence.slip, reading.correct, reading.others
        )
        factor = expectation(view.classes, by_class) / expectation(view.rates, by_rate)
        traits = traits._replace(evidence=traits.evidence + math.log(factor))
        beliefs = (d._replace(known=k) for d, k in zip(after, known, strict=True))
        return traits, dict(zip(skills, beliefs, strict=True))

    def practised(self, skill_id: str, detail: Detail, ready: tuple[float, float], looked: float = 1.0) -> Detail:
        """The belief after an opportunity to learn; `ready` as `readiness` gives it, `looked` as `engine.haste`."""
        growth, learning = self._amounts(ready)
        known = after_practice(detail.known, self._skills[skill_id].learn, learning * looked)
        return detail._replace(exposure=detail.exposure + growth * looked, known=known)

    def p_meets(self, view: View, skill: SkillView, standard: float) -> float:
        """P(the pupil has at least this share right on an average typed item, guessing aside)."""
        wanted = logit(standard)
        continuous = sum(
            w * normal_cdf((mean - wanted) / sd)
            for w, mean, sd in zip(view.rates, skill.levels.means, skill.levels.sds, strict=True)
        )
        return view.of_two(skill.p_known, continuous)

    def p_holds(self, view: View, opened: Opened, skill_id: str, standard: float) -> float:
        """P(the standard is still met after a week without practice)."""
        detail, forget = opened.detail, self._skills[skill_id].forget
        known = tuple(p * (1.0 - forget) for p in detail.known)
        kept = max(LEAST_KEPT, 1.0 - WEEK_IN_NIGHTS * (1.0 - self._night))
        faded = detail._replace(exposure=detail.exposure * kept, known=known)
        return self.p_meets(view, self.skill_view(view, Opened(opened.traits, faded), skill_id), standard)

    def lost_since(self, view: View, record: SkillRecord, minute: int, p_known: float, p_able: float) -> float:
        """What a gap has taken of P(success) on an average item since the last opportunity, in logits; at most 0.

        Args:
            view: of the pupil.
            record: as the last opportunity left it.
            minute: now.
            p_known: P(known) now.
            p_able: P(success) now.
        """
        if (minute - record.last) / 60 <= FORGETTING_GAP_HOURS:
            return 0.0
        then = view.of_two(record.p_known, success(Gaussian(record.level, max(record.spread, 1e-3)), 0.0))
        return min(0.0, logit(view.of_two(p_known, p_able)) - logit(then))

    def p_meets_at_rest(self, view: View, record: SkillRecord, standard: float) -> float:
        """The same, from a record's marginals."""
        level = Gaussian(record.level, max(record.spread, 1e-3))
        return view.of_two(record.p_known, level.above(logit(standard)))

    def p_reaches(
        self, view: View, skill_id: str, skill: SkillView, standard: float, items: int, ready: tuple[float, float]
    ) -> float:
        """P(the standard is reached within so many further items, as each model expects learning to go)."""
        growth, learning = self._amounts(ready)
        wanted = logit(standard)
        continuous = sum(
            w * normal_cdf((mean + rate * growth * items - wanted) / sd)
            for w, rate, mean, sd in zip(view.rates, GROWTH_RATES, *skill.levels[1:], strict=True)
        )
        learn = self._skills[skill_id].learn * learning
        two_state = sum(
            v * (1.0 if pace * learn * items >= 1.0 else p)
            for v, p, (pace, _) in zip(view.classes, skill.known, CLASSES, strict=True)
        )
        return view.of_two(two_state, continuous)

    def p_standstill(
        self, view: View, skill: SkillView, standard: float, way: Headway, ready: tuple[float, float]
    ) -> float:
        """P(the standard is not met, and the latest tries have made less than a share of the way missing before them).

        Who learns in jumps and does not know it yet has made none of the way.
        """
        growth, _ = self._amounts(ready)
        wanted = logit(standard)
        to_go = (1.0 - way.share) / way.share * way.tries * growth
        continuous = sum(
            w * normal_cdf((FURTHER * (wanted - mean) - to_go * rate) / math.hypot(FURTHER * sd, DOUBT))
            for w, rate, mean, sd in zip(view.rates, GROWTH_RATES, *skill.levels[1:], strict=True)
        )
        return view.of_two(1.0 - skill.p_known, continuous)

    def words_learned(self, view: View, skill_id: str, tries: float, ready: tuple[float, float]) -> float:
        """P(the pupil learns one missing word of a list in so many tries at it), at the pace that rules have shown."""
        pace = sum(v * pace for v, (pace, _) in zip(view.classes, CLASSES, strict=True))
        return 1.0 - math.exp(-tries * self._skills[skill_id].learn * pace * self._amounts(ready)[1])

    def readiness(self, prerequisites: Sequence[SkillRecord]) -> tuple[float, float]:
        """P(all prerequisites are met), in the continuous and in the two-state model."""
        continuous = two_state = 1.0
        for record in prerequisites:
            two_state *= record.p_known
            # A list has no level: its members are known or they are not.
            met = Gaussian(record.level, record.spread).above(logit(READY)) if record.spread else record.p_known
            continuous *= met
        return continuous, two_state

    def readiness_of_all(self, tried: Sequence[SkillRecord], untried: Iterable[str]) -> tuple[float, float]:
        """The same where some were never practised: these are met as often as pupils bring them along."""
        brought = math.prod(self._skills[skill_id].prior for skill_id in untried)
        continuous, two_state = self.readiness(tried)
        return continuous * brought, two_state * brought

    def _amounts(self, ready: tuple[float, float]) -> tuple[float, float]:
        growth, learning = self._unready_growth, self._unready_learning
        return growth + (1.0 - growth) * ready[0], learning + (1.0 - learning) * ready[1]


def placed_prior(p_known: float) -> float:
    """The start check's probability as far as it counts before the skill itself has been shown."""
    return min(max(p_known, 1.0 - PLACED_MOST), PLACED_MOST)


def logit(p: float) -> float:
    """Log odds."""
    return math.log(p / (1.0 - p))
