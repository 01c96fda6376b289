"""Which item of the chosen skill: the least used, and among these the one that tells most about mastery, with a
preference for a chance of success of .70 to .85.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Final, Literal, NamedTuple

from engine.beliefs.ability import CARELESS, Gaussian, logistic_scale, normal_cdf, success
from engine.beliefs.lists import members_seen, p_list_meets, p_member
from engine.beliefs.mixture import Mixture, SkillView, logit
from engine.beliefs.predictions import Expected
from engine.beliefs.records import MemberRecord, SkillRecord
from engine.beliefs.skills import SkillModel, member_of
from engine.choosing.plan import Candidate, Plan
from engine.choosing.skill_selection import Target
from engine.curriculum import ItemRef
from engine.learner import Choice, Learner, Reason, ReasonKey
from engine.mastery import MASTERED, Policy, lapsed, proofs_missing, state_of
from engine.reviews import member_due_since

COMFORT: Final = (0.70, 0.85)
COMFORT_WEIGHT: Final = 1.0
"""Nats of information given up for each unit of P(right) outside the comfortable band."""
WISHED: Final = {"easier": ((0.95, 1.0), 100.0), "harder": ((0.0, 0.5), 100.0)}
"""Band and weight in place of these two, where the pupil asks for something else."""
NOWHERE: Final[Mapping[str, float]] = {}
"""Where the start check has placed a pupil who had none."""
REST: Final = 3
"""Items shown before a missed member of a list comes back: long enough to leave working memory."""
FAMILIAR: Final = 3
"""Times that an item was shown lately after which one that also needs a skill never met is no longer kept back."""
NEGLIGIBLE: Final = 1e-3
"""A model this improbable has no say in what comes next."""
COMPARED: Final = 48
"""So many items are worked out at most, drawn at random where there are more: the best of these is as good."""
ALMOST: Final = 0.8
"""P(meets the standard) from which one more right answer is likely to be enough."""


def choose_item(
    plan: Plan,
    mixture: Mixture,
    target: Target,
    learner: Learner,
    policy: Policy,
    minute: int,
    rng: Random,
    level: Literal["easier", "harder"] | None = None,
    placed: Mapping[str, float] = NOWHERE,
) -> Choice:
    """The item for the chosen skill, with the reason.

    The same item never comes twice in a row while the skill has another, nor does the same word in another format.
    Ties are broken by `rng`. With a `level` wished for, the chance of success decides before the information.
    """
    model = plan.models[target.skill_id]
    values = Values(plan, mixture, learner, minute, target.skill_id, policy.standard, level, placed)
    p_meets, used = values.p_meets(), Counter(learner.recent)
    pool = _not_the_last(plan, plan.candidates[target.skill_id], learner)
    proof_missing = _only_proof_missing(model, learner, policy, p_meets)
    if proof_missing and not model.is_list:
        pool = _deciding(pool, model)
    pool = _within_reach(pool, target.skill_id, learner, used)
    if target.why == "check":
        pool = _due_first(pool, target.skill_id, learner)
    elif model.is_list:
        pool = _members_in_turn(pool, model, learner, _resting(plan.candidates[target.skill_id], learner))
    if target.why == "check" or proof_missing:
        pool = _deciding(pool, model)
    if level is None:
        least = min(used[c.tag] for c in pool)
        pool = [c for c in pool if used[c.tag] == least]
    else:
        # Who asks for easier items gets them, also when all of these have had their turn.
        just_shown = set(learner.recent[-REST:])
        pool = [c for c in pool if c.tag not in just_shown] or pool
    if len(pool) > COMPARED:
        pool = rng.sample(pool, COMPARED)
    best = max(pool, key=lambda c: values.worth(c) + 1e-6 * rng.random())
    key, words = _reason(plan, target, best.item, learner, policy, p_meets)
    return Choice(best.item, target.skill_id, Reason(key, words, _trace(values, best, p_meets, used[best.tag])))


def start_choice(
    plan: Plan,
    mixture: Mixture,
    best: Candidate,
    learner: Learner,
    policy: Policy,
    minute: int,
    placed: Mapping[str, float],
) -> Choice:
    """An item of the start check, with the reason."""
    values = Values(plan, mixture, learner, minute, best.item.skills[0], policy.standard, None, placed)
    trace = _trace(values, best, values.p_meets(), 0)
    return Choice(best.item, best.item.skills[0], Reason("start", {"asked": float(len(learner.start) + 1)}, trace))


def _trace(values: Values, best: Candidate, p_meets: float, times_used: int) -> Mapping[str, float]:
    p_known, p_correct, information = values.of(best)
    return {
        "p_meets_standard": round(p_meets, 4),
        "p_known": round(p_known, 4),
        "p_correct": round(p_correct, 4),
        "information": round(information, 4),
        "times_used": float(times_used),
    }


def _not_the_last(plan: Plan, pool: Sequence[Candidate], learner: Learner) -> Sequence[Candidate]:
    """Neither the item shown last nor, if it was about a word or fact, that word or fact in any other item."""
    last = plan.by_item.get(learner.last_item or "")
    if last is None:
        return pool
    return [c for c in pool if not c.repeats(last)] or [c for c in pool if c is not last] or pool


def _due_first(pool: Sequence[Candidate], skill_id: str, learner: Learner) -> Sequence[Candidate]:
    """For a review: the word or fact that has been due longest; without words, or before any is due, all."""
    met = learner.members.get(skill_id, {})
    due = [(member_due_since(met[name]), c) for c in pool if (name := member_of(c.item)) in met]
    if not due:
        return pool
    first = min(since for since, _ in due)
    return [c for since, c in due if since == first]


def _within_reach(
    pool: Sequence[Candidate], skill_id: str, learner: Learner, used: Mapping[str, int]
) -> Sequence[Candidate]:
    """Items that also need a skill never met come last: once the others have been shown a few times."""
    reached = [
        c for c in pool if len(c.item.skills) == 1 or all(s == skill_id or s in learner.skills for s in c.item.skills)
    ]
    return reached if any(used.get(c.tag, 0) < FAMILIAR for c in reached) else pool


def _deciding(pool: Sequence[Candidate], model: SkillModel) -> Sequence[Candidate]:
    """Items that decide about mastery; all, if there are none."""
    return [c for c in pool if model.decides(c.item)] or pool


def _resting(candidates: Sequence[Candidate], learner: Learner) -> set[str]:
    """Members of a list that were asked for a moment ago, in whatever format."""
    just_shown = set(learner.recent[-REST:])
    return {member_of(c.item) for c in candidates if c.tag in just_shown}


def _members_in_turn(
    pool: Sequence[Candidate], model: SkillModel, learner: Learner, resting: set[str]
) -> Sequence[Candidate]:
    """Missed members that have rested first, then those not sampled yet, then any."""
    seen = members_seen(model, learner)
    missed = [c for c in pool if _verdict(seen, c) == 0 and member_of(c.item) not in resting]
    if missed:
        return missed
    rested = [c for c in pool if member_of(c.item) not in resting] or pool
    return [c for c in rested if _verdict(seen, c) < 0] or rested


def _verdict(seen: Mapping[str, MemberRecord], c: Candidate) -> int:
    record = seen.get(member_of(c.item))
    return -1 if record is None else record.right


def _only_proof_missing(model: SkillModel, learner: Learner, policy: Policy, p_meets: float) -> bool:
    record = learner.skills.get(model.skill.id)
    if record is None:
        return False
    enough = policy.list_threshold if model.is_list else policy.threshold
    return p_meets >= enough and proofs_missing(model, learner, record, policy) > 0


class Values:
    """What each item is worth to a pupil now."""

    def __init__(
        self,
        plan: Plan,
        mixture: Mixture,
        learner: Learner,
        minute: int,
        skill_id: str,
        standard: float,
        level: Literal["easier", "harder"] | None,
        placed: Mapping[str, float],
    ) -> None:
        self._placed = placed
        (self._low, self._high), self._weight = WISHED[level] if level else (COMFORT, COMFORT_WEIGHT)
        self._plan, self._mixture, self._learner, self._minute = plan, mixture, learner, minute
        self._model, self._standard = plan.models[skill_id], standard
        self._view = mixture.view(learner.traits)
        self._seen: dict[str, SkillView] = {}
        self._alike: dict[tuple[float, ...], tuple[float, float, float]] = {}
        self._expected: dict[tuple[str, ...], tuple[Expected, float] | None] = {}
        self._levels: LevelQuestion | None = None
        if not self._model.is_list:
            self._levels = LevelQuestion.about(self._skill(skill_id).level, logit(standard))

    def p_meets(self) -> float:
        """The number that decides about the skill."""
        if self._model.is_list:
            return p_list_meets(self._model, self._learner, self._standard)
        return self._mixture.p_meets(self._view, self._skill(self._model.skill.id), self._standard)

    def worth(self, c: Candidate) -> float:
        """Information in nats, less the distance of P(right) from the comfortable band."""
        _, p_correct, information = self.of(c)
        return information - self._weight * max(0.0, self._low - p_correct, p_correct - self._high)

    def of(self, c: Candidate) -> tuple[float, float, float]:
        """P(known) of the skill, P(right) on the item, information about mastery of the skill in nats."""
        p_known, p_correct, information = self._by_mixture(c)
        expected = self._by_predictor(c)
        return p_known, p_correct if expected is None else expected, information

    def _by_predictor(self, c: Candidate) -> float | None:
        """P(right), where the parameters hold a predictor. Members of lists have a model of their own."""
        predictions, skills = self._plan.predictions, c.item.skills
        if predictions is None or not self._plan.lists.isdisjoint(skills):
            return None
        if skills not in self._expected:
            learner, last = self._learner, self._plan.by_item.get(self._learner.last_item or "")
            same = last is not None and last.item.skills == skills
            found = predictions.about(learner.traits, learner.skills, skills, same=same)
            lost = math.fsum(self._lost(s, learner.skills[s]) for s in skills if s in learner.skills)
            self._expected[skills] = None if found is None else (found, lost)
        expected = self._expected[skills]
        return None if expected is None else expected[0].of(predictions.item(c.item.id), expected[1])

    def _lost(self, skill_id: str, record: SkillRecord) -> float:
        now = self._skill(skill_id)
        return self._mixture.lost_since(self._view, record, self._minute, now.p_known, success(now.level, 0.0))

    def _by_mixture(self, c: Candidate) -> tuple[float, float, float]:
        """Items alike are worked out once: without fitted items there are only as many sorts as formats."""
        if self._levels is None or len(c.item.skills) > 1:
            return self._work_out(c)
        reading = c.reading
        found = self._alike.get(reading)
        if found is None:
            found = self._alike[reading] = self._work_out(c)
        return found

    def _work_out(self, c: Candidate) -> tuple[float, float, float]:
        known = able = 1.0
        for skill_id in c.item.skills if len(c.item.skills) > 1 else ():
            if skill_id != self._model.skill.id:
                p_known, p_able = self._chances(skill_id, c)
                known, able = known * p_known, able * p_able
        if self._levels is None:
            p = p_member(self._model, self._learner, self._minute, member_of(c.item))
            return p, *_of_two_states(p, known, c)
        skill, two_state = self._skill(self._model.skill.id), self._view.two_state
        if two_state < NEGLIGIBLE:
            return skill.p_known, *self._levels.answered_by(c, able)
        right, told = _of_two_states(skill.p_known, known, c)
        if two_state > 1.0 - NEGLIGIBLE:
            return skill.p_known, right, told
        smooth, told_smooth = self._levels.answered_by(c, able)
        return skill.p_known, smooth + two_state * (right - smooth), told_smooth + two_state * (told - told_smooth)

    def _chances(self, skill_id: str, c: Candidate) -> tuple[float, float]:
        """P(known) and P(success) of another skill of an item."""
        model = self._plan.models[skill_id]
        if model.is_list:
            p = p_member(model, self._learner, self._minute, member_of(c.item))
            return p, p
        skill = self._skill(skill_id)
        return skill.p_known, success(skill.level, c.difficulty)

    def _skill(self, skill_id: str) -> SkillView:
        if skill_id not in self._seen:
            record = self._learner.skills.get(skill_id)
            placed = self._placed.get(skill_id)
            opened = self._mixture.opened(self._learner.traits, skill_id, record, self._minute, placed)
            self._seen[skill_id] = self._mixture.skill_view(self._view, opened, skill_id)
        return self._seen[skill_id]


class LevelQuestion(NamedTuple):
    """Is the level high enough? A Gaussian cut in two there, so that an answer's bearing on the question shows.

    Attributes:
        meets: P(the wanted level is reached).
        above: mean of the level if it is, and the scale of its logistic.
        below: the same if it is not.
    """

    meets: float
    above: tuple[float, float]
    below: tuple[float, float]

    @classmethod
    def about(cls, level: Gaussian, wanted: float) -> LevelQuestion:
        """Moments of the two parts of a cut Gaussian."""
        mean, sd = level
        at = (wanted - mean) / sd
        meets = min(max(normal_cdf(-at), 1e-6), 1.0 - 1e-6)
        density = math.exp(-0.5 * at * at) / math.sqrt(2.0 * math.pi)
        up, down = density / meets, density / (1.0 - meets)
        return cls(
            meets,
            (mean + sd * up, logistic_scale(sd * sd * max(0.01, 1.0 + at * up - up * up))),
            (mean - sd * down, logistic_scale(sd * sd * max(0.01, 1.0 - at * down - down * down))),
        )

    def answered_by(self, c: Candidate, others: float) -> tuple[float, float]:
        """P(right), and the mutual information between the answer and the question."""
        gain = (1.0 - c.format_guess - CARELESS) * others
        if_above = c.format_guess + gain / (1.0 + math.exp((c.difficulty - self.above[0]) / self.above[1]))
        if_below = c.format_guess + gain / (1.0 + math.exp((c.difficulty - self.below[0]) / self.below[1]))
        p = if_below + self.meets * (if_above - if_below)
        return p, _entropy(p) - self.meets * _entropy(if_above) - (1.0 - self.meets) * _entropy(if_below)


def _of_two_states(p: float, others: float, c: Candidate) -> tuple[float, float]:
    """P(right), and the mutual information between the answer and knowing the skill."""
    if_known = c.guess + others * (1.0 - c.slip - c.guess)
    p_correct = c.guess + p * (if_known - c.guess)
    return p_correct, _entropy(p_correct) - p * _entropy(if_known) - (1.0 - p) * _entropy(c.guess)


def _entropy(p: float, log: Callable[[float], float] = math.log) -> float:
    return -p * log(p) - (1.0 - p) * log(1.0 - p) if 0.0 < p < 1.0 else 0.0


def _reason(
    plan: Plan, target: Target, item: ItemRef, learner: Learner, policy: Policy, p_meets: float
) -> tuple[ReasonKey, Mapping[str, float | str]]:
    model, record = plan.models[target.skill_id], learner.skills.get(target.skill_id)
    if target.why == "back_to_basics":
        return "back_to_basics", {"skill": target.because_of}
    if target.why != "work":
        return target.why, {}
    if record is None:
        before = (state_of(learner.skills.get(p), policy) for p in plan.prerequisites[target.skill_id])
        return ("next_step" if any(state in MASTERED for state in before) else "start"), {}
    if model.is_list:
        member = members_seen(model, learner).get(member_of(item))
        if member is not None and member.right == 0:
            return "missed_before", {"member": member_of(item)}
    if lapsed(record, policy):
        return "top_up", {}
    if record.streak and _almost(model, learner, record, policy, p_meets):
        return "almost_there", {"right": record.streak}
    return "practise", {"done": record.opportunities}


def _almost(model: SkillModel, learner: Learner, record: SkillRecord, policy: Policy, p_meets: float) -> bool:
    missing = proofs_missing(model, learner, record, policy)
    return missing == 1 if model.is_list else missing <= 1 and p_meets >= ALMOST
