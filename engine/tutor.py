"""The one door to the engine, used by the web and by every simulation: the code measured is the code shipped."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from random import Random
from typing import Final

from engine.beliefs.ability import CARELESS, Gaussian, success
from engine.beliefs.lists import p_list_meets, share_known
from engine.beliefs.lists import p_standstill as p_list_standstill
from engine.beliefs.mixture import Headway, Mixture, View, placed_prior
from engine.beliefs.records import SkillRecord
from engine.beliefs.skills import SkillModel, skill_model
from engine.choosing.item_selection import NOWHERE, Values, choose_item, start_choice
from engine.choosing.plan import Candidate, make_plan
from engine.choosing.skill_selection import choose_skill, topics
from engine.choosing.start_check import StartCheck
from engine.choosing.wishes import NO_WISHES, Wishes
from engine.curriculum import Curriculum, CurriculumError, ItemRef
from engine.knowledge_tracing import after_forgetting, predict_correct
from engine.learner import Choice, Learner, Response, SkillReport, minutes
from engine.mastery import DEFAULT_POLICY, EVIDENCE, MASTERED, Policy, lapsed, state_of
from engine.observing import Engine
from engine.parameters import ParameterSet

TYPED: Final = "typed"
HEADWAY: Final = Headway(tries=10, share=0.25)
"""Ten tries are enough for most (Beck & Gong 2013 call it wheel-spinning from there on); those who need forty make a
quarter of the way in them."""
WORD_TRIES: Final = 8.0
"""Tries at one missing word from which the pace that a pupil has shown elsewhere foretells how a list goes; calibrated
on simulated years (docs/needs.md)."""


class Tutor:
    """Chooses items, takes in answers and reports, for any number of pupils. It holds no pupil's state.

    Args:
        curriculum: skills and items.
        parameters: how answers are read.
        policy: the teacher's settings for mastery.
    """

    def __init__(self, curriculum: Curriculum, parameters: ParameterSet, policy: Policy = DEFAULT_POLICY) -> None:
        self.curriculum, self.parameters, self.policy = curriculum, parameters, policy
        self._models = {s: skill_model(curriculum, parameters, s) for s in curriculum.skills}
        self._typed = {s: parameters.for_item(ItemRef("", (s,), TYPED), s) for s in curriculum.skills}
        self._plan = make_plan(curriculum, parameters, self._models)
        self._mixture = Mixture(curriculum, parameters)
        self._start = StartCheck(self._plan) if policy.start_check else None
        self._engine = Engine(self._plan, self._mixture, policy, self._start)

    def new_learner(self) -> Learner:
        """A pupil of whom nothing is known."""
        return Learner()

    def next_item(
        self,
        learner: Learner,
        *,
        now: datetime,
        rng: Random,
        within: Iterable[str] | None = None,
        wishes: Wishes = NO_WISHES,
        start_check: bool = True,
    ) -> Choice | None:
        """What to practise next, or None if nothing is left for today.

        With the policy's `start_check`, a new pupil's first items, twelve at most, find out what is known already.
        Nothing is left when everything offered is mastered and no check is due. A pupil who practises by own
        choice, without an assignment, has also done enough for the day when only stuck skills are left.

        The same learner, time and state of `rng` give the same choice.

        Args:
            learner: the pupil.
            now: an aware datetime.
            rng: breaks ties between equally good items.
            within: ids of the assigned skills; None for all. Prerequisites outside are not offered, and a lack
                of evidence on them holds nothing up.
            wishes: of pupil and teacher.
            start_check: False where the teacher wants none; it makes a difference with the policy's only.

        Raises:
            ValueError: `now` has no time zone.
            CurriculumError: `within` names a skill that the curriculum does not have.
        """
        minute, offered = minutes(now), self._offered(within)
        if wishes.cap is not None and learner.in_stretch(minute) >= wishes.cap:
            return None
        plan, mixture, policy, placed = self._plan, self._mixture, self.policy, NOWHERE
        if self._start is not None:
            placed = self._start.of(learner)
            skip = wishes.pinned or not start_check
            asked = None if skip else self._start_item(learner, offered, wishes, rng)
            if asked is not None:
                return start_choice(plan, mixture, asked, learner, policy, minute, placed)
        target = choose_skill(plan, learner, policy, minute, offered, wishes, self._taken_as_known(learner))
        if target is None:
            return None
        return choose_item(plan, mixture, target, learner, policy, minute, rng, wishes.level, placed)

    def starts_with_check(self, learner: Learner, *, within: Iterable[str] | None = None) -> bool:
        """Whether the next item would be one of the start check.

        Raises:
            CurriculumError: `within` names a skill that the curriculum does not have.
        """
        return self._start_item(learner, self._offered(within), NO_WISHES, Random(0)) is not None

    def topics(
        self, learner: Learner, *, now: datetime, within: Iterable[str] | None = None, count: int = 3
    ) -> tuple[str, ...]:
        """Skills among which a pupil may choose, for `Wishes.topic`: the first ones that can be worked on now.

        Raises:
            ValueError: `now` has no time zone.
            CurriculumError: `within` names a skill that the curriculum does not have.
        """
        known = self._taken_as_known(learner)
        return tuple(
            islice(topics(self._plan, learner, self.policy, minutes(now), self._offered(within), known), count)
        )

    def _offered(self, within: Iterable[str] | None) -> frozenset[str] | None:
        offered = None if within is None else frozenset(within)
        if offered and (unknown := sorted(offered - self.curriculum.skills.keys())):
            raise CurriculumError(
                f"Assigned skills {unknown} are not in this curriculum. Assign skills of the bank's current version."
            )
        return offered

    def _start_item(
        self, learner: Learner, offered: frozenset[str] | None, wishes: Wishes, rng: Random
    ) -> Candidate | None:
        if self._start is None or not self._start.under_way(learner):
            return None
        if wishes.paused:
            offered = frozenset(self.curriculum.skills if offered is None else offered) - wishes.paused
        return self._start.next_item(learner.start, offered, rng, learner.last_item)

    def _taken_as_known(self, learner: Learner) -> frozenset[str]:
        return self._start.known(learner.start) if self._start else frozenset()

    def observe(self, learner: Learner, response: Response, *, now: datetime) -> Learner:
        """The pupil after one answer; `learner` itself stays as it was.

        - An unaided answer is evidence, then a chance to learn. With hints or at a later attempt it only is a
          chance to learn.
        - "dont_know" is a wrong answer that can't have been an attempt to guess (guess = 0), which makes it the
          stronger sign of not knowing; whatever `correct` says.
        - An answer that came faster than the question can be read may well be a blind guess, and is read as such
          (`engine.haste`).
        - "no_evidence" changes nothing but what was shown.
        - With `per_skill`, each skill named gets its own evidence and the item's other skills are left alone.
          Otherwise the skills of an item share one likelihood.

        Raises:
            ValueError: `now` has no time zone, or `per_skill` names a skill that the item does not have.
            CurriculumError: the curriculum does not have the item.
        """
        minute = minutes(now)
        item = self.curriculum.item(response.item.id)
        if response.per_skill and (unknown := sorted(response.per_skill.keys() - set(item.skills))):
            raise ValueError(f"per_skill names {unknown}, but item {item.id!r} has the skills {list(item.skills)}.")
        if response.outcome == "no_evidence":
            return learner.shown(item.id, self._plan.by_item[item.id].tag, minute)
        return self._engine.observe(learner, response, minute)

    def p_correct(self, learner: Learner, item_id: str, *, now: datetime) -> float:
        """P(an unaided first answer to an item would be right), by which the comfortable band is kept.

        The predictor's, where the parameters hold one and the pupil was followed by it from the first answer; else the
        mixture's.

        Raises:
            ValueError: `now` has no time zone.
            CurriculumError: the curriculum does not have the item.
        """
        minute, skill_id = minutes(now), self.curriculum.item(item_id).skills[0]
        placed = self._start.of(learner) if self._start else NOWHERE
        values = Values(self._plan, self._mixture, learner, minute, skill_id, self.policy.standard, None, placed)
        return values.of(self._plan.by_item[item_id])[1]

    def report(self, learner: Learner, *, now: datetime, within: Iterable[str] | None = None) -> dict[str, SkillReport]:
        """Where the pupil stands in each skill, touched or not.

        Args:
            learner: the pupil.
            now: an aware datetime.
            within: ids of the skills to report on; None for all. Those that the curriculum does not have (an older
                bank's) are left out.

        Raises:
            ValueError: `now` has no time zone.
        """
        minute, view = minutes(now), self._mixture.view(learner.traits)
        wanted = self._models if within is None else [skill_id for skill_id in within if skill_id in self._models]
        return {s: self._report_one(self._models[s], learner, view, minute) for s in wanted}

    def standstill(self, learner: Learner, *, within: Iterable[str]) -> dict[str, float]:
        """How likely a skill stands still: P(the standard is not met, and the latest tries brought next to nothing).

        Of skills that are not mastered and were tried as often as `HEADWAY` asks for, whether they rest or not. A list
        is learned word by word, and its words come in turns: it is asked for twice as many tries, and stands still
        when less than half of the words that were missing at first are known by now.
        """
        view = self._mixture.view(learner.traits)
        found = {}
        for skill_id in within:
            model, record = self._models.get(skill_id), learner.skills.get(skill_id)
            if model is None or record is None or state_of(record, self.policy) in MASTERED:
                continue
            if record.opportunities >= HEADWAY.tries * (1 + model.is_list):
                found[skill_id] = self._p_standstill(model, learner, view, record)
        return found

    def _p_standstill(self, model: SkillModel, learner: Learner, view: View, record: SkillRecord) -> float:
        mixture, skill_id = self._mixture, model.skill.id
        basis = self._plan.prerequisites[skill_id]
        tried = [known for p in basis if (known := learner.skills.get(p))]
        ready = mixture.readiness_of_all(tried, [p for p in basis if p not in learner.skills])
        if model.is_list:
            return p_list_standstill(model, learner, mixture.words_learned(view, skill_id, WORD_TRIES, ready))
        opened = mixture.opened(learner.traits, skill_id, record, record.last)
        skill = mixture.skill_view(view, opened, skill_id)
        return mixture.p_standstill(view, skill, self.policy.standard, HEADWAY, ready)

    def _report_one(self, model: SkillModel, learner: Learner, view: View, minute: int) -> SkillReport:
        record = learner.skills.get(model.skill.id)
        if model.is_list:
            p_known = share_known(model, learner, minute)
            p_meets, p_able = p_list_meets(model, learner, self.policy.standard), p_known
        else:
            p_meets, p_known, p_able = self._rule_now(model, record, learner, view, minute)
        typed = self._typed[model.skill.id]
        smooth = typed.guess + (1.0 - typed.guess - CARELESS) * p_able
        two_state = predict_correct(p_known, typed.guess, typed.slip)
        foretold = None
        if not model.is_list:
            lost = self._mixture.lost_since(view, record, minute, p_known, p_able) if record else 0.0
            foretold = self._foretold(model.skill.id, learner, lost)
        mixed = two_state if model.is_list else view.of_two(two_state, smooth)
        return SkillReport(
            p_meets_standard=p_meets,
            p_known=p_known,
            p_correct_typed=mixed if foretold is None else foretold,
            state=state_of(record, self.policy),
            opportunities=0 if record is None else record.opportunities,
            evidence=() if record is None else tuple(EVIDENCE[code] for code in record.history),
            lapsed=lapsed(record, self.policy),
        )

    def _foretold(self, skill_id: str, learner: Learner, lost: float) -> float | None:
        """The predictor's P(right) on an average typed item, where the parameters hold one that knows of such."""
        predictions = self._plan.predictions
        item = None if predictions is None else predictions.typed(skill_id)
        if predictions is None or item is None:
            return None
        last = self._plan.by_item.get(learner.last_item or "")
        same = last is not None and last.item.skills == (skill_id,)
        expected = predictions.about(learner.traits, learner.skills, (skill_id,), same=same)
        return None if expected is None else expected.of(item, lost)

    def _rule_now(
        self, model: SkillModel, record: SkillRecord | None, learner: Learner, view: View, minute: int
    ) -> tuple[float, float, float]:
        """P(meets the standard) as it was decided; P(known) and P(success) now, forgetting included."""
        mixture, standard = self._mixture, self.policy.standard
        placed = self._start.of(learner).get(model.skill.id) if self._start else None
        if record is not None and record.detail is None:
            hours = (minute - record.last) / 60
            p_known = after_forgetting(record.p_known, model.parameters.forget, hours)
            level = Gaussian(record.level, record.spread)
            return mixture.p_meets_at_rest(view, record, standard), p_known, success(level, 0.0)
        decided = mixture.opened(learner.traits, model.skill.id, record, record.last if record else minute, placed)
        skill = mixture.skill_view(view, decided, model.skill.id)
        opened = mixture.opened(learner.traits, model.skill.id, record, minute, placed)
        now = mixture.skill_view(view, opened, model.skill.id)
        # A skill never practised is where the check has placed it; with its first answer the mixture takes over.
        untouched = placed if record is None else None
        p_meets = mixture.p_meets(view, skill, standard) if untouched is None else placed_prior(untouched)
        return p_meets, now.p_known, success(now.level, 0.0)
