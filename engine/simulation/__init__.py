"""Simulated pupils with a hidden truth, to measure the tutor that is shipped.

Two kinds, so that a tutor's model can't be judged in its own world only: pupils who know a skill or don't
(Corbett & Anderson 1995), and pupils whose ability grows steadily (item response theory). Chance comes in as
`random.Random`, so that a run can be repeated.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from engine.beliefs.skills import member_of
from engine.curriculum import CHOICES, Curriculum, ItemRef
from engine.learner import Learner, Response
from engine.mastery import MASTERED
from engine.tutor import Tutor

TRUE_GUESS: Final[Mapping[str, float]] = {
    "typed": 0.05,
    "order": 0.08,
    "place": 0.10,
    **{name: 1 / k for name, k in CHOICES.items()},
}
TRUE_SLIP: Final = 0.08
CARELESS: Final = 0.04
DISCRIMINATION: Final = 1.7
"""Scales the logistic to the normal ogive, as is usual in item response theory."""
SLOW_SHARE: Final = 0.10
SLOW_RATE: Final = 0.08
WITHOUT_PREREQUISITES: Final = 0.35
"""Learning goes this much slower while a prerequisite is missing."""
SPARE: Final = 0.4
LOST: Final = 1.2
"""How far above mastery a skill is that was brought there at once, and how far below one that was forgotten."""


@dataclass(frozen=True, slots=True)
class ItemTruth:
    """What an item is really like.

    Attributes:
        guess: P(right although not known, or not able).
        slip: P(wrong although known), for pupils who know or don't.
        difficulty: for pupils whose ability grows, in normal-ogive units.
    """

    guess: float
    slip: float
    difficulty: float


def usual_truth(item: ItemRef) -> ItemTruth:
    """What an item is like where nothing else is said: the same in every run."""
    return ItemTruth(TRUE_GUESS[item.response_format], TRUE_SLIP, Random(item.id).gauss(0.0, 0.6))


Unit = tuple[str, str]
"""What is learned as one: (skill, "") for a rule, (skill, member) for a list."""
Truths = Mapping[str, ItemTruth]


class SimulatedLearner(ABC):
    """A pupil whose knowledge is known to the simulation only. Made by `two_state` or `continuous`."""

    def __init__(
        self, curriculum: Curriculum, rng: Random, *, standard: float, slow: bool | None, truths: Truths | None
    ) -> None:
        self._curriculum, self._rng, self._standard = curriculum, rng, standard
        self._truths = truths or {item.id: usual_truth(item) for item in curriculum.items}
        self.slow = rng.random() < SLOW_SHARE if slow is None else slow
        self._ability = rng.gauss(0.0, 0.6)
        self._rate = math.exp(rng.gauss(0.0, 0.4)) * (SLOW_RATE if self.slow else 1.0)
        self._units: dict[str, list[Unit]] = {s: [] for s in curriculum.skills}
        for item in curriculum.items:
            for skill_id in item.skills:
                if (unit := self._unit(skill_id, item)) not in self._units[skill_id]:
                    self._units[skill_id].append(unit)

    @staticmethod
    def two_state(
        curriculum: Curriculum,
        rng: Random,
        *,
        standard: float = 0.8,
        slow: bool | None = None,
        truths: Truths | None = None,
    ) -> SimulatedLearner:
        """A pupil who knows each skill (or member of a list) or does not, and learns in jumps.

        Args:
            curriculum: what there is to learn.
            rng: decides about the pupil, and later about the jumps.
            standard: the share of a list that counts as mastered.
            slow: learns at 8% of the usual rate; None: one pupil in ten does.
            truths: of every item, by id; None: as is usual for its format.
        """
        return _TwoState(curriculum, rng, standard=standard, slow=slow, truths=truths)

    @staticmethod
    def continuous(
        curriculum: Curriculum,
        rng: Random,
        *,
        standard: float = 0.8,
        slow: bool | None = None,
        truths: Truths | None = None,
    ) -> SimulatedLearner:
        """A pupil whose ability in each skill grows steadily with practice.

        Args:
            curriculum: what there is to learn.
            rng: decides about the pupil.
            standard: the chance of success on an average item, guessing aside, that counts as mastered.
            slow: learns at 8% of the usual rate; None: one pupil in ten does.
            truths: of every item, by id; None: as is usual for its format.
        """
        return _Continuous(curriculum, rng, standard=standard, slow=slow, truths=truths)

    def respond(self, item: ItemRef, rng: Random) -> bool:
        """Answer an item; True if right."""
        return rng.random() < self.p_correct(item)

    @abstractmethod
    def p_correct(self, item: ItemRef) -> float:
        """The true chance of a right answer now."""

    @abstractmethod
    def practise(self, item: ItemRef) -> None:
        """Learn from having worked on an item."""

    @abstractmethod
    def has_mastered(self, skill_id: str) -> bool:
        """The truth that a certificate claims."""

    @abstractmethod
    def items_to_mastery(self, skill_id: str) -> float:
        """How many more items of the skill it takes on average until it is mastered, at the present pace."""

    @abstractmethod
    def missing(self, skill_id: str) -> dict[str, float]:
        """How far it still is, 0 where it is there: by member for a list, under "" for a rule. In theta, or 1 and 0."""

    @abstractmethod
    def master(self, skill_id: str) -> None:
        """Bring a skill to where it is mastered, with a little to spare: from an earlier year, or by a good teacher."""

    @abstractmethod
    def lose(self, skill_id: str) -> None:
        """Forget a skill, clearly below mastery."""

    def _pace(self, skill_id: str) -> float:
        prerequisites = self._curriculum.skills[skill_id].prerequisites
        ready = all(self.has_mastered(p) for p in prerequisites if self._units[p])
        return self._rate * (1.0 if ready else WITHOUT_PREREQUISITES)

    def _unit(self, skill_id: str, item: ItemRef) -> Unit:
        return skill_id, member_of(item) if self._curriculum.skills[skill_id].kind == "list" else ""


class _TwoState(SimulatedLearner):
    def __init__(
        self, curriculum: Curriculum, rng: Random, *, standard: float, slow: bool | None, truths: Truths | None
    ) -> None:
        super().__init__(curriculum, rng, standard=standard, slow=slow, truths=truths)
        self._known: dict[Unit, bool] = {}
        for place, skill_id in enumerate(curriculum.order):
            prior = min(0.9, max(0.02, 0.28 + 0.2 * self._ability - 0.01 * place))
            self._known.update((unit, rng.random() < prior) for unit in self._units[skill_id])

    def p_correct(self, item: ItemRef) -> float:
        known = all(self._known[self._unit(s, item)] for s in item.skills)
        truth = self._truths[item.id]
        return 1.0 - truth.slip if known else truth.guess

    def practise(self, item: ItemRef) -> None:
        for skill_id in item.skills:
            if self._rng.random() < min(0.9, 0.16 * self._pace(skill_id)):
                self._known[self._unit(skill_id, item)] = True

    def has_mastered(self, skill_id: str) -> bool:
        units = self._units[skill_id]
        return sum(self._known[unit] for unit in units) >= self._standard * len(units)

    def items_to_mastery(self, skill_id: str) -> float:
        units = self._units[skill_id]
        missing = math.ceil(self._standard * len(units)) - sum(self._known[unit] for unit in units)
        return max(0, missing) / min(0.9, 0.16 * self._pace(skill_id))

    def missing(self, skill_id: str) -> dict[str, float]:
        return {unit[1]: 0.0 if self._known[unit] else 1.0 for unit in self._units[skill_id]}

    def master(self, skill_id: str) -> None:
        self._known.update(dict.fromkeys(self._units[skill_id], True))

    def lose(self, skill_id: str) -> None:
        self._known.update(dict.fromkeys(self._units[skill_id], False))


class _Continuous(SimulatedLearner):
    def __init__(
        self, curriculum: Curriculum, rng: Random, *, standard: float, slow: bool | None, truths: Truths | None
    ) -> None:
        super().__init__(curriculum, rng, standard=standard, slow=slow, truths=truths)
        self._enough = math.log(standard / (1.0 - standard)) / DISCRIMINATION
        self._theta: dict[Unit, float] = {}
        for place, skill_id in enumerate(curriculum.order):
            for unit in self._units[skill_id]:
                self._theta[unit] = self._ability + rng.gauss(0.0, 0.5) - 0.9 - min(0.05 * place, 1.0)

    def p_correct(self, item: ItemRef) -> float:
        truth, able = self._truths[item.id], 1.0
        for skill_id in item.skills:
            lead = self._theta[self._unit(skill_id, item)] - truth.difficulty
            able *= 1.0 / (1.0 + math.exp(-DISCRIMINATION * lead))
        return truth.guess + (1.0 - truth.guess - CARELESS) * able

    def practise(self, item: ItemRef) -> None:
        for skill_id in item.skills:
            unit = self._unit(skill_id, item)
            saturation = 1.0 if self._theta[unit] < 2.5 else 0.2
            self._theta[unit] += 0.20 * self._pace(skill_id) * saturation

    def has_mastered(self, skill_id: str) -> bool:
        units = self._units[skill_id]
        return sum(self._theta[u] for u in units) >= self._enough * len(units)

    def items_to_mastery(self, skill_id: str) -> float:
        units = self._units[skill_id]
        missing = self._enough * len(units) - sum(self._theta[u] for u in units)
        return max(0.0, missing) / (0.20 * self._pace(skill_id))

    def missing(self, skill_id: str) -> dict[str, float]:
        return {unit[1]: max(0.0, self._enough - self._theta[unit]) for unit in self._units[skill_id]}

    def master(self, skill_id: str) -> None:
        self._theta.update({u: max(self._theta[u], self._enough + SPARE) for u in self._units[skill_id]})

    def lose(self, skill_id: str) -> None:
        self._theta.update({u: min(self._theta[u], self._enough - LOST) for u in self._units[skill_id]})


@dataclass(frozen=True)
class Outcome:
    """What became of one simulated pupil.

    Attributes:
        items: answered until the tutor ended the practice, or until the cap.
        finished: whether the tutor ended it.
        declared: skills that were called strong at some time.
        false_mastery: those of them that were not mastered at that moment.
        right: answers that were right.
        learner: the tutor's last view of the pupil.
    """

    items: int
    finished: bool
    declared: frozenset[str]
    false_mastery: frozenset[str]
    right: int
    learner: Learner


def run(
    tutor: Tutor,
    simulated: SimulatedLearner,
    *,
    rng: Random,
    cap: int,
    start: datetime,
    per_day: int | None = None,
) -> Outcome:
    """Let a simulated pupil practise everything with a tutor, one item a minute.

    Args:
        tutor: the one that is shipped.
        simulated: the pupil; learns while practising.
        rng: for the tutor's ties and the pupil's luck.
        cap: items at most.
        start: an aware datetime.
        per_day: items in one sitting, the next sitting being on the next day; None: one sitting.
    """
    learner, declared, wrongly = tutor.new_learner(), set[str](), set[str]()
    right = 0
    for n in range(cap):
        now = start + (timedelta(minutes=n) if per_day is None else timedelta(n // per_day, 60 * (n % per_day)))
        choice = tutor.next_item(learner, now=now, rng=rng, within=tutor.curriculum.skills)
        if choice is None:
            return Outcome(n, True, frozenset(declared), frozenset(wrongly), right, learner)
        correct = simulated.respond(choice.item, rng)
        right += correct
        simulated.practise(choice.item)
        learner = tutor.observe(learner, Response(choice.item, correct), now=now)
        for skill_id in choice.item.skills:
            if learner.skills[skill_id].state in MASTERED and skill_id not in declared:
                declared.add(skill_id)
                if not simulated.has_mastered(skill_id):
                    wrongly.add(skill_id)
    return Outcome(cap, False, frozenset(declared), frozenset(wrongly), right, learner)
